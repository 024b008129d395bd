"""The list of lists (区域名录): what an operator of regions, national or between regions, says of each region's trust list. Pure.

A compact JWS by the operator, typed ``etrust-region-directory+jwt``: for each region its address, its anchor, and number and
digest of its newest trust list. Its own number only grows and its time ends. Whoever follows it cannot be kept on an older
list of a region, nor shown one that others are not shown (mix and match). It adds no partner: that stays with two officers.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from etrust.errors import EtrustError, Kind
from etrust.signing.model import Signer
from etrust.trust.following import Named, refused
from etrust.trust.lists import sign_jws, verified_jws

TYP = "etrust-region-directory+jwt"
MAX_DIRECTORY = 4 * 1024 * 1024
VERSION = 1


@dataclass(frozen=True, slots=True)
class RegionLine:
    """What the directory says of one region.

    Attributes:
        anchor: certificate, DER.
        digest: of its newest trust list, ``sha256:…``.
    """

    region: str
    name: str
    base_url: str
    anchor: bytes
    sequence: int
    digest: str

    @property
    def named(self) -> Named:
        """For `trust.following.follow`."""
        return Named(self.sequence, self.digest)


@dataclass(frozen=True, slots=True)
class Directory:
    """A list of lists that was judged good, by its own digest."""

    operator: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    regions: tuple[RegionLine, ...]
    digest: str = ""

    def of(self, region: str) -> RegionLine | None:
        """What it says of a region, None where it says nothing."""
        return next((each for each in self.regions if each.region == region), None)


class _LineJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    region: str = Field(pattern=r"^\d{6}$")
    name: str = Field(min_length=1, max_length=100)
    base_url: str = Field(min_length=8, max_length=300)
    anchor: str = Field(max_length=16_384)
    sequence: int = Field(ge=1)
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")


class _DirectoryJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    version: int = Field(ge=VERSION, le=VERSION)
    operator: str = Field(min_length=1, max_length=100)
    sequence: int = Field(ge=1, lt=2**53)
    issued_at: AwareDatetime
    next_update: AwareDatetime
    regions: list[_LineJson] = Field(max_length=1000)


def sign_directory(content: Directory, operator: Signer) -> bytes:
    """The list of lists as it is published."""
    lines = [
        {"region": each.region, "name": each.name, "base_url": each.base_url, "anchor": base64.b64encode(each.anchor).decode(),
         "sequence": each.sequence, "digest": each.digest}
        for each in sorted(content.regions, key=lambda each: each.region)
    ]  # fmt: skip
    told = {
        "version": VERSION, "operator": content.operator, "sequence": content.sequence,
        "issued_at": content.issued_at.isoformat(), "next_update": content.next_update.isoformat(), "regions": lines,
    }  # fmt: skip
    return sign_jws(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), operator, TYP)


def read_directory(token: bytes, *, operator: bytes, at: datetime) -> Directory:
    """Read a list of lists and judge it by the operator's certificate (DER).

    Raises:
        EtrustError: UNTRUSTED ``untrusted_directory``, ``expired_directory``; MALFORMED ``bad_directory``; TOO_LARGE.
    """
    found = read_older(token, operator=operator)
    if not found.issued_at <= at < found.next_update:
        raise refused("expired_directory", "区域名录不在有效期内。", "The list of lists is out of its time.")
    return found


def read_older(token: bytes, *, operator: bytes) -> Directory:
    """The same whatever its time: its number and what it named count on.

    Raises:
        EtrustError: as `read_directory`, but for the time.
    """
    if len(token) > MAX_DIRECTORY:
        raise EtrustError(Kind.TOO_LARGE, "too_large", zh="区域名录过大。", en="The list of lists is too large.")
    token = token.strip()
    try:
        found = _DirectoryJson.model_validate_json(verified_jws(token, [operator], TYP))
        lines = tuple(_line(each) for each in found.regions)
    except (ValidationError, ValueError, binascii.Error) as error:
        raise _bad("its content does not have the form of one") from error
    except EtrustError as error:
        zh, en = "区域名录不是由该运营方签名的。", "The list of lists is not the operator's."
        raise refused("untrusted_directory", zh, en) from error
    if len({each.region for each in lines}) != len(lines):
        raise _bad("a region stands twice")
    digest = "sha256:" + hashlib.sha256(token).hexdigest()
    return Directory(found.operator, found.sequence, found.issued_at, found.next_update, lines, digest)


def follow_directory(known: Directory | None, token: bytes, *, operator: bytes, at: datetime) -> Directory:
    """Judge a list of lists that was fetched, by the one accepted last.

    Raises:
        EtrustError: as `read_directory`; UNTRUSTED ``older_directory``, ``same_number_other_directory``; ``region_turned_back``
            where it names an older list of a region than before.
    """
    found = read_directory(token, operator=operator, at=at)
    if known is None:
        return found
    if found.sequence < known.sequence:
        raise refused("older_directory", "区域名录比已知的更旧。", "The list of lists is older than one that was seen.")
    if found.sequence == known.sequence and found.digest != known.digest:
        raise refused(
            "same_number_other_directory", "同一编号出现另一份区域名录。", "There is another list of lists under the same number."
        )
    for line in known.regions:
        newer = found.of(line.region)
        if newer is not None:
            require_not_back(newer, line.named)
    return found


def require_not_back(line: RegionLine, before: Named | None) -> None:
    """Return quietly unless a region's list is older than one that was named before.

    Raises:
        EtrustError: UNTRUSTED ``region_turned_back``.
    """
    if before is not None and line.sequence < before.sequence:
        raise refused("region_turned_back", "区域名录所载某地区列表倒退。", "It names an older list of a region than before.")


def _line(found: _LineJson) -> RegionLine:
    anchor = base64.b64decode(found.anchor, validate=True)
    return RegionLine(found.region, found.name, found.base_url.rstrip("/"), anchor, found.sequence, found.digest)


def _bad(why: str) -> EtrustError:
    return EtrustError(Kind.MALFORMED, "bad_directory", zh="区域名录无法读取。", en=f"The list of lists cannot be read: {why}.")
