"""`rooms.corrections`: error correction by feedback at work, here and together with other regions."""

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses.intake.rejects import RejectWriter
from etrust.licenses.issue import finish
from etrust.notices.model import Arrived, Recipient, RecipientKind
from etrust.notices.post import post
from etrust.objections import correction_review, correction_store
from etrust.objections.correction_files import DifferenceFile, Imported, Line, digest_of, take_up
from etrust.objections.correction_review import Agreed, no_such_correction
from etrust.objections.corrections import (
    DECIDED,
    MAX_AT_ONCE,
    REPORTED,
    Correction,
    CorrectionState,
    Difference,
    Reporter,
    Step,
    Taken,
    find,
    queue,
    report,
    reported_by,
    tell_reporters,
)  # fmt: skip
from etrust.objections.handling import Handling
from etrust.objections.open import new_number
from etrust.recognition.model import PartnerFault
from etrust.storage.postgres import Connection

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

SHOWN = 200
Outcomes = dict[str, EtrustError | None]
"""What became of each number of several: None where it went well."""


class CorrectionDesk:
    """`rooms.corrections`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        rooms.notices.on(REPORTED, self._reported)
        rooms.notices.on(DECIDED, self._decided)

    @property
    def _handling(self) -> Handling:
        return self._rooms.objections.handling

    async def report(self, differences: Sequence[Difference], *, who: Operator) -> list[Taken | EtrustError]:
        """Report differences of licenses, of this region or of partners; each is answered by itself.

        Raises:
            EtrustError: ``no_role``; TOO_LARGE ``too_many_differences``.
        """
        _require_reporter(who)
        if len(differences) > MAX_AT_ONCE:
            raise EtrustError(
                Kind.TOO_LARGE, "too_many_differences", where="differences",
                zh=f"一次最多上报 {MAX_AT_ONCE} 条。", en=f"At most {MAX_AT_ONCE} differences at once.",
            )  # fmt: skip
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            return [await self._report_one(connection, each, who) for each in differences]

    async def _report_one(
        self, connection: Connection, difference: Difference, who: Operator, *, file: int | None = None, line: int = 0
    ) -> Taken | EtrustError:
        at = self._rooms.clock()
        reporter = Reporter(who.body, who.username)
        try:
            async with connection.transaction():
                if difference.region == self._handling.region:
                    difference = replace(difference, region="")
                sealed = await self._sealed_for(difference)
                number = new_number(at, "JC")
                taken = await report(connection, self._handling, difference, reporter, number, at=at, file=file, line=line)
                if sealed and not taken.merged:
                    await self._forward(connection, difference, taken, who, sealed)
                    taken = replace(taken, state=CorrectionState.FORWARDED)
                return taken
        except EtrustError as error:
            return error

    async def _sealed_for(self, difference: Difference) -> str:
        """What is told to the region whose license it is; empty for one of this region."""
        if not difference.region:
            return ""
        if await self._rooms.partners.region(difference.region) is None:
            raise EtrustError(
                Kind.NOT_FOUND, "no_partner_region", where="region",
                zh="签发地区未与本地区建立互认关系，无法转送。", en="The region is no partner; nothing can be forwarded to it.",
            )
        fields = {"value": difference.value, "observed": difference.observed, "ground": difference.ground}
        try:
            body = LicenseIdentifier.parse(difference.license).issuer_code
            return self._rooms.gate.seal_for(await self._rooms.partners.trust_of(difference.region), body, fields)
        except PartnerFault as fault:
            raise EtrustError(
                Kind.UNAVAILABLE, "no_partner_list", where=difference.region,
                zh=f"暂时取不到地区 {difference.region} 的信任列表，无法加密转送，请稍后再试。",
                en=f"The trust list of region {difference.region} cannot be had now; try again later.",
            ) from fault

    async def _forward(
        self, connection: Connection, difference: Difference, taken: Taken, who: Operator, sealed: str
    ) -> None:
        at = self._rooms.clock()
        await correction_store.add_step(
            connection, taken.number, action="forward", operator=who.username, body=who.body, reason=difference.region,
            replaced_by="", at=at,
        )  # fmt: skip
        content = {"number": taken.number, "license": difference.license, "field": difference.field, "sealed": sealed}
        await post(
            connection, stream=f"correction/{taken.number}", recipient=Recipient(RecipientKind.REGION, difference.region),
            kind=REPORTED, content=content, at=at,
        )  # fmt: skip

    async def import_file(
        self, path: Path, *, who: Operator, rejects: Path, on_progress: Callable[[int], None] = lambda _: None
    ) -> Imported:
        """Report every difference of a file; handed in again, it goes on where it stopped.

        Args:
            rejects: where the lines that cannot be taken up are written, with reasons.

        Raises:
            EtrustError: ``no_role``; those of `DifferenceFile`; ``too_many_rows``; ``too_many_reports``.
        """
        _require_reporter(who)
        file = DifferenceFile(path)
        async with self._rooms.stores.pool.acquire() as connection:
            number = await correction_store.add_file(
                connection, body=who.body, operator=who.username, name=path.name[:200], digest=digest_of(path),
                at=self._rooms.clock(),
            )  # fmt: skip
            done = await correction_store.lines_done(connection, number)

            async def group_of(lines: list[Line]) -> AsyncIterator[tuple[Line, str, str, bool]]:
                async with connection.transaction():
                    found = [(line, await self._take_line(connection, line, number, who)) for line in lines]
                for line, (reason, explanation, merged) in found:
                    yield line, reason, explanation, merged

            with RejectWriter(rejects, file.header) as writer:
                return await take_up(file, done, group_of, writer, on_progress)

    async def _take_line(self, connection: Connection, line: Line, file: int, who: Operator) -> tuple[str, str, bool]:
        answer = await self._report_one(connection, line.difference, who, file=file, line=line.number)
        if isinstance(answer, Taken):
            await correction_store.add_line(connection, file, line.number, number=answer.number)
            return "", "", answer.merged
        if answer.kind in (Kind.RATE_LIMITED, Kind.UNAVAILABLE):
            raise answer  # the line is as good as it was: go on later
        explanation = f"{answer.zh} {answer.en}"
        await correction_store.add_line(connection, file, line.number, reason=answer.code, explanation=explanation)
        return answer.code, explanation, False

    async def queue(self, who: Operator, states: Sequence[CorrectionState], *, limit: int = SHOWN) -> list[Correction]:
        """See `objections.corrections.queue`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await queue(connection, self._handling, who, states, limit=limit)

    async def reported_by(self, who: Operator, *, limit: int = SHOWN) -> list[Correction]:
        """What the body of an account reported."""
        _require_reporter(who)
        async with self._rooms.stores.pool.acquire() as connection:
            return await reported_by(connection, self._handling, who.body, limit=limit)

    async def reported(self, number: str, who: Operator) -> Correction:
        """A difference that the body of an account reported.

        Raises:
            EtrustError: ``no_role``; NOT_FOUND ``no_such_correction``.
        """
        _require_reporter(who)
        async with self._rooms.stores.pool.acquire() as connection:
            found = await find(connection, self._handling, number)
            told = [] if found is None else [name for name, _ in await correction_store.reporters(connection, number)]
        if found is None or who.body not in told:
            raise no_such_correction()
        return found

    async def propose(self, numbers: Sequence[str], reason: str, *, who: Operator) -> Outcomes:
        """Propose to accept some; each goes by itself. See `objections.correction_review.propose`."""
        return await self._each(correction_review.propose, numbers, reason, who)

    async def refuse(self, numbers: Sequence[str], reason: str, *, who: Operator) -> Outcomes:
        """Refuse some. See `objections.correction_review.refuse`."""
        outcomes = await self._each(correction_review.refuse, numbers, reason, who)
        await self._rooms.announce()
        return outcomes

    async def send_back(self, numbers: Sequence[str], reason: str, *, who: Operator) -> Outcomes:
        """Disagree with proposals. See `objections.correction_review.send_back`."""
        return await self._each(correction_review.send_back, numbers, reason, who)

    async def _each(self, step: Any, numbers: Sequence[str], reason: str, who: Operator) -> Outcomes:
        outcomes: Outcomes = {}
        async with self._rooms.stores.pool.acquire() as connection:
            for number in numbers[:MAX_AT_ONCE]:
                try:
                    await step(connection, self._handling, number, reason, who=who, at=self._rooms.clock())
                    outcomes[number] = None
                except EtrustError as error:
                    outcomes[number] = error
        return outcomes

    async def agree(self, numbers: Sequence[str], *, who: Operator) -> tuple[list[Agreed], Outcomes]:
        """Agree to proposals, license by license; next versions are signed before this returns.

        See `objections.correction_review.agree`.
        """
        agreed, outcomes = [], Outcomes()
        async with self._rooms.stores.pool.acquire() as connection:
            for group in await self._by_license(connection, numbers[:MAX_AT_ONCE], outcomes):
                try:
                    done = await correction_review.agree(connection, self._handling, group, who=who, at=self._rooms.clock())
                    if done.prepared is not None:
                        await finish(connection, self._handling.issuing, done.prepared)
                    agreed.append(done)
                    outcomes |= dict.fromkeys(group)
                except EtrustError as error:
                    outcomes |= dict.fromkeys(group, error)
        await self._rooms.announce()
        return agreed, outcomes

    async def _by_license(self, connection: Connection, numbers: Sequence[str], outcomes: Outcomes) -> list[list[str]]:
        """Numbers of one license together, whichever of its versions they are about."""
        groups: dict[str, list[str]] = defaultdict(list)
        for number in dict.fromkeys(numbers):
            found = await find(connection, self._handling, number)
            if found is None:
                outcomes[number] = no_such_correction()
            else:
                groups[LicenseIdentifier.parse(found.difference.license).serial].append(number)
        return list(groups.values())

    async def _reported(self, connection: Connection, arrived: Arrived) -> None:
        """Another region found a license of this one to differ."""
        content: Mapping[str, Any] = arrived.notice.content
        told: Mapping[str, Any] = {}
        with contextlib.suppress(EtrustError):
            told = self._rooms.gate.unseal(str(content.get("sealed", "")))
        linked, at = str(content.get("number", ""))[:60], self._rooms.clock()
        difference = Difference(
            str(content.get("license", ""))[:120], str(content.get("field", ""))[:60],
            *(str(told.get(name, "")) for name in ("value", "observed", "ground")),
        )  # fmt: skip
        try:
            async with connection.transaction():
                reporter = Reporter(f"region:{arrived.sender}", f"region:{arrived.sender}", linked)
                taken = await report(connection, self._handling, difference, reporter, new_number(at, "JC"), at=at)
                found = await find(connection, self._handling, taken.number)
            if (
                found is not None
                and found.last is not None
                and taken.state in (CorrectionState.ACCEPTED, CorrectionState.REFUSED)
            ):
                await tell_reporters(connection, found, found.last, at=at)  # it was decided before this region reported it
        except EtrustError as error:
            await post(
                connection, stream=f"correction/{linked}", recipient=Recipient(RecipientKind.REGION, arrived.sender),
                kind=DECIDED, content={"number": linked, "outcome": "refused", "replaced_by": "", "reason": error.code}, at=at,
            )  # fmt: skip

    async def _decided(self, connection: Connection, arrived: Arrived) -> None:
        """The region that has a difference which was reported here has decided on it."""
        content, at = arrived.notice.content, self._rooms.clock()
        number = str(content.get("number", ""))[:60]
        await correction_store.lock(connection, number)
        found = await find(connection, self._handling, number)
        if found is None or found.region != arrived.sender or found.state is not CorrectionState.FORWARDED:
            return
        action = "accept" if content.get("outcome") == "accepted" else "refuse"
        reason, new = str(content.get("reason", ""))[:500] or "–", str(content.get("replaced_by", ""))[:120]
        region = f"region:{arrived.sender}"
        place = await correction_store.add_step(
            connection, number, action=action, operator=region, body="", reason=reason, replaced_by=new, at=at
        )
        await tell_reporters(connection, found, Step(place, action, region, "", reason, new, at), at=at)


def _require_reporter(who: Operator) -> None:
    if not {Role.CLERK, Role.CASE_OFFICER} & who.roles:
        require_role(who, Role.CLERK)
