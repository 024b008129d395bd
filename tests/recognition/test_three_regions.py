"""Three regions, one of them not etrust, through recognition, objection, correction and notice, with one stopped in the middle."""

import contextlib
import importlib.util
import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest
import pytest_asyncio
from aiohttp import web

from etrust.cli.serving import serving
from etrust.credentials.code import encode_code
from etrust.licenses import store as license_store
from etrust.notices.model import Recipient, RecipientKind
from etrust.objections.corrections import CorrectionState, Difference, Taken
from etrust.objections.model import Outcome, State
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import issue_company
from tests.notices.test_delivery import deliver_all
from tests.recognition.foreign_peer import REGION as QINGHAI
from tests.recognition.foreign_peer import ForeignPeer, Known
from tests.recognition.regions import GANSU, Partner, add_partner, agree_with, another_region, free_port, meet

CLERKS_BODY = Recipient(RecipientKind.BODY, "12653121MB1A0011X3")
NOTICES = "/api/v1/recognition/notices"


def offline_verifier() -> ModuleType:
    """The public verifier, as a partner has it."""
    path = Path(__file__).parents[2] / "examples" / "verify_offline.py"
    spec = importlib.util.spec_from_file_location("verify_offline", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


@contextlib.asynccontextmanager
async def at_work(peer: ForeignPeer, port: int) -> AsyncIterator[None]:
    """The foreign region, reachable."""
    runner = web.AppRunner(peer.app())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def three(region: Settings, gansu: Partner) -> AsyncIterator[tuple[Rooms, ForeignPeer, int]]:
    async with open_rooms(region) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        await meet(rooms, address, gansu)
        port = free_port()
        peer = ForeignPeer(f"http://127.0.0.1:{port}")
        peer.known = {rooms.settings.region: Known(address, rooms.anchor_certificate())}
        await add_partner(rooms, QINGHAI, "青海省", peer.address, peer.certificates["anchor"])
        await agree_with(rooms, QINGHAI)
        yield rooms, peer, port


def test_the_peer_knows_nothing_of_etrust() -> None:
    source = (Path(__file__).parent / "foreign_peer.py").read_text("utf-8")
    assert re.findall(r"^\s*(?:from|import) (?:etrust|tests)", source, re.MULTILINE) == []


async def test_what_each_issued_counts_at_the_others(region: Settings, gansu: Partner) -> None:
    async with three(region, gansu) as (rooms, peer, port), at_work(peer, port):
        foreign = peer.issue("3000000000000001", "青海三江源乳业有限公司", "91630000MA7520001P", 7)
        verdict = await rooms.check(foreign)
        assert (verdict.status.value, verdict.evidence["agreement"][:9]) == ("valid", "HR-630000")
        peer.revoke(7)
        rooms.partners.look_again()
        # The other way: the peer judges a code of this region by the public formats and the public verifier alone.
        license_ = await issue_company(rooms, 证照编号="650000000000501")
        verifier = offline_verifier()
        code = encode_code(license_.credential)
        trusted = verifier.read_trust_list(await rooms.trust.token(), rooms.anchor_certificate(), rooms.clock().timestamp())
        headers, payload, signature, signed = verifier.open_sign1(verifier.decode_code(code))
        assert verifier.key_that_signed(trusted, "credential", headers, signature, signed)
        assert verifier.loads(payload)[1] == "650000"


async def test_an_objection_of_the_peer_is_corrected_here_though_it_was_stopped(region: Settings, gansu: Partner) -> None:
    async with three(region, gansu) as (rooms, peer, port):
        license_ = await issue_company(rooms, 证照编号="650000000000502")
        async with at_work(peer, port):
            sealed = await peer.seal("650000", {"claim": "李明", "words": "与本人证件不符。"})
            notice = {
                "notice_id": "N-" + "Q" * 22, "stream": "objection/QH-1", "number": 1, "kind": "objection.forwarded",
                "at": rooms.clock().isoformat(),
                "content": {"number": "QH-1", "license": license_.identifier.text, "field": "legal_representative", "sealed": sealed},
            }  # fmt: skip
            assert await peer.post("650000", NOTICES, notice) == (200, {"answer": "confirmed", "last": 1})
            assert (await peer.post("650000", NOTICES, notice))[1]["answer"] == "confirmed_before"  # told twice, done once
            assert (await peer.post("650000", NOTICES, {**notice, "number": 3}))[1]["answer"] == "earlier_ones_missing"
            one, two = await rooms.operator("cases"), await rooms.operator("cases2")
            (case,) = [each for each in await rooms.objections.queue(one) if each.linked == "QH-1"]
            assert (case.claim, case.opener_name) == ("李明", QINGHAI)
            await rooms.objections.accept(case.number, who=one)
            await deliver_all(rooms)
            assert [each["content"]["state"] for each in peer.told] == ["review"]
        # The peer stops here. The case goes on, and what it is to be told waits, in its order.
        await rooms.objections.propose(case.number, Outcome.CORRECTED, "属实。", who=one, changes={"legal_representative": "李明"})
        settled = await rooms.objections.decide(case.number, who=two)
        assert settled.prepared is not None
        await deliver_all(rooms)
        waiting = [each for each in await rooms.notices.unconfirmed() if each.notice.recipient.name == QINGHAI]
        assert len(waiting) == 1
        assert waiting[0].last_error
        async with at_work(peer, port):
            await rooms.notices.resend(waiting[0].notice.notice_id, who=await rooms.operator("trust"))
            await deliver_all(rooms)
            assert [each["content"]["state"] for each in peer.told] == ["review", "corrected"]
            assert peer.told[-1]["content"]["replaced_by"] == settled.prepared.identifier.text
            assert [each for each in await rooms.notices.unconfirmed() if each.notice.recipient.name == QINGHAI] == []


async def test_a_case_and_a_difference_go_round_three_regions(region: Settings, gansu: Partner) -> None:
    """Found here, corrected in Gansu, and the third region is not told what is none of its business."""
    async with three(region, gansu) as (rooms, peer, port), at_work(peer, port):
        license_ = await issue_company(gansu.rooms, 证照编号="620000000000503")
        clerk = await rooms.operator("clerk")
        verdict = await rooms.check(encode_code(license_.credential))
        assert verdict.status.value == "valid"
        here = await rooms.objections.open_by_clerk(clerk, license_=encode_code(license_.credential), words="名称有误。")
        difference = Difference(license_.identifier.text, "legal_representative", "王芳", region=GANSU)
        (taken,) = await rooms.corrections.report([difference], who=clerk)
        assert isinstance(taken, Taken)
        for _ in range(3):
            await deliver_all(rooms)
            await deliver_all(gansu.rooms)
        one, two = await gansu.rooms.operator("cases"), await gansu.rooms.operator("cases2")
        there = next(each for each in await gansu.rooms.objections.queue(one) if each.linked == here.number)
        await gansu.rooms.objections.accept(there.number, who=one)
        await gansu.rooms.objections.propose(there.number, Outcome.STANDS, "与档案一致。", who=one)
        await gansu.rooms.objections.decide(there.number, who=two)
        (found,) = [each for each in await gansu.rooms.corrections.queue(one, [CorrectionState.OPEN]) if each.difference.value == "王芳"]
        await gansu.rooms.corrections.propose([found.number], "属实。", who=one)
        (agreed,), _ = await gansu.rooms.corrections.agree([found.number], who=two)
        for _ in range(3):
            await deliver_all(gansu.rooms)
            await deliver_all(rooms)
        assert (await rooms.objections.opened_case(here.number, clerk)).state is State.DISMISSED
        assert (await rooms.corrections.reported(taken.number, clerk)).state is CorrectionState.ACCEPTED
        async with gansu.rooms.stores.pool.acquire() as connection:
            new = await license_store.find(connection, license_.serial, 2)
        assert new is not None
        assert (new.identifier.text, new.fields["legal_representative"]) == (agreed.replaced_by, "王芳")
        kinds = {each.notice.kind for each in await rooms.notices.inbox(CLERKS_BODY)}
        assert {"objection.decided", "correction.decided"} <= kinds
        assert peer.told == []


@pytest.mark.parametrize("how", ["replayed", "altered", "elsewhere", "unknown"])
async def test_messages_that_do_not_count(region: Settings, gansu: Partner, how: str) -> None:
    async with three(region, gansu) as (rooms, peer, port), at_work(peer, port):
        content = {"notice_id": "N-" + "Z" * 22, "stream": "x/1", "number": 1, "kind": "x.y", "at": rooms.clock().isoformat(), "content": {}}
        if how == "replayed":
            assert (await peer.post("650000", NOTICES, content, nonce="n" * 24))[0] == 200
            status, told = await peer.post("650000", NOTICES, content, nonce="n" * 24)
        elif how == "altered":
            peer.keys["message"] = ForeignPeer().keys["message"]  # not the one in the list
            status, told = await peer.post("650000", NOTICES, content)
        elif how == "elsewhere":
            peer.known[GANSU] = peer.known["650000"]  # a message for Gansu is sent here
            with pytest.raises(AssertionError):  # what is answered does not come from Gansu
                await peer.post(GANSU, NOTICES, content)
            return
        else:
            peer.kid = lambda name: "0" * 16  # type: ignore[method-assign]
            status, told = await peer.post("650000", NOTICES, content)
        assert (status, told["code"]) == (401, "bad_message_signature")
