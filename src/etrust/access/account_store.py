"""SQL of changing accounts: one function, one statement."""

from collections.abc import Sequence
from datetime import datetime

from etrust.storage.postgres import Connection


async def set_roles(connection: Connection, username: str, roles: Sequence[str]) -> None:
    """Give an account other roles; its sessions go on with them."""
    await connection.execute("UPDATE operators SET roles = $2 WHERE username = $1", username, list(roles))


async def disable(connection: Connection, username: str, at: datetime) -> None:
    """Let an account act no more."""
    await connection.execute("UPDATE operators SET disabled_at = $2 WHERE username = $1 AND disabled_at IS NULL", username, at)
