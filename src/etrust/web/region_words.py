"""What the pages of regions and agreements say. Every word here is a message of the gettext catalogues."""

from collections.abc import Mapping
from dataclasses import dataclass

from etrust.recognition.agreements import AgreementState
from etrust.web.languages import mark as _


@dataclass(frozen=True, slots=True)
class StateWords:
    """How a state is called and shown; ``waits``: what it means for checks."""

    label: str
    tone: str
    waits: str


AGREEMENT_STATES: Mapping[AgreementState, StateWords] = {
    AgreementState.PROPOSED: StateWords(
        _("proposed"), "wait", _("Another trust officer must approve it. Until then it counts for nothing."),
    ),
    AgreementState.IN_FORCE: StateWords(_("in force"), "good", _("What it covers counts here.")),
    AgreementState.NOT_YET: StateWords(_("not yet in force"), "wait", _("It is approved; its time has not begun.")),
    AgreementState.OVER: StateWords(_("over"), "over", _("It counts for nothing any more.")),
    AgreementState.REFUSED: StateWords(_("refused"), "over", _("It was refused or taken back, and never counted.")),
}
GOOD = StateWords(_("in contact"), "good", "")
QUIET = StateWords(_("no contact yet"), "wait", "")
RESTING = StateWords(_("does not answer"), "unsure", "")
OLD = StateWords(_("kept lists only"), "unsure", "")
BROKEN = StateWords(_("not trusted now"), "bad", "")

TERMS: Mapping[str, str] = {
    "types": _("License types"), "seals": _("Kinds of seal"), "matters": _("Only for matters"),
    "max_list_age": _("Greatest age of status lists"), "consent_only": _("Only with the holder's consent"),
    "online_status": _("Only with the status of this very moment"), "receipt_owed": _("Only in a matter that leaves a receipt"),
    "valid_from": _("From"), "valid_until": _("Until"), "document": _("Document"),
}  # fmt: skip
ALARMS: Mapping[str, str] = {
    "older_list": _("An older list than one seen before was shown."),
    "same_number_other_list": _("Two different lists carry one number."),
    "emptied_list": _("A list was shown from which everything is gone."),
    "shrunken_list": _("A list was shown that lost much at once without saying so."),
    "another_region": _("The list of another region was shown."),
    "untrusted_list": _("A list was shown that the pinned anchor did not sign."),
    "older_than_named": _("A list older than the operator of regions names was shown."),
}
FAULTS: Mapping[str, str] = {
    "partner_unreachable": _("It cannot be reached, and no list of it is kept."),
    "partner_slow": _("It does not answer in time, and no list of it is kept."),
    "partner_resting": _("It failed again and again and is left alone for a while."),
    "expired_list": _("Its trust list is out of date."),
    "untrusted_list": _("Its trust list is not signed by the pinned anchor."),
}
DONE: Mapping[str, str] = {
    "propose": _("It was proposed. Another trust officer must approve it."),
    "approve": _("It was approved."),
    "refuse": _("It was refused."),
    "end": _("The agreement was ended."),
    "propose-add": _("The region was proposed. Another trust officer must approve it."),
    "propose-remove": _("The removal was proposed. Another trust officer must approve it."),
    "approve-add": _("The region was added. It counts for nothing until there is an agreement."),
    "approve-remove": _("The region was removed."),
    "refuse-add": _("The proposal was refused."),
    "refuse-remove": _("The proposal was refused."),
}
