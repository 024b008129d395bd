"""What lists a region has published as files: one signed page that names them by digest (``/.well-known/etrust/lists``). Pure.

A file under ``/lists/SHA256`` never changes, so any cache can carry it; each verifies by itself, too. The page says which of them
are the newest, so that nobody is kept on old ones longer than its ``next_update``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from etrust.errors import EtrustError, Kind
from etrust.signing.model import Signer
from etrust.trust.lists import sign_jws, verified_jws
from etrust.trust.model import Purpose, TrustSnapshot

TYP = "etrust-lists+jwt"
MAX_MANIFEST = 4 * 1024 * 1024
SKEW = timedelta(seconds=60)
_SHA256 = r"^[0-9a-f]{64}$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class FileEntry(_Part):
    """A file by the SHA-256 of its bytes, and how long it is."""

    sha256: str = Field(pattern=_SHA256)
    size: int = Field(ge=1, le=32 * 1024 * 1024)


class DeltaEntry(FileEntry):
    """A change, and the digest of the unpacked list it begins with."""

    since: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")


class StatusEntry(FileEntry):
    """A status list as it is now.

    Attributes:
        bitmap: digest of the unpacked list.
    """

    uri: str = Field(max_length=500)
    bitmap: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    deltas: list[DeltaEntry] = Field(default=[], max_length=16)


class Manifest(_Part):
    """All lists of a region."""

    region: str = Field(pattern=r"^\d{6}$")
    issued_at: AwareDatetime
    next_update: AwareDatetime
    trust_list: FileEntry
    sequence: int = Field(ge=1)
    status: list[StatusEntry] = Field(max_length=10_000)
    revocation: list[FileEntry] = Field(default=[], max_length=10_000)


def sign_manifest(manifest: Manifest, signer: Signer) -> bytes:
    """The page, signed by a key for status lists."""
    return sign_jws(manifest.model_dump_json().encode(), signer, TYP)


def read_manifest(data: bytes, *, trust: TrustSnapshot, at: datetime) -> Manifest:
    """Read the page and judge it by the region's trust list.

    Raises:
        EtrustError: UNTRUSTED ``untrusted_lists``: another's, of another region, or out of its time; MALFORMED ``bad_lists``.
    """
    if len(data) > MAX_MANIFEST:
        raise EtrustError(Kind.TOO_LARGE, "too_large", zh="列表目录过大。", en="The page of lists is too large.")
    try:
        found = Manifest.model_validate_json(verified_jws(data.strip(), _keys(trust, at), TYP))
    except ValidationError as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_lists", zh="列表目录无法读取。", en="The page of lists cannot be read."
        ) from error
    except EtrustError as error:
        raise _untrusted("no key of the region signed it") from error
    if found.region != trust.trust_list.region or not found.issued_at - SKEW <= at < found.next_update:
        raise _untrusted("it is another region's, or out of its time")
    return found


def _keys(trust: TrustSnapshot, at: datetime) -> Sequence[bytes]:
    return [
        entry.certificate for entry in trust.trust_list.keys
        if entry.purpose is Purpose.STATUS and entry.valid_from <= at < entry.valid_until and entry.compromised_since is None
    ]  # fmt: skip


def _untrusted(why: str) -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "untrusted_lists", zh="列表目录不可信，请稍后重新获取。", en=f"The page of lists does not count: {why}."
    )
