"""Witnessing: this region cosigns the logs of its partners, and has its own cosigned by theirs."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from etrust.errors import EtrustError
from etrust.ledger import reading, store, witness_store
from etrust.ledger.integrate import raw_public_key
from etrust.ledger.notes import COSIGNATURE, ED25519, Checkpoint, Note, NoteKey, NoteSignature, cosign
from etrust.ledger.witness import Asking, Outcome, contradicts, judge, signed_by_any
from etrust.ledger.witness_store import WitnessAlarm, Witnessed
from etrust.recognition.model import PartnerFault, PartnerRegion
from etrust.storage.postgres import Connection
from etrust.trust.model import Purpose
from etrust.wiring.home import WITNESS_KEY

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_ASK_SECONDS = 2.0
_SKEW_SECONDS = 600
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """What a witness answers.

    Attributes:
        size: of the checkpoint cosigned last; what a log goes on from.
    """

    outcome: Outcome
    size: int = 0
    signature: NoteSignature | None = None


class WitnessDesk:
    """`rooms.witness`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    @property
    def name(self) -> str:
        """The name under which this region cosigns."""
        parts = urlsplit(self._rooms.settings.public_url)
        return f"{parts.netloc}{parts.path.rstrip('/')}/witness/{self._rooms.settings.region}"

    async def key(self) -> NoteKey:
        """The public key that its cosignatures are judged by."""
        return NoteKey(self.name, COSIGNATURE, raw_public_key(self._rooms.cabinet.current(WITNESS_KEY).certificate))

    async def cosign(self, body: bytes) -> Cosigned:
        """Answer a log that wants a checkpoint cosigned (tlog-witness, add-checkpoint).

        Raises:
            EtrustError: MALFORMED ``bad_note``.
        """
        asking = Asking.parse(body)
        async with self._rooms.stores.pool.acquire() as connection:
            known = (await witness_store.origins(connection)).get(asking.checkpoint.origin)
        region, outcome = await self._region_of(asking, known)
        if region is None:
            return Cosigned(outcome)
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            return await self._judged(connection, asking, region)

    async def _region_of(self, asking: Asking, known: str | None) -> tuple[str | None, Outcome]:
        """Whose log it is: the key that signed the checkpoint stands in that region's trust list."""
        regions = [each.region for each in await self._rooms.partners.regions_in_force() if known in (None, each.region)]
        for region in regions:
            if signed_by_any(asking, await self._publics(region, Purpose.LOG), ED25519):
                return region, Outcome.GOOD
        return None, Outcome.UNKNOWN_LOG if known is None else Outcome.BAD_SIGNATURE

    async def _publics(self, region: str, purpose: Purpose) -> list[bytes]:
        """Public keys of a partner region for a purpose; none while its trust list cannot be had."""
        try:
            trust = await self._rooms.partners.trust_of(region)
        except (EtrustError, PartnerFault):
            return []
        at = self._rooms.clock()
        return [
            raw_public_key(entry.certificate) for entry in trust.trust_list.keys
            if entry.purpose is purpose and entry.valid_from <= at < entry.valid_until and entry.compromised_since is None
        ]  # fmt: skip

    async def _judged(self, connection: Connection, asking: Asking, region: str) -> Cosigned:
        new, at = asking.checkpoint, self._rooms.clock()
        await witness_store.lock_origin(connection, new.origin)
        if not await witness_store.take_origin(connection, new.origin, region):
            return Cosigned(Outcome.UNKNOWN_LOG)
        seen = await witness_store.last(connection, new.origin)
        outcome = judge(asking, None if seen is None else _checkpoint(seen))
        shown = Witnessed(new.origin, new.size, new.root, region, asking.note.data, at)
        if outcome is not Outcome.GOOD:
            await self._suspect(connection, outcome, seen, shown)
            return Cosigned(outcome, 0 if seen is None else seen.size)
        await witness_store.keep(connection, shown)
        return Cosigned(Outcome.GOOD, new.size, self.line(asking.note))

    async def _suspect(self, connection: Connection, outcome: Outcome, seen: Witnessed | None, shown: Witnessed) -> None:
        """Keep what proves that the log shows two histories, whatever it was refused for; and what may be a sign of it."""
        kept = await witness_store.of_size(connection, shown.origin, shown.size)
        if kept is not None and contradicts(_checkpoint(shown), _checkpoint(kept)):
            reason, known = Outcome.SPLIT_VIEW, kept
        elif seen is not None and outcome is Outcome.BAD_PROOF:
            reason, known = Outcome.BAD_PROOF, seen
        else:
            return
        _log.error("the log of region %s does not fit what it showed before: %s", shown.region, reason)
        await witness_store.raise_alarm(connection, seen=known, shown=shown, reason=reason)

    def line(self, note: Note) -> NoteSignature:
        """The cosignature on a note that was judged good."""
        signer, seconds = self._rooms.cabinet.current(WITNESS_KEY), int(self._rooms.clock().timestamp())
        return cosign(note, self.name, signer, raw_public_key(signer.certificate), seconds=seconds)

    async def alarms(self) -> list[WitnessAlarm]:
        """Logs that were caught, or are suspected."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await witness_store.alarms(connection)

    async def witnessed(self) -> list[Witnessed]:
        """The logs that this region witnesses, each as it was cosigned last."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await witness_store.newest(connection)

    async def standing(self) -> list[store.Standing]:
        """Who cosigned the own log, and how far."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.witnesses(connection)

    async def cosigners(self, size: int) -> list[store.Standing]:
        """Who cosigned the own checkpoint of a size."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.cosigners(connection, size)

    async def counts(self) -> dict[str, int]:
        """Open alarms by reason."""
        async with self._rooms.stores.pool.acquire() as connection:
            found = await witness_store.alarm_counts(connection)
        return {reason: found.get(reason, 0) for reason in (Outcome.SPLIT_VIEW, Outcome.BAD_PROOF)}

    async def keep(self) -> None:
        """Have new checkpoints of the own log cosigned by the partners, until cancelled."""
        while True:
            with contextlib.suppress(EtrustError):
                await self.ask_all()
            await asyncio.sleep(_ASK_SECONDS)

    async def ask_all(self) -> int:
        """Ask every partner in force to cosign the newest checkpoint; returns how many did."""
        async with self._rooms.stores.pool.acquire() as connection:
            newest = await store.newest_checkpoint(connection)
        if newest is None:
            return 0
        regions = await self._rooms.partners.regions_in_force()
        done = await asyncio.gather(*(self._ask(each, newest) for each in regions))
        return sum(done)

    async def _ask(self, partner: PartnerRegion, newest: store.CheckpointRow) -> bool:
        witness = f"region:{partner.region}"
        async with self._rooms.stores.pool.acquire() as connection:
            known = await store.newest_cosigned(connection, witness)
        if known == newest.size:
            return True
        try:
            line = await self._cosigned_by(partner, newest, known)
        except (PartnerFault, EtrustError) as error:
            _log.info("region %s did not cosign: %s", partner.region, error)
            return False
        async with self._rooms.stores.pool.acquire() as connection:
            await store.add_cosignature(
                connection, size=newest.size, witness=witness, line=line, at=self._rooms.clock()
            )
        return True

    async def _cosigned_by(self, partner: PartnerRegion, newest: store.CheckpointRow, known: int) -> str:
        """The signature line of a partner, asked again once when it goes on from another size."""
        for _ in range(2):
            async with self._rooms.stores.pool.acquire() as connection:
                proof = await reading.consistency(connection, known, newest.size)
            note = Note.parse(newest.note)
            asking = Asking(known, tuple(proof), note, Checkpoint.parse(note.text))
            status, answer = await self._rooms.partners.add_checkpoint(partner, asking.body)
            if status == 200:  # noqa: PLR2004 - HTTP
                return await self._judged_line(partner, note, answer)
            if status != 409 or not answer.strip().isdigit() or int(answer) > newest.size:  # noqa: PLR2004 - HTTP
                break
            known = int(answer)
        raise PartnerFault.refused("not_cosigned")

    async def _judged_line(self, partner: PartnerRegion, note: Note, answer: bytes) -> str:
        """The line of an answer that the partner's witness key made, over this very checkpoint and not in the future."""
        signed = Note.parse(note.data + answer)
        latest = self._rooms.clock().timestamp() + _SKEW_SECONDS
        for public in await self._publics(partner.region, Purpose.WITNESS):
            for each in signed.signatures[len(note.signatures) :]:
                seconds = Note(note.text, (each,)).cosigned_by(NoteKey(each.name, COSIGNATURE, public))
                if seconds is not None and seconds <= latest:
                    return each.line
        raise PartnerFault.refused("bad_cosignature")


def _checkpoint(seen: Witnessed) -> Checkpoint:
    return Checkpoint(seen.origin, seen.size, seen.root)
