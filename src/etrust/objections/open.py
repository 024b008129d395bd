"""Opening an objection (提出异议): by a holder, a clerk or another region, on a license, one of its fields, or a look."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from etrust.access import store as access_store
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.again import correctable
from etrust.licenses.change import Ground, change_status
from etrust.licenses.model import Action as LicenseAction
from etrust.licenses.model import Provenance, StoredLicense
from etrust.objections import store
from etrust.objections.handling import Actor, Handling, check_reason, due_after
from etrust.objections.model import MAX_REASON, Action, Event, Objection, Opener, State
from etrust.storage.postgres import Connection

MAX_OPEN = 20
"""Open cases about one license: one more is refused, and the officer sees them all."""
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is mistaken for another on paper
_BASIS = "异议处理"


@dataclass(frozen=True, slots=True)
class Opening:
    """What is objected to.

    Attributes:
        claim: what is right instead; may be empty.
        words: why, in the opener's own words.
        region: whose license it is.
        issuer: the body that issued it, or that looked.
        number: a number that was given before, by the one tap of a holder.
    """

    opener: Opener
    opener_name: str
    opener_body: str
    region: str
    issuer: str
    words: str
    license: str = ""
    entry: int = 0
    field: str = ""
    claim: str = ""
    subject_key: bytes = b""
    linked: str = ""
    number: str = ""


async def open_objection(connection: Connection, handling: Handling, opening: Opening, *, at: datetime) -> Objection:
    """Open a case in the caller's transaction; one that another region sends again is the same case.

    A license of the own region is marked "under objection" where its type's policy says so.

    Raises:
        EtrustError: NOT_FOUND ``no_such_license``; INVALID ``not_correctable``, ``reason_needed``, ``bad_claim``; CONFLICT
            ``too_many_objections``.
    """
    _check(opening)
    stored = await _license(connection, handling, opening) if opening.license and opening.region == handling.region else None
    await _require_room(connection, opening)
    charge = opening.issuer if opening.region == handling.region else opening.opener_body
    objection = Objection(
        number=opening.number or new_number(at), license=opening.license, entry=opening.entry, field=opening.field,
        opener=opening.opener, opener_name=opening.opener_name, subject_key=opening.subject_key, issuer=opening.issuer,
        region=opening.region, linked=opening.linked, opened_at=at, claim=opening.claim, words=opening.words,
    )  # fmt: skip
    if not await store.add(connection, objection, handling.sealing):
        known = await store.find_linked(connection, opening.opener_name, opening.linked, handling.sealing)
        found = known or await store.find(connection, objection.number, handling.sealing)
        assert found is not None  # noqa: S101 - kept a moment ago, or before
        return found
    event = Event(
        1, Action.OPEN, State.RECEIVED, opening.opener_name if opening.opener is not Opener.HOLDER else "holder",
        opening.opener_body, charge, "", at, due_after(handling, State.RECEIVED, at),
    )  # fmt: skip
    await store.add_event(connection, objection.number, event)
    await access_store.record(
        connection, at=at, operator=event.operator, body=event.body or charge, action="objection.open", subject=objection.number
    )
    if stored is not None:
        await _mark(connection, handling, stored, event)
    found = await store.find(connection, objection.number, handling.sealing)
    assert found is not None  # noqa: S101 - as above
    return found


async def _mark(connection: Connection, handling: Handling, stored: StoredLicense, event: Event) -> None:
    """Let checks say "under objection", without a word of what it is."""
    license_type = handling.types[stored.type_code]
    if not license_type.shows_objection:
        return
    who = Provenance(event.operator, stored.issuer, event.at)
    try:
        await change_status(
            connection, serial=stored.serial, version=stored.version, action=LicenseAction.OBJECT, who=who,
            ground=Ground(_BASIS, _BASIS),
        )
    except EtrustError as error:
        if error.code != "bad_transition":  # suspended, revoked, or under objection already
            raise


async def _license(connection: Connection, handling: Handling, opening: Opening) -> StoredLicense:
    try:
        wanted = LicenseIdentifier.parse(opening.license)
        found = await license_store.find(connection, wanted.serial, wanted.version)
    except EtrustError:
        found = None
    if found is None or found.identifier.text != opening.license:
        raise no_such_license()
    if opening.field and opening.field not in (*correctable(handling.types[found.type_code]), "number"):
        raise EtrustError(
            Kind.INVALID, "not_correctable", where="field",
            zh="该证照没有这个项目。", en="The license has no such item.",
        )  # fmt: skip
    return found


async def _require_room(connection: Connection, opening: Opening) -> None:
    if opening.license and await store.count_open(connection, opening.license) >= MAX_OPEN:
        raise EtrustError(
            Kind.CONFLICT, "too_many_objections",
            zh="该证照已有多件异议在办理，请等候处理结果。",
            en="Several objections to this license are under way; please wait for them.",
        )


def _check(opening: Opening) -> None:
    check_reason(opening.words)
    if len(opening.claim) > MAX_REASON or not opening.claim.replace("\n", " ").isprintable():
        raise EtrustError(
            Kind.INVALID, "bad_claim", where="claim",
            zh=f"正确内容不超过 {MAX_REASON} 字，且不含控制字符。", en=f"At most {MAX_REASON} printable characters.",
        )


def new_number(at: datetime, kind: str = "YY") -> str:
    """A fresh number of a case (YY, 异议) or of a reported difference (JC, 纠错)."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{kind}{official_date(at):%Y%m%d}-{drawn}"


def no_such_license() -> EtrustError:
    """The one answer for a license that is not there and one that cannot be told of."""
    return EtrustError(
        Kind.NOT_FOUND, "no_such_license", where="license", zh="没有找到该证照，请核对证照标识。",
        en="There is no such license; check the identifier.",
    )  # fmt: skip


def opener_of(objection: Objection) -> Actor:
    """Whoever opened a case, as an actor."""
    return Actor("holder" if objection.opener is Opener.HOLDER else objection.opener_name, objection.events[0].body)
