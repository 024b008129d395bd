"""The two grounds of use: consent of the holder (持证人授权) and duty of an official (依职能用证).

Each grant is for one matter in one version, one case, one operator of one body, and ends; its uses are counted one at a time
by taking the grant's row, so of any number of uses at once no more succeed than were allowed. Revoking takes the same row:
after it no use succeeds, and one that came first is there to be seen.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from etrust.errors import EtrustError, Kind
from etrust.onecode import consent_store as store
from etrust.onecode.consent_model import MAX_LIFETIME, MAX_REASON, MAX_USES, Grant, GrantState, RequestState, Terms
from etrust.onecode.model import Acting, Ground, Subject, Use
from etrust.storage.postgres import Connection

DUTY_LIFETIME = timedelta(minutes=30)
"""How long what an official took on duty lasts: one sitting, used at once."""

Stands = Callable[[Connection, str], Awaitable[bool]]
"""Whether what a right to act rested on (`Acting.reference`) still stands; see `representation.still_stands`."""

_BEFOREHAND = "持证人事先授权"


def new_id(kind: str) -> str:
    """An id nobody guesses (128 bits): ``G-…``, ``R-…``, ``D-…``."""
    return f"{kind}-{secrets.token_urlsafe(16)}"


async def give(
    connection: Connection, acting: Acting, terms: Terms, *, body: str = "", case_number: str = "", uses: int = 1,
    until: datetime, at: datetime,
) -> Grant:
    """Agree beforehand to the use of one's licenses for one matter.

    Args:
        body: who may use it, the body handling the matter when left out.
        case_number: the one case, when it is known; else the first use binds it.

    Raises:
        EtrustError: FORBIDDEN ``not_for_this_matter``, ``consent_not_allowed``; INVALID ``bad_consent`` naming what is wrong.
    """
    require_covered(acting, terms.matter)
    require_ground(Ground.CONSENT, terms)
    ends = until if acting.until is None else min(until, acting.until)
    wrong = (
        "uses" if not 1 <= uses <= MAX_USES else "until" if not at < ends <= at + MAX_LIFETIME
        else "needs" if not terms.needs else ""
    )  # fmt: skip
    if wrong:
        raise EtrustError(
            Kind.INVALID, "bad_consent", where=wrong,
            zh=f"授权须有内容，次数为 1 至 {MAX_USES} 次，期限不超过 {MAX_LIFETIME.days} 天。",
            en=f"Consent is to something, for 1 to {MAX_USES} uses and at most {MAX_LIFETIME.days} days.",
        )
    grant = Grant(
        new_id("G"), acting.subject.key, Ground.CONSENT, terms.matter, terms.version, case_number, "", body or terms.body,
        _BEFOREHAND, "", terms.needs, uses, acting.person, acting.basis.value, acting.reference, "", at, ends,
    )
    await store.add_grant(connection, grant)
    return grant


async def use(
    connection: Connection, reference: str, wanted: Use, *, subject_key: bytes, version: int, at: datetime, stands: Stands
) -> Grant:
    """Count one use of a grant, or of the grant that answered a request; call it in the transaction that uses it.

    Args:
        reference: id of a grant (``G-…``) or of a request (``R-…``).
        wanted: the use; it must be the one the grant is bound to.
        subject_key: whose licenses are to be used.
        version: of the matter, as it is checked now.
        stands: whether the right of who agreed for the holder still stands.

    Returns:
        The grant with this use counted.

    Raises:
        EtrustError: FORBIDDEN ``no_consent`` for an unknown grant, another's, another matter, version, case, operator or body,
            a request not answered, and one whose giver may no longer act, all alike; ``consent_refused``;
            ``consent_revoked``; ``consent_expired``; CONFLICT ``consent_used_up``.
    """
    grant_id = await _grant_of(connection, reference, at) if reference.startswith("R-") else reference
    async with connection.transaction():
        if not await store.lock_grant(connection, grant_id):
            raise no_consent()
        grant = await store.grant(connection, grant_id)
        if grant is None or not await _is_bound_to(connection, grant, wanted, subject_key, version):
            raise no_consent()
        require_open(grant, at)
        if grant.reference and not await stands(connection, grant.reference):
            raise no_consent()
        await store.add_use(
            connection, grant_id, place=grant.used + 1, allowed=grant.uses, case_number=wanted.case_number,
            operator=wanted.operator, body=wanted.body, at=at,
        )
    return replace(grant, used=grant.used + 1)


async def take_on_duty(connection: Connection, subject: Subject, wanted: Use, terms: Terms, *, at: datetime) -> Grant:
    """Use somebody's licenses on duty: where the matter allows it, with a legal basis and a reason; counted as one use.

    Raises:
        EtrustError: FORBIDDEN ``duty_not_allowed``; INVALID ``bad_duty`` naming the legal basis, the reason or the case.
    """
    require_ground(Ground.DUTY, terms)
    wrong = [
        name for name, text in (("legal_basis", wanted.legal_basis), ("reason", wanted.reason))
        if not 1 <= len(text.strip()) <= MAX_REASON
    ]  # fmt: skip
    wrong += [] if wanted.case_number else ["case_number"]
    if wrong or wanted.matter != terms.matter:
        raise EtrustError(
            Kind.INVALID, "bad_duty", where=wrong[0] if wrong else "matter",
            zh=f"依职能用证须写明办件、法定依据和事由（各不超过 {MAX_REASON} 字）。",
            en=f"Use on duty needs its case, a legal basis and a reason, at most {MAX_REASON} characters each.",
        )
    grant = Grant(
        new_id("G"), subject.key, Ground.DUTY, terms.matter, terms.version, wanted.case_number, wanted.operator, wanted.body,
        wanted.reason.strip(), wanted.legal_basis.strip(), terms.needs, 1, "", "", "", "", at, at + DUTY_LIFETIME,
    )
    async with connection.transaction():
        await store.add_grant(connection, grant)
        await store.add_use(
            connection, grant.id, place=1, allowed=1, case_number=wanted.case_number, operator=wanted.operator,
            body=wanted.body, at=at,
        )
    return replace(grant, used=1)


async def revoke(connection: Connection, subject_key: bytes, grant_id: str, *, person: str, at: datetime) -> Grant:
    """Take consent back, from this moment on.

    Raises:
        EtrustError: NOT_FOUND ``no_such_grant`` for an unknown one, another's, and one on duty; CONFLICT ``consent_revoked``.
    """
    async with connection.transaction():
        if not await store.lock_grant(connection, grant_id):
            raise no_such_grant()
        grant = await store.grant(connection, grant_id)
        if grant is None or grant.subject_key != subject_key or grant.ground is not Ground.CONSENT:
            raise no_such_grant()
        if not await store.end_grant(connection, grant_id, person=person, at=at):
            raise _revoked(Kind.CONFLICT)
    return replace(grant, revoked_at=at)


async def _grant_of(connection: Connection, request_id: str, at: datetime) -> str:
    request = await store.request(connection, request_id, at)
    if request is not None and request.state is RequestState.REFUSED:
        raise EtrustError(
            Kind.FORBIDDEN, "consent_refused",
            zh="持证人不同意此次用证。可请其自行提交材料。", en="The holder refused. The documents may be brought instead.",
        )
    if request is None or request.state is not RequestState.AGREED:
        raise no_consent()
    return request.grant


async def _is_bound_to(connection: Connection, grant: Grant, wanted: Use, subject_key: bytes, version: int) -> bool:
    """Whether a use is the one that a grant is for."""
    plainly = (
        grant.subject_key == subject_key and grant.ground is wanted.ground and grant.matter == wanted.matter
        and grant.version == version and wanted.case_number != ""
    )  # fmt: skip
    if not plainly:
        return False
    if grant.operator:  # given to this clerk in this case, at the counter
        return (grant.operator, grant.body, grant.case_number) == (wanted.operator, wanted.body, wanted.case_number)
    bound_to = grant.case_number or await store.case_of_uses(connection, grant.id)
    return bound_to in (None, wanted.case_number) and await store.is_at_or_below(connection, wanted.body, grant.body)


def require_covered(acting: Acting, matter: str) -> None:
    """Return quietly when who acts may do so in that matter.

    Raises:
        EtrustError: FORBIDDEN ``not_for_this_matter``.
    """
    if acting.matter and acting.matter != matter:
        raise EtrustError(
            Kind.FORBIDDEN, "not_for_this_matter",
            zh="您的代办权限不包括此事项。", en="You may not act for the holder in this matter.",
        )


def require_ground(ground: Ground, terms: Terms) -> None:
    """Return quietly when a matter allows a ground.

    Raises:
        EtrustError: FORBIDDEN ``duty_not_allowed``, ``consent_not_allowed``.
    """
    if ground in terms.grounds:
        return
    if ground is Ground.DUTY:
        raise EtrustError(
            Kind.FORBIDDEN, "duty_not_allowed",
            zh="此事项不允许依职能用证，须经持证人同意。",
            en="This matter does not allow use on duty; the holder has to agree.",
        )
    raise EtrustError(
        Kind.FORBIDDEN, "consent_not_allowed",
        zh="此事项依职能用证，不以持证人授权办理。", en="This matter rests on duty; consent is not asked for it.",
    )


def require_open(grant: Grant, at: datetime) -> None:
    """Return quietly for a grant that can be used.

    Raises:
        EtrustError: ``consent_revoked``, ``consent_expired``, ``consent_used_up``.
    """
    match grant.state(at):
        case GrantState.REVOKED:
            raise _revoked(Kind.FORBIDDEN)
        case GrantState.EXPIRED:
            raise EtrustError(
                Kind.FORBIDDEN, "consent_expired",
                zh="授权已过期，请重新征得持证人同意。", en="The consent has expired; ask the holder again.",
            )
        case GrantState.USED_UP:
            raise EtrustError(
                Kind.CONFLICT, "consent_used_up",
                zh="授权次数已用完，请重新征得持证人同意。", en="The consent is used up; ask the holder again.",
            )


def no_consent() -> EtrustError:
    """The one answer to every grant that is not for this use."""
    return EtrustError(
        Kind.FORBIDDEN, "no_consent",
        zh="没有适用于此次用证的授权，请征得持证人同意。", en="There is no consent to this use; ask the holder.",
    )


def no_such_grant() -> EtrustError:
    """The one answer to an unknown grant and another's."""
    return EtrustError(Kind.NOT_FOUND, "no_such_grant", zh="没有这项授权。", en="There is no such consent.")


def _revoked(kind: Kind) -> EtrustError:
    return EtrustError(
        kind, "consent_revoked", zh="持证人已撤回授权。", en="The holder has taken the consent back.",
    )
