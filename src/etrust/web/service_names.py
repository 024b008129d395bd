"""Names of matters and bodies in the visitor's language, for pages that have their codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from etrust.access import store as access_store
from etrust.matters.model import Words
from etrust.web.languages import said
from etrust.web.preferences import preferences_of
from etrust.wiring import ROOMS


@dataclass(frozen=True, slots=True)
class Names:
    """Codes in words; a code that is not known stands for itself."""

    matters: Mapping[str, str]
    bodies: Mapping[str, str]

    def matter(self, code: str) -> str:
        """The name of a matter."""
        return self.matters.get(code, code)

    def body(self, code: str) -> str:
        """The name of a body."""
        return self.bodies.get(code, code)


async def names_of(request: web.Request, matters: Iterable[str], bodies: Iterable[str]) -> Names:
    """The names of these matters and bodies."""
    rooms, language = request.app[ROOMS], preferences_of(request).language.code
    found = {code: await rooms.catalogue.matter(code) for code in set(matters)} if hasattr(rooms, "catalogue") else {}
    async with rooms.stores.pool.acquire() as connection:
        known = {body.code: body for body in await access_store.bodies(connection)}
    return Names(
        {code: said(matter.name, language) for code, matter in found.items() if matter is not None},
        {
            code: said(Words(known[code].name_zh, known[code].name_ug, known[code].name_en), language)
            for code in set(bodies) & known.keys()
        },
    )

