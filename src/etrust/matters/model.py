"""What a matter (事项) says: who may use which licenses for it, and how each of its materials is satisfied. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from etrust.onecode.model import Ground


class Standing(StrEnum):
    """Whether an implementation list entry (实施清单) is in use."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What a check says of one material; the first five need nothing more from the applicant now."""

    SATISFIED = "satisfied"  # 已具备: a license in force
    BROUGHT = "brought"  # 已提交: on paper, seen by the clerk
    COMMITTED = "committed"  # 已承诺: the applicant signed a commitment (告知承诺)
    DEFERRED = "deferred"  # 容缺: may be brought until a deadline
    NOT_NEEDED = "not_needed"  # optional, and not there
    MISSING = "missing"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    UNDER_OBJECTION = "under_objection"
    COMMITMENT_POSSIBLE = "commitment_possible"  # not there, but a commitment may stand for it
    DEFERRAL_POSSIBLE = "deferral_possible"  # not there, but it may be brought later
    UNKNOWN = "unknown"  # cannot be told now (a store or another region is out of reach): never satisfied


@dataclass(frozen=True, slots=True)
class Words:
    """A name or a sentence in three languages; Uyghur and English may be empty."""

    zh: str
    ug: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whose licenses a matter needs.

    Attributes:
        key: ``applicant`` always; others such as ``spouse``, ``child``, ``company``, ``seller``.
        code_types: holder code types (GB/T 36903) it may have: 001 a company, 111 a person.
        required: a check without this party is refused.
    """

    key: str
    name: Words
    code_types: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Demand:
    """One way to satisfy a material: a license of a type, of a party, and the fields of it that are told.

    Attributes:
        license_type: name of the license type, as ``templates/types`` has it.
        party: whose license it is; a key of the matter's parties.
        fields: names of the fields told, besides whether there is such a license: ``number``, ``holder_name``,
            ``holder_code``, ``valid_until``, … and the type's own. Nothing else is ever disclosed for the matter.
        since: licenses satisfy the material from this day on (what the public list calls 实施日期); None: always.
    """

    license_type: str
    party: str
    fields: tuple[str, ...]
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """A material (申请材料) of a matter.

    Attributes:
        key: short, unique in the matter.
        required: 必要; otherwise only looked for.
        satisfied_by: alternatives, in the order of preference; empty: the applicant must bring it (not issued by government).
        commitment: 告知承诺 may stand for it; the text the applicant agrees to, None when it may not.
        deferral_days: 容缺: may be brought within so many days; None when it may not.
        source: 来源渠道: who issues it on paper.
        form: 材料形式: 原件, 复印件, 电子, …
        review: names of the told fields that the clerk looks at to decide; those that fill the form need no mention.
    """

    key: str
    name: Words
    required: bool
    satisfied_by: tuple[Demand, ...]
    commitment: Words | None = None
    deferral_days: int | None = None
    source: str = ""
    form: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the matter's form, filled in from a material: `source` is ``material.field``."""

    name: str
    label: Words
    source: str


@dataclass(frozen=True, slots=True)
class Matter:
    """One entry of the implementation list (实施清单) in the version that is in force.

    Attributes:
        code: implementation code, 31 characters (GB/T 39554.1-2020); its first 18 are the body's USCC.
        version: counts from 1; an older version stays as it was.
        basic_code: 基本目录编码, 12 digits: the last twelve of `code`.
        kind: 事项类型, such as 行政许可, 行政确认, 公共服务.
        body: who handles it (实施主体), USCC.
        level: 行使层级, 1 to 6: 国家, 省, 市, 县, 乡, 村; the 19th character of `code`.
        theme: key of the "一件事" theme it belongs to, empty when none.
        grounds: which grounds of use the matter allows.
        days: 承诺办结时限 in working days, 0 for at once (即办).
        legal_basis: 设定依据.
        elements: further elements of the national form, by their Chinese names, kept as they came.
    """

    code: str
    version: int
    name: Words
    kind: str
    body: str
    level: int
    theme: str
    grounds: frozenset[Ground]
    parties: tuple[Party, ...]
    materials: tuple[Material, ...]
    form: tuple[FormField, ...]
    days: int
    legal_basis: str
    standing: Standing
    elements: Mapping[str, str]

    @property
    def basic_code(self) -> str:
        """基本目录编码: the same for this matter everywhere."""
        return self.code[-12:]

    @property
    def spared(self) -> int:
        """How many of its materials need not be brought on paper, because a license satisfies them."""
        return sum(1 for material in self.materials if material.satisfied_by)


@dataclass(frozen=True, slots=True)
class Theme:
    """A "thing" of life (一件事): several matters told once, by one form."""

    key: str
    name: Words
    audience: str  # person, company
    matters: tuple[str, ...]  # codes, in the order they are handled
