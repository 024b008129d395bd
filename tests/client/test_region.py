"""`etrust.client.PartnerClient`: another region asked, by a system that has no store of etrust."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from etrust.client import BadAnswer, Identity, PartnerClient, RegionRefused, Retry
from etrust.errors import EtrustError
from etrust.recognition.evidence import Evidence, is_of_its_time
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.home import ENCRYPTION_KEY, MESSAGE_KEY
from tests.client.test_department import USE
from tests.licenses.issuing import code_of, issue_company
from tests.recognition.regions import Partner, agree_with, another_region, answer_to
from tests.recognition.test_gbt36906 import let_copies_be_made

pytestmark = pytest.mark.long
QUICK = Retry(tries=3, wait=0.01, timeout=20)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


def identity_of(rooms: Rooms) -> Identity:
    return Identity(rooms.settings.region, rooms.cabinet.current(MESSAGE_KEY), rooms.cabinet.decryption_keys(ENCRYPTION_KEY))


def calling(rooms: Rooms, gansu: Partner, **changes: object) -> PartnerClient:
    asked = {"region": "620000", "anchor": gansu.rooms.anchor_certificate(), "identity": identity_of(rooms), "retry": QUICK, **changes}
    return PartnerClient(gansu.address, **asked)  # type: ignore[arg-type]


async def test_everything_is_asked_signed_and_sealed_and_can_be_proved(region: Settings, gansu: Partner) -> None:
    license_ = await issue_company(gansu.rooms)
    await let_copies_be_made(gansu.rooms, license_)
    async with open_rooms(region) as rooms:
        await answer_to(gansu.rooms, rooms)
        async with calling(rooms, gansu) as client:
            with pytest.raises(RegionRefused, match="no_agreement"):  # on duty nothing is told without one
                await client.holdings(license_.holders[0][1], "001", license_.type_code, USE)
        await agree_with(gansu.rooms, "650000")
        async with calling(rooms, gansu) as client:
            assert (await client.query(license_.identifier.text, USE)).status == "valid"
            assert await client.holdings(license_.holders[0][1], "001", license_.type_code, USE) == [code_of(license_)]
            assert (await client.compare(license_.identifier.text, {"holder_name": license_.holders[0][0]}, USE)).matches
            link = await client.download_link(license_.identifier.text, USE)
            file = await client.download(link, body=USE.body)
            assert (await client.verify_shared_file(file)).is_good
            with pytest.raises(RegionRefused) as once:
                await client.download(link, body=USE.body)
            assert once.value.status == 100
            assert client.last is not None
            kept = Evidence.from_json(client.last.to_json())
            signed, trust = kept.judge(gansu.rooms.anchor_certificate())
            assert is_of_its_time(kept, signed)
            assert trust.trust_list.region == "620000"
            altered = replace(kept, answer=replace(kept.answer, body=kept.answer.body + b" "))
            with pytest.raises(EtrustError, match="bad_message_signature"):
                altered.judge(gansu.rooms.anchor_certificate())


async def test_strangers_and_another_anchor(region: Settings, gansu: Partner) -> None:
    async with open_rooms(region) as rooms:
        await answer_to(gansu.rooms, rooms)
        async with calling(rooms, gansu, identity=replace(identity_of(rooms), region="630000")) as client:
            with pytest.raises(RegionRefused) as stranger:
                await client.query("1.2.3", USE)
            assert stranger.value.status == 11
        async with calling(rooms, gansu) as client:
            await client.trust()
            accepted = client.accepted
        async with calling(rooms, gansu, known=accepted) as client:
            assert (await client.trust()).trust_list.sequence >= 1
        async with calling(rooms, gansu, anchor=rooms.anchor_certificate()) as client:
            with pytest.raises(BadAnswer, match="untrusted_list"):
                await client.query("1.2.3", USE)
