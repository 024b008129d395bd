"""One check of a matter: what is asked, what is answered, material by material. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from etrust.access.model import Operator
from etrust.matters.model import Outcome, Words
from etrust.onecode.model import Acting, Ground


class CheckState(StrEnum):
    """How far a check has come."""

    DONE = "done"
    CONSENT_NEEDED = "consent_needed"  # a holder is asked on the phone; the check goes on under the same id


class Substitute(StrEnum):
    """What may stand for a license that cannot be relied on now."""

    COMMITMENT = "commitment"  # 告知承诺
    DEFERRAL = "deferral"  # 容缺后补
    PAPER = "paper"  # 纸质材料: brought, and seen by the clerk


@dataclass(frozen=True, slots=True)
class MatterQuestion:
    """One scan, one call.

    Attributes:
        matter: implementation code, 31 characters.
        codes: what each party shows, by the key of the party.
        reason: 申请事由, 1 to 200 characters.
        case_number: an open case of the matter; empty to open one.
        legal_basis: for `Ground.DUTY`, 1 to 200 characters.
        fields: by material, the fields wanted where fewer than the matter's will do; None for all of the matter's.
        commitments: keys of materials for which the applicant agreed to the matter's commitment (告知承诺).
        deferrals: keys of materials that the applicant will bring later (容缺).
        papers: keys of materials that the applicant brought on paper and the clerk saw.
    """

    matter: str
    codes: Mapping[str, str] = field(repr=False)
    operator: Operator
    ground: Ground
    reason: str
    case_number: str = ""
    legal_basis: str = ""
    fields: Mapping[str, tuple[str, ...]] | None = None
    commitments: tuple[str, ...] = ()
    deferrals: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckParty:
    """A party whose code was scanned.

    Attributes:
        grant: the consent used, as the consent room names it; empty on duty.
    """

    key: str
    acting: Acting
    grant: str = ""


@dataclass(frozen=True, slots=True)
class MaterialResult:
    """What a check says of one material.

    Attributes:
        key: of the material.
        outcome: what the case goes on with.
        found: what the registers say: `Outcome.SATISFIED`, `MISSING`, `EXPIRED`, … or `UNKNOWN`; never a substitute.
        reason: why, as a code for programs; empty when satisfied.
        may: what may stand for it, when it is not there.
        party: whose license it is; empty when none was found.
        license_type: name of the license type found.
        identifier: 电子证照标识 of the license found.
        region: six-digit division of the region that issued it.
        fields: what the matter tells of it, by name; only of satisfied materials.
        evidence: digests of the ``trust_list`` and ``status_list`` it rests on.
        deadline: the last day on which a deferred material may be brought.
        commitment: the text that was agreed to, when committed.
    """

    key: str
    outcome: Outcome
    found: Outcome
    reason: str = ""
    may: tuple[Substitute, ...] = ()
    party: str = ""
    license_type: str = ""
    identifier: str = ""
    region: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    evidence: Mapping[str, str] = field(default_factory=dict)
    deadline: date | None = None
    commitment: Words | None = None


@dataclass(frozen=True, slots=True)
class MatterCheck:
    """The answer. It carries values once; nothing of them is kept.

    Attributes:
        check_id: 32 hexadecimal digits; continues a check that waits for consent.
        step: of the case; 0 while waiting.
        version: of the matter.
        requests: by party, the request that its holder has to answer; only while waiting.
        waits_until: when a waiting check ends unanswered.
        materials: in the order of the matter.
        form: pre-filled fields of the matter's form by name.
        evidence: digests of all ``trust_lists`` and ``status_lists`` it rests on.
        receipt: id of the receipt, None while waiting.
    """

    check_id: str
    case_number: str
    step: int
    matter: str
    version: int
    at: datetime
    state: CheckState
    ground: Ground
    reason: str
    legal_basis: str
    operator: str
    body: str
    parties: tuple[CheckParty, ...] = field(default=(), repr=False)
    requests: Mapping[str, str] = field(default_factory=dict)
    waits_until: datetime | None = None
    materials: tuple[MaterialResult, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    receipt: str | None = None

    @property
    def request_ids(self) -> tuple[str, ...]:
        """The requests that are waited for."""
        return tuple(self.requests.values())

    @property
    def lacking(self) -> tuple[MaterialResult, ...]:
        """Materials with which the case cannot be accepted yet."""
        return tuple(each for each in self.materials if each.outcome not in GOOD)


GOOD = frozenset({Outcome.SATISFIED, Outcome.COMMITTED, Outcome.DEFERRED, Outcome.BROUGHT, Outcome.NOT_NEEDED})
"""Outcomes with which a case can be accepted."""
