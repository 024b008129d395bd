"""OFD packages (GB/T 33190) opened with bounds: ZIP entries, names and sizes, XML without entities."""

import contextlib
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree as ET
from xml.parsers import expat

from etrust.errors import EtrustError, Kind

MAX_PACKAGE = 64 * 1024 * 1024
MAX_ENTRIES = 10_000
MAX_ENTRY = 64 * 1024 * 1024
MAX_UNPACKED = 128 * 1024 * 1024
MAX_XML = 4 * 1024 * 1024
MAX_ELEMENTS = 100_000
_MAX_DEPTH = 64
_MAX_NAME = 512
_CHUNK = 1 << 20
_START, _DIRECTORY_ENTRY = b"PK\x03\x04", b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _UTF8 = 1, 0x800
_CHINESE = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["'](gb2312|gbk|gb18030)["']""", re.IGNORECASE)
# Everything zipfile lets out on broken input.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, OSError, EOFError, RuntimeError, OverflowError)


class Package:
    """The files of an OFD package; nothing is unpacked before it is asked for."""

    __slots__ = ("_entries", "_folded", "_zip")

    def __init__(self, data: bytes) -> None:
        """Read the directory of the package.

        Raises:
            EtrustError: ``bad_package``, with what is wrong; ``too_large``.
        """
        if len(data) > MAX_PACKAGE:
            raise too_large(f"more than {MAX_PACKAGE} bytes")
        if not is_package(data):
            raise _bad("it does not begin as a ZIP file")
        if data.count(_DIRECTORY_ENTRY) > 2 * MAX_ENTRIES:  # counted before zipfile makes an object of each
            raise too_large(f"more than {MAX_ENTRIES} files")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _UNREADABLE as error:
            raise _bad("not a readable ZIP file") from error
        self._entries = _checked(self._zip.infolist())
        self._folded = {name.casefold(): name for name in self._entries}

    @property
    def names(self) -> frozenset[str]:
        """Paths of the files, without a leading slash."""
        return frozenset(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def spelled(self, name: str) -> str | None:
        """The name of a file as the package spells it, or None; makers on Windows do not always mind capitals."""
        return name if name in self._entries else self._folded.get(name.casefold())

    def size(self, name: str) -> int:
        """The unpacked size of a file as the directory states it; `chunks` gives no more than that."""
        return self._entries[name].file_size

    def read(self, name: str, limit: int = MAX_ENTRY) -> bytes:
        """A file as a whole.

        Raises:
            EtrustError: ``missing_file``, ``too_large``, ``bad_package``.
        """
        if name in self._entries and self.size(name) > limit:
            raise too_large(f"{name} has more than {limit} bytes")
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file piece by piece."""
        if name not in self._entries:
            raise EtrustError(
                Kind.MALFORMED, "missing_file", where=name[:200],
                zh=f"OFD 包中缺少文件 {name[:200]}。", en=f"The package has no file {name[:200]}.",
            )
        try:
            with self._zip.open(self._entries[name]) as file:
                yield from _pieces(file, self.size(name))
        except _UNREADABLE as error:
            raise _bad(f"{name[:200]} cannot be unpacked") from error


def is_package(data: bytes) -> bool:
    """Whether bytes begin as a ZIP file."""
    return data.startswith(_START)


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    left = size
    while left > 0:
        piece = file.read(min(_CHUNK, left))
        if not piece:
            raise EOFError
        left -= len(piece)
        yield piece
    if file.read(1):
        raise EOFError


def _checked(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    if len(entries) > MAX_ENTRIES:
        raise too_large(f"more than {MAX_ENTRIES} files")
    if sum(each.file_size for each in entries) > MAX_UNPACKED or any(each.file_size > MAX_ENTRY for each in entries):
        raise too_large(f"it unpacks to more than {MAX_UNPACKED} bytes")
    for each in entries:
        _check_entry(each)
        name = _name(each).removeprefix("/")
        if name.casefold() in folded:
            raise _bad(f"{name[:200]} stands twice")
        folded.add(name.casefold())
        if not name.endswith("/"):
            found[name] = each
    return found


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = _name(entry)
    parts = name.removeprefix("/").removesuffix("/").split("/")
    # `filename` ends at a NUL that the package wrote; two readers would see two names.
    if len(name) > _MAX_NAME or entry.orig_filename != entry.filename or {"", ".", ".."} & set(parts):
        raise _bad(f"a file name that leads elsewhere: {name[:100]!r}")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        raise _bad(f"{name[:200]} is encrypted or packed in an unknown way")


def _name(entry: zipfile.ZipInfo) -> str:
    """The path of an entry: some makers write backslashes, or names in UTF-8 or GB 18030 without saying so."""
    name = entry.filename
    if not entry.flag_bits & _UTF8 and not name.isascii():
        raw = name.encode("cp437", "replace")  # what zipfile took it for
        for encoding in ("utf-8", "gb18030"):
            with contextlib.suppress(UnicodeDecodeError):
                name = raw.decode(encoding)
                break
    return name.replace("\\", "/").removeprefix("./")


def resolve(package: Package, base: str, reference: str) -> str:
    """The path that a reference in a file means: from the root with a leading slash, else beside the file.

    Some makers leave out the slash of a path from the root, or count from a folder further up; those are tried where nothing
    lies beside the file, the nearest first. A path that leads out of the package, or to nothing, is given back as it would be
    from the root. Capitals count only where two spellings could be meant, and there a package is refused.
    """
    text = reference.strip().replace("\\", "/")
    from_root = posixpath.normpath("/" + text).lstrip("/")
    folder = "" if text.startswith("/") else posixpath.dirname(base)
    while folder:
        found = package.spelled(posixpath.normpath(posixpath.join(folder, text)).removeprefix("/"))
        if found is not None:
            return found
        folder = posixpath.dirname(folder)
    return package.spelled(from_root) or from_root


def parse_xml(data: bytes, where: str, elements: int = MAX_ELEMENTS) -> ET.Element:
    """The root of an XML file; a document type declaration, and so every entity, is refused, and more than some elements.

    Raises:
        EtrustError: ``bad_xml``, ``too_large``.
    """
    if len(data) > MAX_XML:
        raise too_large(f"{where} has more than {MAX_XML} bytes")
    builder = _Builder(elements)
    in_chinese = _CHINESE.match(data) is not None  # expat knows no encoding of several bytes but Unicode's
    parser = expat.ParserCreate("utf-8" if in_chinese else None, namespace_separator="}")
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        if in_chinese:
            data = data.decode("gb18030").encode()
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by place only
        return builder.close()
    except (expat.ExpatError, ValueError, AssertionError, LookupError) as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_xml", where=where[:200],
            zh=f"OFD 包中的 {where[:200]} 不是可读的 XML。", en=f"{where[:200]} in the package is not readable XML: {error}.",
        ) from error


class _Builder:
    """Builds the tree with names cut to their local part: makers differ in prefixes and some in namespaces."""

    def __init__(self, limit: int) -> None:
        self._tree, self._limit = ET.TreeBuilder(), limit
        self._count = self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count, self._depth = self._count + 1, self._depth + 1
        if self._count > self._limit or self._depth > _MAX_DEPTH:
            raise ValueError("too many elements, or nested too deep")
        self._tree.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self._depth -= 1
        self._tree.end(_local(name))

    def text(self, data: str) -> None:
        self._tree.data(data)

    def close(self) -> ET.Element:
        return self._tree.close()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _refuse(*_: object) -> None:
    raise ValueError("a document type declaration is not allowed")


def _bad(why: str) -> EtrustError:
    return EtrustError(Kind.MALFORMED, "bad_package", zh="OFD 包无法读取，可能已损坏或被改动。", en=f"Not a readable OFD: {why}.")


def too_large(why: str) -> EtrustError:
    """The failure for a package, or a part of it, that is larger than what is looked at."""
    return EtrustError(Kind.TOO_LARGE, "too_large", zh="OFD 包过大。", en=f"The OFD package is too large: {why}.")
