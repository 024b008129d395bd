"""What the clerk has put together before a check: whose codes were scanned, on what ground, for which case."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from etrust.access.model import Operator
from etrust.credentials.code import decode_code
from etrust.credentials.online_code import is_online_code, read_online_code
from etrust.errors import EtrustError, Kind
from etrust.matters.check_model import MatterQuestion
from etrust.matters.model import Matter, Party
from etrust.onecode.model import Ground
from etrust.web.forms import Form

MAX_CODE = 4096
_SKEW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Panel:
    """The form of the desk as it stands.

    Attributes:
        codes: scanned already, by party.
        asked: parties whose code is wanted, in the order of the matter.
        fewer: by material, the fields wanted where the clerk took some away; None for all of the matter's.
        wrong: the field that the last refusal was about: ``legal_basis``, ``reason``, ``case_number``, or nothing.
    """

    matter: Matter
    asked: tuple[Party, ...]
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)
    ground: Ground = Ground.CONSENT
    reason: str = ""
    legal_basis: str = ""
    case_number: str = ""
    fewer: Mapping[str, tuple[str, ...]] | None = None
    wrong: str = ""

    @property
    def missing(self) -> tuple[Party, ...]:
        """Parties whose code is still to be scanned."""
        return tuple(party for party in self.asked if party.key not in self.codes)

    @property
    def turn(self) -> Party:
        """Whose code is scanned next."""
        return self.missing[0] if self.missing else self.asked[0]

    def is_asked(self, key: str) -> bool:
        """Whether a party's code is wanted."""
        return any(party.key == key for party in self.asked)


def empty_panel(matter: Matter, form: Form | None = None) -> Panel:
    """The panel before the first scan; ground, reason and case number stay as they were chosen."""
    form = form or Form()
    return Panel(
        matter, _asked(matter, form), {}, _ground(matter, form), form.text("reason"), form.text("legal_basis"),
        form.text("case_number").upper(),
    )


def filled_panel(matter: Matter, form: Form, presented: str) -> Panel:
    """The panel with one more code in it: the one of the party whose turn it is, or of the party that was pointed at."""
    empty = empty_panel(matter, form)
    codes = {party.key: form.text(f"code_{party.key}")[:MAX_CODE] for party in matter.parties if form.text(f"code_{party.key}")}
    panel = Panel(
        matter, empty.asked, codes, empty.ground, empty.reason, empty.legal_basis, empty.case_number, _fewer(matter, form)
    )
    if not presented:
        return panel
    return replace(panel, codes={**codes, whose_turn(panel, form): presented[:MAX_CODE]})


def whose_turn(panel: Panel, form: Form) -> str:
    """The party whose code was just scanned: the one pointed at, else the next."""
    return form.text("whose") if panel.is_asked(form.text("whose")) else panel.turn.key


def mended_panel(matter: Matter, form: Form, error: EtrustError, presented: str) -> Panel:
    """The panel after a refusal. Codes stay while nothing was used up yet; the one that was wrong is to be scanned again."""
    if error.kind not in {Kind.INVALID, Kind.MALFORMED}:
        return empty_panel(matter, form)  # some may be used up: all are to be shown anew
    about_code = error.where.startswith("codes.")
    panel = filled_panel(matter, form, presented)
    codes = {key: code for key, code in panel.codes.items() if error.where != f"codes.{key}"}
    return replace(panel, codes=codes, wrong="" if about_code else error.where)


def require_readable(text: str, party: str, at: datetime) -> None:
    """Refuse at once what is no code of ours, or is too old by its own words, before the others are scanned in vain.

    Raises:
        EtrustError: as `read_online_code` and `decode_code`; INVALID ``code_expired``. `where` names the party.
    """
    try:
        expires = read_online_code(text).claims.expires_at if is_online_code(text) else None
        if not is_online_code(text):
            decode_code(text)
    except EtrustError as error:
        error.where = f"codes.{party}"
        raise
    if expires is not None and at >= expires + _SKEW:
        raise EtrustError(
            Kind.INVALID, "code_expired", where=f"codes.{party}",
            zh="此码已过期，请持证人刷新后再出示。", en="This code has expired; ask the holder to show a fresh one.",
        )


def question_of(panel: Panel, operator: Operator) -> MatterQuestion:
    """What is asked of `rooms.matters`."""
    return MatterQuestion(
        matter=panel.matter.code, codes=panel.codes, operator=operator, ground=panel.ground,
        reason=panel.reason or f"办理{panel.matter.name.zh}"[:200], case_number=panel.case_number,
        legal_basis=panel.legal_basis, fields=panel.fewer,
    )


def _asked(matter: Matter, form: Form) -> tuple[Party, ...]:
    return tuple(party for party in matter.parties if party.required or form.text(f"with_{party.key}"))


def _ground(matter: Matter, form: Form) -> Ground:
    chosen = form.text("ground")
    if chosen in list(Ground):
        return Ground(chosen)
    return Ground.CONSENT if Ground.CONSENT in matter.grounds else Ground.DUTY


def _fewer(matter: Matter, form: Form) -> dict[str, tuple[str, ...]] | None:
    """The fields that stayed ticked; what else a form may name is passed on, for the check to refuse and count."""
    if not form.text("fewer"):
        return None
    wanted: dict[str, list[str]] = {material.key: [] for material in matter.materials}
    for name in form.values:
        if name.startswith("want."):
            _, _, rest = name.partition(".")
            material, _, told = rest.partition(".")
            wanted.setdefault(material[:40], []).append(told[:60])
    return {material: tuple(told) for material, told in wanted.items()}
