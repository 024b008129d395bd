"""What this region's checks rest on: its own anchors, those it trusts from elsewhere, and the revocation lists at hand."""

from collections.abc import Sequence
from datetime import datetime

from etrust.storage.postgres import Connection
from etrust.trust import certificate_store, foreign_store
from etrust.trust.chains import Ground, Period
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.foreign_store import ForeignCertificate, ForeignRole, ForeignState
from etrust.trust.x509 import Certificate, read_certificate

_OLDER_LISTS = 12  # of each foreign authority


async def load_ground(connection: Connection, *, anchors: Sequence[bytes], at: datetime) -> Ground:
    """Everything a check of a seal, a document or a timestamp needs to know at a moment.

    Args:
        anchors: the region's own, DER, both P-256 and SM2.
        at: the present.
    """
    foreign = [each for each in await foreign_store.list_foreign(connection) if _counts(each)]
    own_lists = [row.crl for row in await certificate_store.newest_crls(connection)]
    foreign_lists = await foreign_store.newest_foreign_crls(connection, _OLDER_LISTS)
    trusted = [each for each in foreign if each.role is ForeignRole.ANCHOR]
    return Ground(
        anchors=(*map(read_certificate, anchors), *map(_certificate, trusted)), now=at,
        others=tuple(_certificate(each) for each in foreign if each.role is ForeignRole.INTERMEDIATE),
        crls=CrlSet([each for data in (*own_lists, *foreign_lists) for each in read_crls(data)]),
        periods={each.fingerprint.hex(): Period(each.trusted_from, each.trusted_until) for each in foreign},
    )  # fmt: skip


def _counts(found: ForeignCertificate) -> bool:
    """Whether two people brought it in; one whose trust has ended still counts for what was signed before."""
    return found.state in (ForeignState.TRUSTED, ForeignState.ENDED)


def _certificate(found: ForeignCertificate) -> Certificate:
    return read_certificate(found.certificate)
