"""Who looked (用证记录): every look at a license, for every subject whose data was used. Names of fields only, never values.

A marriage certificate has two holders, and a birth certificate names a father: a check of one spouse is seen by the other
too, marked as "named on it", without the case number, which is the applicant's own affair.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses.model import Holder
from etrust.licenses.numbering import Numbering
from etrust.onecode import access_log_store as store
from etrust.onecode.access_log_model import AccessEntry, LogPage
from etrust.storage.postgres import Connection

MAX_LICENSES = 200
MAX_FIELDS = 500
MAX_OUTCOME = 40
PAGE = 30

_FATHER = {"birth_certificate": ("father_code", "111")}
"""Fields that name a further subject, and the type of its code."""


async def record(connection: Connection, numbering: Numbering, entry: AccessEntry) -> int:
    """Keep a look for everybody whose data it concerns; call it in the transaction that tells the data.

    Returns:
        For how many subjects it was kept.

    Raises:
        EtrustError: INVALID ``bad_access_entry``: too much of it, or a field that is no name.
    """
    _require_names(entry)
    named = await _named_on(connection, numbering, entry.licenses)
    rows = [(entry, False)]
    for key, licenses in named.items():
        if key != entry.subject_key:
            # Their own licenses only, and not whose case it was.
            told = _fields_of(entry.fields, {type_ for type_, _ in licenses})
            rows.append((replace(
                entry, subject_key=key, licenses=tuple(text for _, text in licenses), fields=told,
                use=replace(entry.use, case_number="", reason=""),
            ), True))  # fmt: skip
    await store.add_entries(connection, rows)
    return len(rows)


def _require_names(entry: AccessEntry) -> None:
    plain = all(name.isascii() and name.replace(".", "").replace("_", "").isalnum() and len(name) <= MAX_OUTCOME * 2
                for name in entry.fields)  # fmt: skip
    if not plain or len(entry.fields) > MAX_FIELDS or len(entry.licenses) > MAX_LICENSES or len(entry.outcome) > MAX_OUTCOME:
        raise EtrustError(
            Kind.INVALID, "bad_access_entry", where="fields",
            zh="用证记录只记字段名称，且不能过多。", en="The access log takes names of fields only, and not too many.",
        )


async def _named_on(
    connection: Connection, numbering: Numbering, licenses: Iterable[str]
) -> Mapping[bytes, list[tuple[str, str]]]:
    """Everybody that licenses are about, by key, and which: type and identifier."""
    found: dict[bytes, list[tuple[str, str]]] = {}
    for text in dict.fromkeys(licenses):
        about = await subjects_of(connection, numbering, LicenseIdentifier.parse(text))
        if about is not None:  # else another region's
            for key in about[1]:
                found.setdefault(key, []).append((about[0], text))
    return found


async def subjects_of(
    connection: Connection, numbering: Numbering, identifier: LicenseIdentifier
) -> tuple[str, frozenset[bytes]] | None:
    """The type of a license of this region and the keys of everybody it is about: its holders, and the father it names."""
    about = await store.people_of(connection, identifier.serial, identifier.version)
    if about is None:
        return None
    license_type, holders, fields = about
    people = [Holder(name, code, code_type) for name, code, code_type in holders]
    field, code_type = _FATHER.get(license_type, ("", ""))
    if fields.get(field):
        people.append(Holder("", fields[field], code_type))
    return license_type, frozenset(map(numbering.holder, people))


def _fields_of(fields: Iterable[str], types: set[str]) -> tuple[str, ...]:
    return tuple(name for name in fields if "." not in name or name.partition(".")[0] in types)


async def log(connection: Connection, subject_key: bytes, *, after: int = 0, limit: int = PAGE) -> LogPage:
    """A page of a subject's log; `after` as the page before gave it, 0 for the first."""
    entries = await store.entries(connection, subject_key, before=after or None, limit=limit + 1)
    more = len(entries) > limit
    return LogPage(tuple(entries[:limit]), entries[limit - 1].number if more else 0)
