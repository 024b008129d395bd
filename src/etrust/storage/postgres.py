"""The pool of PostgreSQL connections. "The database can't be had now" is always one and the same `EtrustError`."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from etrust.errors import EtrustError, Kind

Connection = asyncpg.Connection | PoolConnectionProxy
"""What a `store.py` works with: execute, fetch, fetchrow, fetchval, transaction, copy_records_to_table.

jsonb columns are read as Python objects and written as JSON text, which the caller has serialized.
"""

_JSONB_VERSION = b"\x01"
_OUT_OF_REACH = (
    ConnectionError,
    TimeoutError,  # the client's own limit on one statement, and a pool with no free connection
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, statement canceled
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.ReadOnlySQLTransactionError,  # a standby answers: the primary is being moved
)
_UNSTORABLE = (
    asyncpg.CharacterNotInRepertoireError,  # a NUL in a text
    asyncpg.UntranslatableCharacterError,  # the same inside jsonb
    asyncpg.DatetimeFieldOverflowError,
)
_UNCONNECTED = (
    *_OUT_OF_REACH,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)
_RESET_SECONDS = 1.0


class Pool:
    """Connections to one database; it recovers by itself when the database comes back."""

    def __init__(self, pool: asyncpg.Pool, timeout: float) -> None:
        self._pool = pool
        self._timeout = timeout

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """Borrow a connection.

        What the session holds beyond transactions (session advisory locks, LISTEN, SET) must be given back inside
        the block. A block left by an error or a cancellation is cleaned up after, so it cannot leave a lock behind;
        a block that ends well is not, which saves a round trip on every check.

        Raises:
            EtrustError: ``store_unavailable`` when there is no connection to be had in time, when it is lost, or
                when a statement takes longer than the store's timeout.
        """
        try:
            connection = await self._pool.acquire(timeout=self._timeout)
        except asyncpg.ClientConfigurationError:  # the address itself is wrong
            raise
        except _UNCONNECTED as error:
            raise unavailable(error) from error
        try:
            with _translated(connection):
                yield connection
        except BaseException:
            await self._clean(connection)
            raise
        finally:
            await self._give_back(connection)

    async def _clean(self, connection: PoolConnectionProxy) -> None:
        if _is_gone(connection):
            return
        try:
            await connection.reset(timeout=_RESET_SECONDS)
        except (*_UNCONNECTED, asyncpg.PostgresError):
            # The server drops the session and its locks with it.
            with contextlib.suppress(asyncpg.InterfaceError):  # asyncpg has ended it already
                connection.terminate()

    async def _give_back(self, connection: PoolConnectionProxy) -> None:
        with contextlib.suppress(*_UNCONNECTED, asyncpg.PostgresError):  # asyncpg has ended that connection
            await self._pool.release(connection, timeout=_RESET_SECONDS)

    async def close(self) -> None:
        """Close every connection; those still lent are cut off after the store's timeout."""
        try:
            await asyncio.wait_for(self._pool.close(), self._timeout)
        except (*_UNCONNECTED, asyncpg.PostgresError):
            self._pool.terminate()


async def open_pool(dsn: str, *, size: int, timeout: float) -> Pool:  # noqa: ASYNC109 - kept by the pool
    """Open a pool and its first connection.

    Args:
        dsn: ``postgresql://user@host/database``.
        size: most connections at once.
        timeout: seconds for connecting, for waiting until a connection is free, and for one statement.

    Raises:
        EtrustError: ``store_unavailable``, or ``bad_setting`` when the DSN cannot be read.
    """
    try:
        opened = Pool(await _make_pool(dsn, size, timeout), timeout)
        async with opened.acquire():
            return opened
    except (asyncpg.ClientConfigurationError, ValueError) as error:
        raise EtrustError(
            Kind.INVALID, "bad_setting", where="database_url",
            zh=f"数据库地址 database_url 无法识别：{error}。",
            en=f"Setting database_url cannot be read: {error}.",
        ) from error


async def _make_pool(dsn: str, size: int, limit: float) -> asyncpg.Pool:
    # None is kept open for its own sake (min_size=0): asyncpg would log tracebacks while the database is away.
    return await asyncpg.create_pool(
        dsn, min_size=0, max_size=size, timeout=limit, command_timeout=limit, init=_prepare, reset=_keep_session,
        server_settings={"application_name": "etrust"},
    )


def unavailable(error: BaseException) -> EtrustError:
    """The one answer to "the database can't be had now", with the cause in the driver's words."""
    told = str(error) or type(error).__name__
    return EtrustError(
        Kind.UNAVAILABLE, "store_unavailable",
        zh=f"暂时无法访问数据库（{told}）。请稍后再试；"
           "持续出现时请检查 PostgreSQL 是否运行以及 database_url 配置。",
        en=f"The database is out of reach ({told}). Try again; if it stays so, check that PostgreSQL runs"
           " and the setting database_url.",
    )  # fmt: skip


@contextmanager
def _translated(connection: PoolConnectionProxy) -> Iterator[None]:
    try:
        yield
    except _UNSTORABLE as error:
        raise EtrustError(
            Kind.INVALID, "bad_value", zh="内容含有不允许的字符或超出范围的值，请更正后重试。",
            en="Something holds a character or a value that cannot be stored; correct it and try again.",
        ) from error
    except _OUT_OF_REACH as error:
        raise unavailable(error) from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # On a living connection these two are mistakes of the program, which must not be hidden.
        if not _is_gone(connection):
            raise
        raise unavailable(error) from error


def _is_gone(connection: PoolConnectionProxy) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # asyncpg has taken it back, because it found it dead
        return True


async def _prepare(connection: "asyncpg.Connection[Any]") -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary",  # binary, because COPY knows nothing else
        encoder=lambda text: _JSONB_VERSION + text.encode(), decoder=lambda raw: json.loads(raw[1:]),
    )  # fmt: skip


async def _keep_session(_: "asyncpg.Connection[Any]") -> None:
    """Instead of asyncpg's reset after every use; see `Pool.acquire`."""
