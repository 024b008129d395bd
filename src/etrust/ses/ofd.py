"""Seal signatures in OFD packages (GB/T 33190, clause 18): found, and every file they refer to digested.

A signature says what it protects, file by file. What it does not protect can be changed or added at will, so a file of
the package outside that list is told, and such a document is not called sound.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from etrust.errors import EtrustError, Kind
from etrust.ses.judge import Document, judge_signature
from etrust.ses.model import SealSignature
from etrust.ses.package import MAX_XML, Package, parse_xml, resolve
from etrust.ses.parse import MAX_SIZE, parse_seal_signature
from etrust.signing import digests
from etrust.trust.chains import Ground
from etrust.trust.findings import Finding, failed, passed, skipped, unknown

MAX_SIGNATURES = 64
MAX_REFERENCES = 10_000
_DEFAULT_METHOD = "MD5"  # GB/T 33190, table 69: what CheckMethod means when it is left out; not accepted
_SHOWN, _DETAIL = 5, 600
INDEX = "OFD.xml"


@dataclass(frozen=True, slots=True)
class Reference:
    """One protected file: where, and the digest it must have (None when that is not base64)."""

    path: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """A Signature.xml: paths in the package, the references, and its own bytes.

    Attributes:
        number: the ID given in Signatures.xml.
        is_seal: whether it is a seal signature (签章) rather than a plain one.
        path: of the file itself.
        value_path: of SignedValue.dat.
        seal_path: of Seal.esl, when there is one.
        method: the digest algorithm of the references, as written.
    """

    number: str
    is_seal: bool
    path: str
    data: bytes
    value_path: str
    seal_path: str | None
    method: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A listed signature whose Signature.xml cannot be read, and why."""

    path: str
    error: EtrustError


class Ofd:
    """An OFD package with the signatures listed in it, in that order; those that can be read are `signatures`."""

    __slots__ = ("_digests", "listed", "lists", "package", "roots", "signatures")

    def __init__(self, data: bytes) -> None:
        """Read the package and its signature files.

        Raises:
            EtrustError: ``bad_package``, ``missing_file``, ``bad_xml``, ``bad_ofd``, ``too_large``.
        """
        self.package = Package(data)
        index = self.package.spelled(INDEX) or INDEX
        root = parse_xml(self.package.read(index, MAX_XML), index)
        self.lists = tuple(_named(self.package, root, "Signatures"))
        self.roots = tuple(_named(self.package, root, "DocRoot"))
        self.listed = tuple(_signatures(self.package, self.lists))
        self.signatures = tuple(each for each in self.listed if isinstance(each, SignatureFile))
        self._digests: dict[tuple[str, str], bytes] = {}

    def digest(self, method: str, path: str) -> bytes:
        """The digest of a file, computed once however many signatures refer to it."""
        key = (method.upper(), path)
        if key not in self._digests:
            self._digests[key] = digests.digest(method, self.package.chunks(path))
        return self._digests[key]


def judge_ofd(ofd: Ofd, *, ground: Ground) -> list[Finding]:
    """All steps for every signature of a package; the steps of the n-th begin with ``n.``.

    Reasons of its own: ``no_signature`` (unknown), ``plain_signature`` (unknown).
    """
    if not ofd.listed:
        return [unknown("signatures", "no_signature", _some(_unlisted(ofd)))]
    found = [passed("signatures", detail=str(len(ofd.listed)))]
    for number, each in enumerate(ofd.listed, 1):
        if isinstance(each, Unreadable):
            judged = [failed("format", each.error.code, f"{each.path}: {each.error.en}"[:_DETAIL])]
        else:
            judged = _judge_one(ofd, each, ground)
        found += [_numbered(number, finding) for finding in judged]
    return found


def _unlisted(ofd: Ofd) -> list[str]:
    """Files that look like signatures and are not listed: somebody may have taken the list away."""
    return sorted(name for name in ofd.package.names if name.casefold().endswith(("signature.xml", "signedvalue.dat")))


def _numbered(number: int, finding: Finding) -> Finding:
    return Finding(f"{number}.{finding.step}", finding.outcome, finding.reason, finding.detail)


def _judge_one(ofd: Ofd, file: SignatureFile, ground: Ground) -> list[Finding]:
    about_files = [_check_references(ofd, file), _check_coverage(ofd, file)]
    if not file.is_seal:
        return [unknown("format", "plain_signature", file.path), *about_files]
    try:
        signature = parse_seal_signature(ofd.package.read(file.value_path, MAX_SIZE))
    except EtrustError as error:
        return [failed("format", error.code, error.en), *about_files]
    document = Document(file.data, _ways_to_write(ofd.package, file.path, signature.property_info))
    return [
        *judge_signature(signature, document, ground=ground), *about_files, _check_seal_file(ofd.package, file, signature)
    ]


def _ways_to_write(package: Package, path: str, written: str) -> frozenset[str]:
    """The path as propertyInfo may have it; `written` counts when it resolves to the file."""
    return frozenset({path, "/" + path} | ({written} if resolve(package, path, written) == path else set()))


def _check_references(ofd: Ofd, file: SignatureFile) -> Finding:
    """Step e: every file referred to has the digest stated."""
    step = "references"
    if not file.references:
        return failed(step, "no_references", file.path)
    if not digests.is_known(file.method):
        return failed(step, "weak_digest", file.method[:80])
    wrong = []
    for each in file.references:
        try:
            if ofd.digest(file.method, each.path) != each.value:
                wrong.append(f"{each.path}: changed")
        except EtrustError as error:
            wrong.append(f"{each.path}: {error.code}")
    if wrong:
        return failed(step, "file_changed", _some(wrong))
    return passed(step, detail=f"{len(file.references)} files, {file.method}")


def _check_coverage(ofd: Ofd, file: SignatureFile) -> Finding:
    """Whether anything but the signatures' own files lies outside the references.

    Makers who leave room for further signatures do not protect OFD.xml, where those are entered. When all documents that it
    leads to are protected, no more than the title and such could have been changed there: a note.
    """
    own = set(ofd.lists)
    for each in ofd.signatures:
        own |= {each.path, each.value_path, each.seal_path or each.path}
    covered = {each.path for each in file.references}
    left = sorted(ofd.package.names - own - covered)
    if [name.casefold() for name in left] == [INDEX.casefold()] and ofd.roots and covered.issuperset(ofd.roots):
        return passed("coverage", "index_unsigned", left[0])
    return unknown("coverage", "unsigned_files", _some(left)) if left else passed("coverage")


def _check_seal_file(package: Package, file: SignatureFile, signature: SealSignature) -> Finding:
    """Seal.esl beside the signature is the seal inside it."""
    if file.seal_path is None:
        return skipped("seal_file", "no_seal_file")
    try:
        same = package.read(file.seal_path, MAX_SIZE) == signature.seal.encoded
    except EtrustError as error:
        return failed("seal_file", error.code, file.seal_path)
    return passed("seal_file") if same else failed("seal_file", "another_seal", file.seal_path)


def _some(items: list[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return (", ".join(items[:_SHOWN]) + more)[:_DETAIL]


def _named(package: Package, root: ET.Element, kind: str) -> Iterator[str]:
    """Paths that OFD.xml names for its documents: their signature lists (Signatures), their roots (DocRoot)."""
    for each in root.iter(kind):
        if (each.text or "").strip():
            yield resolve(package, INDEX, each.text or "")


def _signatures(package: Package, lists: tuple[str, ...]) -> Iterator[SignatureFile | Unreadable]:
    count = references = 0
    for path in lists:
        for each in parse_xml(package.read(path, MAX_XML), path).iter("Signature"):
            count += 1
            if count > MAX_SIGNATURES:
                raise _bad(f"more than {MAX_SIGNATURES} signatures")
            base = resolve(package, path, each.get("BaseLoc", ""))
            try:
                found = _signature(package, base, each)
            except EtrustError as error:
                yield Unreadable(base[:200], error)
                continue
            references += len(found.references)
            if references > MAX_REFERENCES:
                raise _bad(f"more than {MAX_REFERENCES} references")
            yield found


def _signature(package: Package, path: str, listed: ET.Element) -> SignatureFile:
    data = package.read(path, MAX_XML)
    root = parse_xml(data, path)
    info, value, references = root.find("SignedInfo"), root.findtext("SignedValue"), root.find("SignedInfo/References")
    if info is None or references is None or not value:
        raise _bad(f"{path} lacks SignedInfo, References or SignedValue")
    seal = info.findtext("Seal/BaseLoc")
    return SignatureFile(
        number=listed.get("ID", ""), is_seal=listed.get("Type", "Seal").strip().casefold() == "seal", path=path, data=data,
        value_path=resolve(package, path, value), seal_path=resolve(package, path, seal) if seal else None,
        method=references.get("CheckMethod", _DEFAULT_METHOD).strip(),
        references=tuple(
            Reference(resolve(package, path, each.get("FileRef", "")), _value(each.findtext("CheckValue")))
            for each in references.findall("Reference")
        ),
    )  # fmt: skip


def _value(text: str | None) -> bytes | None:
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _bad(why: str) -> EtrustError:
    return EtrustError(Kind.MALFORMED, "bad_ofd", zh="OFD 包中的签章文件不完整。", en=f"The OFD's signature files: {why}.")
