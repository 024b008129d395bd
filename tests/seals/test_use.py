"""Using a seal: who may, for what, when; every use logged before the key is used, every refusal kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from etrust.access.model import Role
from etrust.errors import EtrustError
from etrust.seals import usage_store
from etrust.seals.cancel import cancel
from etrust.seals.change import change
from etrust.seals.grants import end_grant, give_grant
from etrust.seals.model import Actor, GranteeKind, NewGrant, Purpose, SealState
from etrust.seals.suspend import freeze
from etrust.seals.use import SealUse, use_seal, user
from etrust.ses.parse import parse_seal_signature
from etrust.settings import Settings
from etrust.signing import sm2
from etrust.trust.issuing import RevocationReason, revoke_certificate
from etrust.trust.x509 import read_certificate
from etrust.verification.model import Overall
from etrust.verification.seals import SEAL_SIGNATURE
from tests.seals.officers import BODY, CENTER, GROUND, SEAL, Desk, desk
from tests.seals.test_making import judged

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DOCUMENT = b"the document"
DIGEST = sm2.sm3(DOCUMENT)
BUSINESS = Purpose("business_license", document="1.2.156.3005.2.X")
ISSUERS = NewGrant(GranteeKind.ROLE, Role.ISSUER, license_types=("business_license",))
ISSUER = frozenset({Role.ISSUER})


def officer(at: Desk, *, operator: str = "officer", body: str = BODY, when: datetime | None = None) -> Actor:
    return Actor(operator, body, ISSUER, when or at.who().at)


async def ready(at: Desk, grant: NewGrant = ISSUERS) -> str:
    code = await at.reach(SealState.ACTIVE)
    await give_grant(at.connection, code, grant, who=at.who(), ground=GROUND)
    return code


async def put(at: Desk, code: str, purpose: Purpose = BUSINESS, who: Actor | None = None) -> SealUse:
    return await use_seal(
        at.connection, code=code, digest=DIGEST, purpose=purpose, who=who or officer(at), property_info="document.pdf",
        signer_of=at.rooms.cabinet.named, stamping=at.rooms.seal_stamping,
    )  # fmt: skip


async def refused(at: Desk, code: str, purpose: Purpose = BUSINESS, who: Actor | None = None) -> str:
    with pytest.raises(EtrustError) as error:
        await put(at, code, purpose, who)
    return error.value.code


async def test_a_use_is_a_seal_signature_that_passes(region: Settings) -> None:
    async with desk(region) as at:
        code = await ready(at)
        done = await put(at, code)
        verdict = await judged(at, done.signed_value, SEAL_SIGNATURE, DOCUMENT)
        assert verdict.verdict is Overall.PASSED, verdict.findings
        signature = parse_seal_signature(done.signed_value)
        assert signature.timestamp is not None
        assert (signature.seal.code, signature.property_info, signature.digest) == (code, "document.pdf", DIGEST)
        assert (await judged(at, done.signed_value, SEAL_SIGNATURE, b"another")).sub_indication == "HASH_FAILURE"


async def test_every_use_is_logged_with_digest_purpose_and_operator(region: Settings) -> None:
    async with desk(region) as at:
        code = await ready(at)
        first, second = await put(at, code), await put(at, code)
        uses = await usage_store.uses_of(at.connection, code)
        assert [use.use_id for use in uses] == [second.use_id, first.use_id]
        assert {(use.digest, use.purpose, use.operator, use.body) for use in uses} == {(DIGEST, BUSINESS, "officer", BODY)}
        assert [use.signed_at for use in uses] == [second.at, first.at]
        assert await usage_store.count_uses(at.connection, code) == 2


async def test_the_log_is_there_before_the_key_is_used(region: Settings) -> None:
    async with desk(region) as at:
        code = await ready(at)

        def pulled_out(_: str) -> object:
            raise ConnectionError("the token was pulled out")

        with pytest.raises(ConnectionError):
            await use_seal(
                at.connection, code=code, digest=DIGEST, purpose=BUSINESS, who=officer(at), property_info="x",
                signer_of=pulled_out,  # type: ignore[arg-type]  # it never returns
            )  # fmt: skip
        uses = await usage_store.uses_of(at.connection, code)
        assert [(use.digest, use.signed_at) for use in uses] == [(DIGEST, None)]


async def test_a_use_inside_a_transaction_is_a_mistake(region: Settings) -> None:
    async with desk(region) as at:
        code = await ready(at)
        async with at.connection.transaction():
            with pytest.raises(RuntimeError, match="outside transactions"):
                await put(at, code)
        assert await usage_store.count_uses(at.connection, code) == 0


@pytest.mark.parametrize("grant", [NewGrant(GranteeKind.BODY, BODY), ISSUERS])
async def test_who_gave_a_right_does_not_use_it(region: Settings, grant: NewGrant) -> None:
    async with desk(region) as at:
        code = await ready(at, grant)
        assert await refused(at, code, who=officer(at, operator="seals")) == "seal_not_usable"
        assert (await put(at, code)).code == code


async def test_without_a_right_nothing_is_learned(region: Settings) -> None:
    async with desk(region) as at:
        code = await ready(at)
        stranger = officer(at, body=CENTER)
        answers = {
            await refused(at, "65000099999999"), await refused(at, code, who=stranger),
            await refused(at, code, Purpose("marriage_certificate")), await refused(at, code, Purpose(matter="A1")),
            await refused(at, code, who=replace(officer(at), roles=frozenset({Role.CLERK}))),
        }  # fmt: skip
        assert answers == {"seal_not_usable"}
        kept = await usage_store.refusals_of(at.connection, [code, "65000099999999"])
        assert kept == {"unknown_seal": 1, "no_grant": 2, "outside_seal": 2}
        trail = await at.connection.fetchval("SELECT count(*) FROM audit_trail WHERE action = 'seal.use_refused'")
        assert trail == 5
        assert await usage_store.count_uses(at.connection, code) == 0


async def test_who_has_the_right_is_told_of_the_state(region: Settings) -> None:
    async with desk(region) as at:
        code = await ready(at)
        await freeze(at.connection, code, who=at.who(), ground=GROUND)
        assert await refused(at, code) == "seal_not_active"
        await at.restored(code)
        assert (await put(at, code)).code == code
        await cancel(at.connection, at.rooms.workshop, code, who=at.who(), ground=GROUND)
        assert await refused(at, code) == "seal_not_active"
        assert await usage_store.refusals_of(at.connection, [code]) == {"seal_not_active": 2}


async def test_a_seal_that_was_never_activated(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.RECORDED)
        await give_grant(at.connection, code, ISSUERS, who=at.who(), ground=GROUND)
        assert await refused(at, code) == "seal_not_active"


async def test_out_of_its_time(region: Settings) -> None:
    async with desk(region) as at:
        code = await ready(at)
        later = at.rooms.clock() + timedelta(days=5 * 366)
        assert await refused(at, code, who=officer(at, when=later)) == "seal_out_of_time"


async def test_a_revoked_certificate(region: Settings) -> None:
    async with desk(region) as at:
        code = await ready(at)
        certificate = read_certificate(at.rooms.cabinet.named(f"seal-{code}").certificate)
        await revoke_certificate(
            at.connection, serial=certificate.serial, authority=at.rooms.workshop.authority, at=at.who().at,
            reason=RevocationReason.KEY_COMPROMISE, operator="seals", legal_basis="x",
        )  # fmt: skip
        assert await refused(at, code) == "certificate_revoked"


@pytest.mark.parametrize(("grant", "who", "works"), [
    (NewGrant(GranteeKind.OPERATOR, "officer"), Actor("officer", BODY, frozenset(), NOW), True),
    (NewGrant(GranteeKind.OPERATOR, "officer"), Actor("clerk", BODY, ISSUER, NOW), False),
    (NewGrant(GranteeKind.BODY, BODY), Actor("anybody", BODY, frozenset(), NOW), True),
    (NewGrant(GranteeKind.BODY, CENTER), Actor("anybody", BODY, frozenset(), NOW), False),
    (NewGrant(GranteeKind.ROLE, "issuer"), Actor("officer", CENTER, ISSUER, NOW), False),
    (NewGrant(GranteeKind.ROLE, "issuer", matters=("B7",)), Actor("officer", BODY, ISSUER, NOW), False),
])  # fmt: skip
async def test_to_whom_a_right_was_given(region: Settings, grant: NewGrant, who: Actor, works: bool) -> None:
    async with desk(region) as at:
        code = await ready(at, grant)
        who = replace(who, at=at.who().at)
        if works:
            assert (await put(at, code, who=who)).code == code
        else:
            assert await refused(at, code, who=who) == "seal_not_usable"


async def test_from_when_until_when_and_taken_back(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.ACTIVE)
        since, until = at.who().at + timedelta(days=1), at.who().at + timedelta(days=2)
        limited = replace(ISSUERS, valid_from=since, valid_until=until)
        given = await give_grant(at.connection, code, limited, who=at.who(), ground=GROUND)
        moments = {since - timedelta(seconds=1): False, since: True, until - timedelta(seconds=1): True, until: False}
        for moment, works in moments.items():
            who = officer(at, when=moment)
            assert (await put(at, code, who=who)).at == moment if works else await refused(at, code, who=who) == "seal_not_usable"
        await end_grant(at.connection, given.grant_id, who=replace(at.who("seals2"), at=since), ground=GROUND)
        assert await refused(at, code, who=officer(at, when=since + timedelta(seconds=1))) == "seal_not_usable"
        with pytest.raises(EtrustError) as error:
            await end_grant(at.connection, given.grant_id, who=at.who(), ground=GROUND)
        assert error.value.code == "grant_ended"


@pytest.mark.parametrize(("grant", "code"), [
    (NewGrant(GranteeKind.OPERATOR, "seals"), "own_grant"), (NewGrant(GranteeKind.ROLE, "seal_officer"), "own_grant"),
    (NewGrant(GranteeKind.OPERATOR, "nobody"), "unknown_grantee"), (NewGrant(GranteeKind.BODY, "X"), "unknown_grantee"),
    (NewGrant(GranteeKind.ROLE, "king"), "unknown_grantee"), (replace(ISSUERS, license_types=("No!",)), "bad_grant"),
    (replace(ISSUERS, matters=("a b",)), "bad_grant"), (replace(ISSUERS, valid_until=datetime.fromisoformat("2020-01-01T00:00Z")), "bad_grant"),
])  # fmt: skip
async def test_rights_that_cannot_be_given(region: Settings, grant: NewGrant, code: str) -> None:
    async with desk(region) as at:
        seal = await at.reach(SealState.MADE)
        with pytest.raises(EtrustError) as error:
            await give_grant(at.connection, seal, grant, who=at.who(), ground=GROUND)
        assert (error.value.code, await usage_store.grants_of(at.connection, seal)) == (code, [])


async def test_no_right_for_a_seal_that_is_over(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.CANCELED)
        with pytest.raises(EtrustError) as error:
            await give_grant(at.connection, code, ISSUERS, who=at.who(), ground=GROUND)
        assert error.value.code == "seal_is_over"


async def test_rights_go_over_to_the_seal_that_takes_the_place(region: Settings) -> None:
    async with desk(region) as at:
        old = await ready(at)
        taken_back = await give_grant(at.connection, old, NewGrant(GranteeKind.BODY, CENTER), who=at.who(), ground=GROUND)
        await end_grant(at.connection, taken_back.grant_id, who=at.who(), ground=GROUND)
        new = (await change(at.connection, old, who=at.who(), ground=GROUND)).code
        await at.advance(new, SealState.ACTIVE)
        carried = await usage_store.grants_of(at.connection, new)
        assert [(grant.grantee, grant.license_types) for grant in carried] == [("issuer", ("business_license",))]
        assert (await put(at, new)).code == new
        assert await refused(at, old) == "seal_not_active"


@pytest.mark.parametrize(("digest", "purpose", "code"), [
    (b"short", BUSINESS, "bad_digest"), (DIGEST, Purpose(), "bad_purpose"), (DIGEST, Purpose("No!"), "bad_purpose"),
    (DIGEST, Purpose("business_license", document="张三"), "bad_purpose"), (DIGEST, Purpose(matter="a b"), "bad_purpose"),
])  # fmt: skip
async def test_requests_out_of_shape(region: Settings, digest: bytes, purpose: Purpose, code: str) -> None:
    async with desk(region) as at:
        with pytest.raises(EtrustError) as error:
            await use_seal(
                at.connection, code="65000000000001", digest=digest, purpose=purpose, who=officer(at), property_info="x",
                signer_of=at.rooms.cabinet.named,
            )  # fmt: skip
        assert error.value.code == code


async def test_the_roles_of_an_account_are_looked_up(region: Settings) -> None:
    async with desk(region) as at:
        now = at.who().at
        assert (await user(at.connection, operator="officer", body=BODY, at=now)).roles == {"issuer", "clerk"}
        assert (await user(at.connection, operator="nobody", body=BODY, at=now)).roles == frozenset()
        assert SEAL.body == BODY
