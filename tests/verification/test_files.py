"""What the region adds to what was found in a file: the license inside, its face, its body, its annotation."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.documents.signed_pdfs import plain_pdf, sign, world
from tests.support import ISSUER, NOW, Recipe, key_entry, make_signer, trust_of

from etrust.credentials.code import encode_code
from etrust.documents.reading import EmbeddedFile, Signatory
from etrust.licenses.types import by_code, load_types
from etrust.signing.files import FileSigner
from etrust.status.model import State, StatusAnswer
from etrust.trust.findings import passed
from etrust.verification.files import Examined, conclude, examine, meant, verify_file
from etrust.verification.inside import ANNOTATION, LICENSE, Register
from etrust.verification.model import Overall, Status, Verdict

OTHER = "11650000MB1957348L"


class OneState:
    """A status list in which every license has one state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def lookup(self, uri: str, index: int, at: object) -> StatusAnswer:
        """That state."""
        return StatusAnswer(self.state, "", None, "sha256:" + "1" * 64)


@pytest.fixture(scope="module")
def issuer() -> FileSigner:
    return make_signer()


def judged(issuer: FileSigner, *, state: State = State.VALID, title: str = "", body: str = ISSUER, annotation: object = None) -> Verdict:
    """The verdict on a sound PDF of a body with a license inside."""
    files = [EmbeddedFile(LICENSE, Recipe().signed(issuer))]
    if annotation is not None:
        files.append(EmbeddedFile(ANNOTATION, json.dumps(annotation).encode()))
    signatory = Signatory("document key", body, b"", NOW, NOW)
    found = Examined("pdf", (passed("1.signature"),), tuple(files), (signatory,), title=title)
    register = Register(trust_of(key_entry(issuer)), OneState(state), by_code(load_types()))
    return conclude(found, ground=replace(world().ground(), now=NOW), register=register)


ANNOTATED = {"number": "1", "purpose": "贷款", "recipient": "银行", "valid_until": (NOW + timedelta(days=3)).date().isoformat()}


@pytest.mark.parametrize(
    ("how", "overall", "status"),
    [
        ({}, Overall.PASSED, Status.VALID),
        ({"title": f"营业执照 {Recipe().identifier.text}"}, Overall.PASSED, Status.VALID),
        ({"title": "营业执照 1.2.156.3005.2.11100000MB0143028R001.11650000MB1A0004XU.OTHER.001.X"}, Overall.FAILED, Status.BAD_SIGNATURE),
        ({"body": OTHER}, Overall.FAILED, Status.UNKNOWN_ISSUER),
        ({"body": ""}, Overall.INDETERMINATE, Status.UNKNOWN),
        ({"state": State.REVOKED}, Overall.FAILED, Status.REVOKED),
        ({"state": State.SUSPENDED}, Overall.FAILED, Status.SUSPENDED),
        ({"annotation": ANNOTATED}, Overall.PASSED, Status.VALID),
        ({"annotation": {**ANNOTATED, "valid_until": "2026-01-01"}}, Overall.FAILED, Status.EXPIRED),
        ({"annotation": {**ANNOTATED, "identifier": "another"}}, Overall.FAILED, Status.BAD_SIGNATURE),
        ({"annotation": {"purpose": "x"}}, Overall.FAILED, Status.BAD_SIGNATURE),
        ({"annotation": []}, Overall.FAILED, Status.BAD_SIGNATURE),
    ],
)
def test_the_license_inside_weighs(issuer: FileSigner, how: dict[str, object], overall: Overall, status: Status) -> None:
    verdict = judged(issuer, **how)  # type: ignore[arg-type]
    assert (verdict.verdict, verdict.status) == (overall, status), verdict.findings


def test_without_lists_the_license_is_said_to_be_open_and_does_not_weigh(issuer: FileSigner) -> None:
    found = Examined("pdf", (passed("1.signature"),), (EmbeddedFile(LICENSE, Recipe().signed(issuer)),), (Signatory("", ISSUER, b"", None, None),))
    verdict = conclude(found, ground=world().ground())
    assert verdict.verdict is Overall.PASSED
    assert [each.reason for each in verdict.findings if each.step == "now.license"] == ["no_trust_list"]


def test_license_data_that_cannot_be_read(issuer: FileSigner) -> None:
    found = Examined("pdf", (passed("1.signature"),), (EmbeddedFile(LICENSE, b"\xff"),))
    assert conclude(found, ground=world().ground()).verdict is Overall.FAILED


def test_the_text_of_a_code_is_a_file_too(issuer: FileSigner) -> None:
    text = encode_code(Recipe().signed(issuer)).encode()
    register = Register(trust_of(key_entry(issuer)), OneState(State.VALID), by_code(load_types()))
    verdict = verify_file(text, ground=replace(world().ground(), now=NOW), register=register)
    assert (verdict.kind, verdict.verdict) == ("credential", Overall.PASSED)
    assert verify_file(text, ground=world().ground()).status is Status.UNKNOWN_ISSUER


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"%PDF-", b"PK\x03\x04", b"0\x84\xff\xff\xff\xff", b"\x89PNG broken", bytes(30 * 2**20)])
def test_what_is_no_file_of_ours(data: bytes) -> None:
    verdict = verify_file(data, ground=world().ground())
    assert (verdict.verdict, verdict.status) == (Overall.FAILED, Status.MALFORMED)
    assert verdict.kind == meant(data)


def test_a_pdf_from_bytes_to_verdict() -> None:
    signed = sign(plain_pdf(), "B-T")
    verdict = verify_file(signed, ground=world().ground())
    assert (verdict.verdict, verdict.kind, verdict.sub_indication) == (Overall.PASSED, "pdf", "")
    assert examine(signed, ground=world().ground()).signatories[0].name == "Signer"
