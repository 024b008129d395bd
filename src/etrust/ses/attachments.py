"""Attachments of an OFD document (GB/T 33190, clause 19), such as the signed license data: read, and who signed them.

A file that is attached is as good as the signatures that cover it, so each comes with the numbers of those that refer to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from etrust.errors import EtrustError, Kind
from etrust.ses.ofd_files import Ofd, SignatureFile
from etrust.ses.package import MAX_XML, parse_xml, resolve

MAX_ATTACHMENTS = 64
MAX_TOTAL = 16 * 1024 * 1024
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file inside a document.

    Attributes:
        name: what the list of attachments calls it; text of a stranger, shown but never opened by.
        path: in the package.
        signed_by: numbers (from 1, as in the findings) of the seal signatures whose references name it and their list.
    """

    name: str
    path: str
    data: bytes
    signed_by: tuple[int, ...]


def attached(ofd: Ofd) -> tuple[AttachedFile, ...]:
    """The attachments of all documents of a package, in the order of their lists.

    Raises:
        EtrustError: ``missing_file``, ``bad_xml``, ``bad_package``, ``too_large``.
    """
    found: list[AttachedFile] = []
    total = 0
    for name, path, list_path in _listed(ofd):
        size = ofd.package.size(path) if path in ofd.package else 0
        total += size
        if len(found) >= MAX_ATTACHMENTS or total > MAX_TOTAL:
            raise EtrustError(
                Kind.TOO_LARGE, "too_large", zh="OFD 的附件过多或过大。",
                en=f"More than {MAX_ATTACHMENTS} attachments or {MAX_TOTAL} bytes of them.",
            )  # fmt: skip
        found.append(AttachedFile(name, path, ofd.package.read(path), _signed_by(ofd, {path, list_path})))
    return tuple(found)


def _listed(ofd: Ofd) -> Iterator[tuple[str, str, str]]:
    """Name, path, and the path of the list, of each attachment."""
    for root_path in ofd.roots:
        root = parse_xml(ofd.package.read(root_path, MAX_XML), root_path)
        location = (root.findtext("Attachments") or "").strip()
        if not location:
            continue
        list_path = resolve(ofd.package, root_path, location)
        for each in parse_xml(ofd.package.read(list_path, MAX_XML), list_path).iter("Attachment"):
            path = resolve(ofd.package, list_path, each.findtext("FileLoc") or "")
            yield each.get("Name", "")[:_MAX_NAME], path, list_path


def _signed_by(ofd: Ofd, paths: set[str]) -> tuple[int, ...]:
    return tuple(
        number for number, each in enumerate(ofd.listed, 1)
        if isinstance(each, SignatureFile) and each.is_seal and paths <= {reference.path for reference in each.references}
    )  # fmt: skip
