"""A document is carried through twenty years, while every certificate that ever vouched for it ends.

It begins twenty years ago and ends today, because the referee (pyHanko) reads the machine's clock in places.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from etrust.documents.levels import Level, renewal_due
from etrust.documents.pades import PdfSigner
from etrust.documents.renew import last_timestamp, renew_pdf
from etrust.documents.timestamper import Stamper
from etrust.errors import EtrustError
from etrust.signing.files import FileSigner
from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.timestamps import read_token
from etrust.trust.x509 import Certificate, read_certificate
from tests.documents.making import WORDS, Authority, face, make_stamper
from tests.documents.referee import holds, judge

YEARS = 20
END = datetime(2026, 11, 1, tzinfo=UTC)
START = END - timedelta(days=YEARS * 365 + 5)
STEP = timedelta(days=90)
_A_YEAR = timedelta(days=365)


@dataclass
class Decades:
    """A region through the years: a new timestamp certificate every few years, a new anchor every eight."""

    clock: datetime = START
    authorities: list[Authority] = field(default_factory=list)
    timestamp: FileSigner | None = None
    points: list[tuple[Authority, str, datetime]] = field(default_factory=list)  # every timestamp certificate has a list of its own

    def keep(self) -> None:
        """What a region does when its certificates grow old."""
        if not self.authorities or self.clock - self.authorities[-1].made_at > 8 * _A_YEAR:
            number = len(self.authorities) + 1
            self.authorities.append(Authority.make(self.clock, f"anchor {number}", years=12))
        if self.timestamp is None or read_certificate(self.timestamp.certificate).not_after - self.clock < _A_YEAR:
            point = f"https://etrust.example/crl/{len(self.points)}"
            self.timestamp = self.authorities[-1].issue(
                "timestamp", f"timestamp {self.clock.year}", at=self.clock, years=4, point=point
            )
            self.points.append((self.authorities[-1], point, read_certificate(self.timestamp.certificate).not_after))

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        return tuple(read_certificate(each.signer.certificate) for each in self.authorities)

    @property
    def crls(self) -> tuple[bytes, ...]:
        """The lists of certificates that have not ended."""
        return tuple(authority.crl(self.clock, point) for authority, point, until in self.points if until > self.clock)

    def ground(self) -> Ground:
        return Ground(self.anchors, self.clock, crls=CrlSet([read_crls(each)[0] for each in self.crls]))

    def stamper(self) -> Stamper:
        assert self.timestamp is not None
        return make_stamper(self.timestamp, [self.authorities[-1].signer.certificate], self.crls[-1:], lambda: self.clock)

    def issue(self) -> bytes:
        """A document of the first day."""
        self.keep()
        authority, point = self.authorities[0], "https://etrust.example/crl/documents"
        document = authority.issue("document", "document", at=self.clock, years=3, point=point)
        signer = PdfSigner(document, [authority.signer.certificate], [authority.crl(self.clock, point)])
        return signer.sign(face(), level=Level.B_LTA, at=self.clock, words=WORDS, stamper=self.stamper())

    def live(self, pdf: bytes, *, renewing: bool) -> bytes:
        """The years go by."""
        while self.clock < END:
            self.clock = min(self.clock + STEP, END)
            self.keep()
            if renewing and due(pdf) <= self.clock:
                pdf = renew_pdf(pdf, stamper=self.stamper(), ground=self.ground())
        return pdf


def due(pdf: bytes) -> datetime:
    last = last_timestamp(pdf)
    assert last is not None
    signer = read_token(last.token).signer
    assert signer is not None
    return renewal_due(signer.encoded)


async def test_renewed_it_holds_after_twenty_years() -> None:
    region = Decades()
    pdf = region.live(region.issue(), renewing=True)
    anchors = [each.encoded for each in region.anchors]
    assert len(region.points) >= 6
    assert len(anchors) == 3
    assert region.anchors[0].not_after < END
    verdict = await judge(pdf, anchors, END, region.crls)
    assert verdict.ades_subindic.name == "OK", verdict.failure_msg
    assert verdict.best_signature_time == START.replace(microsecond=0)
    last = last_timestamp(pdf)
    assert last is not None
    assert last.number >= 6


async def test_not_renewed_it_does_not() -> None:
    region = Decades()
    pdf = region.live(region.issue(), renewing=False)
    assert not await holds(pdf, [each.encoded for each in region.anchors], END, region.crls)
    with pytest.raises(EtrustError) as refused:
        renew_pdf(pdf, stamper=region.stamper(), ground=region.ground())
    assert refused.value.code == "timestamp_lapsed", str(refused.value)


async def test_an_anchor_that_is_not_trusted_gives_no_ground() -> None:
    region = Decades()
    pdf = region.live(region.issue(), renewing=True)
    assert not await holds(pdf, [region.anchors[-1].encoded], END, region.crls)
