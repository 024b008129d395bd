"""Gives status indices that look random and never collide (Token Status List, section on herd privacy)."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from etrust.status import store
from etrust.status.permutation import IndexPermutation
from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class StatusIndex:
    """Where the status of one license stands."""

    list_no: int
    uri: str
    index: int


async def allocate(connection: Connection, count: int, *, uri_prefix: str, at: datetime) -> list[StatusIndex]:
    """Take `count` indices within the caller's transaction; a new list begins when one is full."""
    given: list[StatusIndex] = []
    while len(given) < count:
        current = await store.open_list(connection)
        if current is None:
            await store.add_list(connection, uri_prefix=uri_prefix, permutation_key=secrets.token_bytes(32), at=at)
            continue
        list_no, uri, key, used = current
        size = min(count - len(given), store.LIST_CAPACITY - used)
        await store.take(connection, list_no, size)
        given += [StatusIndex(list_no, uri, index) for index in IndexPermutation(key).batch(used, size)]
    return given
