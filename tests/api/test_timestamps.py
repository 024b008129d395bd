"""The timestamp service and the authority over HTTP: openssl asks, openssl verifies."""

from pathlib import Path

import pytest

from etrust.api.openapi import describe
from etrust.settings import Settings
from etrust.signing import der, sm2
from etrust.trust.chains import Ground
from etrust.trust.crls import read_crls
from etrust.trust.findings import Outcome
from etrust.trust.stamp_requests import MAX_REQUEST
from etrust.trust.timestamps import judge_token, read_token
from etrust.trust.x509 import read_certificate
from tests.api.calling import Api, running
from tests.trust.authorities import openssl, write_pem

QUERY = {"Content-Type": "application/timestamp-query"}


def question(folder: Path, data: bytes, digest: str) -> bytes:
    (folder / "data").write_bytes(data)
    told = openssl("ts", "-query", "-data", folder / "data", digest, "-cert", "-out", folder / "query.tsq")
    assert told.returncode == 0, told.stderr
    return (folder / "query.tsq").read_bytes()


async def ask(api: Api, data: bytes, headers: dict[str, str] = QUERY) -> tuple[int, bytes, str]:
    status, body, got = await api.call("POST", "/tsa", key="", data=data, headers=headers)
    return status, body if isinstance(body, bytes) else b"", got["Content-Type"]


async def test_openssl_is_served(region: Settings, tmp_path: Path) -> None:
    async with running(region) as api:
        asked = question(tmp_path, b"license", "-sha256")
        status, answer, media = await ask(api, asked)
        assert (status, media) == (200, "application/timestamp-reply")
        (tmp_path / "answer.tsr").write_bytes(answer)
        anchor = write_pem(tmp_path / "anchor.pem", api.rooms.anchor_certificate())
        told = openssl("ts", "-verify", "-queryfile", tmp_path / "query.tsq", "-in", tmp_path / "answer.tsr", "-CAfile", anchor)
        assert told.returncode == 0, told.stdout + told.stderr


async def test_a_digest_by_sm3_is_answered_in_sm2(region: Settings, tmp_path: Path) -> None:
    async with running(region) as api:
        _, answer, _ = await ask(api, question(tmp_path, b"seal", "-sm3"))
        ground = await api.rooms.authorities.ground()
        judged = judge_token("timestamp", answer, over=b"seal", ground=ground)
        assert [each.outcome for each in judged.findings] == [Outcome.PASSED, Outcome.PASSED], judged.findings
        assert read_token(answer).algorithm == sm2.WITH_SM3


async def test_serial_numbers_differ_between_answers_processes_and_batches(region: Settings, tmp_path: Path) -> None:
    asked = question(tmp_path, b"x", "-sha256")
    imprint = der.read(asked).fields()
    imprint.take()
    digest = imprint.take(der.SEQUENCE).children()[1].octets()
    serials: list[int] = []
    for _ in range(2):
        async with running(region) as api:
            answers = [(await ask(api, asked))[1] for _ in range(70)]
            answers += await api.rooms.timestamps.tokens([(digest, "2.16.840.1.101.3.4.2.1")] * 30)
            serials += [der.read(read_token(each).content).children()[3].integer() for each in answers]
    assert len(set(serials)) == len(serials) == 200


async def test_what_is_not_a_question_is_refused(region: Settings) -> None:
    async with running(region) as api:
        status, answer, _ = await ask(api, b"0\0")
        assert status == 200
        assert der.read(answer).children()[0].children()[0].integer() == 2
        status, answer, _ = await ask(api, bytes(MAX_REQUEST * 20))
        assert (status, der.read(answer).children()[0].children()[0].integer()) == (200, 2)
        status, _, media = await ask(api, b"0\0", {"Content-Type": "text/plain"})
        assert (status, media.partition(";")[0]) == (422, "application/problem+json")
        assert (api.rooms.timestamps.granted, api.rooms.timestamps.refused) == (0, 2)


async def test_the_clock_is_asked_where_the_deployment_has_an_address(region: Settings) -> None:
    assert not region.asks_kernel_for_time
    own = region.model_copy(update={"public_url": "https://licenses.example.org"})
    assert own.asks_kernel_for_time
    assert not own.model_copy(update={"timestamp_clock": "steady"}).asks_kernel_for_time


async def test_authorities_and_their_lists_are_served(region: Settings) -> None:
    async with running(region) as api:
        for signer in api.rooms.authorities.signers():
            status, certificate, headers = await api.call("GET", f"/ca/{signer.kid.hex()}", key="")
            assert (status, certificate, headers["Content-Type"]) == (200, signer.certificate, "application/pkix-cert")
            status, data, headers = await api.call("GET", f"/crl/{signer.kid.hex()}/1", key="")
            assert (status, headers["Content-Type"]) == (200, "application/pkix-crl")
            assert isinstance(data, bytes)
            assert read_crls(data)[0].is_of(read_certificate(signer.certificate))


@pytest.mark.parametrize("path", ["/ca/0011223344556677", "/crl/0011223344556677/1", "/ca/xx", "/crl/0011223344556677/x", "/tsa"])
async def test_others_are_not_found(region: Settings, path: str) -> None:
    async with running(region) as api:
        assert (await api.call("GET", path, key=""))[0] in (404, 405)


async def test_the_ground_holds_both_anchors_and_their_lists(region: Settings) -> None:
    async with running(region) as api:
        ground: Ground = await api.rooms.authorities.ground()
        assert len(ground.anchors) == 2
        assert {each.issuer for each in ground.crls.lists} == {each.subject for each in ground.anchors}


def test_the_description_names_the_addresses() -> None:
    paths = describe()["paths"]
    assert {"/tsa", "/ca/{authority}", "/crl/{authority}/{shard}"} <= set(paths)  # type: ignore[call-overload]
