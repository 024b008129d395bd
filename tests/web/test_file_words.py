"""The sentences on a file: what is wrong is said by its name, a sound file is called sound, a copy is not more than a copy."""

from datetime import UTC, datetime

import pytest

from etrust.cli.check import print_verdict
from etrust.trust.chains import Ground
from etrust.trust.findings import Finding, failed, passed, unknown
from etrust.verification.files import Examined
from etrust.verification.judgment import INDICATIONS
from etrust.verification.model import Overall, Status, Verdict
from etrust.web.file_card import FileCard, file_card_of
from etrust.web.file_words import COPY_WORDS, FILE_REASONS, FILE_WORDS
from etrust.wiring.file_checks import FileReport

AT = datetime(2026, 11, 25, tzinfo=UTC)
SOUND = (passed("signatures"), passed("1.changes"), passed("1.signature"))


def card(status: Status, *findings: Finding, kind: str = "pdf") -> FileCard:
    overall, indication = INDICATIONS.get(status, (Overall.PASSED, ""))
    verdict = Verdict(
        verdict=overall, sub_indication=indication, status=status, kind=kind, at=AT, findings=findings, evidence={}, license=None
    )
    return file_card_of(FileReport(verdict, Examined(kind, findings), Ground((), now=AT)))


@pytest.mark.parametrize(
    ("status", "finding"),
    [
        (Status.REVOKED, failed("license.status", "revoked")), (Status.EXPIRED, failed("license.validity", "expired")),
        (Status.NOT_YET_VALID, failed("license.validity", "not_yet_valid")),
    ],
)  # fmt: skip
def test_a_sound_file_is_called_sound_whatever_became_of_its_license(status: Status, finding: Finding) -> None:
    assert card(status, *SOUND, finding).words.why.startswith("The file itself is genuine and unchanged")
    # not where anything else speaks against it
    assert card(status, *SOUND, unknown("1.signer_revocation", "no_crl"), finding).words == FILE_WORDS[status]


def test_what_speaks_against_it_today_alone_does_not_make_it_unsound() -> None:
    found = card(Status.REVOKED, *SOUND, failed("1.now.signer_validity", "certificate_expired"), failed("license.status", "revoked"))
    assert found.words.why.startswith("The file itself is genuine")


def test_a_copy_in_order_may_be_used_for_one_thing_only() -> None:
    copy = (passed("copy.purpose", detail="住房公积金"), passed("copy.validity", detail="2026-12-31"))
    assert card(Status.VALID, *SOUND, *copy).words == COPY_WORDS
    assert card(Status.VALID, *SOUND).words == FILE_WORDS[Status.VALID]


@pytest.mark.parametrize(
    ("status", "finding"),
    [
        (Status.BAD_SIGNATURE, failed("1.changes", "changed_after_signing")), (Status.MALFORMED, failed("format", "encrypted")),
        (Status.UNKNOWN, unknown("signatures", "no_signature")), (Status.UNKNOWN, unknown("format", "too_slow")),
    ],
)  # fmt: skip
def test_the_reason_is_said_by_its_name(status: Status, finding: Finding) -> None:
    shown = card(status, unknown("1.timestamp", "timestamp_not_trusted"), finding) if status is Status.BAD_SIGNATURE else card(status, finding)
    assert shown.words.why == FILE_REASONS[finding.reason]
    assert shown.words.do == FILE_WORDS[status].do


def test_a_text_without_a_code_is_a_file_and_not_a_license_code() -> None:
    found = card(Status.MALFORMED, failed("format", "not_a_code"), kind="credential")
    assert (found.kind, found.words.why) == ("File", FILE_REASONS["unknown_file"])


def test_the_command_line_calls_it_sound_too(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdict(card(Status.REVOKED, *SOUND, failed("license.status", "revoked")).verdict)
    assert "文件本身真实、未被改动，但所载证照已被撤销" in capsys.readouterr().out
    print_verdict(card(Status.REVOKED, *SOUND, failed("1.signer_revocation", "certificate_revoked")).verdict)
    assert "文件本身真实" not in capsys.readouterr().out
