"""What the officer's pages call the states and steps of seals. Every word is a message of the gettext catalogues."""

from collections.abc import Mapping
from dataclasses import dataclass

from etrust.access.model import Role
from etrust.seals.model import Action, SealState
from etrust.web.languages import mark as _


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state: its tone, its name, and what it waits for."""

    tone: str
    label: str
    waits: str


STATES: Mapping[SealState, StateWords] = {
    SealState.APPLIED: StateWords("wait", _("Applied for"), _("Waits for review by a second officer.")),
    SealState.REJECTED: StateWords("over", _("Rejected"), _("The application was rejected. Apply anew if it is still needed.")),
    SealState.APPROVED: StateWords("wait", _("Approved"), _("Waits to be made.")),
    SealState.MAKING: StateWords("wait", _("Being made"), _("Its making was interrupted. Make it again to finish it.")),
    SealState.MADE: StateWords("wait", _("Made"), _("Waits for its record number from public security.")),
    SealState.RECORDED: StateWords("wait", _("On record"), _("Waits for a second officer to put it into use.")),
    SealState.ACTIVE: StateWords("good", _("In use"), _("It can be used by those who were granted its use.")),
    SealState.FROZEN: StateWords("unsure", _("Frozen"), _("It cannot be used until two officers restore it.")),
    SealState.LOST: StateWords("bad", _("Reported lost"), _("It cannot be used until two officers restore it.")),
    SealState.SUPERSEDED: StateWords("over", _("Superseded"), _("A new seal took its place.")),
    SealState.CANCELED: StateWords("over", _("Canceled"), _("It has ended for good.")),
}

EVENTS: Mapping[Action, str] = {
    Action.APPLY: _("Application"),
    Action.APPROVE: _("Approval"),
    Action.REJECT: _("Rejection"),
    Action.PREPARE: _("Making begun"),
    Action.MAKE: _("Made"),
    Action.FILE_RECORD: _("Put on record"),
    Action.ACTIVATE: _("Put into use"),
    Action.FREEZE: _("Frozen"),
    Action.REPORT_LOST: _("Reported lost"),
    Action.PROPOSE_RESTORE: _("Restoring proposed"),
    Action.RESTORE: _("Restored"),
    Action.SUPERSEDE: _("Superseded"),
    Action.CANCEL: _("Canceled"),
}
"""Steps of the past, as the history lists them."""

DONE: Mapping[str, str] = {
    "apply": _("The application is entered. Another seal officer reviews it now."),
    "approve": _("The application is approved. The seal can be made now."),
    "reject": _("The application is rejected."),
    "make": _("The seal is made. It now needs its record number."),
    "file-record": _("The record number is kept. Another seal officer can put the seal into use now."),
    "activate": _("The seal is in use. Grant its use to those who need it."),
    "freeze": _("The seal is frozen. Nobody can use it."),
    "report-lost": _("The seal is reported lost. Nobody can use it."),
    "propose-restore": _("The proposal stands. Another seal officer must agree before the seal can be used again."),
    "restore": _("The seal is in use again."),
    "cancel": _("The seal is canceled."),
    "withdraw": _("The application is withdrawn."),
    "grant": _("The right of use is given."),
    "end-grant": _("The right of use is taken back."),
}
"""What a page says after a step, by the step's name in the address."""

ROLES: Mapping[Role, str] = {
    Role.CLERK: _("Clerks"),
    Role.ISSUER: _("Issuers"),
    Role.ADMIN: _("Administrators"),
}
"""Roles whose members can be granted the use of a seal; the seal officers' own role cannot."""
