"""Issuing from an export file, beside the bare signature over the same bytes plus a COPY of the same row."""

import json
from itertools import count
from pathlib import Path

from benchmarks.pairs import Result, Work, pairs, with_server
from benchmarks.region import BODY, Export, import_export, region
from etrust.licenses.store import LICENSE_COLUMNS
from etrust.signing.cose import to_be_signed

TARGET = 2.5
_TABLES = """
CREATE TABLE bare_plain (LIKE licenses INCLUDING ALL);
CREATE TABLE bare_partitioned (LIKE licenses INCLUDING ALL) PARTITION BY HASH (serial);
CREATE INDEX ON bare_partitioned (batch_id);
""" + "".join(
    f"CREATE TABLE bare_{part} PARTITION OF bare_partitioned FOR VALUES WITH (MODULUS 8, REMAINDER {part});" for part in range(8)
)


async def run(*, rows: int = 4000, rounds: int = 9) -> list[Result]:
    """Everything from the file to the issued license counts: reading, judging, numbering, signing, storing.

    The row is copied into a plain table with the columns and the primary key of `licenses`, which is the harder
    comparison, and into one with its partitions and its second index as well.
    """
    async with region() as rooms, rooms.stores.pool.acquire() as connection:
        export = Export.make(rooms, rows)
        numbers = count(1)
        path = Path(rooms.home.path, "export.csv")
        good = rows - sum(export.rejects.values())

        async def prepare() -> None:
            export.write(path, next(numbers))

        async def ours() -> int:
            report = await import_export(rooms, connection, path)
            if (report.rows, report.issued, report.rejected) != (rows, good, export.rejects):
                raise AssertionError(f"{report} instead of {good} issued and {export.rejects} refused")
            return good

        await prepare()
        await ours()
        await connection.execute(_TABLES)
        found = await connection.fetch(f"SELECT {', '.join(LICENSE_COLUMNS)} FROM licenses")  # noqa: S608 - a constant of the program
        stored = [_as_written(tuple(row)) for row in found]
        to_sign = [to_be_signed(row["protected"], row["payload"]) for row in found]
        signer = rooms.cabinet.of_body(BODY)

        def bare_into(table: str) -> Work:
            async def bare() -> int:
                for tbs in to_sign:
                    signer.sign(tbs)
                await connection.copy_records_to_table(table, records=stored, columns=LICENSE_COLUMNS)
                return len(stored)

            return bare

        async def prepare_both() -> None:
            await connection.execute("TRUNCATE bare_plain, bare_partitioned")
            await prepare()

        return [
            await pairs(
                "issue a license from a row of a CSV file", f"an ES256 signature and a COPY of its row into {words}",
                bare_into(table), ours, rounds=rounds, target=TARGET, before=prepare_both,
                cpu=with_server(connection.get_server_pid()),
            )
            for table, words in (("bare_plain", "a plain table"), ("bare_partitioned", "a table like its own"))
        ]  # fmt: skip


def _as_written(row: tuple[object, ...]) -> tuple[object, ...]:
    """Jsonb columns as the text they are written from."""
    return tuple(json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value for value in row)
