"""The desk of the one code (一码): shows, redeems, checks and reconciles with the keys, stores and lists of one deployment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from etrust.access.model import Operator
from etrust.credentials.online_code import CodeState, read_online_code
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.change import not_found
from etrust.licenses.types import by_code, claim_labels
from etrust.onecode.access_log_model import AccessEntry
from etrust.onecode.cache import Asking, Handles, Tries
from etrust.onecode.limits import OPERATOR_LIMIT, OUTSIDER_LIMIT, WINDOW, ScanLimits, Scanner
from etrust.onecode.model import Acting, CodeKind, Ground, Shown, Use
from etrust.onecode.reconcile import MAX_SCANS, Answer, Scan, reconcile
from etrust.onecode.redeem import CodeUsed, Redeeming
from etrust.onecode.show import CodeBook, LicenseNow, ShownCode, show
from etrust.trust.model import TrustSnapshot
from etrust.verification.judgment import judge
from etrust.verification.model import Finding, Outcome, Status, Verdict
from etrust.verification.online import undetermined
from etrust.verification.online_code import CODE, judge_online_code, unreadable_code, verdict_of, verify_online_code
from etrust.verification.verify import Step
from etrust.wiring.home import CODE_KEY

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

SCAN_REASON = "出示一码"
"""What the holder reads as the reason of a scan outside of any matter: the code was shown."""

_STATES = {
    Status.VALID: CodeState.VALID, Status.REVOKED: CodeState.REVOKED, Status.SUSPENDED: CodeState.SUSPENDED,
    Status.UNDER_OBJECTION: CodeState.UNDER_OBJECTION, Status.EXPIRED: CodeState.EXPIRED,
    Status.NOT_YET_VALID: CodeState.NOT_YET_VALID, Status.SUPERSEDED: CodeState.SUPERSEDED,
}  # fmt: skip


class CodeDesk:
    """`rooms.codes`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        asking, namespace = Asking(rooms.stores.redis), rooms.namespace
        self._book = CodeBook(Handles(asking, namespace), rooms.issuing.numbering.holder_key, rooms.settings.region)
        limits = ScanLimits(
            outsiders=Tries(asking, namespace, name="scans-outside", limit=OUTSIDER_LIMIT, window=WINDOW),
            operators=Tries(asking, namespace, name="wrong-codes", limit=OPERATOR_LIMIT, window=WINDOW),
            secret=self._book.secret,
        )
        self._redeeming = Redeeming(self._book, rooms.stores.pool, limits)
        self._types = by_code(rooms.types)

    async def show(
        self, acting: Acting, *, session: bytes, kind: CodeKind, identifier: str = "", matter: str = "", grant: str = ""
    ) -> ShownCode:
        """A fresh code of a holder, good for a minute; at most three of a session live at once, the oldest ends first.

        Args:
            session: digest of the holder's session.
            identifier: of the license, for `CodeKind.LICENSE`; it must be one of the holder's.
            matter: implementation code, for `CodeKind.MATTER`.
            grant: the consent given beforehand, for `CodeKind.MATTER`.

        Raises:
            EtrustError: ``not_found`` for a license that is none or another's; see `etrust.onecode.show`.
        """
        license_ = await self._license(acting, identifier) if kind is CodeKind.LICENSE else None
        return await show(
            self._book, self._rooms.cabinet.current(CODE_KEY), acting, session=session, kind=kind, license_=license_,
            matter=matter, grant=grant, at=self._rooms.clock(),
        )

    async def _license(self, acting: Acting, text: str) -> LicenseNow:
        identifier = LicenseIdentifier.parse(text)
        async with self._rooms.stores.pool.acquire() as connection:
            held = await license_store.holds(connection, acting.subject.key, identifier.serial, identifier.version)
        verdict = await self._rooms.check(identifier.text) if held else None
        if verdict is None or (verdict.license is None and verdict.status is not Status.UNKNOWN):
            raise not_found()
        state = _STATES.get(verdict.status, CodeState.UNKNOWN)
        return LicenseNow(identifier.text, identifier.type_code, identifier.short, state)

    async def redeem(self, text: str, *, operator: Operator | None, client: str = "") -> Shown:
        """What a code stands for; it is used up by this very call. See `etrust.onecode.redeem`.

        Args:
            operator: who scans; None for the public check, which hears one answer to all that is not valid.
            client: address of an outsider, for the limit of tries.
        """
        trust = await self._rooms.trust.snapshot()
        return await self._redeeming.redeem(text, _scanner(operator, client), trust=trust, at=self._rooms.clock())

    async def check(
        self, text: str, *, operator: Operator | None, client: str = "", at: datetime | None = None
    ) -> Verdict:
        """The verdict on a code, which is used up; for a past moment on signature and freshness alone, using up nothing."""
        now = self._rooms.clock()
        try:
            trust = await self._rooms.trust.snapshot()
        except EtrustError as error:
            return replace(undetermined(error.code, at or now), kind=CODE)
        if at is not None:
            return verify_online_code(text, trust=trust, at=at, types=self._types)
        try:
            shown = await self._redeeming.redeem(text, _scanner(operator, client), trust=trust, at=now)
        except EtrustError as error:
            return self._refusal(text, error, operator, trust, now)
        judged = judge_online_code(read_online_code(text), trust=trust, at=now)
        verdict = verdict_of(judged, trust=trust, at=now, types=self._types, use=Step(Finding("use", Outcome.PASSED)))
        if shown.kind is CodeKind.LICENSE:
            verdict = await self._with_license(verdict, shown)
        try:
            await self.record(shown, operator=operator, outcome=verdict.status.value)
        except EtrustError as error:  # nothing is told of which the holder could not learn
            return replace(undetermined(error.code, now), kind=CODE)
        return verdict

    async def record(self, shown: Shown, *, operator: Operator | None, outcome: str) -> None:
        """Keep a scan where the holder sees who looked; a check of a matter keeps its own record instead.

        Args:
            operator: None for the public check, which is nobody's by name.
        """
        who, body = ("", "") if operator is None else (operator.username, operator.body)
        use = Use(Ground.CONSENT, shown.matter, "", who, body, SCAN_REASON)
        licenses = (shown.identifier,) if shown.identifier else ()
        entry = AccessEntry(shown.acting.subject.key, self._rooms.clock(), use, licenses, self._told(shown), outcome, shown.grant)
        await self._rooms.consent.record(entry)

    def _told(self, shown: Shown) -> tuple[str, ...]:
        """Names of the fields a scan tells: of a license its credential's, of a holder the masked name."""
        if not shown.identifier:
            return ("holder_name",)
        license_type = self._types[LicenseIdentifier.parse(shown.identifier).type_code]
        return tuple(f"{license_type.name}.{name}" for _, name, _ in claim_labels(license_type))

    async def _with_license(self, verdict: Verdict, shown: Shown) -> Verdict:
        """The verdict on the license a code is of, as it stands now, behind the findings on the code."""
        found = await self._rooms.check(shown.identifier)
        on_code = [finding for finding in verdict.findings if finding.step != "status"]
        return replace(found, kind=CODE, findings=(*on_code, *found.findings), evidence={**verdict.evidence, **found.evidence})

    def _refusal(
        self, text: str, error: EtrustError, operator: Operator | None, trust: TrustSnapshot, at: datetime
    ) -> Verdict:
        if error.kind is Kind.RATE_LIMITED:
            raise error
        if error.kind is Kind.UNAVAILABLE:
            return replace(undetermined(error.code, at), kind=CODE)
        if operator is None:
            return _one_answer(at)
        try:
            judged = judge_online_code(read_online_code(text), trust=trust, at=at)
        except EtrustError as unreadable:
            return unreadable_code(unreadable, at)
        return verdict_of(judged, trust=trust, at=at, types=self._types, use=_use_step(error))

    async def reconcile(self, scans: Sequence[Scan], *, operator: Operator) -> list[Answer]:
        """What became of scans made without a network, in their order; see `etrust.onecode.reconcile`.

        Raises:
            EtrustError: ``too_many_scans``: more than `MAX_SCANS` in one call.
        """
        if len(scans) > MAX_SCANS:
            raise EtrustError(
                Kind.TOO_LARGE, "too_many_scans", where="scans",
                zh=f"一次最多核对 {MAX_SCANS} 条，请分批提交。", en=f"At most {MAX_SCANS} scans a call; send them in parts.",
            )
        trust, now = await self._rooms.trust.snapshot(), self._rooms.clock()
        scanner = _scanner(operator, "")
        async with self._rooms.stores.pool.acquire() as connection:
            return [
                await reconcile(connection, scan, scanner, secret=self._book.secret, trust=trust, at=now) for scan in scans
            ]

    async def end_session(self, session: bytes) -> int:
        """End the codes of a holder's session that is signed out; how many there were. Redis gone: they end within a minute."""
        try:
            return await self._book.handles.end_session(session)
        except EtrustError:
            return 0


def _scanner(operator: Operator | None, client: str) -> Scanner:
    return Scanner(client=client) if operator is None else Scanner(operator.username, operator.body)


def _use_step(error: EtrustError) -> Step:
    if isinstance(error, CodeUsed):
        detail = f"since {error.first_used_at.isoformat()}"
        return Step(Finding("use", Outcome.FAILED, error.code, detail), Status.ALREADY_USED)
    if error.code in ("code_expired", "code_ended"):
        return Step(Finding("use", Outcome.FAILED, error.code), Status.EXPIRED)
    return Step(Finding("use", Outcome.SKIPPED))


def _one_answer(at: datetime) -> Verdict:
    """For outsiders a wrong code, a used one and an expired one are this."""
    step = Step(Finding("use", Outcome.FAILED, "code_not_valid"), Status.ALREADY_USED)
    return judge([step], at=at, evidence={}, license=None, kind=CODE)
