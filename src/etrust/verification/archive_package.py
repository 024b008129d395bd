"""Archive packages (单套归档包) as files: a zip whose first entry is the manifest; read within bounds, written alike.

========================= ==========================================================================================
entry                     content
========================= ==========================================================================================
``manifest.json``         the case, and of every other file name, size, SHA-256 and SM3
``case.json``             the case: steps, materials, checks; no values of licenses
``matter.json``           the entry of the implementation list (实施清单) it was handled by
``receipts/ID.cose|pdf``  every receipt, as signed record and as page
``lists/trust-HEX.jws``   the trust lists the receipts rest on
``timestamps/NNNN.tst``   RFC 3161 tokens: the first over the manifest, each later one over all before it
``timestamps/NNNN-N.crl`` revocation lists that prove the certificate of that token
========================= ==========================================================================================
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from etrust.errors import EtrustError, Kind

MANIFEST, CASE, MATTER = "manifest.json", "case.json", "matter.json"
MAX_ENTRIES = 2000
MAX_UNPACKED = 64 * 1024 * 1024
"""Bytes of all files together."""
_START = b"PK\x03\x04"
_NAME_AT = 30  # where the name stands in the header of an entry
_NAMES = re.compile(
    r"manifest\.json|case\.json|matter\.json|receipts/[0-9A-Z]{8,40}\.(?:cose|pdf)|lists/trust-[0-9a-f]{16}\.jws"
    r"|timestamps/[0-9]{4}(?:\.tst|-[0-9]{1,3}\.crl)"
)
_TOKEN = re.compile(r"timestamps/([0-9]{4})\.tst")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip tells a time for each entry; ours tell none


@dataclass(frozen=True, slots=True)
class Package:
    """The files of a package by name, in the order of the zip."""

    files: Mapping[str, bytes]

    @property
    def tokens(self) -> list[str]:
        """Names of the timestamps, the oldest first."""
        return sorted(name for name in self.files if _TOKEN.fullmatch(name))

    def evidence(self, token: str) -> list[str]:
        """Names of the revocation lists kept with a timestamp."""
        number = token.removeprefix("timestamps/").removesuffix(".tst")
        return sorted(name for name in self.files if name.startswith(f"timestamps/{number}-"))

    def listed(self) -> list[str]:
        """Names of what the manifest has to list: everything but itself and the timestamps."""
        return [name for name in self.files if name != MANIFEST and not name.startswith("timestamps/")]

    def stamped(self, before: str = "") -> bytes:
        """What a timestamp stands over: the manifest, then every older timestamp with its evidence.

        Args:
            before: name of the timestamp; empty for the next one to be made.
        """
        parts = [self.files[MANIFEST]]
        for token in self.tokens:
            if token == before:
                break
            parts += [self.files[name] for name in (token, *self.evidence(token))]
        return b"".join(parts)


def is_package(data: bytes) -> bool:
    """Whether a file is meant to be an archive package."""
    return data.startswith(_START) and data[_NAME_AT : _NAME_AT + len(MANIFEST)] == MANIFEST.encode()


def write_package(files: Mapping[str, bytes]) -> bytes:
    """The zip: manifest first, then by name, nothing compressed, so that the same files are the same bytes everywhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name in sorted(files, key=lambda each: (each != MANIFEST, each)):
            package.writestr(zipfile.ZipInfo(name, _EPOCH), files[name])
    return out.getvalue()


def read_package(data: bytes) -> Package:
    """Read a package; nothing is ever written to a disk.

    Raises:
        EtrustError: ``bad_archive``: no zip, an entry of another name than those above, twice, encrypted, or too much of it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return Package(_files(package))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError) as error:
        raise bad(f"not a zip that can be read: {type(error).__name__}") from error


def _files(package: zipfile.ZipFile) -> dict[str, bytes]:
    entries = package.infolist()
    if len(entries) > MAX_ENTRIES or sum(each.file_size for each in entries) > MAX_UNPACKED:
        raise bad("too many files, or too large")
    files: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for entry in entries:
        name = entry.orig_filename
        if _NAMES.fullmatch(name) is None or name in files or entry.flag_bits & 1:
            raise bad("a file has another name than it may have, stands twice, or is encrypted")
        with package.open(entry) as content:
            files[name] = content.read(left + 1)  # whatever the header says of its size
        left -= len(files[name])
        if left < 0:
            raise bad("it unpacks to more than it says")
    if not {MANIFEST, CASE, MATTER} <= files.keys():
        raise bad("manifest, case or matter is missing")
    return files


def bad(why: str) -> EtrustError:
    """The refusal of what is no archive package."""
    return EtrustError(
        Kind.MALFORMED, "bad_archive", zh="不是完好的归档包。", en=f"Not an archive package: {why}."
    )
