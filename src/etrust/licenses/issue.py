"""Issuing: record the intent, then use the key (design law 1).

First transaction: number, status index and to-be-signed bytes of a whole batch. Then the signatures, and a second
transaction that keeps them. A crash between the two leaves intents that `finish_open_batches` signs: signing again over
the same bytes is harmless, because only a kept signature is ever given out.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from etrust.access.mandates import require_mandate
from etrust.clock import Clock, official_date
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store
from etrust.licenses.change import not_found, supersede
from etrust.licenses.intake.single import read_single
from etrust.licenses.intents import Draft, Intent, draft, intent_of, license_row
from etrust.licenses.model import Provenance, Record, StoredLicense
from etrust.licenses.numbering import Numbering
from etrust.licenses.types import LicenseType
from etrust.signing.cose import to_be_signed
from etrust.signing.model import Signer
from etrust.status.allocate import allocate
from etrust.storage.postgres import Connection

_log = logging.getLogger(__name__)
MAX_VERSION = 999
"""The last that three digits can tell (GB/T 36904)."""


class SignerOf(Protocol):
    """Where signers come from."""

    def __call__(self, body: str, kid: bytes | None = None, /) -> Signer:
        """The signer of a body by its code: the one in force, or the one with that key id.

        Raises:
            EtrustError: the body has no such key here, or that key is compromised.
        """


_CORES = min(8, os.cpu_count() or 1)
_WORTH_A_THREAD = 50
"""Signatures below this number are made at once: starting threads would take longer."""

OnStep = Callable[[str], None]
"""Told the name of each step a batch has passed: prepared, signed, closed."""


@dataclass(frozen=True, slots=True)
class Issuing:
    """What issuing needs from outside."""

    clock: Clock
    signer_of: SignerOf
    numbering: Numbering
    region: str
    status_uri_prefix: str


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of the records of one batch."""

    issued: tuple[LicenseIdentifier, ...]
    already_issued: int
    conflicts: tuple[Record, ...]


def _ignore_step(_: str) -> None:
    return None


async def issue_batch(
    connection: Connection, issuing: Issuing, license_type: LicenseType, records: Sequence[Record], *,
    who: Provenance, source: str, on_step: OnStep = _ignore_step,
) -> Issued:
    """Issue records: number them, then `issue_drafts`."""
    drafts = [draft(issuing.numbering, license_type.name, who.body, record) for record in records]
    return await issue_drafts(connection, issuing, license_type, drafts, who=who, source=source, on_step=on_step)


async def issue_drafts(
    connection: Connection, issuing: Issuing, license_type: LicenseType, drafts: Sequence[Draft], *,
    who: Provenance, source: str, on_step: OnStep = _ignore_step,
) -> Issued:
    """Issue the drafts whose numbers are new; those already issued with the same content are counted, not repeated.

    Args:
        connection: outside a transaction; it holds the batch's lock until the batch is closed.
        source: where the records came from (a file name, ``api``), for the trail.

    Raises:
        EtrustError: the body has no mandate for the type, or no key.
    """
    await require_mandate(connection, who.body, license_type.name, who.at)
    signer = issuing.signer_of(who.body)
    async with connection.transaction():
        await store.lock_numbers(connection, license_type.name, who.body)
        fresh, already, conflicts = await _sort_out(connection, drafts)
        if not fresh:
            return Issued((), already, conflicts)
        batch_id = await store.open_batch(
            connection, license_type=license_type.name, body=who.body, operator=who.operator, source=source, at=who.at
        )
        await store.hold_batch(connection, batch_id)
        intents = await record_intents(connection, issuing, license_type, signer, fresh, batch_id, who)
    on_step("prepared")
    await _sign_and_close(connection, signer, intents, batch_id, issuing.clock, on_step)
    return Issued(tuple(intent.identifier for intent in intents), already, conflicts)


async def finish_open_batches(connection: Connection, issuing: Issuing) -> int:
    """Sign what a crash left unsigned, except in batches a living process works on; returns how many licenses.

    Each is signed with the key it was prepared for and names already, even when another has taken its place since. Batches
    whose key is gone or compromised stay open.
    """
    finished = 0
    for batch_id in await store.open_batches(connection):
        if not await store.hold_batch(connection, batch_id):
            continue
        try:
            finished += await _finish_batch(connection, issuing, batch_id)
        except EtrustError as error:
            if error.kind is not Kind.FORBIDDEN:
                raise
            _log.warning("batch %d stays unsigned: %s", batch_id, error.code)
        finally:
            await store.release_batch(connection, batch_id)
    return finished


async def _finish_batch(connection: Connection, issuing: Issuing, batch_id: int) -> int:
    at = issuing.clock()
    rows = await store.unsigned(connection, batch_id)
    signatures = [
        (serial, version, issuing.signer_of(issuer, kid).sign(to_be_signed(protected, payload)), at)
        for serial, version, issuer, kid, protected, payload in rows
    ]
    async with connection.transaction():
        await store.copy_signatures(connection, signatures)
        await store.close_batch(connection, batch_id, at)
    return len(rows)


async def _sign_and_close(
    connection: Connection, signer: Signer, intents: Sequence[Intent], batch_id: int, clock: Clock, on_step: OnStep
) -> None:
    signed_at = clock()
    signatures = await _sign(signer, [intent.tbs for intent in intents])
    rows = [
        (intent.draft.serial, intent.draft.version, signature, signed_at)
        for intent, signature in zip(intents, signatures, strict=True)
    ]
    on_step("signed")
    async with connection.transaction():
        await store.copy_signatures(connection, rows)
        await store.close_batch(connection, batch_id, signed_at)
    await store.release_batch(connection, batch_id)
    on_step("closed")


async def _sign(signer: Signer, tbs: Sequence[bytes]) -> list[bytes]:
    """The signatures, made in as many threads as there are cores: OpenSSL leaves the interpreter free meanwhile."""
    if len(tbs) < _WORTH_A_THREAD:
        return [signer.sign(data) for data in tbs]
    size = -(-len(tbs) // _CORES)
    parts = [tbs[start : start + size] for start in range(0, len(tbs), size)]
    signed = await asyncio.gather(*(asyncio.to_thread(_sign_part, signer, part) for part in parts))
    return [signature for part in signed for signature in part]


def _sign_part(signer: Signer, tbs: Sequence[bytes]) -> list[bytes]:
    return [signer.sign(data) for data in tbs]


async def record_intents(
    connection: Connection, issuing: Issuing, license_type: LicenseType, signer: Signer, drafts: Sequence[Draft],
    batch_id: int, who: Provenance,
) -> list[Intent]:
    """Give status indices and write the licenses with their to-be-signed bytes, in the caller's transaction."""
    places = await allocate(connection, len(drafts), uri_prefix=issuing.status_uri_prefix, at=who.at)
    intents = [
        intent_of(item, license_type, place, signer, region=issuing.region, issuer=who.body, at=who.at)
        for item, place in zip(drafts, places, strict=True)
    ]
    await store.copy_licenses(connection, (license_row(intent, license_type.name, batch_id, who.at) for intent in intents))
    await store.copy_holders(
        connection,
        (
            (issuing.numbering.holder(holder), intent.draft.serial, intent.draft.version)
            for intent in intents for holder in intent.draft.record.holders
        ),
    )
    return intents


async def _sort_out(connection: Connection, drafts: Sequence[Draft]) -> tuple[list[Draft], int, tuple[Record, ...]]:
    """Which drafts are new, how many are issued already, and which would change an issued license."""
    known = await store.digests_of(connection, [item.serial for item in drafts])
    fresh = [item for item in drafts if item.serial not in known]
    conflicts = tuple(item.record for item in drafts if item.serial in known and item.digest not in known[item.serial])
    return fresh, len(drafts) - len(fresh) - len(conflicts), conflicts


async def issue_one(
    connection: Connection, issuing: Issuing, license_type: LicenseType, cells: Mapping[str, str], *,
    who: Provenance, replaces: str | None = None, legal_basis: str = "",
) -> LicenseIdentifier:
    """Issue one license from named cells, read by the same rules as a row of an export file.

    Args:
        replaces: the identifier of the version this one replaces (延续, 变更); it becomes superseded.

    Raises:
        EtrustError: the cells are not good (`where` has the reason code); ``already_issued``;
            ``not_found`` for a replaced license that is not there or not this body's.
    """
    await require_mandate(connection, who.body, license_type.name, who.at)
    record = read_single(license_type, cells, today=official_date(who.at))
    if replaces is not None:
        return await _issue_next_version(connection, issuing, license_type, record, who, replaces, legal_basis)
    result = await issue_batch(connection, issuing, license_type, [record], who=who, source="single")
    if not result.issued:
        raise EtrustError(
            Kind.CONFLICT, "already_issued", where="number",
            zh="该证照编号已经签发；内容有变更的，请以 replaces 指明被替代的证照。",
            en="This number has been issued; to change its content, name the license it replaces.",
        )
    return result.issued[0]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A next version that is recorded and not yet signed; `finish` signs it after the transaction."""

    identifier: LicenseIdentifier
    batch_id: int
    signer: Signer
    intents: tuple[Intent, ...]


async def prepare_next_version(
    connection: Connection, issuing: Issuing, license_type: LicenseType, record: Record, *, who: Provenance, replaces: str,
    legal_basis: str, source: str = "single",
) -> Prepared:
    """Record the next version of a license and end the one it replaces, in the caller's transaction.

    A crash after the commit leaves an intent that `finish_open_batches` signs.

    Args:
        replaces: the identifier of the version that ends.

    Raises:
        EtrustError: ``no_mandate``; ``not_found``; ``number_changed``; ``not_newest_version``; ``bad_transition``.
    """
    old_identifier = LicenseIdentifier.parse(replaces)
    await require_mandate(connection, who.body, license_type.name, who.at)
    signer = issuing.signer_of(who.body)
    await store.lock_numbers(connection, license_type.name, who.body)
    old = await store.find(connection, old_identifier.serial, old_identifier.version)
    if old is None or old.issuer != who.body or old.license_type != license_type.name:
        raise not_found()
    item = draft(issuing.numbering, license_type.name, who.body, record, await _next_version(connection, old))
    if item.serial != old.serial:
        raise EtrustError(
            Kind.INVALID, "number_changed", where="number",
            zh="新版本的证照编号必须与被替代的证照相同。", en="The next version keeps the number of the one it replaces.",
        )
    batch_id = await store.open_batch(
        connection, license_type=license_type.name, body=who.body, operator=who.operator, source=source, at=who.at
    )
    await store.hold_batch(connection, batch_id)
    intents = await record_intents(connection, issuing, license_type, signer, [item], batch_id, who)
    # The old version ends in the transaction that prepares the new one: they are never both in force.
    await supersede(connection, old, who, legal_basis)
    return Prepared(intents[0].identifier, batch_id, signer, tuple(intents))


async def finish(connection: Connection, issuing: Issuing, prepared: Prepared) -> LicenseIdentifier:
    """Sign what was prepared, on the same connection, after its transaction was committed."""
    await _sign_and_close(connection, prepared.signer, prepared.intents, prepared.batch_id, issuing.clock, _ignore_step)
    return prepared.identifier


async def _issue_next_version(
    connection: Connection, issuing: Issuing, license_type: LicenseType, record: Record, who: Provenance,
    replaces: str, legal_basis: str,
) -> LicenseIdentifier:
    async with connection.transaction():
        prepared = await prepare_next_version(
            connection, issuing, license_type, record, who=who, replaces=replaces, legal_basis=legal_basis
        )
    return await finish(connection, issuing, prepared)


async def _next_version(connection: Connection, old: StoredLicense) -> int:
    known = await store.versions(connection, old.serial)
    if known[-1] != old.version:
        raise EtrustError(
            Kind.CONFLICT, "not_newest_version", where="replaces",
            zh="该证照已有更新的版本，请以最新版本办理。", en="There is a newer version of this license; replace that one.",
        )
    if old.version >= MAX_VERSION:
        raise EtrustError(
            Kind.CONFLICT, "too_many_versions", where="replaces",
            zh="该证照的版本号已用尽（999），请以新的证照编号办理。", en="Version 999 is the last; issue under a new number.",
        )
    return old.version + 1
