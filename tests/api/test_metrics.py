"""`/metrics` tells how the log, notices and other regions' lists stand."""

from etrust.notices.model import Recipient, RecipientKind
from etrust.notices.post import post
from etrust.recognition import partner_store
from etrust.settings import Settings
from tests.api.calling import running
from tests.licenses.issuing import issue_company


async def test_the_log_notices_and_alarms(region: Settings) -> None:
    async with running(region) as api:
        rooms = api.rooms
        await issue_company(rooms)
        while await rooms.ledger.integrate():
            pass
        body = Recipient(RecipientKind.BODY, "11650000MB1A0004XU")
        async with rooms.stores.pool.acquire() as connection, connection.transaction():
            await post(connection, stream="x", recipient=body, kind="license.corrected", content={}, at=rooms.clock())
            await partner_store.raise_alarm(
                connection, region="620000", reason="older_list", detail="x", token=b"x", at=rooms.clock()
            )
        _, told, _ = await api.call("GET", "/metrics", key="")
        assert isinstance(told, bytes)
        lines = told.decode().splitlines()
        assert 'etrust_notices_unconfirmed{recipient="body"} 1' in lines
        assert 'etrust_trust_alarms{reason="older_list"} 1' in lines
        assert any(each.startswith("etrust_ledger_pending ") for each in lines)
        (stamp,) = [each.split(" ")[1] for each in lines if each.startswith("etrust_ledger_checkpoint_timestamp_seconds ")]
        assert abs(float(stamp) - rooms.clock().timestamp()) < 120
