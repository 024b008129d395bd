"""The first matters of a region: the sample themes ("一件事") whose bodies it has. What is in the catalogue already stays."""

from collections.abc import Mapping
from datetime import datetime

from etrust.access import store as access_store
from etrust.licenses.types import LicenseType
from etrust.matters import catalogue_store
from etrust.matters.catalogue import FOUNDING, publish
from etrust.matters.loading import load_themes
from etrust.storage.postgres import Connection

_REASON = "建立区域时载入的示例事项"


async def found_matters(connection: Connection, types: Mapping[str, LicenseType], *, at: datetime) -> int:
    """Publish the sample matters of the region's bodies that its catalogue has no version of, and keep their themes.

    Returns:
        How many matters were published now.
    """
    bodies = {body.code for body in await access_store.bodies(connection)}
    published = 0
    async with connection.transaction():
        for file in load_themes(types):
            await catalogue_store.put_theme(connection, file.theme, file.place)
            for matter in file.matters:
                await catalogue_store.lock_matter(connection, matter.code)
                if matter.body not in bodies or await catalogue_store.current(connection, matter.code) is not None:
                    continue
                await publish(
                    connection, matter, types=types, operator=FOUNDING, approver=FOUNDING, reason=_REASON, at=at
                )
                published += 1
    return published
