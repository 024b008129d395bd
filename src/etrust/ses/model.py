"""What a seal and a seal signature say, with the received bytes their signatures stand over."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum


class Generation(IntEnum):
    """Which standard a structure follows."""

    V1 = 1  # GM/T 0031-2014
    V4 = 4  # GB/T 38540-2020
    V5 = 5  # GM/T 0031-2025


@dataclass(frozen=True, slots=True)
class Extension:
    """One ExtData; the value is kept as it is."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class CertificateDigest:
    """A signer named by the digest of its certificate; `algorithm` as the seal writes it (an OID or a name)."""

    algorithm: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a seal (印章图片) and its true size in millimeters."""

    type: str
    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Properties:
    """印章属性: what the seal is called, who may use it, and from when to when.

    Attributes:
        type: 印章类型 as a number.
        name: 印章名称.
        certificates: whole certificates of those who may use it (DER); empty when they are named by digests.
        digests: digests of their certificates.
    """

    type: int
    name: str
    certificates: tuple[bytes, ...] = field(repr=False)
    digests: tuple[CertificateDigest, ...]
    created: datetime
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Seal:
    """An electronic seal, SESeal.

    Attributes:
        generation: the standard it follows, told by its shape and header.
        header_id: ``ES`` in a good seal.
        version: the number in the header.
        vendor: 厂商标识.
        code: 印章标识, esID.
        maker_certificate: the maker's (制章人) certificate, DER.
        algorithm: OID of the maker's signature.
        signed: the bytes the maker signed, as received.
        timestamp: the token over the signature, when there is one.
        encoded: the whole seal as received.
    """

    generation: Generation
    header_id: str
    version: int
    vendor: str
    code: str
    properties: Properties
    picture: Picture
    extensions: tuple[Extension, ...]
    maker_certificate: bytes = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    timestamp: bytes | None = field(repr=False)
    encoded: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealSignature:
    """A seal signature, SES_Signature.

    Attributes:
        version: the number in the part that is signed.
        time: 签章时间 as stated; None when V1 carries a timestamp token instead.
        time_token: that token.
        digest: of the document range that `property_info` names.
        property_info: in OFD the path of the file digested.
        signer_certificate: the signer's (签章人) certificate, DER.
    """

    generation: Generation
    version: int
    seal: Seal
    time: datetime | None
    time_token: bytes | None = field(repr=False)
    digest: bytes
    property_info: str
    extensions: tuple[Extension, ...]
    signer_certificate: bytes = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    timestamp: bytes | None = field(repr=False)
    encoded: bytes = field(repr=False)
