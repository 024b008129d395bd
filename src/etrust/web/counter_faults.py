"""What goes wrong at the counter, in all languages; see `faults.SAID`."""

from etrust.web.languages import mark as _

COUNTER_SAID: dict[str, str] = {
    "code_expired": _("This code has expired. Ask the holder to show a fresh one."),
    "code_ended": _("This code has ended: the holder shows a newer one. Scan that."),
    "not_a_code": _("This is another kind of code. Ask the holder to open “My code”."),
    "truncated": _("A part of the code is missing. Scan it again."),
    "bad_code": _("The code cannot be read. Scan it again."),
    "offline_code_gives_no_consent": _(
        "A printed code shows that a license is genuine, not that its holder agrees. Ask for the code on the phone."
    ),
    "code_of_one_license": _("This code shows one license only. Ask the holder to open “My code”."),
    "code_of_other_matter": _("This code was made for another matter."),
    "party_twice": _("Two parties cannot be the same person. Check whose code was shown."),
    "nothing_scanned": _("Nothing yet. Scan the code of the holder."),
    "bad_reason": _("Give the reason and, on duty, the legal basis: 1 to 200 characters each."),
    "consent_refused": _("The holder does not agree. The documents may be brought instead."),
    "more_than_allowed": _("This is more than the matter allows. It was refused and recorded."),
    "not_your_matter": _("Your body does not handle this matter. It was refused and recorded."),
    "no_such_check": _("This check is over. Scan again."),
    "no_such_matter": _("There is no such matter, or it was withdrawn. Choose one again."),
    "case_not_found": _("No such case. Check its number."),
    "no_code_presented": _("Nothing yet. Scan a code, or paste its text."),
    "too_many_public_checks": _("Too many checks come from your network. Try again later."),
    "no_such_rating": _("This link does not exist or has ended: a service can be rated for 30 days."),
    "already_rated": _("A service is rated once. This one has been rated already."),
    "no_level": _("Choose one of the five levels first."),
    "bad_note": _("Write what was found and what was done, in 1 to 500 characters."),
    "founded_or_not": _("Say whether the complaint is founded."),
    "no_bad_rating": _("There is no such bad rating, or it is another body's."),
    "followed_up": _("Somebody has closed this bad rating already."),
}  # fmt: skip
