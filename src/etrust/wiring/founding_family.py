"""The sample family's licenses, each issued by the body that has the mandate; for demonstrations and tests."""

from collections import defaultdict

from etrust.access.mandates import only_mandated_body
from etrust.clock import official_date
from etrust.ids import LicenseIdentifier
from etrust.licenses.intake.single import read_single
from etrust.licenses.intents import draft
from etrust.licenses.issue import issue_drafts
from etrust.licenses.model import Provenance
from etrust.licenses.samples.family import family_records
from etrust.wiring.rooms import Rooms


async def issue_family(rooms: Rooms) -> dict[str, list[LicenseIdentifier]]:
    """Issue every license of the family that is not issued yet.

    Returns:
        By name of the license type, the identifiers in the order of `family_records`.
    """
    at = rooms.clock()
    today = official_date(at)
    by_type = defaultdict(list)
    for name, cells in family_records(today):
        by_type[name].append(read_single(rooms.types[name], cells, today=today))
    issued: dict[str, list[LicenseIdentifier]] = {}
    async with rooms.stores.pool.acquire() as connection:
        for name, records in by_type.items():
            body, found = await only_mandated_body(connection, name, at), rooms.types[name]
            drafts = [draft(rooms.issuing.numbering, name, body, record) for record in records]
            who = Provenance("admin", body, at)
            await issue_drafts(connection, rooms.issuing, found, drafts, who=who, source="family")
            issued[name] = [LicenseIdentifier.make(found.code, body, each.serial, each.version) for each in drafts]
    await rooms.announce()
    return issued
