"""Who relied on a license (采信方): every body and region that was told something of it in the set period.

From the receipts of cases, the log of looks (questions of other regions included) and the downloads of documents.
"""

from datetime import datetime, timedelta

from etrust.licenses.model import StoredLicense
from etrust.licenses.numbering import Numbering
from etrust.notices.model import Recipient, RecipientKind
from etrust.objections import store
from etrust.onecode.access_log import subjects_of
from etrust.storage.postgres import Connection

PERIOD = timedelta(days=2 * 365)
"""How far back whoever relied on a license is told."""
_REGION = "region:"


async def who_relied(
    connection: Connection, numbering: Numbering, license_: StoredLicense, since: datetime
) -> list[Recipient]:
    """The bodies and regions that relied on a version of a license since a moment, each once.

    A region's operators are recorded as ``region:620000/OPERATOR``, so the region is told, and not a body that is not here.
    """
    identifier = license_.identifier.text
    about = await subjects_of(connection, numbering, license_.identifier)
    keys = [] if about is None else sorted(about[1])
    found: set[Recipient] = set()
    for body, operator in await store.relied(connection, identifier, keys, since):
        found.add(_recipient(body, operator))
    for body in await store.checked_for(connection, identifier, since):
        found.add(Recipient(RecipientKind.BODY, body))
    for region in await store.downloaded(connection, license_.serial, license_.version, since):
        found.add(Recipient(RecipientKind.REGION, region))
    found.discard(Recipient(RecipientKind.BODY, ""))
    return sorted(found, key=lambda each: each.text)


def _recipient(body: str, operator: str) -> Recipient:
    if operator.startswith(_REGION):
        return Recipient(RecipientKind.REGION, operator.removeprefix(_REGION).partition("/")[0])
    return Recipient(RecipientKind.BODY, body)
