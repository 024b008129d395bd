"""Uploaded files checked: the reading in the sandbox, what the region knows from its stores, the verdict."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from etrust.clock import Clock
from etrust.credentials.credential import parse
from etrust.documents.reading import Indication
from etrust.documents.sandbox import Sandbox
from etrust.errors import EtrustError, Kind
from etrust.seals.standing import Standing, standing_of
from etrust.status.live import UnreachableSnapshot
from etrust.storage.postgres import Pool
from etrust.trust.chains import Ground
from etrust.verification.files import ABOUT_THE_FILE, MAX_FILE, Examined, conclude, meant, too_large, unreadable
from etrust.verification.inside import Register, license_inside
from etrust.verification.model import Verdict
from etrust.verification.online import OnlineVerifier
from etrust.verification.pdf import PDF, weigh_signatures
from etrust.verification.receipt_inside import RECEIPT_FILE
from etrust.verification.wire import TARGET, ask, told
from etrust.wiring.authorities import Authorities
from etrust.wiring.fetching import Fetcher
from etrust.wiring.trust_keeper import TrustKeeper

_MAX_SEALS = 64


@dataclass(frozen=True, slots=True)
class FileReport:
    """A verdict, and what an ETSI report about the same file needs."""

    verdict: Verdict
    found: Examined
    ground: Ground


class Elsewhere(Protocol):
    """Who answers for files of other regions."""

    async def check(
        self, found: Examined, examine: Callable[[Ground], Awaitable[Examined]], *, ground: Ground, at: datetime | None
    ) -> FileReport | None:
        """See `etrust.wiring.foreign_files`."""


class FileChecks:
    """Answers checks of whole files for one region.

    Attributes:
        elsewhere: who answers for files of other regions; None where no other is known.
    """

    elsewhere: Elsewhere | None = None

    def __init__(
        self, pool: Pool, clock: Clock, authorities: Authorities, trust: TrustKeeper, verifier: OnlineVerifier, *,
        workers: int = 1, fetch: bool = False,
    ) -> None:  # fmt: skip
        self._pool, self._clock, self._authorities, self._trust, self._verifier = pool, clock, authorities, trust, verifier
        self._sandbox = Sandbox(TARGET, workers=workers)
        self._fetcher = Fetcher() if fetch else None

    def warm(self) -> None:
        """Start the workers before the first file comes."""
        self._sandbox.warm()

    async def close(self) -> None:
        """End the workers."""
        await self._sandbox.close()

    async def check(self, data: bytes, *, at: datetime | None = None, document: bytes | None = None) -> FileReport:
        """The verdict on a file, now or for a past moment.

        Raises:
            EtrustError: RATE_LIMITED ``too_many_checks``, UNAVAILABLE: the check could not be made. What is wrong with the
                file itself is in the verdict.
        """
        ground = replace(await self._authorities.ground(), now=at or self._clock())
        found = await self._examine(data, ground, document)
        if self.elsewhere is not None:
            foreign = await self.elsewhere.check(
                found, lambda other: self._examine(data, other, document), ground=ground, at=at
            )
            if foreign is not None:
                return foreign
        if self._fetcher is not None and found.missing_lists:
            lists = await self._fetcher.lists(found.missing_lists)
            if lists:
                ground = replace(ground, crls=ground.crls.with_lists(lists))
                found = await self._examine(data, ground, document)
        verdict = conclude(
            found, ground=ground, register=await self._register(found, at), standings=await self._standings(found, ground.now)
        )
        return FileReport(verdict, found, ground)

    async def etsi(self, data: bytes, report: FileReport) -> bytes:
        """The report of ETSI TS 119 102-2 in XML about a PDF that was checked.

        Raises:
            EtrustError: INVALID ``no_report``: only signed PDF have one; UNAVAILABLE ``report_unavailable``.
        """
        weights = weigh_signatures(report.verdict.findings) if report.found.kind == PDF else []
        if not weights:
            raise no_report()
        indications = [Indication(each.overall, each.indication) for each in weights]
        reply = await self._sandbox.run(ask(data, report.ground, indications=indications))
        if "error" in reply.data:
            raise report_unavailable() if reply.data["error"] == "report_unavailable" else no_report()
        return reply.parts[0]

    async def _examine(self, data: bytes, ground: Ground, document: bytes | None) -> Examined:
        if len(data) > MAX_FILE or (document is not None and len(document) > MAX_FILE):
            return unreadable("file", too_large())
        try:
            return told(await self._sandbox.run(ask(data, ground, document=document)))
        except EtrustError as error:
            if error.kind not in ABOUT_THE_FILE:
                raise
            return unreadable(meant(data), error)

    async def _register(self, found: Examined, at: datetime | None) -> Register | None:
        raw = license_inside(found.files) if found.credential is None else found.credential
        if raw is None and any(each.name == RECEIPT_FILE for each in found.files):
            return await self._trust_alone()
        if raw is None:
            return None
        try:
            trust = await self._trust.snapshot()
            status = await self._verifier.status_of(parse(raw).claims, at=at)
        except EtrustError:
            return None  # said as "no trust list at hand"
        return Register(trust, status, self._verifier.types)

    async def _trust_alone(self) -> Register | None:
        """For receipts, which have no status of their own."""
        try:
            return Register(await self._trust.snapshot(), UnreachableSnapshot(), self._verifier.types)
        except EtrustError:
            return None  # as above

    async def _standings(self, found: Examined, at: datetime) -> Mapping[str, Standing | None] | None:
        codes = sorted({code for code, _ in found.seals})[:_MAX_SEALS]
        if not codes:
            return None
        try:
            async with self._pool.acquire() as connection:
                return {code: await standing_of(connection, code, at) for code in codes}
        except EtrustError:
            return None


def no_report() -> EtrustError:
    """There is no ETSI report about such a file."""
    return EtrustError(
        Kind.INVALID, "no_report",
        zh="只有带签名的 PDF 才能出具 ETSI 验证报告。", en="An ETSI report is made of signed PDF only.",
    )


def report_unavailable() -> EtrustError:
    """The package that writes the report is not installed."""
    return EtrustError(
        Kind.UNAVAILABLE, "report_unavailable",
        zh="未安装 xsdata，无法生成 ETSI 验证报告。", en="The package xsdata is not installed; there is no ETSI report.",
    )
