"""Issuing from an export file, beside the bare signature over the same bytes plus a COPY of the same row."""

import json
from itertools import count
from pathlib import Path

from benchmarks.pairs import Result, pairs
from benchmarks.region import BODY, import_export, region, write_export
from etrust.licenses.store import LICENSE_COLUMNS
from etrust.signing.cose import to_be_signed

TARGET = 2.5


async def run(*, rows: int = 4000, rounds: int = 9) -> list[Result]:
    """Everything from the file to the issued license counts: reading, judging, numbering, signing, storing."""
    async with region() as rooms:
        numbers = count(1, rows)
        signer = rooms.cabinet.of_body(BODY)
        path = Path(rooms.home.path, "export.csv")

        async def prepare() -> None:
            write_export(path, next(numbers), rows)

        async def ours() -> int:
            report = await import_export(rooms, path)
            if (report.issued, report.rows) != (rows, rows):
                raise AssertionError(f"{report.issued} issued of {report.rows}")
            return rows

        await prepare()
        await ours()
        async with rooms.stores.pool.acquire() as connection:
            await connection.execute("CREATE TABLE bare_licenses (LIKE licenses INCLUDING ALL)")
            columns = ", ".join(LICENSE_COLUMNS)
            found = await connection.fetch(f"SELECT {columns} FROM licenses")  # noqa: S608 - a constant of the program
            stored = [_as_written(tuple(row)) for row in found]
            to_sign = [to_be_signed(row["protected"], row["payload"]) for row in found]

            async def bare() -> int:
                await connection.execute("TRUNCATE bare_licenses")
                for tbs in to_sign:
                    signer.sign(tbs)
                await connection.copy_records_to_table("bare_licenses", records=stored, columns=LICENSE_COLUMNS)
                return rows

            result = await pairs(
                "issue a license from a CSV row", "ES256 signature + COPY of its row", bare, ours, rounds=rounds, target=TARGET,
                before=prepare,
            )
    return [result]


def _as_written(row: tuple[object, ...]) -> tuple[object, ...]:
    """Jsonb columns as the text they are written from."""
    return tuple(json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value for value in row)
