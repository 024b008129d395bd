"""A home made before there were seals, documents and timestamps gets what is missing from `etrust init`, and keeps what it has."""

from etrust.cli.region import prepare_home
from etrust.settings import Settings
from etrust.storage.postgres import Connection
from etrust.trust import certificate_store, store
from etrust.trust.chains import check_chain, check_revocation
from etrust.trust.findings import Outcome
from etrust.trust.issuing import RevocationReason, revoke_certificate
from etrust.trust.model import Purpose
from etrust.trust.x509 import read_certificate
from etrust.wiring import open_rooms
from tests.licenses.issuing import code_of, issue_company

OLD = {"credential", "status"}


async def make_old(region: Settings, connection: Connection) -> None:
    """Take away what an older program did not make."""
    await connection.execute("TRUNCATE certificates, certificate_events, crls, crl_places")
    await connection.execute("DELETE FROM key_entries WHERE purpose NOT IN ('credential', 'status')")
    for path in (region.home / "keys").iterdir():
        if path.name.startswith(("anchor-sm2", "timestamp", "document-", "seal-maker")):
            path.unlink()


async def test_init_adds_what_is_missing_and_changes_nothing_else(region: Settings) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        code = code_of(await issue_company(rooms))
        kept = {name: entry for entry, name in await store.key_entries(connection) if entry.purpose.value in OLD}
        await make_old(region, connection)
    await prepare_home(region, None)
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        entries = {name: entry for entry, name in await store.key_entries(connection)}
        assert {name: entries[name] for name in kept} == kept
        assert {entry.purpose for entry in entries.values()} >= set(Purpose) - {Purpose.SEAL}
        assert (await rooms.check(code)).status == "valid"


async def test_every_key_has_a_chain_and_is_not_revoked(region: Settings) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        ground, now = await rooms.authorities.ground(), rooms.clock()
        for entry, name in await store.key_entries(connection):
            certificate = read_certificate(entry.certificate)
            chain = check_chain("chain", certificate, at=now, ground=ground)
            assert chain.finding.outcome is Outcome.PASSED, name
            found = check_revocation("revocation", chain, at=now, ground=ground)
            assert found.outcome is Outcome.PASSED, (name, found)


async def test_certificates_of_an_older_home_can_be_revoked(region: Settings) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        await make_old(region, connection)
    await prepare_home(region, None)
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        row = next(each for each in await certificate_store.list_certificates(connection) if each.profile == "credential")
        assert row.certificate is not None
        await revoke_certificate(
            connection, serial=row.serial, authority=rooms.authorities.signer(row.authority), at=rooms.clock(),
            reason=RevocationReason.SUPERSEDED, operator="admin", legal_basis="x",
        )  # fmt: skip
        ground, now = await rooms.authorities.ground(), rooms.clock()
        chain = check_chain("chain", read_certificate(row.certificate), at=now, ground=ground)
        assert check_revocation("revocation", chain, at=now, ground=ground).reason == "certificate_revoked"
