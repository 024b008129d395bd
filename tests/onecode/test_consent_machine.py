"""Whatever happens in whatever order, consent is used as it was given: so often, so long, for that matter, case, body, operator."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule, run_state_machine_as_test

from etrust.errors import EtrustError
from etrust.onecode import consent, consent_requests
from etrust.onecode.model import Acting
from etrust.settings import Settings
from etrust.storage.postgres import Pool, open_pool
from tests.onecode.consents import COUNTY, ELSEWHERE, MATTER, OTHER_MATTER, STATION, TOWN, Stage, a_use, somebody, terms

CASES = [MATTER + "202611250001", MATTER + "202611250002"]


@dataclass
class Expected:
    """What the model knows of a grant: worked out by hand, not from the code under test."""

    id: str
    acting: Acting
    version: int
    operator: str
    body: str
    case: str
    left: int
    ends: datetime
    revoked: bool = False


class Consents(RuleBasedStateMachine):
    """One holder, some clerks."""

    pool: ClassVar[Pool]
    runner: ClassVar["asyncio.Runner"]
    grants = Bundle("grants")

    @initialize()
    def begin(self) -> None:
        self.acting, self.stage = somebody(), Stage()

    def run(self, work):  # type: ignore[no-untyped-def]
        """Run a verb on a connection of its own; its error code where it refused."""
        async def connected():  # type: ignore[no-untyped-def]
            async with self.pool.acquire() as connection:
                try:
                    return await work(connection), ""
                except EtrustError as error:
                    return None, error.code

        return self.runner.run(connected())

    @rule(target=grants, uses=st.integers(2, 4), minutes=st.integers(1, 90), version=st.integers(1, 2))
    def give_beforehand(self, uses: int, minutes: int, version: int) -> Expected:
        ends = self.stage.now + timedelta(minutes=minutes)
        given, _ = self.run(lambda c: consent.give(
            c, self.acting, terms(version=version), uses=uses, until=ends, at=self.stage.now
        ))
        return Expected(given.id, self.acting, version, "", COUNTY, "", uses, ends)

    @rule(target=grants, case=st.sampled_from(CASES), agree=st.booleans())
    def answer_a_clerk(self, case: str, agree: bool):  # type: ignore[no-untyped-def]
        wanted, session = a_use(case_number=case), b"s" * 32
        asked, refused = self.run(lambda c: consent_requests.ask(
            c, self.acting, wanted, terms(), session=session, at=self.stage.now
        ))
        if refused:
            assert refused == "asked_too_often"
            return multiple()
        given, _ = self.run(lambda c: consent_requests.answer(
            c, asked.id, self.acting, session=session, agree=agree, at=self.stage.now
        ))
        if not agree:
            assert self.try_to_use(asked.id, a_use(case_number=case), 1) == "consent_refused"
            return multiple()
        return Expected(given.id, self.acting, 1, "clerk", STATION, case, 1, self.stage.now + timedelta(minutes=30))

    @rule(minutes=st.integers(0, 15))
    def time_passes(self, minutes: int) -> None:
        self.stage.forward(timedelta(minutes=minutes))

    @rule(grant=consumes(grants))
    def revoke(self, grant: Expected) -> None:
        _, refused = self.run(lambda c: consent.revoke(
            c, grant.acting.subject.key, grant.id, person=grant.acting.person, at=self.stage.now
        ))
        assert refused == ""
        assert self.try_to_use(grant.id, a_use(case_number=grant.case or CASES[0]), grant.version) != ""

    @rule(
        grant=grants, first=st.sampled_from(CASES), body=st.sampled_from([COUNTY, TOWN, STATION]),
        wrong=st.sampled_from(["", "", "", "matter", "version", "case", "case", "operator", "body"]),
    )
    def use(self, grant: Expected, first: str, body: str, wrong: str) -> None:
        """The use it was given for, or one that is wrong in one thing; `first` is free for a grant that no case has bound."""
        bound = grant.case or first
        case = next(each for each in CASES if each != bound) if wrong == "case" else bound
        operator = "officer" if wrong == "operator" else "clerk"
        at_body = ELSEWHERE if wrong == "body" else grant.body if grant.operator else body
        free = {"case" if not grant.case else "", "operator" if not grant.operator else ""}  # what it was not bound to
        fits = not wrong or wrong in free
        refused = self.try_to_use(
            grant.id, a_use(case_number=case, operator=operator, body=at_body, matter=OTHER_MATTER if wrong == "matter" else MATTER),
            3 - grant.version if wrong == "version" else grant.version,
        )
        allowed = fits and grant.left > 0 and self.stage.now < grant.ends
        assert (refused == "") is allowed, (refused, wrong, grant)
        if allowed:
            grant.left -= 1
            grant.case = case

    @rule(grant=grants)
    def somebody_elses_licenses(self, grant: Expected) -> None:
        wanted = a_use(case_number=grant.case or CASES[0])
        _, refused = self.run(lambda c: consent.use(
            c, grant.id, wanted, subject_key=b"x" * 16, version=grant.version, at=self.stage.now, stands=self.stage.stands
        ))
        assert refused == "no_consent"

    def try_to_use(self, reference: str, wanted, version: int) -> str:  # type: ignore[no-untyped-def]
        return self.run(lambda c: consent.use(
            c, reference, wanted, subject_key=self.acting.subject.key, version=version, at=self.stage.now,
            stands=self.stage.stands,
        ))[1]


def play(url: str) -> int:
    """Play the machine in a loop of its own; how many uses there were in all."""
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(url, size=2, timeout=20))
        machine = type("Played", (Consents,), {"pool": pool, "runner": runner})
        run_state_machine_as_test(machine, settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck),
        ))  # fmt: skip

        async def count() -> int:
            async with pool.acquire() as connection:
                return int(await connection.fetchval("SELECT count(*) FROM consent_uses"))

        used = runner.run(count())
        runner.run(pool.close())
    return used


async def test_consent_is_used_as_it_was_given(region: Settings) -> None:
    assert region.database_url is not None
    assert await asyncio.to_thread(play, region.database_url) > 0
