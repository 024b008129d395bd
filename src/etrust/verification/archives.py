"""Archive packages (单套归档包) judged by themselves: files against the manifest, timestamps, receipts. Pure.

Nothing but anchors and the present is needed: trust lists and revocation lists travel inside. The newest timestamp is judged
now, each older one as of the moment the next one proves; the receipts as of the moment the oldest one proves.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from etrust.credentials.receipt import SignedReceipt, read_receipt
from etrust.errors import EtrustError
from etrust.signing import sm2
from etrust.trust.chains import Ground
from etrust.trust.crls import read_crls
from etrust.trust.findings import Finding, Outcome, failed, passed, unknown
from etrust.trust.lists import read_trust_list
from etrust.trust.model import TrustSnapshot
from etrust.trust.timestamps import judge_token
from etrust.verification.archive_package import CASE, MANIFEST, Package, bad, read_package
from etrust.verification.model import Verdict
from etrust.verification.receipt_log import log_finding
from etrust.verification.receipts import entitlement, judge_receipt, still_good, weigh_receipt

ARCHIVE = "archive"
VERSION = 1
NAMES = {"zh": "办件归档包", "ug": "ئىش ئارخىپ بولىقى", "en": "Archive package of a case"}


@dataclass(frozen=True, slots=True)
class JudgedArchive:
    """What was found in a package, the case it is of, and the moments its first and last timestamps prove."""

    findings: tuple[Finding, ...]
    case_number: str = ""
    receipts: int = 0
    archived: datetime | None = None
    renewed: datetime | None = None


def judge_archive(data: bytes, ground: Ground) -> JudgedArchive:
    """Everything there is to find; never raises for what a package holds."""
    try:
        package = read_package(data)
        listed = _manifest(package)
        number = str(json.loads(package.files[CASE])["case_number"])
    except EtrustError as error:
        return JudgedArchive((failed("format", error.code, error.en),))
    except (ValueError, KeyError, TypeError, RecursionError):
        return JudgedArchive((failed("format", "bad_manifest"),))
    files = _check_files(package, listed)
    known = _with_lists(package, ground)
    if isinstance(known, Finding):
        return JudgedArchive((passed("format"), files, known), number)
    stamps, archived, renewed = _check_timestamps(package, known)
    receipts = [*_check_receipts(package, number, known, archived)]
    found = (passed("format", detail=number), files, *stamps, *receipts)
    return JudgedArchive(found, number, len([name for name in package.files if name.endswith(".cose")]), archived, renewed)


def _manifest(package: Package) -> dict[str, tuple[int, str, str]]:
    found = json.loads(package.files[MANIFEST])
    if found["version"] != VERSION:
        raise bad("its manifest is of another version")
    return {str(each["name"]): (int(each["size"]), str(each["sha256"]), str(each["sm3"])) for each in found["files"]}


def digests_of(data: bytes) -> tuple[int, str, str]:
    """Size, SHA-256 and SM3 of a file, as the manifest has them."""
    return len(data), hashlib.sha256(data).hexdigest(), sm2.sm3(data).hex()


def _check_files(package: Package, listed: dict[str, tuple[int, str, str]]) -> Finding:
    present = package.listed()
    for name in sorted(listed.keys() - set(present)):
        return failed("files", "file_missing", name[:80])
    for name in present:
        if name not in listed:
            return failed("files", "file_not_listed", name)
        if digests_of(package.files[name]) != listed[name]:
            return failed("files", "file_changed", name)
    return passed("files", detail=str(len(present)))


def _with_lists(package: Package, ground: Ground) -> Ground | Finding:
    try:
        lists = [each for token in package.tokens for name in package.evidence(token) for each in read_crls(package.files[name])]
    except EtrustError as error:
        return failed("timestamps", error.code, error.en)
    return replace(ground, crls=ground.crls.with_lists(lists))


def _check_timestamps(package: Package, ground: Ground) -> tuple[list[Finding], datetime | None, datetime | None]:
    """From the newest to the oldest: each is judged as of the moment the one after it proves."""
    if not package.tokens:
        return [unknown("timestamp", "no_timestamp")], None, None
    found: list[Finding] = []
    moment: datetime | None = ground.now
    newest: datetime | None = None
    for number, name in reversed([*enumerate(package.tokens, start=1)]):
        if moment is None:
            break
        step = f"timestamp.{number}"
        judged = judge_token(step, package.files[name], over=package.stamped(name), ground=replace(ground, now=moment))
        lapsed = None if judged.time is None else still_good(step, package.files[name], moment)
        found = [*judged.findings, *([lapsed] if lapsed else []), *found]
        moment = None if lapsed or any(each.outcome is Outcome.FAILED for each in judged.findings) else judged.time
        newest = newest or moment
    return found, moment, newest


def _check_receipts(package: Package, number: str, ground: Ground, archived: datetime | None) -> Iterator[Finding]:
    for name in (each for each in package.files if each.endswith(".cose")):
        prefix = f"receipt.{name.removeprefix('receipts/').removesuffix('.cose')}."
        try:
            signed = read_receipt(package.files[name])
        except EtrustError as error:
            yield failed(f"{prefix}format", error.code, error.en)
            continue
        if signed.receipt.case_number != number:
            yield failed(f"{prefix}case", "receipt_of_other_case")
        judged = judge_receipt(signed, ground=replace(ground, now=archived or ground.now), prefix=prefix)
        yield from judged.findings
        trust = _trust(package, signed, ground)
        yield entitlement(signed, trust, judged.proven or signed.receipt.at, prefix)
        yield log_finding(signed, trust, prefix)


def _trust(package: Package, signed: SignedReceipt, ground: Ground) -> TrustSnapshot | None:
    """The trust list inside that the receipt itself rests on, when one of the anchors signed it."""
    for name in (each for each in package.files if each.startswith("lists/")):
        token = package.files[name]
        if hashlib.sha256(token.strip()).digest() not in signed.receipt.trust_lists:
            continue
        for anchor in ground.anchors:
            try:
                return read_trust_list(token, anchors=[anchor.encoded], at=signed.receipt.at)
            except EtrustError:
                continue
    return None


def conclude_archive(judged_findings: Sequence[Finding], told: dict[str, object], at: datetime) -> Verdict:
    """The verdict from what was found; the gravest finding decides."""
    weight = weigh_receipt(judged_findings)
    return Verdict(
        verdict=weight.overall, sub_indication=weight.indication, status=weight.status, kind=ARCHIVE, at=at,
        findings=tuple(judged_findings), evidence={}, license=told,
    )  # fmt: skip


def told_of(judged: JudgedArchive) -> dict[str, object]:
    """What a package is of, as the `license` part of a verdict."""
    rows = [
        ("case_number", "办件编码", "ئىش بېجىرىش نومۇرى", "Case number", judged.case_number),
        ("receipts", "查验回执", "تەكشۈرۈش ھۆججىتى", "Receipts", str(judged.receipts)),
        ("archived_at", "归档时间", "ئارخىپلاشتۇرۇلغان ۋاقىت", "Archived at", _text(judged.archived)),
        ("renewed_at", "最近续期", "ئاخىرقى يېڭىلاش", "Renewed at", _text(judged.renewed)),
    ]
    fields = [{"name": name, "zh": zh, "ug": ug, "en": en, "value": value} for name, zh, ug, en, value in rows if value]
    return {"type": ARCHIVE, "type_names": NAMES, "fields": fields}


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
