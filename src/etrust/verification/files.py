"""Any file judged: PDF, OFD, seal, seal signature, the text or picture of a code. No network, no database.

It goes in two steps, so that only the first one touches hostile bytes and can run in a worker that may be killed:
`examine` reads the file and finds; `conclude` weighs, and adds what the region knows about the license inside.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from etrust.credentials.code import decode_code
from etrust.credentials.image import read_codes
from etrust.credentials.receipt import RECEIPT, is_receipt, read_receipt
from etrust.documents.pdf_bytes import is_pdf
from etrust.documents.reading import EmbeddedFile, Signatory
from etrust.errors import EtrustError, Kind
from etrust.seals.standing import Standing, standing_finding, use_finding
from etrust.ses.judge import Document, judge_seal, judge_signature, seal_now
from etrust.ses.ofd import Ofd, judge_ofd
from etrust.ses.parse import parse_seal, parse_seal_signature
from etrust.trust.chains import Ground
from etrust.trust.findings import Finding, failed, unknown
from etrust.trust.x509 import read_certificate
from etrust.verification.archive_package import is_package
from etrust.verification.archives import ARCHIVE, conclude_archive, judge_archive, told_of
from etrust.verification.inside import Register, is_inside, judge_inside
from etrust.verification.judgment import judge
from etrust.verification.model import Status, Verdict
from etrust.verification.pdf import PDF, weigh_pdf
from etrust.verification.pictures import one_code
from etrust.verification.receipt_inside import RECEIPT_FILE, judge_receipt_inside
from etrust.verification.receipts import conclude_receipt, judge_receipt, signatory_of, weigh_receipt
from etrust.verification.sealed import SealedAt, contents_of
from etrust.verification.seals import OFD, SEAL, SEAL_SIGNATURE, digest_of_anchors, recognize, weigh_seals
from etrust.verification.verify import Step, verify_credential
from etrust.verification.weights import Weight, failing, gravest

CREDENTIAL = "credential"
_TOLD = "archive.json"  # what an archive package is of, as the reading told it
MAX_FILE = 20 * 1024 * 1024
"""Bytes of a file that is looked at."""
_LISTS_WANTED = ("no_crl", "crl_outdated")
_IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")
_MAX_TEXT = 8192
ABOUT_THE_FILE = frozenset({Kind.MALFORMED, Kind.INVALID, Kind.TOO_LARGE})
"""Kinds of errors that are about the file itself and go into its verdict."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a file.

    Attributes:
        kind: ``pdf``, ``ofd``, ``seal``, ``seal_signature``, ``receipt``, ``archive`` or ``credential``.
        files: attached to a PDF, or to an OFD file under its seals; a receipt itself.
        signatories: who signed a PDF or sealed those files, and when.
        seals: the seals (DER, with their codes) in an OFD file, a seal signature or a seal.
        times: when each of these seals was put there; empty for a seal alone.
        title: of the document.
        missing_lists: addresses of revocation lists that would help, when some were missing.
        credential: the bytes of a code that was presented as text or picture.
    """

    kind: str
    findings: tuple[Finding, ...]
    files: tuple[EmbeddedFile, ...] = ()
    signatories: tuple[Signatory, ...] = ()
    seals: tuple[tuple[str, bytes], ...] = ()
    credential: bytes | None = None
    title: str = ""
    missing_lists: tuple[str, ...] = ()
    times: tuple[SealedAt, ...] = ()


def kind_of(data: bytes) -> str:
    """What a file is, by its beginning.

    Raises:
        EtrustError: TOO_LARGE ``too_large``; MALFORMED ``unknown_file``.
    """
    if len(data) > MAX_FILE:
        raise too_large()
    if is_pdf(data):
        return PDF
    if is_receipt(data):
        return RECEIPT
    if is_package(data):
        return ARCHIVE
    kind = recognize(data)
    if kind is not None:
        return kind
    if data.startswith(_IMAGE_STARTS) or _is_text(data):
        return CREDENTIAL
    raise EtrustError(
        Kind.MALFORMED, "unknown_file",
        zh="不是可查验的文件：请提交 PDF、OFD、电子印章、签章数据、查验回执、归档包，或证照码的文字、图片。",
        en="Not a file that can be checked: give a PDF, OFD, seal, seal signature, receipt, archive package, or a code.",
    )


def meant(data: bytes) -> str:
    """What a file is meant to be; ``file`` when it is nothing known."""
    try:
        return kind_of(data)
    except EtrustError:
        return "file"


def too_large() -> EtrustError:
    """The refusal of a file beyond `MAX_FILE`."""
    limit = MAX_FILE // 2**20
    return EtrustError(
        Kind.TOO_LARGE, "too_large", zh=f"文件超过 {limit} MB，不予查验。", en=f"The file is larger than {limit} MB."
    )


def _is_text(data: bytes) -> bool:
    return 0 < len(data) <= _MAX_TEXT and data.isascii() and not set(data) & set(range(9))


def examine(data: bytes, *, ground: Ground, document: bytes | None = None) -> Examined:
    """Read a file and find what is to be found; never raises for what a file holds.

    Args:
        ground: the anchors that count, revocation lists, and the moment.
        document: for a seal signature alone, the bytes its digest is over, when they are at hand.
    """
    kind = "file"
    try:
        kind = kind_of(data)
        return _READERS[kind](data, ground, document)
    except EtrustError as error:
        return unreadable(kind, error)


def unreadable(kind: str, error: EtrustError) -> Examined:
    """What is found in a file that cannot be read, with the reason why."""
    return Examined(kind, (failed("format", error.code, f"{error.en} {error.where}".strip()[:400]),))


def _pdf(data: bytes, ground: Ground, _: bytes | None) -> Examined:
    from etrust.documents.validate import judge_pdf  # noqa: PLC0415 - readers are loaded only in the worker

    report = judge_pdf(data, ground)
    return Examined(
        PDF, report.findings, report.files, report.signatories, title=report.title, missing_lists=report.missing_lists
    )


def _ofd(data: bytes, ground: Ground, _: bytes | None) -> Examined:
    package = Ofd(data)
    inside = contents_of(package, ground)
    findings = tuple(judge_ofd(package, ground=ground))
    makers = [parse_seal(seal).maker_certificate for _, seal in inside.seals]
    return Examined(
        OFD, findings, inside.files, inside.signatories, inside.seals, title=inside.title, times=inside.times,
        missing_lists=_missing(findings, [*inside.signers, *makers]),
    )  # fmt: skip


def _signature(data: bytes, ground: Ground, document: bytes | None) -> Examined:
    signature = parse_seal_signature(data)
    findings = judge_signature(signature, Document(document), ground=ground)
    seals, times = ((signature.seal.code, signature.seal.encoded),), (SealedAt.of(signature, ground),)
    missing = _missing(findings, [signature.signer_certificate, signature.seal.maker_certificate])
    return Examined(SEAL_SIGNATURE, tuple(findings), seals=seals, times=times, missing_lists=missing)


def _seal(data: bytes, ground: Ground, _: bytes | None) -> Examined:
    seal = parse_seal(data)
    findings = (*judge_seal(seal, at=ground.now, ground=ground), *seal_now(seal, ground))
    missing = _missing(findings, [seal.maker_certificate])
    return Examined(SEAL, findings, seals=((seal.code, seal.encoded),), missing_lists=missing)


def _missing(findings: Sequence[Finding], certificates: Sequence[bytes]) -> tuple[str, ...]:
    """The addresses that certificates name for revocation lists, when some were missing."""
    if not any(each.reason in _LISTS_WANTED for each in findings):
        return ()
    found: list[str] = []
    for each in certificates:
        with contextlib.suppress(EtrustError):
            found += sorted(read_certificate(each).extensions.crl_points)
    return tuple(dict.fromkeys(found))


def _receipt(data: bytes, ground: Ground, _: bytes | None) -> Examined:
    signed = read_receipt(data)
    judged = judge_receipt(signed, ground=ground)
    files, who = (EmbeddedFile(RECEIPT_FILE, data),), signatory_of(signed, judged.proven)
    return Examined(RECEIPT, judged.findings, files, who, title=signed.receipt.id)


def _archive(data: bytes, ground: Ground, _: bytes | None) -> Examined:
    judged = judge_archive(data, ground)
    told = json.dumps(told_of(judged), ensure_ascii=False).encode()
    return Examined(ARCHIVE, judged.findings, (EmbeddedFile(_TOLD, told),), title=judged.case_number)


def _code(data: bytes, _: Ground, __: bytes | None) -> Examined:
    text = one_code(read_codes(data)) if data.startswith(_IMAGE_STARTS) else data.decode("ascii").strip()
    return Examined(CREDENTIAL, (), credential=decode_code(text))


_READERS = {
    PDF: _pdf,
    OFD: _ofd,
    SEAL_SIGNATURE: _signature,
    SEAL: _seal,
    RECEIPT: _receipt,
    ARCHIVE: _archive,
    CREDENTIAL: _code,
}


def conclude(
    found: Examined, *, ground: Ground, register: Register | None = None,
    standings: Mapping[str, Standing | None] | None = None,
) -> Verdict:  # fmt: skip
    """The verdict on what was found.

    Args:
        register: where the license inside is looked up; None when no trust list is at hand.
        standings: by code, how the seals stand in this region's register; None when there is none at hand.
    """
    evidence = {"anchors": digest_of_anchors(ground)}
    if found.credential is not None:
        return _of_code(found.credential, ground, register, evidence)
    if found.kind == RECEIPT and found.files:
        proven = found.signatories[0].proven if found.signatories else None
        trust = None if register is None else register.trust
        return conclude_receipt(read_receipt(found.files[0].data), found.findings, proven, ground=ground, trust=trust)
    if found.kind == ARCHIVE:
        told = next((each.data for each in found.files if each.name == _TOLD), b"{}")
        return conclude_archive(found.findings, json.loads(told), ground.now)
    present = (*_standing_now(found, standings), *_standing_then(found, standings))
    inside = judge_inside(found.files, found.signatories, found.title, register=register, at=ground.now)
    if inside.license is None:
        inside = judge_receipt_inside(found.files, found.signatories, found.title, register=register, ground=ground) or inside
    findings = (*(each for each in found.findings if not _is_replaced(each, present)), *present, *inside.findings)
    decides = gravest([_weigh(found.kind, findings), inside.weight])
    return Verdict(
        verdict=decides.overall, sub_indication=decides.indication, status=decides.status, kind=found.kind, at=ground.now,
        findings=findings, evidence={**evidence, **inside.evidence}, license=inside.license,
    )  # fmt: skip


def _weigh(kind: str, findings: Sequence[Finding]) -> Weight:
    if kind == CREDENTIAL:  # a picture or text that gave no credential
        return failing(Status.MALFORMED)
    if kind == RECEIPT:
        return weigh_receipt(findings)
    if kind in (PDF, "file"):
        return weigh_pdf([each for each in findings if not each.step.startswith("receipt.")])  # weighed where they were found
    inside = [each for each in findings if is_inside(each)]
    return gravest([weigh_seals([each for each in findings if each not in inside]), weigh_pdf(inside)])


def verify_file(
    data: bytes, *, ground: Ground, document: bytes | None = None, register: Register | None = None,
    standings: Mapping[str, Standing | None] | None = None,
) -> Verdict:  # fmt: skip
    """Judge any file as of ``ground.now``; see `examine` and `conclude`."""
    found = examine(data, ground=ground, document=document)
    return conclude(found, ground=ground, register=register, standings=standings)


def _of_code(raw: bytes, ground: Ground, register: Register | None, evidence: Mapping[str, str]) -> Verdict:
    if register is None:
        step = Step(unknown("issuer", "no_trust_list"), Status.UNKNOWN_ISSUER)
        return judge([step], at=ground.now, evidence=evidence, license=None)
    return verify_credential(raw, trust=register.trust, status=register.status, at=ground.now, types=register.types)


def _standing_now(found: Examined, standings: Mapping[str, Standing | None] | None) -> tuple[Finding, ...]:
    """How the seals stand in the register today."""
    if standings is None:
        return ()
    several = len(found.seals) > 1
    return tuple(
        standing_finding(standings.get(code), seal, step=f"{number}.now.seal_state" if several else "now.seal_state")
        for number, (code, seal) in enumerate(found.seals, 1)
    )


def _standing_then(found: Examined, standings: Mapping[str, Standing | None] | None) -> Iterator[Finding]:
    """What the register has against the moments at which the seals were put there."""
    several = len(found.seals) > 1
    for number, ((code, seal), time) in enumerate(zip(found.seals, found.times, strict=False), 1):
        step = f"{number}.seal_state" if several else "seal_state"
        against = use_finding((standings or {}).get(code), seal, stated=time.stated, proven=time.proven, step=step)
        if against is not None:
            yield against


def _is_replaced(finding: Finding, present: tuple[Finding, ...]) -> bool:
    """Whether it only says that no register was at hand, and one was."""
    return bool(present) and finding.reason == "no_register"
