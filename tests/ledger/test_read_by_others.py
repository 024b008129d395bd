"""The log as two others read it: a reader written from the format texts alone, and the package proofbundle."""

import asyncio

import cbor2
import pytest
from proofbundle.checkpoint import verify_checkpoint, verify_cosignature
from proofbundle.merkle import consistency_proof, inclusion_proof, verify_consistency
from proofbundle.tlogproof import parse_tlog_proof, verify_tlog_proof

from etrust.ledger.notes import with_signatures
from etrust.settings import Settings
from tests.api.calling import running
from tests.ledger import independent_reader as reader
from tests.ledger.independent_reader import Log, read_log
from tests.licenses.issuing import issue_company


async def test_another_implementation_reads_the_log(region: Settings) -> None:
    async with running(region) as api:
        rooms = api.rooms
        key = (await rooms.ledger.key()).text
        license_ = await issue_company(rooms)
        await rooms.ledger.integrate()
        before: Log = await asyncio.to_thread(read_log, f"{api.address}/log", key)
        async with rooms.stores.pool.acquire() as connection:
            await connection.execute("ALTER TABLE status_events DISABLE TRIGGER status_events_append_only")
            await connection.execute(
                "INSERT INTO status_events SELECT 1000 + n, 'S' || n, 1, 1, n, 1, 'revoke', 'r', 'l', 'o', 'b', now(), now()"
                " FROM generate_series(1, 600) n"
            )
            await rooms.ledger.integrate()
        after: Log = await asyncio.to_thread(read_log, f"{api.address}/log", key)
        assert after.size == before.size + 600
        assert after.entries[: before.size] == before.entries
        assert verify_checkpoint(after.note, key)["root"] == after.root
        consistency = await asyncio.to_thread(reader.read_consistency, f"{api.address}/log", before.size, after.size)
        assert reader.grew(before, after, consistency)
        assert not reader.grew(before, after, consistency[::-1])
        assert not reader.grew(before, after, consistency[:-1])

        # What it makes of the entries is what we publish.
        ours = await rooms.ledger.consistency(before.size, after.size)
        assert ours == consistency_proof(after.entries, before.size)
        assert verify_consistency(before.size, after.size, ours, before.root, after.root)
        proof = await rooms.ledger.prove_license(license_.identifier)
        assert proof is not None
        assert list(proof.hashes) == inclusion_proof(after.entries, proof.index)
        assert parse_tlog_proof(proof.text)["index"] == proof.index
        judged = verify_tlog_proof(proof.text, after.entries[proof.index], key, expected_origin=after.origin)
        assert judged["ok"], judged
        assert not verify_tlog_proof(proof.text, after.entries[proof.index] + b"x", key)["ok"]
        shown = reader.open_proof(proof.text, after.entries[proof.index], key)
        assert (shown.index, shown.extra, shown.head.root) == (proof.index, proof.extra, after.root)
        with pytest.raises(AssertionError):
            reader.open_proof(proof.text, after.entries[proof.index] + b"x", key)
        version, kind, _, digest = cbor2.loads(after.entries[proof.index])
        assert (version, kind, len(digest)) == (1, "license", 32)


async def test_another_implementation_accepts_our_cosignature(region: Settings) -> None:
    async with running(region) as api:
        rooms = api.rooms
        await rooms.ledger.integrate()
        note = await rooms.ledger.checkpoint()
        assert note is not None
        line = rooms.witness.line(note)
        signed = with_signatures(note, [line]).data.decode()
        judged = verify_cosignature(signed, (await rooms.witness.key()).text)
        assert judged["ok"], judged
        assert reader.cosigned_at(signed, (await rooms.witness.key()).text) == int.from_bytes(line.signature[:8], "big")
        assert reader.cosigned_at(note.data.decode(), (await rooms.witness.key()).text) is None
        assert not verify_cosignature(signed.replace("\n", "1\n", 2).replace("1\n", "\n", 1), (await rooms.witness.key()).text)["ok"]
