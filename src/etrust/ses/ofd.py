"""Seal signatures in OFD packages (GB/T 33190, clause 18) judged: every file they refer to digested.

A signature says what it protects, file by file. What it does not protect can be changed or added at will, so a file of
the package outside that list is told, and such a document is not called sound.
"""

from etrust.errors import EtrustError
from etrust.ses.judge import Document, judge_signature
from etrust.ses.model import SealSignature
from etrust.ses.ofd_files import INDEX, Ofd, SignatureFile, Unreadable
from etrust.ses.package import MAX_XML, Package, parse_xml, resolve
from etrust.ses.parse import MAX_SIZE, parse_seal_signature
from etrust.signing import digests
from etrust.trust.chains import Ground
from etrust.trust.findings import Finding, failed, passed, skipped, unknown

__all__ = ["Ofd", "judge_ofd"]

_SHOWN, _DETAIL = 5, 600


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

    Makers who leave room for further signatures do not protect OFD.xml, where those are entered. When all that it leads to
    are documents, and protected, no more than the title and such could have been changed there: a note.
    """
    own = set(ofd.lists)
    for each in ofd.signatures:
        own |= {each.path, each.value_path, each.seal_path or each.path}
    covered = {each.path for each in file.references}
    left = sorted(ofd.package.names - own - covered)
    if [name.casefold() for name in left] == [INDEX.casefold()] and _are_documents(ofd, covered):
        return passed("coverage", "index_unsigned", left[0])
    return unknown("coverage", "unsigned_files", _some(left)) if left else passed("coverage")


def _are_documents(ofd: Ofd, covered: set[str]) -> bool:
    """Whether what OFD.xml leads to is protected, and a document each: it could be made to lead to a page or an attachment."""
    try:
        kinds = {parse_xml(ofd.package.read(path, MAX_XML), path).tag for path in ofd.roots}
    except EtrustError:
        return False
    return kinds == {"Document"} and covered.issuperset(ofd.roots)


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
