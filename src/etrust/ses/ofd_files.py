"""The signatures of an OFD package (GB/T 33190, clause 18) found and read, within bounds; judging them is `ofd`'s."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from etrust.errors import EtrustError, Kind
from etrust.ses.package import MAX_ELEMENTS, MAX_XML, Package, parse_xml, resolve, too_large
from etrust.ses.parse import MAX_SIZE
from etrust.signing import digests

INDEX = "OFD.xml"
MAX_SIGNATURES = 64
MAX_REFERENCES = 10_000
_DEFAULT_METHOD = "MD5"  # GB/T 33190, table 69: what CheckMethod means when it is left out; not accepted


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


def _named(package: Package, root: ET.Element, kind: str) -> Iterator[str]:
    """Paths that OFD.xml names for its documents: their signature lists (Signatures), their roots (DocRoot)."""
    for each in root.iter(kind):
        if (each.text or "").strip():
            yield resolve(package, INDEX, each.text or "")


def _signatures(package: Package, lists: tuple[str, ...]) -> Iterator[SignatureFile | Unreadable]:
    """All listed signatures. A list may name one file many times, so what they cost together is bounded, not each alone."""
    count, budget = 0, _Budget()
    for path in lists:
        for each in parse_xml(package.read(path, MAX_XML), path).iter("Signature"):
            count += 1
            if count > MAX_SIGNATURES:
                raise _bad(f"more than {MAX_SIGNATURES} signatures")
            base = resolve(package, path, each.get("BaseLoc", ""))
            try:
                found = _signature(package, base, each, budget)
            except EtrustError as error:
                if budget.spent:
                    raise
                yield Unreadable(base[:200], error)
                continue
            budget.spend_on(package, found)
            yield found


@dataclass(slots=True)
class _Budget:
    """What is left for all signatures of a package: bytes and elements of XML, references, bytes of seals."""

    xml: int = 2 * MAX_XML
    elements: int = MAX_ELEMENTS
    references: int = MAX_REFERENCES
    seals: int = 3 * MAX_SIZE

    @property
    def spent(self) -> bool:
        """Whether a bound is passed."""
        return min(self.xml, self.elements, self.references, self.seals) < 0

    def spend_on(self, package: Package, file: SignatureFile) -> None:
        """Count the references and the seal files of a signature that was read.

        Raises:
            EtrustError: ``bad_ofd``, ``too_large``.
        """
        self.references -= len(file.references)
        if self.references < 0:
            raise _bad(f"more than {MAX_REFERENCES} references")
        sealed = {file.value_path, file.seal_path or file.value_path}
        self.seals -= sum(package.size(path) for path in sealed if path in package)
        if self.seals < 0:
            raise too_large("its seals and seal signatures")


def _signature(package: Package, path: str, listed: ET.Element, budget: _Budget) -> SignatureFile:
    data = package.read(path, MAX_XML)
    budget.xml -= len(data)
    if budget.xml < 0:
        raise too_large("its signature files")
    root = parse_xml(data, path, budget.elements)
    budget.elements -= sum(1 for _ in root.iter())
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
