"""Integration of the log, beside a SHA-256 of each entry and a COPY of it into a plain table."""

import hashlib
from itertools import count
from pathlib import Path

from benchmarks.pairs import Result, pairs, with_server
from benchmarks.region import Export, import_export, region
from etrust.ledger import store


async def run(*, rows: int = 2000, rounds: int = 5) -> list[Result]:
    """Entries wait as they do after bulk issuing; ours reads, digests, grows the tree and signs a checkpoint."""
    async with region() as rooms, rooms.stores.pool.acquire() as connection:
        export, numbers = Export.make(rooms, rows), count(1)
        path = Path(rooms.home.path, "export.csv")
        good = rows - sum(export.rejects.values())
        await connection.execute("CREATE TABLE bare_entries (place bigint PRIMARY KEY, entry bytea)")

        async def prepare() -> None:
            export.write(path, next(numbers))
            await import_export(rooms, connection, path)
            await connection.execute("TRUNCATE bare_entries")

        async def ours() -> int:
            done = await rooms.ledger.integrate()
            newest = await store.newest_checkpoint(connection)
            if done < good or newest is None or newest.size < good:
                raise AssertionError(f"{done} entries integrated, of at least {good}")
            return done

        async def bare() -> int:
            entries = [hashlib.sha256(place.to_bytes(8, "big")).digest() * 2 for place in range(good)]
            records = [(place, entry[: len(hashlib.sha256(entry).digest())]) for place, entry in enumerate(entries)]
            await connection.copy_records_to_table("bare_entries", records=records, columns=("place", "entry"))
            return good

        result = await pairs(
            "integrate an entry into the log, checkpoint included", "a SHA-256 and a COPY into a plain table", bare, ours,
            rounds=rounds, before=prepare, cpu=with_server(connection.get_server_pid()),
        )  # fmt: skip
        size = await connection.fetchval("SELECT count(*) FROM ledger_entries")
        tiles = await connection.fetchval("SELECT count(*) FROM ledger_tiles")
        result.note = f"{size} entries, {tiles} tiles; a thousand a second is 1,000 µs"
        return [result]
