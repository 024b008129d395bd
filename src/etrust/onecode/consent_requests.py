"""Asking the holder at the counter: a request that waits some minutes on the phone and is answered once."""

from datetime import datetime, timedelta

from etrust.errors import EtrustError, Kind
from etrust.onecode import consent_store as store
from etrust.onecode.consent import new_id, require_covered, require_ground
from etrust.onecode.consent_model import (
    ANSWERED_LIFETIME,
    MAX_REASON,
    REQUEST_LIFETIME,
    ConsentRequest,
    Grant,
    RequestState,
    Terms,
)  # fmt: skip
from etrust.onecode.model import Acting, Ground, Use
from etrust.storage.postgres import Connection

MAX_ASKED = 5
"""How often one clerk may ask a holder in one case."""

SHOWN_SINCE = timedelta(hours=8)
"""How long a session sees what it was asked: a session's whole life."""


async def ask(
    connection: Connection, acting: Acting, wanted: Use, terms: Terms, *, session: bytes, at: datetime
) -> ConsentRequest:
    """Ask who shows a code; the same question asked again while it waits is the same request.

    Args:
        session: digest of the session that showed the code; only it can answer.

    Raises:
        EtrustError: FORBIDDEN ``not_for_this_matter``, ``consent_not_allowed``; INVALID ``bad_request``; RATE_LIMITED
            ``asked_too_often``.
    """
    require_covered(acting, terms.matter)
    require_ground(Ground.CONSENT, terms)
    _require_complete(wanted, terms)
    async with connection.transaction():
        await store.lock_asking(connection, acting.subject.key, wanted.case_number)
        before = [
            each for each in await store.requests_of_case(connection, acting.subject.key, wanted.case_number, at)
            if each.operator == wanted.operator and each.matter == wanted.matter
        ]  # fmt: skip
        for each in before:
            same = (each.session, each.version, each.needs, each.body) == (session, terms.version, terms.needs, wanted.body)
            if same and each.state is RequestState.PENDING:
                return each
        if len(before) >= MAX_ASKED:
            raise EtrustError(
                Kind.RATE_LIMITED, "asked_too_often",
                zh="此办件已多次征求持证人同意，请改由其自行提交材料。",
                en="The holder was asked often enough in this case; let the documents be brought.",
            )
        request = ConsentRequest(
            new_id("R"), acting.subject.key, session, acting.person, wanted.matter, terms.version, wanted.case_number,
            wanted.operator, wanted.body, wanted.reason.strip(), terms.needs, at, at + REQUEST_LIFETIME, at,
        )
        await store.add_request(connection, request)
    return request


def _require_complete(wanted: Use, terms: Terms) -> None:
    wrong = (
        "case_number" if not wanted.case_number else "matter" if wanted.matter != terms.matter
        else "reason" if not 1 <= len(wanted.reason.strip()) <= MAX_REASON else "needs" if not terms.needs else ""
    )  # fmt: skip
    if wrong:
        raise EtrustError(
            Kind.INVALID, "bad_request", where=wrong,
            zh=f"征求同意须写明办件、事项和事由（不超过 {MAX_REASON} 字）。",
            en=f"Consent is asked for a case, a matter and a reason of at most {MAX_REASON} characters.",
        )


async def answer(
    connection: Connection, request_id: str, acting: Acting, *, session: bytes, agree: bool, at: datetime
) -> Grant | None:
    """Answer a request from the session that showed the code; the grant that agreeing gave.

    Args:
        acting: the right of the person to act for the holder, made out anew.

    Raises:
        EtrustError: NOT_FOUND ``no_such_request`` for an unknown one and another session's alike; FORBIDDEN
            ``not_for_this_matter``; CONFLICT ``request_answered``, ``request_expired``.
    """
    found = await store.request(connection, request_id, at)
    if found is None or (found.session, found.person, found.subject_key) != (session, acting.person, acting.subject.key):
        raise no_such_request()
    require_covered(acting, found.matter)
    if found.state is RequestState.EXPIRED:
        raise EtrustError(
            Kind.CONFLICT, "request_expired",
            zh="此次征求已超时，请窗口工作人员重新发起。", en="The question has run out; let the clerk ask again.",
        )
    ends = at + ANSWERED_LIFETIME if acting.until is None else min(at + ANSWERED_LIFETIME, acting.until)
    grant = Grant(
        new_id("G"), found.subject_key, Ground.CONSENT, found.matter, found.version, found.case_number, found.operator,
        found.body, found.reason, "", found.needs, 1, acting.person, acting.basis.value, acting.reference, found.id, at, ends,
    )
    async with connection.transaction():
        if not await store.add_answer(connection, found.id, agreed=agree, grant_id=grant.id if agree else "", at=at):
            raise EtrustError(
                Kind.CONFLICT, "request_answered", zh="您已经答复过了。", en="It has been answered already.",
            )
        if agree:
            await store.add_grant(connection, grant)
    return grant if agree else None


def no_such_request() -> EtrustError:
    """The one answer to an unknown request and another session's."""
    return EtrustError(
        Kind.NOT_FOUND, "no_such_request", zh="没有这项征求，或它不是向您发出的。",
        en="There is no such question, or it was not put to you.",
    )
