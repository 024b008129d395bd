"""Partner regions (互通互认), what they are asked, and what is made of their answers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from etrust.trust.model import TrustSnapshot
from etrust.verification.model import Overall, Verdict


@dataclass(frozen=True, slots=True)
class PartnerRegion:
    """A region that is asked for licenses.

    Attributes:
        region: six-digit division (GB/T 2260).
        base_url: where its etrust is reached, without a slash at the end.
        anchor: its trust anchor (DER), compared through another channel before it was pinned here.
        valid_from: it is asked from then on.
        valid_until: … and before then; None: until it is removed.
    """

    partner_id: int
    region: str
    name_zh: str
    name_ug: str
    name_en: str
    base_url: str
    anchor: bytes
    valid_from: datetime
    valid_until: datetime | None

    def is_in_force(self, at: datetime) -> bool:
        """Whether it is asked at that moment."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


class RegionAction(StrEnum):
    """What is proposed."""

    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class RegionProposal:
    """A proposal about a partner region.

    Attributes:
        proposal: its number.
        anchor: certificate (DER) that was compared through another channel; empty for a removal.
        decided: ``approve`` or ``refuse``, empty while nobody has decided.
    """

    proposal: int
    action: RegionAction
    region: str
    name_zh: str
    name_ug: str
    name_en: str
    base_url: str
    anchor: bytes
    valid_until: datetime | None
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrustAlarm:
    """A trust list of another region that was refused."""

    alarm: int
    region: str
    reason: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PartnerCaller:
    """A region that calls, proven by its signature or its certificate.

    Attributes:
        kid: of the key it proved itself with.
        trust: its trust list, which has the keys that answers are encrypted to.
    """

    region: str
    kid: bytes
    trust: TrustSnapshot


class PartnerOutcome(StrEnum):
    """What asking one region came to."""

    FOUND = "found"  # a credential that could be judged; the verdict says whether it is good
    NONE = "none"  # nothing of the kind there, or it does not say
    UNREACHABLE = "unreachable"  # down, slow, broken, or left alone for a while after it was: nothing can be told
    REFUSED = "refused"  # it does not answer us: the key, the use, or too many questions
    UNTRUSTED = "untrusted"  # what it says cannot be relied on: wrong anchor, older list, another holder's license


@dataclass(frozen=True, slots=True)
class PartnerFinding:
    """One license found in another region, or why that region could not say.

    Attributes:
        reason: a code for programs where `outcome` is not `FOUND`.
        verdict: of the pure verifier, by the region's own lists; only for `FOUND`.
        code: the text of the credential; only for `FOUND`.
        told: what the credential itself discloses, by field name; empty unless the verdict is good.
    """

    region: str
    region_name: str
    outcome: PartnerOutcome
    reason: str = ""
    verdict: Verdict | None = None
    code: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it satisfies a question by itself."""
        return self.verdict is not None and self.verdict.verdict is Overall.PASSED

    @property
    def identifier(self) -> str:
        """The license's identifier, empty when there is none."""
        shown = None if self.verdict is None else self.verdict.license
        return "" if shown is None else str(shown.get("identifier", ""))

    @property
    def told(self) -> Mapping[str, str]:
        """What the credential discloses, by field name; nothing of one that is not good."""
        shown = self.verdict.license if self.verdict is not None and self.is_good else None
        fields = shown["fields"] if shown is not None else []
        assert isinstance(fields, list)  # noqa: S101 - the shape that disclosure.disclose gives
        return {str(field["name"]): str(field["value"]) for field in fields}


class PartnerFault(Exception):  # noqa: N818 - carries what the question came to
    """Asking a region ended without an answer that counts."""

    def __init__(self, outcome: PartnerOutcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason

    @classmethod
    def refused(cls, reason: str) -> Self:
        """The region does not do what it was asked."""
        return cls(PartnerOutcome.REFUSED, reason)

    @classmethod
    def unreachable(cls, reason: str) -> Self:
        """Nothing can be told."""
        return cls(PartnerOutcome.UNREACHABLE, reason)

    @classmethod
    def untrusted(cls, reason: str) -> Self:
        """What it says cannot be relied on."""
        return cls(PartnerOutcome.UNTRUSTED, reason)
