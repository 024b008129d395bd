"""The catalogue of matters as the rest of the house asks for it: `rooms.catalogue`."""

from typing import TYPE_CHECKING

from etrust.access import store as access_store
from etrust.access.model import Body
from etrust.matters import catalogue, catalogue_store
from etrust.matters.model import Matter, Theme

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_PAGE = 500


class CatalogueDesk:
    """Questions about matters, each with a connection of its own."""

    def __init__(self, rooms: "Rooms") -> None:
        self._pool = rooms.stores.pool

    async def matter(self, code: str) -> Matter | None:
        """The version in force; None for an unknown and a withdrawn matter."""
        async with self._pool.acquire() as connection:
            return await catalogue.matter_in_force(connection, code)

    async def matter_version(self, code: str, version: int) -> Matter | None:
        """One version, whatever is in force now."""
        async with self._pool.acquire() as connection:
            return await catalogue_store.version(connection, code, version)

    async def search(
        self, text: str = "", *, theme: str = "", body: str = "", limit: int = 50, after: str = ""
    ) -> list[Matter]:
        """Matters in force that hold every word of the text, by code; see `matters.catalogue.search`."""
        async with self._pool.acquire() as connection:
            return await catalogue.search(connection, text, theme=theme, body=body, limit=limit, after=after)

    async def themes(self) -> tuple[Theme, ...]:
        """Every "thing" (一件事) with its matters in force."""
        async with self._pool.acquire() as connection:
            return await catalogue.themes(connection)

    async def all(self, text: str = "", *, theme: str = "", body: str = "") -> list[Matter]:
        """Every matter in force that a search finds, whatever their number."""
        found: list[Matter] = []
        while page := await self.search(text, theme=theme, body=body, limit=_PAGE, after=found[-1].code if found else ""):
            found += page
            if len(page) < _PAGE:
                break
        return found

    async def counts(self) -> tuple[int, int, int]:
        """How many matters are in force, how many materials they need, and how many of those are spared."""
        async with self._pool.acquire() as connection:
            return await catalogue_store.counts(connection)

    async def bodies(self) -> dict[str, Body]:
        """Every body of the region by its code."""
        async with self._pool.acquire() as connection:
            return {body.code: body for body in await access_store.bodies(connection)}
