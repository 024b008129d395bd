"""Making seals and seal signatures: GB/T 38540-2020 (V4) and GM/T 0031-2025 (V5), sections on 制作 and 签章 generation.

The bytes to be signed are to be had apart from the signing, so that a room can record them before a key is used. What
would not verify is not made: a signer who is not in the seal's list, a time outside its period, a digest of another length.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from etrust.errors import EtrustError, Kind
from etrust.ses.encode import encode_info, encode_seal_parts, encode_signature_parts, encode_tbs
from etrust.ses.model import CertificateDigest, Extension, Generation, Picture, Properties, Seal
from etrust.ses.parse import parse_seal
from etrust.signing import der, digests, sm2
from etrust.signing.encoding import der_signature
from etrust.signing.model import Signer

HEADER = "ES"
VENDOR = "etrust"
PICTURE_TYPES = ("SVG", "PNG")
"""What we put into seals; what we read is any type."""
DIGEST_LENGTH = 32
MAX_PROPERTY_INFO = 1024
_DIGEST_NAME = "SM3"
_SIGNATURE = 3  # its place among the parts of both structures
_GENERATIONS = (Generation.V4, Generation.V5)

Timestamp = Callable[[bytes], bytes]
"""Gives the RFC 3161 token (TimeStampToken, DER) over the bytes of a signature."""


@dataclass(frozen=True, slots=True)
class SealRecipe:
    """What a seal is to say.

    Attributes:
        code: 印章标识, ASCII.
        properties: name, period and those who may use it.
        picture: of a type in `PICTURE_TYPES`, with its true size in millimeters.
        generation: V4 or V5.
    """

    code: str
    properties: Properties
    picture: Picture
    generation: Generation = Generation.V5
    vendor: str = VENDOR
    extensions: tuple[Extension, ...] = ()


def listed_by_digest(certificates: Iterable[bytes]) -> tuple[CertificateDigest, ...]:
    """Those who may use a seal, each by the SM3 digest of the certificate (DER) instead of the whole of it."""
    return tuple(CertificateDigest(_DIGEST_NAME, sm2.sm3(each)) for each in certificates)


def seal_info(recipe: SealRecipe) -> bytes:
    """The bytes of a seal that its maker signs (SealInfo, DER).

    Raises:
        EtrustError: ``old_generation``, ``bad_recipe`` with what is wrong, ``not_encodable``.
    """
    problem = _problem(recipe)
    if problem:
        raise _bad_recipe(*problem)
    return encode_info(
        header_id=HEADER, version=int(recipe.generation), vendor=recipe.vendor, code=recipe.code,
        properties=recipe.properties, picture=recipe.picture, extensions=recipe.extensions,
    )  # fmt: skip


def sign_seal(info: bytes, signer: Signer, *, timestamp: Timestamp | None = None) -> bytes:
    """The seal (SESeal, DER) from its SealInfo; may be called again over the same bytes after a crash.

    Args:
        signer: the maker's (制章人) key.
        timestamp: gives the token over the signature; in V5 seals only.

    Raises:
        EtrustError: the key is out of reach; ``timestamp_in_v4``.
    """
    if timestamp is not None and _version(info) != Generation.V5:
        raise _no_timestamp()
    signature = der_signature(signer, info)
    return encode_seal_parts(
        info, maker_certificate=signer.certificate, algorithm=signer.algorithm.oid, signature=signature,
        timestamp=None if timestamp is None else timestamp(signature),
    )  # fmt: skip


def make_seal(recipe: SealRecipe, signer: Signer, *, timestamp: Timestamp | None = None) -> bytes:
    """`seal_info` and `sign_seal` in one."""
    return sign_seal(seal_info(recipe), signer, timestamp=timestamp)


def signature_tbs(
    *, seal: bytes, digest: bytes, property_info: str, certificate: bytes, at: datetime, extensions: Sequence[Extension] = ()
) -> bytes:
    """The bytes of a seal signature that its signer signs (TBS_Sign, DER).

    Args:
        seal: the seal as it was made (SESeal, DER).
        digest: of the document's range, 32 bytes; SM3 with an SM2 key.
        property_info: names that range, in OFD the path of Signature.xml; ASCII.
        certificate: the signer's, DER.
        at: time of signing; the whole second it is in.

    Raises:
        EtrustError: ``bad_seal``; ``old_generation``; ``signer_not_in_seal``; ``seal_not_in_force``; ``bad_digest``;
            ``bad_property_info``.
    """
    read = parse_seal(seal)
    at = at.astimezone(UTC).replace(microsecond=0)
    _may_sign(read, certificate, at)
    if len(digest) != DIGEST_LENGTH:
        raise _bad_recipe("摘要须为 32 字节", f"a digest of {len(digest)} bytes where 32 are due", "bad_digest")
    if not (property_info.isascii() and property_info.isprintable() and 0 < len(property_info) <= MAX_PROPERTY_INFO):
        raise _bad_recipe("签章范围名须为 ASCII", "property_info must be ASCII, at most 1024 characters", "bad_property_info")
    return encode_tbs(
        version=read.version, seal=seal, time=at, digest=digest, property_info=property_info, extensions=extensions
    )


def sign_tbs(tbs: bytes, signer: Signer, *, timestamp: Timestamp | None = None) -> bytes:
    """The seal signature (SES_Signature, DER) from its TBS_Sign.

    Raises:
        EtrustError: the key is out of reach.
    """
    signature = der_signature(signer, tbs)
    return encode_signature_parts(
        tbs, signer_certificate=signer.certificate, algorithm=signer.algorithm.oid, signature=signature,
        timestamp=None if timestamp is None else timestamp(signature),
    )  # fmt: skip


def make_seal_signature(
    *, seal: bytes, digest: bytes, property_info: str, signer: Signer, at: datetime, timestamp: Timestamp | None = None,
    extensions: Sequence[Extension] = (),
) -> bytes:
    """`signature_tbs` and `sign_tbs` in one: the bytes of a ``SignedValue.dat``."""
    tbs = signature_tbs(
        seal=seal, digest=digest, property_info=property_info, certificate=signer.certificate, at=at, extensions=extensions
    )
    return sign_tbs(tbs, signer, timestamp=timestamp)


def signature_value(sealed: bytes) -> bytes:
    """The signature (its DER) inside a seal or seal signature just made: what a timestamp goes over."""
    return der.read(sealed).children()[_SIGNATURE].bits()


def add_timestamp(sealed: bytes, token: bytes) -> bytes:
    """A seal or seal signature made without a timestamp, with one; for those who get the token from elsewhere.

    Args:
        token: TimeStampToken (DER) over `signature_value`.

    Raises:
        EtrustError: ``timestamp_in_v4``; ``timestamp_there``.
    """
    parts = der.read(sealed).children()
    if len(parts) > _SIGNATURE + 1:
        raise _bad_recipe("已有时间戳", "it has a timestamp already", "timestamp_there")
    if parts[0].children()[0].tag == der.SEQUENCE and _version(parts[0].encoded) != Generation.V5:
        raise _no_timestamp()
    return der.write(
        der.SEQUENCE, *(part.encoded for part in parts), der.write(der.context(0), der.write_bits(token))
    )


def _problem(recipe: SealRecipe) -> tuple[str, str] | None:
    properties, picture = recipe.properties, recipe.picture
    problems = {
        ("只能制作 V4 或 V5 印章", "only V4 and V5 are made"): recipe.generation not in _GENERATIONS,
        ("印章标识不能为空", "the seal needs a code"): not recipe.code,
        ("签章人名单须全用证书或全用摘要", "list the signers by certificates or by digests, not both, and at least one"):
            bool(properties.certificates) == bool(properties.digests),
        ("起止时间颠倒", "the period ends before it begins"): properties.valid_from >= properties.valid_until,
        ("图片须为 SVG 或 PNG", "the picture must be SVG or PNG"): picture.type not in PICTURE_TYPES or not picture.data,
        ("图片尺寸不正确", "the picture's size is not right"): picture.width <= 0 or picture.height <= 0,
    }  # fmt: skip
    return next((words for words, wrong in problems.items() if wrong), None)


def _no_timestamp() -> EtrustError:
    return _bad_recipe("V4 印章没有时间戳", "a V4 seal carries no timestamp", "timestamp_in_v4")


def _version(info: bytes) -> int:
    header = der.read(info).fields().take(der.SEQUENCE).fields()
    header.take(der.IA5)
    return header.take(der.INTEGER).integer()


def _may_sign(seal: Seal, certificate: bytes, at: datetime) -> None:
    if seal.generation not in _GENERATIONS:
        raise _bad_recipe("V1 印章不能再用印", "a V1 seal is not used any more", "old_generation")
    properties = seal.properties
    named = any(
        digests.is_known(each.algorithm) and digests.digest(each.algorithm, [certificate]) == each.value
        for each in properties.digests
    )
    if not named and certificate not in properties.certificates:
        raise EtrustError(
            Kind.FORBIDDEN, "signer_not_in_seal", where=seal.code,
            zh="签章人的证书不在印章的名单中，不能使用此印章。", en="The signer's certificate is not in the seal's list.",
        )
    if not properties.valid_from <= at <= properties.valid_until:
        raise EtrustError(
            Kind.FORBIDDEN, "seal_not_in_force", where=seal.code,
            zh="印章不在有效期内，不能用印。", en="The seal is out of its time and cannot be used.",
        )


def _bad_recipe(zh: str, en: str, code: str = "bad_recipe") -> EtrustError:
    return EtrustError(Kind.INVALID, code, zh=f"无法制作：{zh}。", en=f"Cannot be made: {en}.")
