"""What goes wrong with objections and error reports, in all languages; see `faults.SAID`."""

from etrust.web.languages import mark as _

CASE_SAID: dict[str, str] = {
    "reason_needed": _("Give a reason, in at most 500 characters."),
    "bad_claim": _("Say what is right in at most 500 characters."),
    "bad_value": _("Say what is right in at most 500 characters."),
    "bad_evidence": _("Evidence is a PDF, a PNG or a JPEG of at most 5 MB."),
    "too_many_files": _("There are five files already; no more can be added."),
    "bad_step": _("It is not in a state for this step any more. Look at it again."),
    "correction_needed": _("Say at least one right value."),
    "nothing_changed": _("That is what the license says already."),
    "not_correctable": _("The license has no such item, or it cannot be corrected."),
    "differing_corrections": _("Two values are proposed for one item. Refuse one of them first."),
    "had_part_before": _("You had a part in the decision. Others review the appeal."),
    "no_such_objection": _("There is no such objection. Check its number."),
    "no_such_correction": _("There is no such error report. Check its number."),
    "no_such_license": _("There is no such license. Check its identifier."),
    "not_a_license": _("An objection to a look cannot be settled by a correction."),
    "too_late": _("The time for an appeal is over."),
    "too_many_objections": _("Several objections to this license are under way. Please wait for them."),
    "nothing_picked": _("Pick at least one report."),
    "no_partner_region": _("The license is of a region that is no partner. Its holder objects there."),
}
