"""Certificates from elsewhere: two people bring one in, it counts for its time, and lists come by file."""

from datetime import datetime, timedelta

import pytest
from tests.support import ISSUER, NOW
from tests.trust.authorities import YEAR, Authority, authority

from etrust.access.model import Operator
from etrust.errors import EtrustError
from etrust.signing.model import Algorithm
from etrust.storage.postgres import Connection
from etrust.trust.chains import check_chain, check_revocation
from etrust.trust.crl_making import Listed, make_crl
from etrust.trust.foreign import decide, find, import_crls, propose_certificate
from etrust.trust.foreign_store import ForeignAction, ForeignCertificate, ForeignRole, ForeignState
from etrust.trust.ground import load_ground
from etrust.trust.x509 import Certificate, read_certificate

DAY = timedelta(days=1)
FIRST = Operator("admin", "甲", ISSUER, "局", frozenset({"admin"}))
SECOND = Operator("admin2", "乙", ISSUER, "局", frozenset({"admin"}))


@pytest.fixture(scope="module")
def elsewhere() -> Authority:
    return authority(Algorithm.SM2, name="seals of elsewhere")


@pytest.fixture(scope="module")
def leaf(elsewhere: Authority) -> Certificate:
    return read_certificate(elsewhere.certify("seal").certificate)


async def propose(connection: Connection, elsewhere: Authority, **changes: object) -> ForeignCertificate:
    return await propose_certificate(**{  # type: ignore[arg-type]
        "connection": connection, "certificate": elsewhere.signer.certificate, "role": ForeignRole.ANCHOR, "holder": "陕西省印章中心",
        "trusted_from": NOW - DAY, "trusted_until": NOW + YEAR, "reason": "互认", "legal_basis": "互认协议第二条", "who": FIRST,
        "at": NOW, **changes,
    })  # fmt: skip


async def approve(connection: Connection, found: ForeignCertificate, who: Operator = SECOND) -> ForeignCertificate:
    return await decide(connection, found.fingerprint.hex(), ForeignAction.APPROVE, reason="已核对指纹", who=who, at=NOW)


async def verdict(connection: Connection, leaf: Certificate, at: datetime = NOW, now: datetime = NOW) -> str:
    ground = await load_ground(connection, anchors=[authority().signer.certificate], at=now)
    found = check_chain("chain", leaf, at=at, ground=ground).finding
    return f"{found.outcome} {found.reason}".strip()


async def test_a_certificate_counts_once_another_person_has_approved_it(
    connection: Connection, elsewhere: Authority, leaf: Certificate
) -> None:
    proposed = await propose(connection, elsewhere)
    assert await verdict(connection, leaf) == "unknown no_chain"
    with pytest.raises(EtrustError, match="same_person"):
        await approve(connection, proposed, FIRST)
    assert await verdict(connection, leaf) == "unknown no_chain"
    assert (await approve(connection, proposed)).state is ForeignState.TRUSTED
    assert await verdict(connection, leaf) == "passed"


async def test_it_counts_for_signatures_of_its_time_only(connection: Connection, elsewhere: Authority, leaf: Certificate) -> None:
    await approve(connection, await propose(connection, elsewhere, trusted_from=NOW + DAY, trusted_until=NOW + 9 * DAY))
    now = NOW + 30 * DAY
    assert await verdict(connection, leaf, NOW, now) == "failed not_relied_upon"
    assert await verdict(connection, leaf, NOW + 2 * DAY, now) == "passed"
    assert await verdict(connection, leaf, NOW + 9 * DAY, now) == "failed not_relied_upon"


async def test_ending_trust_leaves_what_was_signed_before(connection: Connection, elsewhere: Authority, leaf: Certificate) -> None:
    found = await approve(connection, await propose(connection, elsewhere, trusted_until=None))
    ended = await decide(
        connection, found.fingerprint.hex()[:8], ForeignAction.END, reason="协议终止", who=FIRST, at=NOW + 9 * DAY, effective_at=NOW + 5 * DAY
    )
    assert (ended.state, ended.trusted_until) == (ForeignState.ENDED, NOW + 5 * DAY)
    now = NOW + 10 * DAY
    assert await verdict(connection, leaf, NOW + 4 * DAY, now) == "passed"
    assert await verdict(connection, leaf, NOW + 6 * DAY, now) == "failed not_relied_upon"


async def test_an_end_may_be_brought_forward_but_not_undone(connection: Connection, elsewhere: Authority) -> None:
    found = await approve(connection, await propose(connection, elsewhere))
    for when in (9, 5):
        await decide(
            connection, found.fingerprint.hex(), ForeignAction.END, reason="x", who=FIRST, at=NOW + 9 * DAY, effective_at=NOW + when * DAY
        )
    assert (await find(connection, found.fingerprint.hex())).trusted_until == NOW + 5 * DAY
    with pytest.raises(EtrustError, match="bad_transition"):
        await approve(connection, found)


async def test_a_refused_proposal_stays_refused(connection: Connection, elsewhere: Authority, leaf: Certificate) -> None:
    proposed = await propose(connection, elsewhere)
    await decide(connection, proposed.fingerprint.hex(), ForeignAction.REFUSE, reason="指纹不符", who=FIRST, at=NOW)
    with pytest.raises(EtrustError, match="bad_transition"):
        await approve(connection, proposed)
    assert await verdict(connection, leaf) == "unknown no_chain"


async def test_an_intermediate_is_believed_only_through_an_anchor(connection: Connection, elsewhere: Authority, leaf: Certificate) -> None:
    await approve(connection, await propose(connection, elsewhere, role=ForeignRole.INTERMEDIATE))
    ground = await load_ground(connection, anchors=[], at=NOW)
    assert [each.fingerprint for each in ground.others] == [read_certificate(elsewhere.signer.certificate).fingerprint]
    assert await verdict(connection, leaf) == "unknown no_chain"


BAD = {
    "no reason": ({"reason": ""}, "bad_proposal"),
    "no holder": ({"holder": " "}, "bad_proposal"),
    "no legal basis": ({"legal_basis": ""}, "bad_proposal"),
    "ends before it begins": ({"trusted_until": NOW - 2 * DAY}, "bad_proposal"),
    "no certificate": ({"certificate": b"0\0"}, "bad_certificate"),
}


@pytest.mark.parametrize(("changes", "code"), BAD.values(), ids=BAD)
async def test_bad_proposals(connection: Connection, elsewhere: Authority, changes: dict[str, object], code: str) -> None:
    with pytest.raises(EtrustError, match=code):
        await propose(connection, elsewhere, **changes)


async def test_only_certificates_of_authorities_and_each_once(connection: Connection, elsewhere: Authority, leaf: Certificate) -> None:
    with pytest.raises(EtrustError, match="not_an_authority"):
        await propose(connection, elsewhere, certificate=leaf.encoded)
    await propose(connection, elsewhere)
    with pytest.raises(EtrustError, match="known_certificate"):
        await propose(connection, elsewhere, who=SECOND)


@pytest.mark.parametrize("fingerprint", ["", "zz", "00", "00112233", "0" * 64])
async def test_a_fingerprint_must_name_one(connection: Connection, elsewhere: Authority, fingerprint: str) -> None:
    await propose(connection, elsewhere)
    with pytest.raises(EtrustError, match="no_certificate"):
        await find(connection, fingerprint)


async def test_lists_of_trusted_authorities_come_by_file(connection: Connection, elsewhere: Authority, leaf: Certificate) -> None:
    await approve(connection, await propose(connection, elsewhere))
    made = make_crl(
        elsewhere.signer, number=3, revoked=[Listed(leaf.serial, NOW - DAY, 1)], this_update=NOW - DAY, next_update=NOW + DAY,
        points=sorted(leaf.extensions.crl_points),
    )  # fmt: skip
    ground = await load_ground(connection, anchors=[], at=NOW)
    known = (*ground.anchors, *ground.others)
    assert len(await import_crls(connection, made, known=known, who=FIRST, at=NOW)) == 1
    assert await import_crls(connection, made, known=known, who=FIRST, at=NOW) == ()
    ground = await load_ground(connection, anchors=[], at=NOW)
    chain = check_chain("chain", leaf, at=NOW, ground=ground)
    assert check_revocation("revocation", chain, at=NOW, ground=ground).reason == "certificate_revoked"


async def test_lists_of_nobody_or_of_the_future_are_refused(connection: Connection, elsewhere: Authority) -> None:
    known = [read_certificate(elsewhere.signer.certificate)]
    stranger = make_crl(authority(Algorithm.SM2).signer, number=1, revoked=[], this_update=NOW, next_update=NOW + DAY)
    with pytest.raises(EtrustError, match="crl_of_nobody"):
        await import_crls(connection, stranger, known=known, who=FIRST, at=NOW)
    future = make_crl(elsewhere.signer, number=1, revoked=[], this_update=NOW + DAY, next_update=NOW + 2 * DAY)
    with pytest.raises(EtrustError, match="crl_in_future"):
        await import_crls(connection, future, known=known, who=FIRST, at=NOW)
    with pytest.raises(EtrustError, match="bad_crl"):
        await import_crls(connection, b"junk", known=known, who=FIRST, at=NOW)


async def test_an_approval_raced_by_a_refusal_counts_once(connection: Connection, elsewhere: Authority) -> None:
    found = await propose(connection, elsewhere)
    await approve(connection, found)
    with pytest.raises(EtrustError, match="bad_transition"):
        await decide(connection, found.fingerprint.hex(), ForeignAction.REFUSE, reason="x", who=FIRST, at=NOW)
    with pytest.raises(Exception, match="append only"):
        await connection.execute("DELETE FROM foreign_certificate_events")
