"""The cards of the desk's queue: one scan each, with every material, the form's fields, and what can be done now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from etrust.errors import EtrustError
from etrust.licenses.types import LicenseType
from etrust.matters.case_model import TRANSITIONS, Case, CaseMaterial, CaseState
from etrust.matters.check_judging import substitutes
from etrust.matters.check_model import GOOD, CheckState, MaterialResult, MatterCheck, Substitute
from etrust.matters.fields import told_fields
from etrust.matters.model import Material, Matter, Outcome, Words
from etrust.web.desk_words import OUTCOMES, STATES, OutcomeWords


@dataclass(frozen=True, slots=True)
class Row:
    """One material on a card."""

    key: str
    name: Words
    words: OutcomeWords
    reason: str
    license_type: str
    identifier: str
    region: str
    deadline: date | None
    commitment: Words | None
    may: tuple[Substitute, ...]
    deferral_days: int | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the desk shows it; `actions` are those its state allows now."""

    number: str
    state: str
    word: str
    rows: tuple[Row, ...]
    actions: frozenset[str]
    ready: bool
    waits: bool
    step: int
    receipt: str | None = None

    @property
    def tone(self) -> str:
        """The worst of its materials decides."""
        tones = {row.words.tone for row in self.rows}
        return next((tone for tone in ("bad", "unsure") if tone in tones), "good")


@dataclass(frozen=True, slots=True)
class Card:
    """One scan in the queue: waiting for consent, refused, or checked."""

    state: str  # waiting, refused, done
    at: datetime
    people: tuple[tuple[Words, str], ...] = ()  # name of the party, name of the holder
    case: CaseView | None = None
    form: tuple[tuple[Words, str], ...] = ()
    told: tuple[tuple[Words, tuple[tuple[Words, str], ...]], ...] = ()  # by material: fields and what was told
    check_id: str = ""
    case_number: str = ""
    waits_until: datetime | None = None
    asked: tuple[Words, ...] = ()
    fault: str = ""
    counted: bool = False
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def card_of(check: MatterCheck, matter: Matter, types: Mapping[str, LicenseType]) -> Card:
    """The card of a check."""
    parties = {party.key: party.name for party in matter.parties}
    people = tuple((parties[each.key], each.acting.subject.name) for each in check.parties if each.key in parties)
    if check.state is CheckState.CONSENT_NEEDED:
        asked = tuple(parties[key] for key in check.requests if key in parties)
        return Card(
            "waiting", check.at, people, check_id=check.check_id, case_number=check.case_number,
            waits_until=check.waits_until, asked=asked,
        )
    labels = {each.name: each.label for each in matter.form}
    return Card(
        "done", check.at, people, _view_of_check(check, matter),
        form=tuple((labels[name], value) for name, value in check.form.items() if name in labels),
        told=_told(check, matter, types), check_id=check.check_id, case_number=check.case_number, evidence=check.evidence,
    )


def _told(
    check: MatterCheck, matter: Matter, types: Mapping[str, LicenseType]
) -> tuple[tuple[Words, tuple[tuple[Words, str], ...]], ...]:
    names = {material.key: material.name for material in matter.materials}
    told = []
    for each in check.materials:
        labels = told_fields(types[each.license_type]) if each.license_type in types else {}
        lines = tuple((labels.get(name, Words(name)), value) for name, value in each.fields.items())
        if lines and each.key in names:
            told.append((names[each.key], lines))
    return tuple(told)


def refusal(error: EtrustError, told: str, at: datetime, matter: Matter | None = None) -> Card:
    """The card of a scan that was refused, with the party whose code it was about.

    It says that it was ``counted`` when more was asked for than the matter allows.
    """
    whose = error.where.removeprefix("codes.")
    parties = matter.parties if matter is not None and error.where.startswith("codes.") else ()
    asked = tuple(party.name for party in parties if party.key == whose)
    return Card("refused", at, asked=asked, fault=told, counted=error.code == "more_than_allowed")


def card_of_case(case: Case, matter: Matter) -> Card:
    """The card of a case that was checked before."""
    last = case.events[-1].at if case.events else case.opened_at
    return Card("done", last, case=view_of_case(case, matter), case_number=case.number)


def _view_of_check(check: MatterCheck, matter: Matter) -> CaseView:
    materials = {each.key: each for each in matter.materials}
    rows = tuple(_row(each, materials[each.key]) for each in check.materials if each.key in materials)
    return _view(check.case_number, CaseState.OPEN, rows, check.step, [each.outcome for each in check.materials], check.receipt)


def view_of_case(case: Case, matter: Matter) -> CaseView:
    """A case after any of its steps."""
    rows = tuple(
        _row(case.materials[each.key], each) for each in matter.materials if each.key in case.materials
    )
    outcomes = [each.outcome for each in case.materials.values()]
    return _view(case.number, case.state, rows, len(case.events), outcomes, None)


def _view(
    number: str, state: CaseState, rows: tuple[Row, ...], step: int, outcomes: list[Outcome], receipt: str | None
) -> CaseView:
    actions = frozenset(str(action) for known, action in TRANSITIONS if known is state)
    return CaseView(
        number, str(state), STATES[str(state)], rows, actions, ready=all(each in GOOD for each in outcomes),
        waits=Outcome.DEFERRED in outcomes, step=step, receipt=receipt,
    )


def _row(found: MaterialResult | CaseMaterial, material: Material) -> Row:
    if isinstance(found, MaterialResult):
        license_type, identifier, may = found.license_type, found.identifier, found.may
    else:
        license_type, identifier, may = "", found.license, substitutes(material, found.found)
    return Row(
        key=material.key, name=material.name, words=OUTCOMES[found.outcome], reason=found.reason,
        license_type=license_type, identifier=identifier, region=found.region, deadline=found.deadline,
        commitment=material.commitment, may=() if found.outcome in GOOD else may,
        deferral_days=material.deferral_days,
    )

