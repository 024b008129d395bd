"""SQL of timestamp serial numbers: one function, one statement."""

from datetime import datetime

from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection

MAX_BLOCK = 1 << 20
_BLOCK_BITS = 40


async def reserve_serials(connection: Connection, count: int, *, at: datetime) -> range:
    """Reserve serial numbers that no timestamp ever had or will have, in one statement.

    Block numbers come from a sequence, which an undone transaction does not turn back. The second of the reservation
    stands before the block, so that not even a database restored from an old copy gives a number twice.

    Args:
        count: 1 to 1,048,576.

    Raises:
        EtrustError: ``too_many_serials``.
    """
    if not 1 <= count <= MAX_BLOCK:
        raise EtrustError(
            Kind.INVALID, "too_many_serials", where=str(count),
            zh=f"一次可预留 1 至 {MAX_BLOCK} 个时间戳序列号。", en=f"Reserve 1 to {MAX_BLOCK} serial numbers at a time.",
        )
    block: int = await connection.fetchval(
        "INSERT INTO timestamp_blocks (size, reserved_at) VALUES ($1, $2) RETURNING block", count, at
    )
    first = (int(at.timestamp()) << _BLOCK_BITS | block) * MAX_BLOCK
    return range(first, first + count)


async def last_reserved(connection: Connection) -> datetime | None:
    """When serial numbers were last reserved: no timestamp was given at a later time of this clock's."""
    found: datetime | None = await connection.fetchval("SELECT max(reserved_at) FROM timestamp_blocks")
    return found
