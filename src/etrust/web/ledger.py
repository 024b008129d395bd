"""The page of the transparency log (透明日志): anyone with a number gets the proof that an entry is there; how the log stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.credentials.receipt import read_receipt_id, receipt_id
from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.ledger.entries import SALT_BYTES, EntryKind
from etrust.ledger.notes import Checkpoint
from etrust.ledger.proofs import Proof
from etrust.ledger.store import Standing
from etrust.web.forms import read_form
from etrust.web.languages import mark as _
from etrust.web.rendering import render
from etrust.web.security import demand_token
from etrust.web.sessions import signed_in
from etrust.wiring import ROOMS, Rooms

WATCHING = frozenset({Role.AUDITOR, Role.TRUST_OFFICER, Role.SECURITY})
"""Who sees what was found out about the logs of other regions."""
MAX_LIST_DIGITS = 9

WHAT: Mapping[EntryKind, str] = {
    EntryKind.LICENSE: _("The issuing of this license"),
    EntryKind.RECEIPT: _("The receipt of this check"),
    EntryKind.TRUST_LIST: _("The publication of this trust list"),
}
"""What an entry is about, for those that anyone may ask about."""

OPENERS: Mapping[EntryKind, str] = {
    EntryKind.LICENSE: "--code CODE", EntryKind.RECEIPT: "--receipt receipt.cose", EntryKind.TRUST_LIST: "--list trust-list.jws",
}  # fmt: skip
"""What opens an entry, as the command that verifies a proof takes it."""

ALARMS: Mapping[str, str] = {
    "split_view": _("It signed two histories. Both checkpoints are kept as proof."),
    "bad_proof": _("A checkpoint of it came without a good proof. Ask that region for its log."),
}
"""What an alarm about another log means."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was looked up.

    Attributes:
        name: as it is written.
        proof: None when there is none to give.
        file: where the proof is fetched from.
    """

    name: str
    kind: EntryKind = EntryKind.LICENSE
    proof: Proof | None = None
    file: str = ""
    cosigners: tuple[Standing, ...] = ()

    @property
    def what(self) -> str:
        """What the entry is about."""
        return WHAT[self.kind]

    @property
    def opener(self) -> str:
        """What a verifier needs beside the proof, as the command takes it."""
        return OPENERS[self.kind]

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint of the proof."""
        assert self.proof is not None  # noqa: S101 - the page asks only then
        return Checkpoint.parse(self.proof.note.text)

    @property
    def at(self) -> datetime:
        """The time in the entry."""
        assert self.proof is not None  # noqa: S101 - as above
        return datetime.fromtimestamp(int.from_bytes(self.proof.extra[SALT_BYTES:], "big"), UTC)


async def show_log(request: web.Request) -> web.Response:
    """``GET /log``; no number ever stands in its address, which browsers and proxies keep."""
    return await _page(request, shown=None, typed="")


async def look_up(request: web.Request) -> web.Response:
    """``POST /log``: the proof for a license, a receipt or a trust list by its number."""
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    typed = form.text("number")[:120]
    shown = await _find(request.app[ROOMS], typed) if typed else None
    return await _page(request, shown=shown, typed=typed)


async def _find(rooms: Rooms, typed: str) -> Shown:
    """One answer for what is not there, is not logged yet, and is no number at all."""
    found = await _license(rooms, typed) or await _receipt(rooms, typed) or await _list(rooms, typed) or Shown(typed)
    if found.proof is None:
        return found
    cosigners = tuple(await rooms.witness.cosigners(found.checkpoint.size))
    return Shown(found.name, found.kind, found.proof, found.file, cosigners)


async def _license(rooms: Rooms, typed: str) -> Shown | None:
    try:
        wanted = LicenseIdentifier.parse(typed)
    except EtrustError:
        return None
    proof = await rooms.ledger.prove_license(wanted)
    return Shown(wanted.text, EntryKind.LICENSE, proof, f"/log/proof/license/{wanted.text}")


async def _receipt(rooms: Rooms, typed: str) -> Shown | None:
    try:
        name = receipt_id(read_receipt_id(typed))
    except EtrustError:
        return None
    return Shown(name, EntryKind.RECEIPT, await rooms.ledger.prove_receipt(name), f"/log/proof/receipt/{name}")


async def _list(rooms: Rooms, typed: str) -> Shown | None:
    if not (typed.isascii() and typed.isdigit() and len(typed) <= MAX_LIST_DIGITS):
        return None
    name = str(int(typed))
    proof = await rooms.ledger.prove(EntryKind.TRUST_LIST, name)
    return Shown(name, EntryKind.TRUST_LIST, proof, f"/log/proof/trust-list/{name}")


async def _page(request: web.Request, *, shown: Shown | None, typed: str) -> web.Response:
    rooms, operator = request.app[ROOMS], await signed_in(request)
    note = await rooms.ledger.checkpoint()
    partners = await rooms.partners.regions_in_force()
    names = {each.region: {"zh": each.name_zh, "ug": each.name_ug, "en": each.name_en} for each in partners}
    return render(
        request, "log.html", operator=operator, shown=shown, typed=typed, names=names, key=(await rooms.ledger.key()).text,
        newest=None if note is None else Checkpoint.parse(note.text), standing=await rooms.witness.standing(),
        **await _others(rooms, operator),
    )  # fmt: skip


async def _others(rooms: Rooms, operator: Operator | None) -> dict[str, Any]:
    """The logs that this region witnesses, for those who watch over them."""
    if operator is None or not operator.roles & WATCHING:
        return {"watching": False, "witnessed": [], "alarms": [], "alarm_words": ALARMS}
    return {
        "watching": True, "witnessed": await rooms.witness.witnessed(), "alarms": await rooms.witness.alarms(),
        "alarm_words": ALARMS,
    }  # fmt: skip
