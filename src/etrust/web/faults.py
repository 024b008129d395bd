"""What a visitor sees when something goes wrong: a sentence, what to do, and never a traceback."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import hdrs, web

from etrust.errors import EtrustError, Kind, log_failure
from etrust.web.case_faults import CASE_SAID
from etrust.web.counter_faults import COUNTER_SAID
from etrust.web.languages import mark as _
from etrust.web.preferences import preferences_of, remember
from etrust.web.rendering import PAGES, is_partial, redirect, render
from etrust.web.security import demand_same_origin, keep_form_seed, protect
from etrust.web.sessions import sign_in_address
from etrust.wiring import ROOMS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATUSES: dict[Kind, HTTPStatus] = {
    Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.UNTRUSTED: HTTPStatus.UNPROCESSABLE_ENTITY,
}

SAID: dict[str, str] = {
    "bad_credentials": _("The user name or the password is wrong. Please try again."),
    "too_many_attempts": _("Too many failed attempts. Try again in ten minutes."),
    "form_expired": _("The page was open for too long. Please try again."),
    "cross_site": _("The request came from another site. Go back to the page here and try again."),
    "no_role": _("Your account does not have this permission."),
    "no_such_link": _("This link is unknown or has expired. Ask the issuing authority for a new one."),
    "nothing_presented": _("Nothing yet. Scan, paste or type a license code first."),
    "no_code_in_image": _(
        "No code was found in the picture. Take it again, the whole code sharp and without glare."
    ),
    "several_codes": _("There are several codes in the picture. Check one at a time."),
    "not_an_image": _("This file is not a picture. Choose a photo or a screenshot of the code."),
    "form_too_large": _("Too large: a picture may have at most 12 MB."),
    "second_person_needed": _("This takes a second person: you did an earlier step yourself."),
    "bad_transition": _("This step is not possible now. Look at the page again: somebody may have been faster."),
    "bad_ground": _("Fill in both the reason and the legal basis, at most 200 characters each."),
    "bad_record_number": _("The record number has 1 to 40 letters, digits, Chinese characters or usual signs."),
    "seal_not_found": _("There is no such seal, or it belongs to another body."),
    "own_grant": _("Not to yourself: another seal officer must grant that."),
    "unknown_grantee": _("There is no such account, role or body."),
    "no_file_chosen": _("No file was chosen. Choose the file to check first."),
    "too_many_checks": _("Too many files are being checked. Try again in a moment."),
    "no_sandbox": _("Files cannot be read at the moment. Tell the operator."),
    "sign_in_as_holder": _("Please sign in first."),
    "passkey_needed": _("This license needs your passkey once more."),
    "sign_in_expired": _("This sign-in is over, or was not begun in this browser. Please sign in again."),
    "sign_in_declined": _("The sign-in was canceled, or you did not agree at the identity platform."),
    "identity_unreachable": _("The identity platform is out of reach. Please try again later."),
    "identity_misconfigured": _(
        "The connection with the identity platform is not set up rightly. Tell the administrator."
    ),
    "identity_not_configured": _("No identity platform is connected yet, so holders cannot sign in."),
    "id_token_refused": _(
        "The identity platform's answer did not pass our checks. Sign in again, and tell the administrator if it goes on."
    ),
    "identity_clock_off": _(
        "The clocks of the identity platform and of this site differ too much. Tell the administrator."
    ),
    "claims_missing": _(
        "The identity platform gave no name or document number. Have your identity confirmed there first."
    ),
    "bad_claims": _("The name or document number from the identity platform is not well formed. Ask the platform."),
    "other_citizen": _(
        "The identity platform gives another document number than before; the sign-in was refused. Ask the platform."
    ),
    "sign_in_not_fresh": _(
        "The identity platform did not ask who you are once more. Try again, or ask the platform."
    ),
    "too_many_sign_ins": _("Too many sign-ins; try again in ten minutes."),
    "confirm_first": _("First confirm that it is you: with a passkey, or by signing in at the identity platform again."),
    "passkey_refused": _("The passkey was not accepted. Please try again."),
    "bad_passkey_name": _("A name has 1 to 40 characters."),
    "no_passkey": _("There is no such passkey."),
    "too_many_passkeys": _("There may be ten passkeys. Remove one before making another."),
    "no_such_request": _("There is no such question, or it was not put to you."),
    "request_expired": _("The question has run out. Let the clerk ask again."),
    "request_answered": _("You have answered already."),
    "bad_answer": _("Choose to agree or not to."),
    "no_such_grant": _("There is no such consent."),
    "consent_revoked": _("The consent was taken back."),
    "bad_consent": _("Consent is to something, for 1 to 20 uses and at most 30 days."),
    "consent_not_allowed": _("This matter rests on duty; consent is not asked for it."),
    "not_acting": _("You may not act for this holder now."),
    "not_for_this_matter": _("You may not act for the holder in this matter."),
    "not_passed_on": _("A right to act is not passed on; a company's staff are named by its legal representative."),
    "not_yours": _("Only the holder sees this"),
    "no_such_entry": _("There is no such entry."),
    "no_such_license": _("You have no such license."),
    "no_such_delegation": _("There is no such delegation."),
    "delegation_over": _("It was answered or has ended already."),
    "too_many_delegations": _("You named many people today. Try again tomorrow."),
    "bad_delegate_name": _("Enter the person's name."),
    "bad_delegate_number": _("The citizen number is not right. Check it."),
    "delegate_is_minor": _("Somebody under eighteen cannot act for another."),
    "delegate_is_self": _("Not to yourself."),
    "bad_matters": _("Choose one matter."),
    "bad_until": _("The last day is after today and within a year."),
    "store_unavailable": _("The register is out of reach at the moment."),
    **CASE_SAID,
    **COUNTER_SAID,
}
"""Errors in all languages, by code; others speak Chinese or English, as they were raised."""

_WAYS_IN = {"sign_in_as_holder", "passkey_needed"}
"""Errors that say themselves where to go on; see `etrust.web.my_session`."""

PAGE_ROUTES = web.AppKey("page_routes", set[web.AbstractResource])
_log = logging.getLogger(__name__)


def is_page(request: web.Request) -> bool:
    """Whether a person looks at the answer: a page of ours, or an unknown address outside the API."""
    resource = request.match_info.route.resource
    if resource is not None:
        return resource in request.app[PAGE_ROUTES]
    wants_html = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    return wants_html and not request.path.startswith(("/api/", "/.well-known/", "/status/", "/ca/", "/crl/"))


@web.middleware
async def guard_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around every page: who may send, what goes wrong in words, and the headers that protect."""
    if not is_page(request):
        return await handler(request)
    response = await _answer(request, handler)
    secure = request.app[ROOMS].settings.secure_cookies
    protect(response, secure=secure)
    remember(request, response, secure=secure)
    keep_form_seed(request, response)
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        if request.method not in {"GET", "HEAD"}:
            demand_same_origin(request)
        return await handler(request)
    except EtrustError as error:
        return _known(request, error)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _page(request, error.status)
    except Exception as error:  # noqa: BLE001  # the last net
        incident = secrets.token_hex(6)
        log_failure(_log, f"{incident} on a page", error)
        return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR, incident=incident)


def _known(request: web.Request, error: EtrustError) -> web.Response:
    if error.kind is Kind.UNAUTHENTICATED:
        way_in = error.where if error.code in _WAYS_IN else sign_in_address(request)
        if is_partial(request):
            return web.Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": way_in})
        return redirect(way_in)
    return _page(request, STATUSES[error.kind], error=error)


def _page(
    request: web.Request, status: int, *, error: EtrustError | None = None, incident: str = ""
) -> web.Response:
    template = "fault_part.html" if is_partial(request) else "fault.html"
    return render(
        request, template, status=status, code=int(status), fault=spoken(request, error), incident=incident
    )


def spoken(request: web.Request, error: EtrustError | None) -> str:
    """The sentence of an error in the visitor's language; Uyghur readers get what `SAID` lacks in Chinese."""
    if error is None:
        return ""
    language = preferences_of(request).language
    if error.code in SAID:
        return request.app[PAGES].translations[language.code].gettext(SAID[error.code])
    return error.en if language.code == "en" else error.zh
