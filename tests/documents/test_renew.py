"""Renewing one PDF: what may be renewed, what not, and what the update adds."""

from datetime import timedelta

import pytest

from etrust.documents.levels import Level
from etrust.documents.renew import last_timestamp, renew_pdf
from etrust.errors import EtrustError
from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.x509 import read_certificate
from tests.documents.making import NOW, Region, face
from tests.documents.referee import holds

THEN = NOW - timedelta(days=500)
LATER = THEN + timedelta(days=400)  # not after the present: the referee reads the machine's clock


@pytest.fixture
def region() -> Region:
    return Region.make(THEN)


def ground(region: Region, crl: bytes | None = None) -> Ground:
    """What the region rests on later."""
    anchor = read_certificate(region.authority.signer.certificate)
    return Ground((anchor,), LATER, crls=CrlSet(read_crls(crl or region.authority.crl(LATER))))


def refusal(pdf: bytes, region: Region) -> str:
    with pytest.raises(EtrustError) as refused:
        renew_pdf(pdf, stamper=region.stamper(LATER), ground=ground(region))
    return refused.value.code


async def test_it_appends_and_holds_at_the_time_of_the_renewal(region: Region) -> None:
    pdf = region.sign(face(), at=THEN)
    renewed = renew_pdf(pdf, stamper=region.stamper(LATER), ground=ground(region))
    assert renewed.startswith(pdf)
    assert len(renewed) - len(pdf) < 16_000
    last = last_timestamp(renewed)
    assert last is not None
    assert (last.number, last.whole) == (2, True)
    assert await holds(renewed, region.chain, LATER, [region.authority.crl(LATER)])


def test_without_a_document_timestamp_there_is_nothing_to_renew(region: Region) -> None:
    assert refusal(region.sign(face(), Level.B_LT, THEN), region) == "not_archived"
    assert refusal(face(), region) == "not_archived"
    assert refusal(b"%PDF-1.7", region) == "bad_pdf"


def test_a_document_changed_since_is_refused(region: Region) -> None:
    pdf = region.sign(face(), at=THEN)
    changed = bytearray(pdf)
    changed[2000] ^= 1
    assert refusal(bytes(changed), region) == "document_changed"
    assert refusal(pdf + b"\n% more\n", region) == "document_changed"


def test_a_timestamp_service_that_was_revoked_proves_nothing(region: Region) -> None:
    pdf = region.sign(face(), at=THEN)
    region.authority.revoke(region.timestamp, THEN - timedelta(days=1), reason=1)
    assert refusal(pdf, region) == "no_evidence"


def test_without_a_list_in_force_nothing_is_renewed(region: Region) -> None:
    pdf, old = region.sign(face(), at=THEN), region.authority.crl(THEN + timedelta(days=30))
    with pytest.raises(EtrustError) as refused:
        renew_pdf(pdf, stamper=region.stamper(LATER), ground=ground(region, old))
    assert refused.value.code == "no_evidence"
