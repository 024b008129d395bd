"""The license data inside a document: does it belong to the face, and what does its own verifier say of it?

A genuine license attached to a face of somebody else's making proves nothing, so the body that signed the document must be
the one that issued the license, and identifiers must agree wherever they stand.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from etrust.clock import official_date
from etrust.credentials.code import decode_code, is_code
from etrust.credentials.credential import parse
from etrust.documents.reading import EmbeddedFile, Signatory
from etrust.errors import EtrustError
from etrust.status.model import StatusSnapshot
from etrust.trust.findings import Finding, failed, passed, unknown
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot
from etrust.trust.x509 import Certificate, read_certificate
from etrust.verification.verify import Names, verify_credential
from etrust.verification.weights import NOTHING, Weight

LICENSE, ANNOTATION = "license.cwt", "annotation.json"
_IDENTIFIER = re.compile(r"1\.2\.156\.3005\.2\.[0-9A-Z.]{20,110}")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Register:
    """Where a license is looked up: a trust list, the status of licenses, and the types that name its fields."""

    trust: TrustSnapshot
    status: StatusSnapshot
    types: Names


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found about the license inside a document."""

    findings: tuple[Finding, ...] = ()
    weight: Weight = NOTHING
    license: Mapping[str, object] | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)


def judge_inside(
    files: Sequence[EmbeddedFile], signatories: Sequence[Signatory], title: str, *, register: Register | None, at: datetime
) -> Inside:
    """Judge the license data and the annotation attached to a document; nothing when there are none."""
    identifier, annotation = "", _named(files, ANNOTATION)
    judged, raw = Inside(), _license(files)
    if isinstance(raw, EtrustError):
        judged = Inside((failed("license.data", "bad_license_data", raw.en),))
    elif raw is not None:
        claimed = parse(raw).claims.identifier
        identifier = claimed.text
        together = (_same_face(title, identifier), _same_body(signatories, claimed.issuer_code, register))
        judged = _look_up(raw, identifier, register, at)
        judged = replace(judged, findings=(*together, *judged.findings))
    if annotation is not None:
        judged = replace(judged, findings=(*judged.findings, *_annotation(annotation.data, identifier, at)))
    return judged


def is_inside(finding: Finding) -> bool:
    """Whether a finding is about the license or the annotation inside a document."""
    return finding.step.startswith(("license.", "copy."))


def _named(files: Sequence[EmbeddedFile], name: str) -> EmbeddedFile | None:
    return next((each for each in files if each.name == name), None)


def license_inside(files: Sequence[EmbeddedFile]) -> bytes | None:
    """The bytes of the license attached to a document; None when there is none that can be read."""
    found = _license(files)
    return found if isinstance(found, bytes) else None


def _license(files: Sequence[EmbeddedFile]) -> bytes | EtrustError | None:
    """The credential attached, as bytes or as the text of its code."""
    attached = _named(files, LICENSE)
    if attached is None:
        return None
    try:
        text = attached.data.decode("ascii").strip() if attached.data.isascii() else ""
        raw = decode_code(text) if is_code(text) else attached.data
        parse(raw)
    except EtrustError as error:
        return error
    return raw


def _look_up(raw: bytes, identifier: str, register: Register | None, at: datetime) -> Inside:
    if register is None:
        return Inside((passed("license.format", detail=identifier), unknown("now.license", "no_trust_list")))
    verdict = verify_credential(raw, trust=register.trust, status=register.status, at=at, types=register.types)
    findings = tuple(replace(each, step=f"license.{each.step}") for each in verdict.findings)
    weight = Weight(verdict.status, verdict.verdict, verdict.sub_indication)
    return Inside(findings, weight, verdict.license, verdict.evidence)


def _same_face(title: str, identifier: str) -> Finding:
    """The identifier in the title of the face is that of the license data."""
    found = _IDENTIFIER.search(title)
    if found is None:
        return passed("license.face", "face_without_identifier", identifier)
    if found[0].rstrip(".") != identifier:
        return failed("license.face", "face_of_another_license", f"{found[0][:_SHOWN]}, attached {identifier}")
    return passed("license.face", detail=identifier)


def _same_body(signatories: Sequence[Signatory], issuer: str, register: Register | None) -> Finding:
    """The body that issued the license is among those that signed the document, by a key it has for that."""
    step, bodies = "license.body", [each.body for each in signatories if each.body]
    if issuer in bodies:
        signed = [each for each in signatories if each.body == issuer]
        if register is None or any(_is_entitled(each, register.trust.trust_list.keys) for each in signed):
            return passed(step, detail=issuer)
        return failed(step, "not_entitled", f"not a key that {issuer} signs documents with: {signed[0].name}"[:_SHOWN])
    if not bodies:
        return unknown(step, "signer_body_unknown", issuer)
    return failed(step, "document_of_another_body", f"signed by {', '.join(bodies)[:_SHOWN]}, issued by {issuer}")


def _is_entitled(signatory: Signatory, keys: Sequence[KeyEntry]) -> bool:
    """Whether the trust list has the key as one for documents, or the authority that certified it as one for seals.

    A certificate says of itself whose it is. An authority from elsewhere may say so of anybody, and a key that the body has
    for credentials is none for documents. A list that names no keys for documents of the body decides nothing.
    """
    own = [each.certificate for each in keys if each.purpose is Purpose.DOCUMENT and each.body == signatory.body]
    if not own or signatory.certificate in own:
        return True
    try:
        certificate = read_certificate(signatory.certificate)
        authorities = [read_certificate(each.certificate) for each in keys if each.purpose is Purpose.AUTHORITY]
    except EtrustError:
        return False
    return any(_certified(certificate, each) for each in authorities)


def _certified(certificate: Certificate, authority: Certificate) -> bool:
    try:
        authority.check(certificate.algorithm, certificate.signature, certificate.signed)
    except EtrustError:
        return False
    return True


def _annotation(data: bytes, identifier: str, at: datetime) -> list[Finding]:
    """What an annotated copy (加注件) was made for, for whom, and until when."""
    try:
        said = json.loads(data)
        purpose, recipient, number = (str(said[name])[:_SHOWN] for name in ("purpose", "recipient", "number"))
        until = date.fromisoformat(said["valid_until"])
        about = str(said.get("identifier") or identifier)
    except (ValueError, KeyError, TypeError, RecursionError):
        return [failed("copy.format", "bad_annotation")]
    if identifier and about != identifier:
        return [failed("copy.license", "copy_of_another_license", about[:_SHOWN])]
    ended, step = official_date(at) > until, "copy.validity"
    return [
        passed("copy.number", detail=number), passed("copy.purpose", detail=purpose),
        passed("copy.recipient", detail=recipient),
        failed(step, "copy_expired", until.isoformat()) if ended else passed(step, detail=until.isoformat()),
    ]  # fmt: skip
