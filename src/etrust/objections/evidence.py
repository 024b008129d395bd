"""Evidence (证据材料): a few files, bounded, of three kinds that are told by their content and not by their name.

They are kept sealed and given back as attachments; nothing here takes one apart.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from etrust.errors import EtrustError, Kind
from etrust.objections import store
from etrust.objections.handling import Handling
from etrust.objections.model import MAX_FILE, MAX_FILES, OPEN_STATES, EvidenceFile, Objection
from etrust.storage.postgres import Connection

MAX_NAME = 80
MAX_SENT = MAX_FILES * MAX_FILE * 2 + 64 * 1024
"""Bytes in which another region sends the evidence of a case: base64 twice, and a little more."""
_KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def kind_of(content: bytes) -> str:
    """The media type of a file by its first bytes.

    Raises:
        EtrustError: INVALID ``bad_evidence``: empty, too large, or of another kind.
    """
    if not 1 <= len(content) <= MAX_FILE:
        raise _bad(f"每个文件不超过 {MAX_FILE // 1024 // 1024} MB", f"a file has at most {MAX_FILE // 1024 // 1024} MB")
    for start, media_type in _KINDS.items():
        if content.startswith(start):
            return media_type
    raise _bad("只接受 PDF、JPEG 或 PNG 文件", "only PDF, JPEG and PNG are taken")


def safe_name(name: str) -> str:
    """The name of a file as it is kept: without a path, printable, bounded."""
    plain = name.replace("\\", "/").rpartition("/")[2].strip()
    kept = "".join(each for each in plain if each.isprintable() and each not in '<>:"|?*')
    return kept[:MAX_NAME] or "file"


async def add(
    connection: Connection, handling: Handling, objection: Objection, name: str, content: bytes, *, given_by: str, at: datetime
) -> EvidenceFile:
    """Keep a file with a case, in the caller's transaction; the same file again is the same.

    Raises:
        EtrustError: as `kind_of`; CONFLICT ``bad_step`` for a case that is closed; INVALID ``too_many_files``.
    """
    media_type = kind_of(content)
    if objection.state not in OPEN_STATES:
        raise EtrustError(Kind.CONFLICT, "bad_step", zh="该异议已办结，不能再提交材料。", en="The case is closed.")
    digest = hashlib.sha256(content).digest()
    known = await store.files(connection, objection.number, handling.sealing)
    for file, _ in known:
        if file.digest == digest:
            return file
    if len(known) >= MAX_FILES:
        raise EtrustError(
            Kind.INVALID, "too_many_files", where="file",
            zh=f"每件异议最多提交 {MAX_FILES} 个文件。", en=f"A case takes at most {MAX_FILES} files.",
        )  # fmt: skip
    file = EvidenceFile(len(known) + 1, safe_name(name), media_type, len(content), digest, given_by, at)
    await store.add_file(connection, objection.number, file, content, handling.sealing)
    return file


def received(body: bytes, unseal: Callable[[str], Mapping[str, Any]], at: datetime) -> list[tuple[EvidenceFile, bytes]]:
    """The evidence in another region's answer; what is not of a kind that is taken here is left out."""
    try:
        files = unseal(json.loads(body)["sealed"])["files"]
        found = [(safe_name(str(each["name"])), base64.b64decode(each["content"], validate=True)) for each in files[:MAX_FILES]]
    except (ValueError, KeyError, TypeError, binascii.Error, EtrustError):
        return []
    kept: list[tuple[EvidenceFile, bytes]] = []
    for place, (name, content) in enumerate(found, 1):
        try:
            media_type = kind_of(content)
        except EtrustError:
            continue
        digest = hashlib.sha256(content).digest()
        kept.append((EvidenceFile(place, name, media_type, len(content), digest, "region", at), content))
    return kept


def _bad(zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, "bad_evidence", where="file", zh=f"材料不符合要求：{zh}。", en=f"Evidence: {en}.")
