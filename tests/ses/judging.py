"""What the tests of seals share: a ground with the root and its revocation list, and one word per step."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from etrust.ses.judge import Document, judge_seal, judge_signature
from etrust.ses.ofd import Ofd, judge_ofd
from etrust.ses.parse import parse_seal, parse_seal_signature
from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.findings import Finding, Outcome
from etrust.trust.x509 import read_certificate
from tests.ses.making import NOW, ROOT, OfdRecipe, SealRecipe, SignatureRecipe, crl, made

GROUND = Ground((read_certificate(made(ROOT)),), NOW, crls=CrlSet(read_crls(crl())))


def ground(revoked: Sequence[tuple[int, datetime, int | None]]) -> Ground:
    return replace(GROUND, crls=CrlSet(read_crls(crl(revoked))))


def problems(findings: Iterable[Finding]) -> dict[str, str]:
    """The steps about the time of signing that did not pass, each with its reason; a note counts as none."""
    bad = (Outcome.FAILED, Outcome.UNKNOWN)
    return {each.step: each.reason for each in findings if each.outcome in bad and "now." not in each.step}


def notes(findings: Iterable[Finding]) -> dict[str, str]:
    return {each.step: each.reason for each in findings if each.outcome is Outcome.PASSED and each.reason}


def seal(recipe: SealRecipe, at: datetime = NOW, ground: Ground = GROUND) -> list[Finding]:
    return judge_seal(parse_seal(recipe.encoded()), at=at, ground=ground)


def signature(recipe: SignatureRecipe, ground: Ground = GROUND, document: bytes | None = b"the document") -> list[Finding]:
    return judge_signature(parse_seal_signature(recipe.encoded()), Document(document), ground=ground)


def ofd(recipe: OfdRecipe, ground: Ground = GROUND) -> dict[str, str]:
    """As `problems`, with the number of the signature cut off."""
    return {step.removeprefix("1."): reason for step, reason in problems(judge_ofd(Ofd(recipe.encoded()), ground=ground)).items()}
