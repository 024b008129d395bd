"""What entries are about, read from the tables that the log watches."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from etrust.ledger import store
from etrust.ledger.entries import EntryKind, Subject, record
from etrust.signing import cose
from etrust.storage.postgres import Connection

Load = Callable[[Connection, Sequence[str]], Awaitable[dict[str, store.Row]]]
Content = Callable[[store.Row], bytes]


def _signed(row: store.Row) -> bytes:
    protected, payload, signature, _ = row
    assert isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)  # noqa: S101, PT018 - columns
    return cose.assemble(protected, payload, signature)


def _recorded(row: store.Row) -> bytes:
    return record(*row)


def _whole(row: store.Row) -> bytes:
    content = row[0]
    assert isinstance(content, bytes)  # noqa: S101 - a column
    return content


_SOURCES: Mapping[EntryKind, tuple[Load, Content]] = {
    EntryKind.LICENSE: (store.licenses, _signed),
    EntryKind.STATUS: (store.status_events, _recorded),
    EntryKind.SEAL_STEP: (store.seal_steps, _recorded),
    EntryKind.SEAL: (store.seals, _whole),
    EntryKind.SEAL_USE: (store.seal_uses, _recorded),
    EntryKind.TRUST_LIST: (store.trust_lists, _whole),
    EntryKind.RECEIPT: (store.receipts, _signed),
}


async def load_subjects(connection: Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Subject]:
    """Subjects by kind and name, one statement a kind; what is not there is left out."""
    found: dict[tuple[str, str], Subject] = {}
    for kind, (load, content) in _SOURCES.items():
        names = [name for each, name in wanted if each == kind]
        if not names:
            continue
        for name, row in (await load(connection, names)).items():
            at = row[-1]
            assert isinstance(at, datetime)  # noqa: S101 - every source has its time last
            found[kind, name] = Subject(kind, name, content(row), at)
    return found
