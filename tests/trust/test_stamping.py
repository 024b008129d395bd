"""Timestamps: what openssl and asn1crypto say of them, what our own judge says, and what is refused."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import NOW
from tests.trust.authorities import Authority, authority, openssl, write_pem

from etrust.errors import EtrustError, Kind
from etrust.signing import der, digests, sm2
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from etrust.trust import writing
from etrust.trust.chains import Ground
from etrust.trust.findings import Outcome
from etrust.trust.stamp_requests import Failure, read_request
from etrust.trust.stamping import TimestampAuthority
from etrust.trust.timestamps import judge_token, read_token
from etrust.trust.x509 import read_certificate

POLICY = "2.25.131183091782837192918008128379092579861"
AT = NOW.replace(microsecond=0) + timedelta(days=1, hours=3)
DATA = "证照面".encode() * 40


@pytest.fixture(scope="module")
def p256() -> tuple[Authority, TimestampAuthority]:
    anchor = authority()
    return anchor, TimestampAuthority(anchor.certify("timestamp"), POLICY, timedelta(seconds=1, milliseconds=500))


@pytest.fixture(scope="module")
def sm2_stamps() -> tuple[Authority, TimestampAuthority]:
    anchor = authority(Algorithm.SM2)
    return anchor, TimestampAuthority(anchor.certify("timestamp_sm2"), POLICY, timedelta(seconds=2))


def query(folder: Path, *options: str, digest: str = "-sha256") -> bytes:
    (folder / "data").write_bytes(DATA)
    told = openssl("ts", "-query", "-data", folder / "data", digest, *options, "-out", folder / "query.tsq")
    assert told.returncode == 0, told.stderr
    return (folder / "query.tsq").read_bytes()


def verified_by_openssl(folder: Path, answer: bytes, anchor: bytes, signer: bytes) -> str:
    (folder / "answer.tsr").write_bytes(answer)
    told = openssl(
        "ts", "-verify", "-queryfile", folder / "query.tsq", "-in", folder / "answer.tsr", "-attime", int(AT.timestamp()) + 9,
        "-CAfile", write_pem(folder / "anchor.pem", anchor), "-untrusted", write_pem(folder / "signer.pem", signer),
    )  # fmt: skip
    return "" if told.returncode == 0 else told.stdout + told.stderr


def failure(answer: bytes) -> tuple[str, set[str]]:
    """Status and failure bits, as asn1crypto reads them."""
    (inner,) = der.read(answer).children()  # asn1crypto believes that a refusal, too, must hold a token
    status = tsp.PKIStatusInfo.load(inner.encoded, strict=True)
    return status["status"].native, status["fail_info"].native


@pytest.mark.parametrize("digest", ["-sha256", "-sha384", "-sha512"])
@pytest.mark.parametrize("options", [["-cert"], ["-cert", "-no_nonce"], [], ["-cert", "-tspolicy", POLICY]], ids=str)
def test_openssl_verifies_the_answer_to_its_own_question(
    tmp_path: Path, p256: tuple[Authority, TimestampAuthority], options: list[str], digest: str
) -> None:
    anchor, stamps = p256
    answer = stamps.respond(query(tmp_path, *options, digest=digest), at=AT, serial=1 << 90)
    assert not verified_by_openssl(tmp_path, answer, anchor.signer.certificate, stamps.signer.certificate)


def test_openssl_refuses_an_answer_to_another_question(tmp_path: Path, p256: tuple[Authority, TimestampAuthority]) -> None:
    anchor, stamps = p256
    answer = stamps.respond(query(tmp_path, "-cert"), at=AT, serial=5)
    query(tmp_path, "-cert")  # another nonce
    assert "nonce" in verified_by_openssl(tmp_path, answer, anchor.signer.certificate, stamps.signer.certificate)


def test_a_token_says_what_it_should(tmp_path: Path, p256: tuple[Authority, TimestampAuthority]) -> None:
    _, stamps = p256
    asked = query(tmp_path, "-cert")
    token = tsp.TimeStampResp.load(stamps.respond(asked, at=AT, serial=77), strict=True)["time_stamp_token"]
    signed = token["content"]
    info = signed["encap_content_info"]["content"].parsed
    assert info["policy"].native == POLICY
    assert info["serial_number"].native == 77
    assert info["gen_time"].native == AT
    assert (info["accuracy"]["seconds"].native, info["accuracy"]["millis"].native) == (1, 500)
    assert info["nonce"].native == tsp.TimeStampReq.load(asked)["nonce"].native
    assert info["message_imprint"].dump() == tsp.TimeStampReq.load(asked)["message_imprint"].dump()
    attributes = {each["type"].native: each["values"][0] for each in signed["signer_infos"][0]["signed_attrs"]}
    named = attributes["signing_certificate_v2"]["certs"][0]
    assert named["cert_hash"].native == hashlib.sha256(stamps.signer.certificate).digest()
    assert named["issuer_serial"]["serial_number"].native == read_certificate(stamps.signer.certificate).serial


def test_the_certificate_is_there_only_when_asked_for(tmp_path: Path, p256: tuple[Authority, TimestampAuthority]) -> None:
    _, stamps = p256
    for options, count in ((["-cert"], 1), ([], 0)):
        answer = stamps.respond(query(tmp_path, *options), at=AT, serial=1)
        signed = tsp.TimeStampResp.load(answer)["time_stamp_token"]["content"]
        assert len(signed["certificates"]) == count


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.SM2])
def test_our_own_judge_believes_both_kinds(
    algorithm: Algorithm, p256: tuple[Authority, TimestampAuthority], sm2_stamps: tuple[Authority, TimestampAuthority]
) -> None:
    anchor, stamps = p256 if algorithm is Algorithm.ES256 else sm2_stamps
    oid = digests.SHA256 if algorithm is Algorithm.ES256 else sm2.SM3
    token = stamps.token(digests.digest(oid, [DATA]), oid, at=AT, serial=3)
    ground = Ground(anchors=(read_certificate(anchor.signer.certificate),), now=AT + timedelta(days=1))
    judged = judge_token("timestamp", token, over=DATA, ground=ground)
    assert judged.findings[0].outcome is Outcome.PASSED, judged.findings
    assert judged.time == AT
    assert judge_token("timestamp", token, over=DATA + b"x", ground=ground).findings[0].reason == "timestamp_of_other_bytes"


def test_sm2_tokens_are_of_the_kind_of_gm_t_0010(sm2_stamps: tuple[Authority, TimestampAuthority]) -> None:
    _, stamps = sm2_stamps
    token = stamps.token(sm2.sm3(DATA), sm2.SM3, at=AT, serial=3)
    assert der.read(token).fields().take(der.OID).oid() == "1.2.156.10197.6.1.4.2.2"
    read = read_token(token)
    assert (read.digest_algorithm, read.algorithm) == (sm2.SM3, sm2.WITH_SM3)


def test_many_tokens_differ_in_serial_and_imprint_only(p256: tuple[Authority, TimestampAuthority]) -> None:
    _, stamps = p256
    imprints = [(hashlib.sha256(bytes((number,))).digest(), digests.SHA256) for number in range(20)]
    made = stamps.tokens(imprints, at=AT, serials=range(100, 120))
    found = [cms.ContentInfo.load(each)["content"]["encap_content_info"]["content"].parsed for each in made]
    assert [each["serial_number"].native for each in found] == list(range(100, 120))
    assert [each["message_imprint"]["hashed_message"].native for each in found] == [digest for digest, _ in imprints]


def question(
    version: int = 1, algorithm: str = digests.SHA256, digest: bytes = bytes(32), more: bytes = b"",
) -> bytes:
    imprint = writing.sequence(writing.sequence(der.write_oid(algorithm)), der.write(der.OCTETS, digest))
    return writing.sequence(der.write_integer(version), imprint, more)


REFUSED = {
    "not DER": (b"what time is it?", "bad_data_format"),
    "empty": (b"", "bad_data_format"),
    "too long": (question(more=der.write_integer(1 << 60000)), "bad_data_format"),
    "cut off": (question()[:-3], "bad_data_format"),
    "something behind it": (question() + b"\0", "bad_data_format"),
    "version 2": (question(version=2), "bad_request"),
    "MD5": (question(algorithm="1.2.840.113549.2.5", digest=bytes(16)), "bad_alg"),
    "SHA-1": (question(algorithm="1.3.14.3.2.26", digest=bytes(20)), "bad_alg"),
    "digest too short": (question(digest=bytes(31)), "bad_data_format"),
    "another policy": (question(more=der.write_oid("1.2.3.4")), "unaccepted_policy"),
    "a huge nonce": (question(more=der.write_integer(1 << 600)), "bad_data_format"),
    "an extension": (question(more=der.write(der.context(0), writing.extension("1.2.3", b"\5\0"))), "unaccepted_extensions"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "bit"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_answered_is_refused_by_its_name(
    p256: tuple[Authority, TimestampAuthority], asked: bytes, bit: str
) -> None:
    assert failure(p256[1].respond(asked, at=AT, serial=1)) == ("rejection", {bit})


def test_an_unsure_clock_gives_no_time(p256: tuple[Authority, TimestampAuthority]) -> None:
    unsure = EtrustError(Kind.UNAVAILABLE, "clock_unsure", zh="钟", en="clock")
    assert failure(p256[1].respond(question(), at=AT, serial=1, problem=unsure)) == ("rejection", {"time_not_available"})


def test_whatever_else_fails_is_a_system_failure(p256: tuple[Authority, TimestampAuthority]) -> None:
    broken = EtrustError(Kind.UNAVAILABLE, "store_unavailable", zh="库", en="store")
    assert failure(p256[1].respond(question(), at=AT, serial=1, problem=broken)) == ("rejection", {"system_failure"})
    assert int(Failure.SYSTEM_FAILURE) == 25


@settings(max_examples=200, deadline=None)
@given(nonce=st.integers(-(1 << 300), 1 << 300))
def test_any_nonce_comes_back(p256: tuple[Authority, TimestampAuthority], nonce: int) -> None:
    _, stamps = p256
    answer = stamps.respond(question(more=writing.integer(nonce)), at=AT, serial=1)
    info = tsp.TimeStampResp.load(answer)["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert info["nonce"].native == nonce


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=200) | st.binary(max_size=40).map(lambda tail: question() + tail))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        assert read_request(data).algorithm == digests.SHA256
    except EtrustError as refused:
        assert refused.code.startswith("stamp_")


@pytest.mark.parametrize("profile", ["document", "credential"])
def test_a_key_for_something_else_gives_no_timestamps(profile: str) -> None:
    signer: FileSigner = authority().certify(profile)
    with pytest.raises(EtrustError, match="not_for_timestamps"):
        TimestampAuthority(signer, POLICY, timedelta(seconds=1))
