"""Migrations: plain numbered SQL files, applied once each, in order, and never changed afterwards.

What has been applied is kept in the table ``schema_migrations`` with the SHA-256 of each file.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncpg

from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection

_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_ENDS_TRANSACTION = re.compile(
    r"(?:^|;)\s*(?:(?:COMMIT|ROLLBACK|START\s+TRANSACTION|BEGIN\s+(?:WORK|TRANSACTION))\b|BEGIN\s*;)",
    re.IGNORECASE | re.MULTILINE,
)
_PATIENCE_SECONDS = 3600.0  # a migration of big tables takes its time, and so does waiting for another process's


class State(StrEnum):
    """Where a step stands in this database."""

    APPLIED = "applied"
    PENDING = "pending"
    CHANGED = "changed"  # applied, but its file says something else now


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered SQL file and its state."""

    number: int
    name: str
    state: State


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    number: int
    name: str
    sql: str
    checksum: bytes


async def plan(connection: Connection, folder: Path) -> list[Step]:
    """All steps in order with their state; changes nothing.

    Raises:
        EtrustError: ``bad_migrations`` when the files are not numbered 1, 2, 3 …; ``database_newer`` when the database
            has steps that this program does not know.
    """
    return _compare(_read_folder(folder), await _applied(connection))


async def apply(connection: Connection, folder: Path, on_step: Callable[[Step], None]) -> None:
    """Apply what is pending, each file in its own transaction; two processes at once apply each file once.

    Args:
        connection: outside a transaction.
        folder: where the files are.
        on_step: told each step that was applied here, after its commit.

    Raises:
        EtrustError: as `plan`; ``migration_changed`` naming the file; ``migration_failed`` with file and cause.
    """
    files = _read_folder(folder)
    _refuse_changed(_compare(files, await _applied(connection)), folder)
    for file in files:
        if await _apply_file(connection, files, file, folder):
            on_step(Step(file.number, file.name, State.APPLIED))


async def require_current(connection: Connection, folder: Path) -> None:
    """Return quietly when the database has exactly the steps of this program.

    Raises:
        EtrustError: ``migrations_pending`` naming the command to run; as `plan`; ``migration_changed``.
    """
    steps = await plan(connection, folder)
    _refuse_changed(steps, folder)
    pending = [step for step in steps if step.state is State.PENDING]
    if pending:
        raise EtrustError(
            Kind.UNAVAILABLE, "migrations_pending", where=f"{pending[0].number:04d}_{pending[0].name}",
            zh=f"数据库结构尚有 {len(pending)} 个升级步骤未执行，请先运行 etrust migrate。",
            en=f"The database still lacks {len(pending)} migration step(s); run etrust migrate first.",
        )


async def _apply_file(connection: Connection, files: Sequence[_File], file: _File, folder: Path) -> bool:
    """Apply one file unless it is applied already; True when it was applied here."""
    async with connection.transaction():
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('etrust.migrations', 0))",
            timeout=_PATIENCE_SECONDS,
        )
        steps = _compare(files, await _applied(connection))  # once more: another process may have been faster
        _refuse_changed(steps, folder)
        if steps[file.number - 1].state is State.APPLIED:
            return False
        await _run(connection, file)
    return True


async def _run(connection: Connection, file: _File) -> None:
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY, name text NOT NULL,"
        " checksum bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    try:
        await connection.execute(file.sql, timeout=_PATIENCE_SECONDS)
    except (asyncpg.SyntaxOrAccessError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError,
            asyncpg.RaiseError, asyncpg.FeatureNotSupportedError, asyncpg.ActiveSQLTransactionError) as error:
        raise EtrustError(
            Kind.CONFLICT, "migration_failed", where=file.path.name,
            zh=f"执行 {file.path.name} 失败，数据库保持该步骤之前的状态：{error}",
            en=f"{file.path.name} failed; the database stays as it was before this step: {error}",
        ) from error  # fmt: skip
    await connection.execute(
        "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
        file.number, file.name, file.checksum,
    )


async def _applied(connection: Connection) -> dict[int, tuple[str, bytes]]:
    # Not to_regclass(): it answers from the session's cache, and so misses what another process has just committed.
    if not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_migrations')"
    ):
        return {}
    rows = await connection.fetch("SELECT number, name, checksum FROM schema_migrations ORDER BY number")
    return {row["number"]: (row["name"], row["checksum"]) for row in rows}


def _compare(files: Sequence[_File], applied: dict[int, tuple[str, bytes]]) -> list[Step]:
    unknown = sorted(set(applied) - {file.number for file in files})
    if unknown:
        name = f"{unknown[0]:04d}_{applied[unknown[0]][0]}"
        raise EtrustError(
            Kind.CONFLICT, "database_newer", where=name,
            zh=f"数据库已执行本程序没有的步骤 {name}：数据库比程序新，请升级 etrust。",
            en=f"The database is newer: it has step {name}, which this program does not know; upgrade etrust.",
        )
    return [Step(file.number, file.name, _state(file, applied.get(file.number))) for file in files]


def _state(file: _File, applied: tuple[str, bytes] | None) -> State:
    if applied is None:
        return State.PENDING
    return State.APPLIED if applied == (file.name, file.checksum) else State.CHANGED


def _refuse_changed(steps: Sequence[Step], folder: Path) -> None:
    for step in steps:
        if step.state is State.CHANGED:
            name = f"{step.number:04d}_{step.name}.sql"
            raise EtrustError(
                Kind.CONFLICT, "migration_changed", where=str(folder / name),
                zh=f"{name} 在执行之后被改动。请恢复原文件，另写新的编号文件。",
                en=f"{name} was changed after it was applied. Restore it and write the change as a new file.",
            )


def _read_folder(folder: Path) -> list[_File]:
    files = [_read_file(path) for path in sorted(folder.glob("*.sql"))]
    for expected, file in enumerate(files, start=1):
        if file.number != expected:
            raise _bad(file.path, f"编号应为 {expected:04d}", f"its number should be {expected:04d}")
    if not files:
        raise _bad(folder, "其中没有升级文件", "it holds no migration files")
    return files


def _read_file(path: Path) -> _File:
    match = _FILE.fullmatch(path.name)
    if match is None:
        raise _bad(path, "文件名应为 0001_name.sql 的形式", "its name should look like 0001_name.sql")
    content = path.read_bytes().replace(b"\r\n", b"\n")  # a checkout may change line ends
    sql = content.decode("utf-8")
    if _ENDS_TRANSACTION.search(sql):
        raise _bad(path, "不得包含 BEGIN、COMMIT 或 ROLLBACK", "it must not begin or end transactions itself")
    return _File(path, int(match[1]), match[2], sql, hashlib.sha256(content).digest())


def _bad(path: Path, zh: str, en: str) -> EtrustError:
    return EtrustError(
        Kind.INVALID, "bad_migrations", where=str(path),
        zh=f"数据库升级文件 {path} 不正确：{zh}。", en=f"Migration {path} is not right: {en}.",
    )
