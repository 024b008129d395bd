"""Answers a partner region: which licenses of one type a holder has here, as credentials that it can judge by itself.

The use is demanded as of our own clerks, and recorded where the holder sees it, whether anything was found or not: so a
holder who has nothing, and one who is not known here, are one answer reached by the same work.
"""

from dataclasses import replace
from datetime import datetime

from etrust.licenses.model import Holder, StoredLicense
from etrust.licenses.numbering import Numbering
from etrust.licenses.types import LicenseType, claim_labels
from etrust.onecode import access_log, space_store
from etrust.onecode.access_log_model import AccessEntry
from etrust.onecode.model import Use
from etrust.recognition.messages import MAX_CREDENTIALS
from etrust.storage.postgres import Connection

_MAX_OPERATOR = 64


async def holdings(
    connection: Connection, numbering: Numbering, *, holder_code: str, holder_code_type: str,
    license_type: LicenseType | None, use: Use, partner: str, at: datetime,
) -> list[StoredLicense]:
    """The newest version of each license of the holder of that type, and the look recorded in the holder's log.

    Args:
        license_type: None for one that is not known here: nobody has such a license.
        partner: whose key asks; it is recorded before the operator whom the partner names.
    """
    key = numbering.holder(Holder("", holder_code, holder_code_type))
    found: list[StoredLicense] = []
    async with connection.transaction():
        if license_type is not None:
            held = await space_store.held(
                connection, key, after="", limit=MAX_CREDENTIALS, text="", types=[], only=license_type.name
            )
            found = [stored for stored, _ in held]
        await access_log.record(connection, numbering, _entry(key, found, license_type, use, partner, at))
    return found


def _entry(
    key: bytes, found: list[StoredLicense], license_type: LicenseType | None, use: Use, partner: str, at: datetime
) -> AccessEntry:
    told = [] if license_type is None or not found else [name for _, name, _ in claim_labels(license_type)]
    asking = replace(use, operator=f"{partner}/{use.operator}"[:_MAX_OPERATOR])
    return AccessEntry(
        subject_key=key, at=at, use=asking, licenses=tuple(each.identifier.text for each in found),
        fields=tuple(f"{license_type.name}.{name}" for name in told) if license_type is not None else (),
        outcome="told" if found else "nothing_here",
    )
