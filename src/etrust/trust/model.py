"""The trust list (信任列表) of a region: bodies, their keys by purpose, and what each key may sign. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from etrust.access.model import Body
from etrust.signing.model import Algorithm


class Purpose(StrEnum):
    """What a key is for; a key entered for one purpose verifies nothing else."""

    CREDENTIAL = "credential"
    STATUS = "status"
    DOCUMENT = "document"  # signs license faces (PDF)
    TIMESTAMP = "timestamp"
    SEAL_MAKER = "seal_maker"  # 制章人
    SEAL = "seal"  # 签章人
    CODE = "code"  # 一码: signs the codes that holders show, each good for a minute
    RECEIPT = "receipt"  # 查验回执: signs what was checked for which case
    LOG = "log"  # 透明日志: signs checkpoints of the region's own log
    WITNESS = "witness"  # 见证: cosigns checkpoints of logs, its own region's and others'
    MESSAGE = "message"  # signs what the region says to others over HTTP (RFC 9421), and what it answers
    ENCRYPTION = "encryption"  # personal fields are encrypted to it (ECDH on P-256); it signs nothing
    AUTHORITY = "authority"  # 认证机构: issues the region's certificates; a trust anchor beside the one that signs the list


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key the region vouches for.

    Attributes:
        kid: first eight bytes of the SHA-256 of the certificate.
        certificate: X.509, DER.
        algorithm: the only algorithm this key verifies with.
        purpose: the only purpose it may serve.
        body: the body it belongs to; the region's division for the region's own keys.
        license_types: 21-character type codes it may sign.
        valid_from: it may have signed from then on.
        valid_until: … and before then.
        compromised_since: when it fell into other hands, None as far as anyone knows.
    """

    kid: bytes
    certificate: bytes
    algorithm: Algorithm
    purpose: Purpose
    body: str
    license_types: frozenset[str]
    valid_from: datetime
    valid_until: datetime
    compromised_since: datetime | None


class RightKind(StrEnum):
    """What a body may do by the region's word."""

    LICENSE = "license"  # issue a license type
    SEAL = "seal"  # put a kind of seal under something


@dataclass(frozen=True, slots=True)
class Right:
    """What a body may issue or seal, and when.

    Attributes:
        name: 21-character type code, or the kind of seal.
        valid_until: None: without end.
    """

    body: str
    kind: RightKind
    name: str
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service of the region is reached: ``api``, ``status``, ``log``, ``lists``, ``messages``."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class TypeName:
    """What this region calls a license type.

    Attributes:
        code: 21-character type code, the same in every region.
        name: the word its verdicts and interfaces use.
    """

    code: str
    name: str
    zh: str
    ug: str
    en: str


@dataclass(frozen=True, slots=True)
class StateName:
    """Which state word of this region is which 证照状态 code (GB/T 36903)."""

    word: str
    code: str
    zh: str


@dataclass(frozen=True, slots=True)
class TrustList:
    """The content of one published list; `sequence` only grows.

    Attributes:
        pivots: statements by which one anchor of the region named the next, the oldest first; see `trust.following`.
        removes: codes of bodies and ids of keys that this list leaves out on purpose.
    """

    region: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    entities: tuple[Body, ...]
    keys: tuple[KeyEntry, ...]
    rights: tuple[Right, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    types: tuple[TypeName, ...] = ()
    states: tuple[StateName, ...] = ()
    pivots: tuple[str, ...] = ()
    removes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TrustSnapshot:
    """A trust list whose signature has been judged good, with its digest (``sha256:…`` of the signed bytes)."""

    trust_list: TrustList
    digest: str
    _entities: Mapping[str, Body] = field(repr=False)
    _keys: Mapping[tuple[bytes, Purpose], tuple[KeyEntry, ...]] = field(repr=False)

    @classmethod
    def of(cls, trust_list: TrustList, digest: str) -> Self:
        """A snapshot with its look-up tables."""
        keys: dict[tuple[bytes, Purpose], tuple[KeyEntry, ...]] = {}
        for entry in trust_list.keys:
            keys[entry.kid, entry.purpose] = (*keys.get((entry.kid, entry.purpose), ()), entry)
        return cls(trust_list, digest, {entity.code: entity for entity in trust_list.entities}, keys)

    def entity(self, code: str) -> Body | None:
        """A body by its code."""
        return self._entities.get(code)

    def keys_for(self, kid: bytes, purpose: Purpose) -> tuple[KeyEntry, ...]:
        """All keys with that id and purpose: eight bytes may collide, so there can be several."""
        return self._keys.get((kid, purpose), ())
