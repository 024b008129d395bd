"""Parts that certificates, revocation lists and timestamps share, written in DER (RFC 5280)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from etrust.signing import der

TRUE = der.write(der.BOOLEAN, b"\xff")
_UTC_TIME_UNTIL = 2050  # RFC 5280, section 4.1.2.5
_URI = der.context(6, constructed=False)
COMMON_NAME, ORGANIZATION_ID = "2.5.4.3", "2.5.4.97"
MAX_COMMON_NAME = 64  # ub-common-name, RFC 5280, appendix A.1


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE."""
    return der.write(der.SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """A SET OF, its parts in the order that DER wants (X.690, section 11.6)."""
    return der.write(der.SET, *sorted(parts))


def name(pairs: Iterable[tuple[str, str]]) -> bytes:
    """A Name with one attribute in each step, as UTF8String; empty values are left out."""
    steps = (sequence(der.write_oid(oid), der.write(der.UTF8, text.encode())) for oid, text in pairs if text)
    return sequence(*(der.write(der.SET, step) for step in steps))


def subject(common_name: str, body: str) -> bytes:
    """The name of a key's holder: common name, and the code of the body behind it (organizationIdentifier, X.520)."""
    return name([(COMMON_NAME, common_name[:MAX_COMMON_NAME]), (ORGANIZATION_ID, body)])


def time(moment: datetime) -> bytes:
    """A Time in whole seconds of UTC: UTCTime until 2049, GeneralizedTime after it."""
    text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
    if moment.astimezone(UTC).year < _UTC_TIME_UNTIL:
        return der.write(der.UTC_TIME, text[2:].encode())
    return der.write(der.GENERAL_TIME, text.encode())


def general_time(moment: datetime) -> bytes:
    """A GeneralizedTime in whole seconds of UTC."""
    return der.write(der.GENERAL_TIME, moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def integer(value: int) -> bytes:
    """An INTEGER of either sign, in its shortest form."""
    size = ((value if value >= 0 else ~value).bit_length() + 8) // 8
    return der.write(der.INTEGER, value.to_bytes(size, "big", signed=True))


def named_bits(bits: int) -> bytes:
    """A BIT STRING of named bits without the zeros at its end; bit 0 of the number is the first of the string."""
    size = (bits.bit_length() + 7) // 8
    content = bytes(int(f"{octet:08b}"[::-1], 2) for octet in bits.to_bytes(size, "little"))
    return der.write(der.BITS, bytes((8 * size - bits.bit_length(),)), content)


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """An Extension around a value in DER."""
    return sequence(der.write_oid(oid), TRUE if critical else b"", der.write(der.OCTETS, value))


def uri(text: str) -> bytes:
    """A GeneralName with an address."""
    return der.write(_URI, text.encode("ascii"))


def full_name(text: str) -> bytes:
    """A DistributionPointName with one address, as distribution points and issuing distribution points have it."""
    return der.write(der.context(0), der.write(der.context(0), uri(text)))
