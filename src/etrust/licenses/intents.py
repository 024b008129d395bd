"""From a good record to the row and the to-be-signed bytes of its license. Pure: same record, same bytes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic_core import to_json

from etrust.clock import day_end, day_start
from etrust.credentials.credential import to_be_signed
from etrust.credentials.model import Claims
from etrust.ids import LicenseIdentifier
from etrust.licenses.model import Record
from etrust.licenses.numbering import Numbering
from etrust.licenses.types import LicenseType, minimal_claims
from etrust.signing.model import Signer
from etrust.status.allocate import StatusIndex


@dataclass(frozen=True, slots=True)
class Draft:
    """A record with its number and the JSON it is stored as; `digest` tells one content from another."""

    record: Record
    serial: str
    version: int
    holders: str
    fields: str
    extension: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Intent:
    """A license about to be signed."""

    draft: Draft
    identifier: LicenseIdentifier
    place: StatusIndex
    kid: bytes
    protected: bytes
    payload: bytes
    tbs: bytes


def draft(numbering: Numbering, license_type: str, issuer: str, record: Record, version: int = 1) -> Draft:
    """Number a record and digest its content."""
    holders = _json([[holder.name, holder.code, holder.code_type] for holder in record.holders])
    fields, extension = _json(dict(sorted(record.fields.items()))), _json(dict(sorted(record.extension.items())))
    content = "\0".join((
        holders, fields, extension, str(record.issued_on), str(record.valid_from), str(record.valid_until),
        record.issuing_authority, record.number,
    ))  # fmt: skip
    digest = hashlib.sha256(content.encode()).digest()
    return Draft(
        record, numbering.serial(license_type, issuer, record.number), version, holders, fields, extension, digest
    )


# Days repeat: a file of licenses has few of them.
_day_start, _day_end = lru_cache(maxsize=65_536)(day_start), lru_cache(maxsize=65_536)(day_end)


def _json(value: object) -> str:
    # pydantic's serializer: faster than the standard library's encoder, which builds itself anew for every call.
    return to_json(value).decode()


def intent_of(
    item: Draft, license_type: LicenseType, place: StatusIndex, signer: Signer, *, region: str, issuer: str, at: datetime
) -> Intent:
    """The credential of a draft up to, not including, its signature."""
    record = item.record
    identifier = LicenseIdentifier.make(license_type.code, issuer, item.serial, item.version)
    claims = Claims(
        region=region, identifier=identifier, issued_at=at, not_before=_day_start(record.valid_from),
        expires=None if record.valid_until is None else _day_end(record.valid_until),
        status_uri=place.uri, status_index=place.index, fields=minimal_claims(license_type, record),
    )
    protected, payload, tbs = to_be_signed(claims, signer.kid, signer.algorithm)
    return Intent(item, identifier, place, signer.kid, protected, payload, tbs)


def license_row(intent: Intent, license_type: str, batch_id: int, at: datetime) -> tuple[object, ...]:
    """The row of table `licenses`, columns in the order of `store.copy_licenses`."""
    item, record, identifier = intent.draft, intent.draft.record, intent.identifier
    return (
        item.serial, item.version, license_type, identifier.type_code, identifier.issuer_code, record.number, item.digest,
        record.issued_on, record.valid_from, record.valid_until, record.issuing_authority, item.holders, item.fields,
        item.extension, intent.place.list_no, intent.place.index, batch_id, at, intent.kid, intent.protected,
        intent.payload,
    )  # fmt: skip
