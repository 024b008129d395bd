"""Seals and seal signatures from their bytes: V1, V4 and V5, told apart by shape and header.

Lenient where real files are (a FALSE written out, extensions nobody knows, any picture type), and no judging here: what
is readable is read, and `judge` says what is wrong with it.
"""

from etrust.errors import EtrustError, Kind
from etrust.ses.model import CertificateDigest, Extension, Generation, Picture, Properties, Seal, SealSignature
from etrust.signing import der
from etrust.trust.x509 import extension

MAX_SIZE = 12 * 1024 * 1024
_CERTIFICATES, _DIGESTS = 1, 2
_V1_ITEMS, _V4_ITEMS, _V5_ITEMS = 2, 4, 5
_NAMES = (der.UTF8, der.PRINTABLE, der.IA5)
_TIMES = (der.GENERAL_TIME, der.UTC_TIME)


def parse_seal(data: bytes) -> Seal:
    """A seal from the bytes of a file such as ``Seal.esl``.

    Raises:
        EtrustError: ``bad_seal``, with what is wrong and at which byte; ``too_large``.
    """
    _bounded(data)
    try:
        return _seal(der.read(data))
    except EtrustError as error:
        raise _bad("bad_seal", "电子印章", "seal", error) from error


def parse_seal_signature(data: bytes) -> SealSignature:
    """A seal signature from the bytes of a file such as ``SignedValue.dat``.

    Raises:
        EtrustError: ``bad_seal_signature``, with what is wrong and at which byte; ``too_large``.
    """
    _bounded(data)
    try:
        whole = der.read(data)
        return _signature_v1(whole) if len(whole.children()) == _V1_ITEMS else _signature(whole)
    except EtrustError as error:
        raise _bad("bad_seal_signature", "电子签章数据", "seal signature", error) from error


def _bounded(data: bytes) -> None:
    if len(data) > MAX_SIZE:
        raise EtrustError(Kind.TOO_LARGE, "too_large", zh="文件过大，不是电子印章。", en="Too large to be a seal.")


def _seal(element: der.Element) -> Seal:
    fields = element.fields()
    count = len(fields)
    if count not in (_V1_ITEMS, _V4_ITEMS, _V5_ITEMS):
        raise der.bad_der(f"a seal has 2, 4 or 5 parts, not {count}", element.start)
    info = fields.take(der.SEQUENCE)
    outer = fields.take(der.SEQUENCE).fields() if count == _V1_ITEMS else fields
    certificate, algorithm, signature = outer.take(der.OCTETS), outer.take(der.OID), outer.take(der.BITS)
    timestamp = fields.explicit(0) if count == _V5_ITEMS else None
    outer.end()
    fields.end()
    signed = info.encoded
    if count == _V1_ITEMS:
        signed = der.write(der.SEQUENCE, info.encoded, certificate.encoded, algorithm.encoded)
    return _with_info(
        info, count, maker_certificate=certificate.octets(), algorithm=algorithm.oid(), signature=signature.bits(),
        signed=signed, timestamp=None if timestamp is None else timestamp.bits(), encoded=element.encoded,
    )  # fmt: skip


def _with_info(
    info: der.Element, count: int, *, maker_certificate: bytes, algorithm: str, signature: bytes, signed: bytes,
    timestamp: bytes | None, encoded: bytes,
) -> Seal:
    fields = info.fields()
    header = fields.take(der.SEQUENCE).fields()
    header_id, version, vendor = header.take().text(*_NAMES), header.take().integer(), header.take().text(*_NAMES)
    header.end()
    code, properties = fields.take().text(*_NAMES), fields.take(der.SEQUENCE)
    picture, extensions = _picture(fields.take(der.SEQUENCE)), _extensions(fields.maybe(der.SEQUENCE))
    fields.end()
    generation = _generation(count, version)
    return Seal(
        generation=generation, header_id=header_id, version=version, vendor=vendor, code=code,
        properties=_properties(properties, generation), picture=picture, extensions=extensions,
        maker_certificate=maker_certificate, algorithm=algorithm, signature=signature, signed=signed,
        timestamp=timestamp, encoded=encoded,
    )  # fmt: skip


def _generation(count: int, version: int) -> Generation:
    if count == _V1_ITEMS:
        return Generation.V1
    return Generation.V5 if count == _V5_ITEMS or version == Generation.V5 else Generation.V4


def _properties(element: der.Element, generation: Generation) -> Properties:
    fields = element.fields()
    number, name = fields.take(der.INTEGER).integer(), fields.take().text(*_NAMES)
    kind = _CERTIFICATES if generation is Generation.V1 else fields.take(der.INTEGER).integer()
    if kind not in (_CERTIFICATES, _DIGESTS):
        raise der.bad_der(f"unknown kind of certificate list: {kind}", element.start)
    listed = fields.take(der.SEQUENCE).children()
    created, valid_from, valid_until = (fields.take(*_TIMES).time() for _ in range(3))
    fields.end()
    return Properties(
        type=number, name=name, certificates=tuple(each.octets() for each in listed) if kind == _CERTIFICATES else (),
        digests=tuple(map(_digest, listed)) if kind == _DIGESTS else (),
        created=created, valid_from=valid_from, valid_until=valid_until,
    )  # fmt: skip


def _digest(element: der.Element) -> CertificateDigest:
    fields = element.fields()
    found = CertificateDigest(fields.take().text(*_NAMES), fields.take(der.OCTETS).octets())
    fields.end()
    return found


def _picture(element: der.Element) -> Picture:
    fields = element.fields()
    kind, data = fields.take().text(*_NAMES), fields.take(der.OCTETS).octets()
    picture = Picture(kind, data, fields.take().integer(), fields.take().integer())
    fields.end()
    return picture


def _extensions(element: der.Element | None) -> tuple[Extension, ...]:
    return tuple(_extension(each) for each in (element.children() if element else []))


def _extension(element: der.Element) -> Extension:
    oid, critical, value = extension(element)
    return Extension(oid, critical, value.content)


def _signature(whole: der.Element) -> SealSignature:
    outer = whole.fields()
    tbs, certificate, algorithm = outer.take(der.SEQUENCE), outer.take(der.OCTETS), outer.take(der.OID)
    signature, timestamp = outer.take(der.BITS), outer.explicit(0)
    outer.end()
    fields = tbs.fields()
    version, seal = fields.take(der.INTEGER).integer(), _seal(fields.take(der.SEQUENCE))
    time, digest = fields.take(*_TIMES).time(), fields.take(der.BITS).bits()
    property_info, extensions = fields.take().text(*_NAMES), fields.explicit(0)
    fields.end()
    return SealSignature(
        generation=seal.generation, version=version, seal=seal, time=time, time_token=None, digest=digest,
        property_info=property_info, extensions=_extensions(extensions), signer_certificate=certificate.octets(),
        algorithm=algorithm.oid(), signature=signature.bits(), signed=tbs.encoded,
        timestamp=None if timestamp is None else timestamp.bits(), encoded=whole.encoded,
    )  # fmt: skip


def _signature_v1(whole: der.Element) -> SealSignature:
    outer = whole.fields()
    tbs, signature = outer.take(der.SEQUENCE), outer.take(der.BITS)
    fields = tbs.fields()
    version, seal = fields.take(der.INTEGER).integer(), _seal(fields.take(der.SEQUENCE))
    time_info, digest = fields.take(der.BITS).bits(), fields.take(der.BITS).bits()
    property_info, certificate = fields.take().text(*_NAMES), fields.take(der.OCTETS).octets()
    algorithm = fields.take(der.OID).oid()
    fields.end()
    # GM/T 0031-2014: the time is a UTCTime or a timestamp token inside the bit string
    stated = der.read(time_info) if time_info[:1] != bytes((der.SEQUENCE,)) else None
    return SealSignature(
        generation=Generation.V1, version=version, seal=seal, time=None if stated is None else stated.time(*_TIMES),
        time_token=time_info if stated is None else None, digest=digest, property_info=property_info, extensions=(),
        signer_certificate=certificate, algorithm=algorithm, signature=signature.bits(), signed=tbs.encoded,
        timestamp=None, encoded=whole.encoded,
    )  # fmt: skip


def _bad(code: str, zh: str, en: str, error: EtrustError) -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, code, where=error.where, zh=f"不是有效的{zh}，或文件已损坏。", en=f"Not a readable {en}. {error.en}"
    )
