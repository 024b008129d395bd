"""Publishes the region's own trust list: bodies and keys as they stand in the store, signed by the region's anchor."""

from datetime import datetime, timedelta

from etrust.access import store as access_store
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.trust import store
from etrust.trust.lists import read_trust_list, sign_trust_list
from etrust.trust.model import TrustList, TrustSnapshot

LIFETIME = timedelta(days=30)


async def publish_trust_list(
    connection: Connection, *, region: str, anchor: Signer, operator: str, at: datetime
) -> TrustSnapshot:
    """Sign and keep the next list; its sequence number is one above the last."""
    async with connection.transaction():
        await store.lock_publication(connection)
        newest = await store.newest_list(connection)
        content = TrustList(
            region=region, sequence=1 if newest is None else newest[0] + 1, issued_at=at, next_update=at + LIFETIME,
            entities=await access_store.bodies(connection),
            keys=tuple(entry for entry, _ in await store.key_entries(connection)),
        )
        token = sign_trust_list(content, anchor)
        snapshot = read_trust_list(token, anchors=[anchor.certificate], at=at)
        await store.add_list(
            connection, sequence=content.sequence, token=token, digest=snapshot.digest, at=at, operator=operator
        )
        await access_store.record(
            connection, at=at, operator=operator, body=region, action="trust_list.publish", subject=snapshot.digest
        )
    return snapshot
