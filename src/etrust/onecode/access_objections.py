"""One tap to object: to a look at one's licenses, or to a license. The objection is taken in and told where it goes."""

import secrets
from datetime import datetime

from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses.numbering import Numbering
from etrust.onecode import access_log_store as store
from etrust.onecode.access_log import subjects_of
from etrust.onecode.access_log_model import Objection
from etrust.storage.postgres import Connection

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is mistaken for another on paper


async def object_to_access(
    connection: Connection, subject_key: bytes, number: int, *, person: str, at: datetime
) -> Objection:
    """Object to a look; a second tap gives the same objection.

    Raises:
        EtrustError: NOT_FOUND ``no_such_entry`` for an unknown look and another's.
    """
    found = await store.entry(connection, subject_key, number)
    if found is None:
        raise EtrustError(Kind.NOT_FOUND, "no_such_entry", zh="没有这条用证记录。", en="There is no such entry.")
    return await _take_in(connection, Objection(_number(at), subject_key, person, number, "", found.body, at))


async def object_to_license(
    connection: Connection, numbering: Numbering, subject_key: bytes, identifier: str, *, person: str, at: datetime
) -> Objection:
    """Object to what a license says of oneself; a second tap gives the same objection.

    Raises:
        EtrustError: NOT_FOUND ``no_such_license`` for an unknown one, another's, and what is no identifier.
    """
    unknown = EtrustError(Kind.NOT_FOUND, "no_such_license", zh="您的名下没有这本证照。", en="You have no such license.")
    try:
        wanted = LicenseIdentifier.parse(identifier)
    except EtrustError:
        raise unknown from None
    about = await subjects_of(connection, numbering, wanted)
    if about is None or subject_key not in about[1]:
        raise unknown
    return await _take_in(
        connection, Objection(_number(at), subject_key, person, 0, wanted.text, wanted.issuer_code, at)
    )


async def _take_in(connection: Connection, objection: Objection) -> Objection:
    await store.add_objection(connection, objection)
    kept = await store.objection_to(connection, objection.subject_key, objection.entry, objection.license)
    assert kept is not None  # noqa: S101 - kept a moment ago, or before; this tells the type checker
    return kept


def _number(at: datetime) -> str:
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"YY{official_date(at):%Y%m%d}-{drawn}"
