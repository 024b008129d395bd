"""Seals and seal signatures as DER, V4 and V5: the mirror of `parse`. Pure, and the same bytes for the same parts.

What we write is strict where reading is lenient: a FALSE is left out, names are UTF-8, times are whole seconds in UTC.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from etrust.errors import EtrustError, Kind
from etrust.ses.model import CertificateDigest, Extension, Generation, Picture, Properties, Seal, SealSignature
from etrust.signing import der

_CERTIFICATES, _DIGESTS = 1, 2
_LAST_YEAR = 9999


def encode_info(
    *, header_id: str, version: int, vendor: str, code: str, properties: Properties, picture: Picture,
    extensions: Iterable[Extension] = (),
) -> bytes:
    """SealInfo (印章信息): the part of a seal that its maker signs.

    Raises:
        EtrustError: ``not_encodable``: a text that is not ASCII where only ASCII can stand, a time before the year 1.
    """
    return der.write(
        der.SEQUENCE,
        der.write(der.SEQUENCE, _ascii(header_id), der.write_integer(version), _ascii(vendor)),
        _ascii(code), _properties(properties), _picture(picture), _extensions(extensions),
    )  # fmt: skip


def encode_seal_parts(
    info: bytes, *, maker_certificate: bytes, algorithm: str, signature: bytes, timestamp: bytes | None = None
) -> bytes:
    """SESeal around a signed SealInfo; only V5 has a timestamp."""
    return der.write(
        der.SEQUENCE, info, *_signed_by(maker_certificate, algorithm, signature), *_timestamp(timestamp)
    )


def encode_tbs(
    *, version: int, seal: bytes, time: datetime, digest: bytes, property_info: str, extensions: Iterable[Extension] = ()
) -> bytes:
    """TBS_Sign (待签章数据): the part of a seal signature that its signer signs; the seal goes in as it came.

    Raises:
        EtrustError: ``not_encodable``.
    """
    listed = _extensions(extensions)
    return der.write(
        der.SEQUENCE, der.write_integer(version), seal, _time(time), der.write_bits(digest), _ascii(property_info),
        der.write(der.context(0), listed) if listed else b"",
    )  # fmt: skip


def encode_signature_parts(
    tbs: bytes, *, signer_certificate: bytes, algorithm: str, signature: bytes, timestamp: bytes | None = None
) -> bytes:
    """SES_Signature around a signed TBS_Sign."""
    return der.write(
        der.SEQUENCE, tbs, *_signed_by(signer_certificate, algorithm, signature), *_timestamp(timestamp)
    )


def encode_seal(seal: Seal) -> bytes:
    """A seal that was read, written anew from its parts: for a seal in strict DER the bytes it was read from.

    Raises:
        EtrustError: ``old_generation`` for V1, which is read only; ``not_encodable``.
    """
    _not_old(seal.generation)
    info = encode_info(
        header_id=seal.header_id, version=seal.version, vendor=seal.vendor, code=seal.code, properties=seal.properties,
        picture=seal.picture, extensions=seal.extensions,
    )  # fmt: skip
    return encode_seal_parts(
        info, maker_certificate=seal.maker_certificate, algorithm=seal.algorithm, signature=seal.signature,
        timestamp=seal.timestamp,
    )  # fmt: skip


def encode_seal_signature(signature: SealSignature) -> bytes:
    """A seal signature that was read, written anew from its parts; see `encode_seal`.

    Raises:
        EtrustError: ``old_generation``, ``not_encodable``.
    """
    _not_old(signature.generation)
    assert signature.time is not None  # noqa: S101 - only V1 has none, and that was refused above
    tbs = encode_tbs(
        version=signature.version, seal=encode_seal(signature.seal), time=signature.time, digest=signature.digest,
        property_info=signature.property_info, extensions=signature.extensions,
    )  # fmt: skip
    return encode_signature_parts(
        tbs, signer_certificate=signature.signer_certificate, algorithm=signature.algorithm,
        signature=signature.signature, timestamp=signature.timestamp,
    )  # fmt: skip


def _signed_by(certificate: bytes, algorithm: str, signature: bytes) -> tuple[bytes, bytes, bytes]:
    return der.write(der.OCTETS, certificate), der.write_oid(algorithm), der.write_bits(signature)


def _timestamp(token: bytes | None) -> tuple[bytes, ...]:
    return () if token is None else (der.write(der.context(0), der.write_bits(token)),)


def _properties(properties: Properties) -> bytes:
    kind = _DIGESTS if properties.digests else _CERTIFICATES
    listed = (
        [_digest(each) for each in properties.digests]
        or [der.write(der.OCTETS, each) for each in properties.certificates]
    )  # fmt: skip
    return der.write(
        der.SEQUENCE, der.write_integer(properties.type), der.write(der.UTF8, properties.name.encode()),
        der.write_integer(kind), der.write(der.SEQUENCE, *listed),
        _time(properties.created), _time(properties.valid_from), _time(properties.valid_until),
    )  # fmt: skip


def _digest(digest: CertificateDigest) -> bytes:
    name = der.write(der.PRINTABLE, digest.algorithm.encode("ascii", "replace"))
    return der.write(der.SEQUENCE, name, der.write(der.OCTETS, digest.value))


def _picture(picture: Picture) -> bytes:
    return der.write(
        der.SEQUENCE, _ascii(picture.type), der.write(der.OCTETS, picture.data),
        der.write_integer(picture.width), der.write_integer(picture.height),
    )  # fmt: skip


def _extensions(extensions: Iterable[Extension]) -> bytes:
    encoded = [_extension(each) for each in extensions]
    return der.write(der.SEQUENCE, *encoded) if encoded else b""


def _extension(extension: Extension) -> bytes:
    critical = der.write(der.BOOLEAN, b"\xff") if extension.critical else b""
    return der.write(der.SEQUENCE, der.write_oid(extension.oid), critical, der.write(der.OCTETS, extension.value))


def _ascii(text: str) -> bytes:
    if not text.isascii():
        raise _not_encodable(f"{text[:40]!r} is not ASCII")
    return der.write(der.IA5, text.encode())


def _time(moment: datetime) -> bytes:
    at = moment.astimezone(UTC)
    if at.microsecond:
        raise _not_encodable("a time with a fraction of a second")
    return der.write(der.GENERAL_TIME, f"{at.year:04d}{at:%m%d%H%M%S}Z".encode())


def _not_old(generation: Generation) -> None:
    if generation is Generation.V1:
        raise EtrustError(
            Kind.INVALID, "old_generation",
            zh="2014 版（V1）电子印章只能核验，不能制作；请使用 V4 或 V5。",
            en="Seals of 2014 (V1) are read, not made; make V4 or V5.",
        )


def _not_encodable(why: str) -> EtrustError:
    return EtrustError(
        Kind.INVALID, "not_encodable", zh=f"电子印章的内容无法编码：{why}。", en=f"This cannot stand in a seal: {why}."
    )
