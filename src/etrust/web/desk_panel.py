"""What the clerk has put together before a check: whose codes were scanned, on what ground, for which case."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from etrust.access.model import Operator
from etrust.matters.check_model import MatterQuestion
from etrust.matters.model import Matter, Party
from etrust.onecode.model import Ground
from etrust.web.forms import Form

MAX_CODE = 4096
APPLICANT = "applicant"


@dataclass(frozen=True, slots=True)
class Panel:
    """The form of the desk as it stands.

    Attributes:
        codes: scanned already, by party.
        asked: parties whose code is wanted, in the order of the matter.
        fewer: by material, the fields wanted where the clerk took some away; None for all of the matter's.
    """

    matter: Matter
    asked: tuple[Party, ...]
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)
    ground: Ground = Ground.CONSENT
    reason: str = ""
    legal_basis: str = ""
    case_number: str = ""
    fewer: Mapping[str, tuple[str, ...]] | None = None

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
    whose = form.text("whose") if panel.is_asked(form.text("whose")) else panel.turn.key
    return Panel(
        matter, panel.asked, {**codes, whose: presented[:MAX_CODE]}, panel.ground, panel.reason, panel.legal_basis,
        panel.case_number, panel.fewer,
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
