"""Archive packages (单套归档): a case as one file that proves itself for decades, and is renewed before its timestamp ends."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.documents.timestamper import ValidationData
from etrust.errors import EtrustError, Kind
from etrust.signing.digests import SHA256, digest
from etrust.trust.timestamps import read_token
from etrust.verification.archive_package import CASE, MANIFEST, MATTER, Package, write_package
from etrust.verification.archives import VERSION, digests_of

BEFORE_END = timedelta(days=365)
"""How long before its timestamp's certificate ends a package is renewed."""


@dataclass(frozen=True, slots=True)
class Stamping:
    """What packages are stamped with: tokens over SHA-256 digests, and what proves their certificate now."""

    stamp: Callable[[bytes], Awaitable[bytes]]
    evidence: Callable[[], Awaitable[ValidationData]]


@dataclass(frozen=True, slots=True)
class Packed:
    """A package as it is kept: its bytes, when the certificate of its newest timestamp ends, when to renew it."""

    content: bytes
    timestamp_until: datetime
    due_at: datetime


async def pack(
    case: Mapping[str, object], matter: Mapping[str, object], receipts: Mapping[str, tuple[bytes, bytes]],
    trust_lists: Mapping[str, bytes], *, at: datetime, stamping: Stamping,
) -> Packed:
    """Make the package of a case.

    Args:
        case: as `check_report.case_json` tells it.
        matter: the entry of the implementation list in the version of the case.
        receipts: by id, the signed record and the page.
        trust_lists: by hexadecimal SHA-256, the lists the receipts rest on.

    Raises:
        EtrustError: what the timestamp service raises (``clock_unsure``, …).
    """
    files = {CASE: _json(case), MATTER: _json(matter)}
    for number, (cose, pdf) in receipts.items():
        files |= {f"receipts/{number}.cose": cose, f"receipts/{number}.pdf": pdf}
    files |= {f"lists/trust-{name[:16]}.jws": token for name, token in trust_lists.items()}
    manifest = {
        "version": VERSION, "case_number": case["case_number"], "packed_at": at.isoformat(),
        "files": [_listed(name, files[name]) for name in sorted(files)],
    }  # fmt: skip
    return await stamped(Package({MANIFEST: _json(manifest), **files}), stamping)


async def stamped(package: Package, stamping: Stamping) -> Packed:
    """A package with one more timestamp, over all that is in it: the first one, or a renewal."""
    token = await stamping.stamp(digest(SHA256, [package.stamped()]))
    evidence = await stamping.evidence()
    number = len(package.tokens) + 1
    files = {**package.files, f"timestamps/{number:04d}.tst": token}
    files |= {f"timestamps/{number:04d}-{place}.crl": crl for place, crl in enumerate(evidence.crls, start=1)}
    signer = read_token(token).signer
    if signer is None:
        raise EtrustError(
            Kind.UNAVAILABLE, "no_evidence",
            zh="时间戳未附签发证书，无法归档。", en="The timestamp does not carry its certificate.",
        )
    return Packed(write_package(files), signer.not_after, signer.not_after - BEFORE_END)


def _listed(name: str, data: bytes) -> dict[str, object]:
    size, sha256, sm3 = digests_of(data)
    return {"name": name, "size": size, "sha256": sha256, "sm3": sm3}


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
