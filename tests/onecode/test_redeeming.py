"""Showing and redeeming: one use, the words for what comes after it, and who may show what."""

import asyncio
from datetime import timedelta

import pytest

from etrust.clock import BEIJING
from etrust.credentials.online_code import sign_online_code
from etrust.errors import EtrustError, Kind
from etrust.onecode.model import Basis, CodeKind
from etrust.onecode.redeem import CodeUsed
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.onecode.codes import MATTER, Counter, Hands, acting_for
from tests.onecode.test_online_code import claims
from tests.support import make_signer


async def refused(counter: Counter, text: str, *, outsider: bool = False) -> EtrustError:
    """The refusal that a scan meets."""
    with pytest.raises(EtrustError) as caught:
        await counter.rooms.codes.redeem(text, operator=None if outsider else counter.clerk, client="192.0.2.1")
    return caught.value


async def keys_of(rooms: Rooms) -> set[bytes]:
    """What Redis has of the codes of this region."""
    return {key async for key in rooms.stores.redis.scan_iter(f"etrust:code*:{rooms.namespace}:*")}


@pytest.mark.parametrize("kind", CodeKind)
async def test_a_code_is_what_was_shown_and_can_be_used_once(shared: Settings, kind: CodeKind) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show(kind, **({"grant": "grant-1"} if kind is CodeKind.MATTER else {}))
        before = rooms.clock()
        assert await rooms.codes.redeem(code.text, operator=counter.clerk) == code.shown
        again = await refused(counter, code.text)
        assert isinstance(again, CodeUsed)
        assert (again.kind, again.code) == (Kind.CONFLICT, "code_used")
        assert before - timedelta(milliseconds=1) <= again.first_used_at <= rooms.clock()
        assert f"{again.first_used_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" in again.en
        assert timedelta(seconds=58) < code.expires_at - before <= timedelta(seconds=60)


async def test_after_a_minute_a_screenshot_is_worth_nothing(shared: Settings) -> None:
    clock = Hands()
    async with open_rooms(shared, clock=clock) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        clock.ahead = timedelta(seconds=60)
        assert (await refused(counter, code.text)).code == "code_expired"
        assert (await refused(counter, code.text, outsider=True)).code == "code_not_valid"
        verdict = await rooms.check(code.text, actor=counter.clerk)
        assert (verdict.kind, verdict.verdict, verdict.license) == ("code", "TOTAL-FAILED", None)


async def test_a_use_is_told_long_after_redis_has_forgotten_it(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        await rooms.codes.redeem(code.text, operator=counter.clerk)
        async for key in rooms.stores.redis.scan_iter(f"etrust:code:{rooms.namespace}:*"):
            await rooms.stores.redis.delete(key)
        assert (await refused(counter, code.text)).code == "code_used"


async def test_a_redis_that_lost_its_memory_gives_no_code_twice(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        redis, before = rooms.stores.redis, await keys_of(rooms)
        code = await counter.show()
        (key,) = [each for each in await keys_of(rooms) - before if await redis.type(each) == b"string"]
        entry = await redis.get(key)
        await rooms.codes.redeem(code.text, operator=counter.clerk)
        await redis.set(key, entry)  # as a replica that took over before it heard of the use
        assert (await refused(counter, code.text)).code == "code_used"


async def test_three_codes_of_a_session_live_at_once_and_none_after_it(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        first, second, third, fourth = [await counter.show() for _ in range(4)]
        assert (await refused(counter, first.text)).code == "code_ended"
        assert await rooms.codes.redeem(second.text, operator=counter.clerk) == second.shown
        assert await rooms.codes.end_session(counter.session) == 3
        for code in (third, fourth):
            assert (await refused(counter, code.text)).code == "code_ended"
        with pytest.raises(EtrustError, match="session_ended"):
            await counter.show()


async def test_without_redis_codes_are_refused_with_a_clear_word(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
    async with open_rooms(shared.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})) as rooms:
        cut_off = Counter(rooms, counter.license_, counter.acting, counter.clerk, counter.session)
        for outsider in (False, True):
            error = await refused(cut_off, code.text, outsider=outsider)
            assert (error.kind, error.code) == (Kind.UNAVAILABLE, "redis_unavailable")
        verdict = await rooms.check(code.text, actor=counter.clerk)
        assert (verdict.verdict, verdict.status, verdict.kind) == ("INDETERMINATE", "unknown", "code")
        with pytest.raises(EtrustError, match="redis_unavailable"):
            await cut_off.show()
        assert await rooms.codes.end_session(counter.session) == 0


async def test_one_license_and_its_standing_at_the_moment_of_the_scan(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        verdict = await rooms.check((await counter.show()).text, actor=counter.clerk)
        assert (verdict.verdict, verdict.status, verdict.kind) == ("TOTAL-PASSED", "valid", "code")
        assert verdict.license is not None
        assert verdict.license["identifier"] == counter.license_.identifier.text
        assert verdict.evidence.keys() == {"trust_list", "status_list"}
        steps = [finding.step for finding in verdict.findings]
        assert steps[:6] == ["format", "issuer", "signature", "entitlement", "freshness", "use"]
        assert steps[-1] == "status"


async def test_a_check_of_a_holders_code_says_that_a_matter_is_needed(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show(CodeKind.HOLDER)
        verdict = await rooms.check(code.text, actor=counter.clerk)
        assert (verdict.verdict, verdict.sub_indication) == ("INDETERMINATE", "MATTER_NEEDED")
        assert verdict.license is not None
        assert [field["name"] for field in verdict.license["fields"]] == ["holder_name"]  # type: ignore[attr-defined]
        again = await rooms.check(code.text, actor=counter.clerk)
        assert (again.status, again.license) == ("already_used", None)
        assert again.findings[5].detail.startswith("since ")


async def test_a_check_of_the_past_uses_nothing_up(shared: Settings) -> None:
    clock = Hands()
    async with open_rooms(shared, clock=clock) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        verdict = await rooms.check(code.text, actor=counter.clerk, at=code.shown.issued_at)
        assert (verdict.status, verdict.findings[5].reason) == ("valid", "told_later")
        assert await rooms.codes.redeem(code.text, operator=counter.clerk) == code.shown


async def test_nobody_shows_what_is_not_theirs(shared: Settings) -> None:
    clock = Hands()
    async with open_rooms(shared, clock=clock) as rooms:
        counter = await Counter.open(rooms)
        other = (await Counter.open(rooms)).license_
        for identifier in (other.identifier.text, counter.license_.identifier.text.replace(".001.", ".002.")):
            with pytest.raises(EtrustError) as caught:
                await counter.show(identifier=identifier)
            assert caught.value.code in {"not_found", "bad_check_character"}
        until = clock() + timedelta(minutes=5)
        counter.acting = acting_for(rooms, counter.license_, Basis.DELEGATE, matter=MATTER, until=until, reference="d-1")
        code = await counter.show(CodeKind.MATTER)
        assert (await rooms.codes.redeem(code.text, operator=counter.clerk)).acting == counter.acting
        for kind, more in ((CodeKind.LICENSE, {}), (CodeKind.MATTER, {"matter": "2" * 31}), (CodeKind.MATTER, {"matter": "short"})):
            with pytest.raises(EtrustError, match="may_not_show"):
                await counter.show(kind, **more)
        clock.ahead = timedelta(minutes=5)
        with pytest.raises(EtrustError, match="may_not_show"):
            await counter.show(CodeKind.MATTER)


async def test_a_code_of_another_region_is_told_as_that(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        foreign = sign_online_code(claims(region="620000"), make_signer())
        assert (await refused(counter, foreign)).code == "code_of_other_region"
        assert (await refused(counter, sign_online_code(claims(), make_signer()))).code == "unknown_key"
        assert (await refused(counter, "ET2:")).code == "truncated"


async def test_what_redis_holds_tells_nothing_of_a_person(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        before = await keys_of(rooms)
        codes = [await counter.show(kind) for kind in CodeKind]
        redis, told = rooms.stores.redis, b""
        for key in await keys_of(rooms) - before:
            kind = await redis.type(key)
            value = await redis.get(key) if kind == b"string" else b"".join(await redis.zrange(key, 0, -1))
            told += key + value
            assert 0 < await redis.pttl(key) <= 60_000
        subject = counter.acting.subject
        secrets = [subject.name, subject.code, counter.license_.identifier.serial, "person-1", MATTER]
        assert len(told) > 500
        for secret in [each.encode() for each in secrets] + [code.shown.handle for code in codes] + [subject.key]:
            assert secret not in told
            assert secret.hex().encode() not in told


async def test_scans_at_the_same_moment_by_both_kinds_of_people(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        redeem = rooms.codes.redeem
        answers = await asyncio.gather(
            redeem(code.text, operator=counter.clerk), redeem(code.text, operator=None, client="192.0.2.1"),
            return_exceptions=True,
        )
        assert sum(answer == code.shown for answer in answers) == 1
        (error,) = [answer for answer in answers if isinstance(answer, EtrustError)]
        assert error.code in {"code_used", "code_not_valid"}


async def test_the_holder_sees_who_scanned(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        for actor in (counter.clerk, None):
            await rooms.check((await counter.show()).text, actor=actor)
        await rooms.check((await counter.show(CodeKind.HOLDER)).text, actor=counter.clerk)
        entries = (await rooms.consent.log(counter.acting.subject.key)).entries
        assert sorted((entry.operator, entry.outcome, len(entry.licenses)) for entry in entries) == [
            ("", "valid", 1), ("clerk", "unknown", 0), ("clerk", "valid", 1)
        ]  # fmt: skip
        assert {field for entry in entries for field in entry.fields} == {
            "holder_name", "business_license.holder_name", "business_license.holder_code"
        }  # fmt: skip
