"""Publishes the region's own trust list: bodies, rights and keys as they stand in the store, signed by the region's anchor."""

from dataclasses import replace
from datetime import datetime, timedelta

from etrust.access import store as access_store
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.trust import draft_store, store
from etrust.trust.lists import MAX_PIVOTS, content_of, read_trust_list, sign_cbor_list, sign_trust_list
from etrust.trust.model import Right, RightKind, TrustList, TrustSnapshot

LIFETIME = timedelta(days=30)


async def publish_trust_list(
    connection: Connection, *, region: str, anchor: Signer, operator: str, at: datetime
) -> TrustSnapshot:
    """Sign and keep the next list, as JSON and as CBOR; its sequence number is one above the last."""
    async with connection.transaction():
        await store.lock_publication(connection)
        content = await next_content(connection, region=region, at=at)
        token = sign_trust_list(content, anchor)
        snapshot = read_trust_list(token, anchors=[anchor.certificate], at=at)
        await store.add_list(
            connection, sequence=content.sequence, token=token, digest=snapshot.digest, at=at, operator=operator
        )
        await store.add_form(connection, sequence=content.sequence, cbor=sign_cbor_list(content, token, anchor))
        await access_store.record(
            connection, at=at, operator=operator, body=region, action="trust_list.publish", subject=snapshot.digest
        )
    return snapshot


async def next_content(connection: Connection, *, region: str, at: datetime) -> TrustList:
    """What a list published now would say."""
    newest = await store.newest_list(connection)
    endpoints, types, states = draft_store.told_by(await draft_store.facts(connection))
    codes = {each.name: each.code for each in types}
    rights = [
        Right(each.body, RightKind.LICENSE, codes[each.license_type], each.valid_from, each.valid_until)
        for each in await access_store.mandates(connection)
        if each.license_type in codes
    ]
    content = TrustList(
        region=region, sequence=1 if newest is None else newest[0] + 1, issued_at=at, next_update=at + LIFETIME,
        entities=await access_store.bodies(connection),
        keys=tuple(entry for entry, _ in await store.key_entries(connection)),
        rights=(*rights, *await draft_store.seal_rights(connection)), endpoints=endpoints, types=types, states=states,
        pivots=(await draft_store.pivots(connection))[-MAX_PIVOTS:],
    )  # fmt: skip
    return content if newest is None else _saying_what_is_gone(content, content_of(newest[1]))


def _saying_what_is_gone(content: TrustList, before: TrustList) -> TrustList:
    """Readers refuse a list that lost much without a word; see `trust.following`."""
    gone = {each.code for each in before.entities} - {each.code for each in content.entities}
    gone |= {each.kid.hex() for each in before.keys} - {each.kid.hex() for each in content.keys}
    return replace(content, removes=frozenset(gone))
