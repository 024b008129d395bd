"""The register of certificates: intent first, shards of a thousand, revocation, and lists that others understand."""

import base64
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509 as independent
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import RevokedError
from tests.support import ISSUER, NOW
from tests.trust.authorities import YEAR, Authority, authority, openssl, write_pem

from etrust.errors import EtrustError
from etrust.signing import private_keys
from etrust.signing.model import Algorithm
from etrust.storage.postgres import Connection
from etrust.trust import certificate_store as store
from etrust.trust.chains import Ground, check_chain, check_revocation
from etrust.trust.crl_making import LIFETIME, Listed, issue_crl, make_crl, renew_crls
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.issuing import RevocationReason, adopt_certificate, issue_certificate, revoke_certificate
from etrust.trust.places import crl_point
from etrust.trust.x509 import Certificate, read_certificate

URL = "https://etrust.example"
START = NOW.replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=[Algorithm.ES256, Algorithm.SM2], ids=["P-256", "SM2"])
def anchor(request: pytest.FixtureRequest) -> Authority:
    return authority(request.param)


async def issue(connection: Connection, anchor: Authority, at: datetime = START, url: str | None = URL) -> Certificate:
    profile = "seal" if anchor.algorithm is Algorithm.SM2 else "document"
    made = await issue_certificate(
        connection, authority=anchor.signer, profile=profile, subject_name="天山区市场监督管理局", body=ISSUER,
        spki=private_keys.generate(anchor.algorithm).public_spki(), at=at, years=3, public_url=url,
    )  # fmt: skip
    return read_certificate(made)


async def revoke(
    connection: Connection, anchor: Authority, certificate: Certificate, at: datetime,
    reason: RevocationReason = RevocationReason.CESSATION, **more: datetime,
) -> None:  # fmt: skip
    await revoke_certificate(
        connection, serial=certificate.serial, authority=anchor.signer, at=at, reason=reason, operator="admin",
        legal_basis="内部规定第三条", **more,
    )  # fmt: skip


async def ground(connection: Connection, anchor: Authority, now: datetime) -> Ground:
    rows = await store.newest_crls(connection)
    lists = CrlSet([each for row in rows for each in read_crls(row.crl)])
    return Ground((read_certificate(anchor.signer.certificate),), now, crls=lists)


async def state(connection: Connection, anchor: Authority, certificate: Certificate, at: datetime, now: datetime) -> str:
    """What the chain's own judge says about revocation: an outcome and its reason."""
    known = await ground(connection, anchor, now)
    chain = check_chain("chain", certificate, at=at, ground=known)
    found = check_revocation("revocation", chain, at=at, ground=known)
    return f"{found.outcome} {found.reason}".strip()


async def test_a_certificate_is_in_the_register_with_its_list(connection: Connection, anchor: Authority) -> None:
    made = await issue(connection, anchor)
    row = await store.find_certificate(connection, anchor.signer.kid, made.serial)
    assert row is not None
    assert (row.certificate, row.shard, row.body, row.not_before) == (made.encoded, 1, ISSUER, START)
    assert made.extensions.crl_points == {crl_point(URL, anchor.signer.kid, 1)}


async def test_intent_is_kept_when_signing_fails(connection: Connection, anchor: Authority) -> None:
    class Broken:
        algorithm, kid, certificate = anchor.signer.algorithm, anchor.signer.kid, anchor.signer.certificate

        def sign(self, data: bytes) -> bytes:
            raise OSError("the device is gone")

    with pytest.raises(OSError, match="gone"):
        await issue(connection, Authority(Broken(), anchor.profile))  # type: ignore[arg-type]
    (row,) = await store.list_certificates(connection)
    assert row.certificate is None


async def test_the_register_takes_no_change_but_the_missing_certificate(connection: Connection, anchor: Authority) -> None:
    made = await issue(connection, anchor)
    for change in ("certificate = NULL", "body = 'x'", "not_after = now()"):
        with pytest.raises(Exception, match="takes nothing but"):
            await connection.execute(f"UPDATE certificates SET {change}")
    with pytest.raises(Exception, match="takes nothing but"):
        await connection.execute("DELETE FROM certificates")
    assert await store.find_certificate(connection, anchor.signer.kid, made.serial)


async def test_a_list_never_has_more_than_a_thousand(connection: Connection) -> None:
    kid = b"authority"[:8]
    places = [await store.take_place(connection, kid) for _ in range(2001)]
    assert [places.count(shard) for shard in (1, 2, 3)] == [1000, 1000, 1]
    assert await store.take_place(connection, b"another!") == 1


async def test_a_certificate_for_timestamps_has_a_list_of_its_own(connection: Connection) -> None:
    kid = b"authority"[:8]
    taken = [await store.take_place(connection, kid), await store.take_list(connection, kid), await store.take_list(connection, kid)]
    taken += [await store.take_place(connection, kid) for _ in range(1000)]
    taken.append(await store.take_list(connection, kid))
    assert taken == [1, 2, 3, *[4] * 1000, 5]
    assert await store.take_list(connection, b"another!") == 1
    anchor = authority()
    stamps = private_keys.generate(Algorithm.ES256).public_spki()
    for shard in (1, 2):
        made = await issue_certificate(
            connection, authority=anchor.signer, profile="timestamp", subject_name="t", body=ISSUER, spki=stamps, at=START, years=3,
            public_url=URL,
        )  # fmt: skip
        assert read_certificate(made).extensions.crl_points == {crl_point(URL, anchor.signer.kid, shard)}


async def test_good_until_revoked_and_from_then_on(connection: Connection, anchor: Authority) -> None:
    good, bad = await issue(connection, anchor), await issue(connection, anchor)
    await renew_crls(connection, [anchor.signer], at=START, older_than=DAY)
    assert await state(connection, anchor, bad, START + DAY, START + DAY) == "passed"
    await revoke(connection, anchor, bad, START + 2 * DAY)
    at = START + 3 * DAY
    assert await state(connection, anchor, bad, at, at) == "failed certificate_revoked"
    assert await state(connection, anchor, bad, START + DAY, at) == "passed revoked_later"
    assert await state(connection, anchor, good, at, at) == "passed"


async def test_without_a_list_nothing_is_known(connection: Connection, anchor: Authority) -> None:
    made = await issue(connection, anchor)
    assert await state(connection, anchor, made, START, START) == "unknown no_crl"
    await renew_crls(connection, [anchor.signer], at=START, older_than=DAY)
    late = START + LIFETIME + DAY
    assert await state(connection, anchor, made, late, late) == "unknown crl_outdated"


async def test_a_list_does_not_speak_for_certificates_of_another(connection: Connection, anchor: Authority) -> None:
    first = await issue(connection, anchor)
    await connection.execute("UPDATE crl_places SET taken = 1000")
    second = await issue(connection, anchor)
    await issue_crl(connection, authority=anchor.signer, shard=1, at=START)
    assert await state(connection, anchor, first, START, START) == "passed"
    assert await state(connection, anchor, second, START, START) == "unknown no_crl"


async def test_an_adopted_certificate_closes_its_list_and_empty_lists_are_not_made(connection: Connection, anchor: Authority) -> None:
    profile = "seal" if anchor.algorithm is Algorithm.SM2 else "document"
    kid = anchor.signer.kid
    lost = anchor.certify(profile, crl_point=crl_point(URL, kid, 4))
    for _ in range(2):
        await adopt_certificate(connection, lost.certificate, authority=kid, profile=profile, body=ISSUER, at=START)
    after = await issue(connection, anchor)
    assert after.extensions.crl_points == {crl_point(URL, kid, 5)}
    assert await renew_crls(connection, [anchor.signer], at=START, older_than=DAY) == 2
    assert {(row.shard, read_crls(row.crl)[0].scope.points is None) for row in await store.newest_crls(connection)} == {(4, False), (5, False)}
    with pytest.raises(EtrustError, match="without an address"):
        await issue_crl(connection, authority=anchor.signer, shard=2, at=START)


async def test_a_moved_deployment_keeps_one_list_for_both_addresses(connection: Connection, anchor: Authority) -> None:
    before, after = await issue(connection, anchor), await issue(connection, anchor, url="https://new.example/region/")
    (found,) = read_crls(await issue_crl(connection, authority=anchor.signer, shard=1, at=START))
    assert found.scope.points == before.extensions.crl_points | after.extensions.crl_points


async def test_certificates_without_an_address_are_on_the_whole_list(connection: Connection, anchor: Authority) -> None:
    named, unnamed = await issue(connection, anchor), await issue(connection, anchor, url=None)
    for each in (named, unnamed):
        await revoke(connection, anchor, each, START + DAY)
    whole = await store.newest_crl(connection, anchor.signer.kid, 0)
    assert whole is not None
    (found,) = read_crls(whole.crl)
    assert found.scope.points is None
    assert set(found.entries) == {named.serial, unnamed.serial}
    another = await issue(connection, anchor)
    await revoke(connection, anchor, another, START + DAY)
    whole = await store.newest_crl(connection, anchor.signer.kid, 0)
    assert whole is not None
    assert another.serial in read_crls(whole.crl)[0].entries
    assert await state(connection, anchor, unnamed, START + DAY, START + DAY) == "failed certificate_revoked"


async def test_a_revoked_certificate_stays_listed_after_its_end(connection: Connection, anchor: Authority) -> None:
    made = await issue(connection, anchor)
    await revoke(connection, anchor, made, START + DAY)
    later = START + 6 * YEAR
    await renew_crls(connection, [anchor.signer], at=later, older_than=DAY)
    assert await state(connection, anchor, made, START + 2 * DAY, later) == "failed certificate_revoked"
    other = await issue(connection, anchor)
    assert await state(connection, anchor, other, START + DAY, later) == "passed"


async def test_numbers_of_lists_only_grow_and_times_never_go_back(connection: Connection, anchor: Authority) -> None:
    await issue(connection, anchor)
    times = [START + DAY, START, START + 2 * DAY]
    made = [read_crls(await issue_crl(connection, authority=anchor.signer, shard=1, at=each))[0] for each in times]
    assert [each.number for each in made] == [1, 2, 3]
    assert [each.issued_at for each in made] == [START + DAY, START + DAY, START + 2 * DAY]


async def test_only_old_and_missing_lists_are_renewed(connection: Connection, anchor: Authority) -> None:
    await issue(connection, anchor)
    assert [await renew_crls(connection, [anchor.signer], at=START + age, older_than=DAY) for age in (0 * DAY, DAY / 2, DAY)] == [1, 0, 1]
    assert await renew_crls(connection, [authority().signer], at=START + YEAR, older_than=DAY) == 0


async def test_revoking_twice_and_without_ground_is_refused(connection: Connection, anchor: Authority) -> None:
    made = await issue(connection, anchor)
    await revoke(connection, anchor, made, START + DAY)
    with pytest.raises(EtrustError, match="already_revoked"):
        await revoke(connection, anchor, made, START + 2 * DAY)
    with pytest.raises(EtrustError, match="no_certificate"):
        await revoke_certificate(
            connection, serial=5, authority=anchor.signer, at=START, reason=RevocationReason.CESSATION, operator="a", legal_basis="b"
        )
    for changes in ({"legal_basis": " "}, {"since": START + 9 * DAY}):
        with pytest.raises(EtrustError, match="bad_revocation"):
            await revoke_certificate(**{  # type: ignore[arg-type]
                "connection": connection, "serial": made.serial, "authority": anchor.signer, "at": START + DAY, "operator": "a",
                "reason": RevocationReason.CESSATION, "legal_basis": "b", **changes,
            })  # fmt: skip


async def test_a_revoked_certificate_may_turn_out_compromised(connection: Connection, anchor: Authority) -> None:
    made = await issue(connection, anchor)
    await revoke(connection, anchor, made, START + 5 * DAY, RevocationReason.SUPERSEDED)
    assert await state(connection, anchor, made, START + 2 * DAY, START + 6 * DAY) == "passed revoked_later"
    await revoke(connection, anchor, made, START + 7 * DAY, RevocationReason.KEY_COMPROMISE, since=START + 3 * DAY)
    assert await state(connection, anchor, made, START + 2 * DAY, START + 7 * DAY) == "unknown key_compromised"
    await revoke(connection, anchor, made, START + 8 * DAY, RevocationReason.KEY_COMPROMISE, since=START + DAY)
    with pytest.raises(EtrustError, match="already_revoked"):
        await revoke(connection, anchor, made, START + 8 * DAY, RevocationReason.KEY_COMPROMISE, since=START + 2 * DAY)
    assert await state(connection, anchor, made, START + 2 * DAY, START + 8 * DAY) == "failed certificate_revoked"


async def test_a_revocation_is_in_the_audit_trail(connection: Connection, anchor: Authority) -> None:
    made = await issue(connection, anchor)
    await revoke(connection, anchor, made, START + DAY)
    row = await connection.fetchrow("SELECT operator, action, subject, reason, legal_basis FROM audit_trail")
    assert tuple(row) == ("admin", "certificate.revoke", f"{made.serial:x}", "cessation", "内部规定第三条")


@pytest.mark.parametrize("is_revoked", [False, True])
async def test_openssl_judges_by_the_lists(connection: Connection, tmp_path: Path, is_revoked: bool) -> None:
    anchor = authority()
    made = await issue(connection, anchor)
    if is_revoked:
        await revoke(connection, anchor, made, START + DAY)
    await renew_crls(connection, [anchor.signer], at=START + DAY, older_than=timedelta(hours=1))
    row = await store.newest_crl(connection, anchor.signer.kid, 1)
    assert row is not None
    told = openssl(
        "verify", "-x509_strict", "-extended_crl", "-crl_check", "-attime", int((START + 2 * DAY).timestamp()),
        "-CRLfile", write_pem(tmp_path / "list.pem", row.crl, label="X509 CRL"),
        "-CAfile", write_pem(tmp_path / "anchor.pem", anchor.signer.certificate), write_pem(tmp_path / "leaf.pem", made.encoded),
    )  # fmt: skip
    assert (told.returncode == 0) is not is_revoked, told.stderr
    assert ("certificate revoked" in told.stderr) is is_revoked


def test_openssl_finds_the_signature_of_an_sm2_list_right(tmp_path: Path) -> None:
    """`openssl verify` cannot be told the signer id for lists, so the signature alone is put to it."""
    anchor = authority(Algorithm.SM2)
    (found,) = read_crls(make_crl(anchor.signer, number=1, revoked=[Listed(5, START)], this_update=START, next_update=START + DAY))
    spki = base64.encodebytes(anchor.signer.public_spki()).decode()
    (tmp_path / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{spki}-----END PUBLIC KEY-----\n")
    (tmp_path / "signature").write_bytes(found.signature)
    for data, right in ((found.signed, True), (found.signed + b"x", False)):
        (tmp_path / "data").write_bytes(data)
        told = openssl(
            "pkeyutl", "-verify", "-pubin", "-inkey", tmp_path / "key.pem", "-rawin", "-digest", "sm3",
            "-pkeyopt", "distid:1234567812345678", "-in", tmp_path / "data", "-sigfile", tmp_path / "signature",
        )  # fmt: skip
        assert (told.returncode == 0) is right


@pytest.mark.parametrize("is_revoked", [False, True])
async def test_the_validator_of_pyhanko_reads_the_lists(connection: Connection, is_revoked: bool) -> None:
    anchor = authority()
    made = await issue(connection, anchor)
    if is_revoked:
        await revoke(connection, anchor, made, START + DAY)
    await renew_crls(connection, [anchor.signer], at=START + DAY, older_than=timedelta(hours=1))
    root = asn1_x509.Certificate.load(anchor.signer.certificate)
    lists = [asn1_crl.CertificateList.load(row.crl) for row in await store.newest_crls(connection)]
    context = ValidationContext(trust_roots=[root], crls=lists, moment=START + 2 * DAY, revocation_mode="require")
    validator = CertificateValidator(asn1_x509.Certificate.load(made.encoded), validation_context=context)
    if is_revoked:
        with pytest.raises(RevokedError):
            await validator.async_validate_usage({"digital_signature"})
    else:
        assert await validator.async_validate_usage({"digital_signature", "non_repudiation"})


async def test_a_list_is_what_the_rfc_wants_of_it(connection: Connection) -> None:
    anchor = authority()
    made = await issue(connection, anchor)
    await revoke(connection, anchor, made, START + DAY, RevocationReason.KEY_COMPROMISE)
    row = await store.newest_crl(connection, anchor.signer.kid, 1)
    assert row is not None
    found = independent.load_der_x509_crl(row.crl)
    assert found.is_signature_valid(independent.load_der_x509_certificate(anchor.signer.certificate).public_key())  # type: ignore[arg-type]
    point = found.extensions.get_extension_for_class(independent.IssuingDistributionPoint)
    assert point.critical
    assert [each.value for each in point.value.full_name or []] == [crl_point(URL, anchor.signer.kid, 1)]
    entry = found.get_revoked_certificate_by_serial_number(made.serial)
    assert entry is not None
    assert entry.extensions.get_extension_for_class(independent.CRLReason).value.reason is independent.ReasonFlags.key_compromise


def test_an_empty_list_has_no_empty_sequence(anchor: Authority) -> None:
    made = make_crl(anchor.signer, number=1, revoked=[], this_update=START, next_update=START + DAY)
    assert not read_crls(made)[0].entries
    assert len(independent.load_der_x509_crl(made)) == 0
    listed = make_crl(anchor.signer, number=1, revoked=[Listed(5, START)], this_update=START, next_update=START + DAY)
    assert read_crls(listed)[0].entries[5].reason is None
