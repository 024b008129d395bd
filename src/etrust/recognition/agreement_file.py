"""Agreements as a signed file, for those who check with no server: what counts, and which anchors other regions' lists have.

It is a compact JWS by the region's own key for messages, held against the region's own trust list. So whoever has the anchor
of his own region has those of its partners, too, and needs no other channel for them.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from etrust.errors import EtrustError, Kind
from etrust.recognition.agreements import Agreement
from etrust.recognition.model import PartnerRegion
from etrust.signing.model import Signer
from etrust.trust.lists import sign_jws, verified_jws
from etrust.trust.model import Purpose, TrustSnapshot

TYP = "etrust-agreements+jwt"
LIFETIME = timedelta(days=7)
MAX_FILE = 8 * 1024 * 1024
_REGION = r"^\d{6}$"


@dataclass(frozen=True, slots=True)
class AgreementFile:
    """What a file says.

    Attributes:
        region: whose agreements they are.
        partners: by division, names and pinned anchor.
        until: it counts before then: an agreement that was ended since does not count for longer.
    """

    region: str
    agreements: tuple[Agreement, ...]
    partners: Mapping[str, PartnerRegion]
    until: datetime


class _AgreementJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    number: str = Field(max_length=40)
    region: str = Field(pattern=_REGION)
    types: list[str] = Field(max_length=500)
    seals: list[str] = Field(max_length=500)
    matters: list[str] = Field(max_length=500)
    max_list_age: int = Field(ge=0, le=30 * 86_400)
    consent_only: bool
    online_status: bool
    receipt_owed: bool
    valid_from: AwareDatetime
    valid_until: AwareDatetime


class _PartnerJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    region: str = Field(pattern=_REGION)
    name_zh: str = Field(max_length=200)
    name_ug: str = Field(max_length=200)
    name_en: str = Field(max_length=200)
    anchor: str = Field(max_length=32_768)


class _FileJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    region: str = Field(pattern=_REGION)
    issued_at: AwareDatetime
    until: AwareDatetime
    agreements: list[_AgreementJson] = Field(max_length=10_000)
    partners: list[_PartnerJson] = Field(max_length=1000)


def write_agreements(
    region: str, agreements: Sequence[Agreement], partners: Sequence[PartnerRegion], signer: Signer, at: datetime
) -> bytes:
    """The file, good for a week."""
    listed = [
        _AgreementJson(
            number=each.number, region=each.region, types=sorted(each.types), seals=sorted(each.seals),
            matters=sorted(each.matters), max_list_age=int(each.max_list_age.total_seconds()), consent_only=each.consent_only,
            online_status=each.online_status, receipt_owed=each.receipt_owed, valid_from=each.valid_from,
            valid_until=min(each.valid_until, each.ended_at or each.valid_until),
        )
        for each in agreements
    ]  # fmt: skip
    known = [
        _PartnerJson(
            region=each.region, name_zh=each.name_zh, name_ug=each.name_ug, name_en=each.name_en,
            anchor=base64.b64encode(each.anchor).decode(),
        )
        for each in partners
    ]  # fmt: skip
    content = _FileJson(region=region, issued_at=at, until=at + LIFETIME, agreements=listed, partners=known)
    return sign_jws(content.model_dump_json().encode(), signer, TYP)


def read_agreements(data: bytes, *, trust: TrustSnapshot, at: datetime) -> AgreementFile:
    """Read a file by the region's own trust list.

    Raises:
        EtrustError: UNTRUSTED ``untrusted_agreements``: another's, or its time is over; MALFORMED ``bad_agreements``.
    """
    keys = [
        entry.certificate for entry in trust.trust_list.keys
        if entry.purpose is Purpose.MESSAGE and entry.body == trust.trust_list.region and entry.compromised_since is None
    ]  # fmt: skip
    try:
        payload = verified_jws(data.strip()[:MAX_FILE], keys, TYP)
        found = _FileJson.model_validate_json(payload)
        partners = {each.region: _partner(each, found.issued_at) for each in found.partners}
    except (ValidationError, binascii.Error) as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_agreements", zh="互认协议文件无法读取。", en="The file of agreements cannot be read."
        ) from error
    except EtrustError as error:
        raise _untrusted("it was not signed by the region") from error
    if found.region != trust.trust_list.region or not found.issued_at - timedelta(minutes=1) <= at < found.until:
        raise _untrusted("it is another region's, or its time is over")
    return AgreementFile(found.region, tuple(map(_agreement, found.agreements)), partners, found.until)


def _agreement(found: _AgreementJson) -> Agreement:
    return Agreement(
        number=found.number, region=found.region, types=frozenset(found.types), seals=frozenset(found.seals),
        matters=frozenset(found.matters), max_list_age=timedelta(seconds=found.max_list_age), consent_only=found.consent_only,
        online_status=found.online_status, receipt_owed=found.receipt_owed, valid_from=found.valid_from,
        valid_until=found.valid_until, replaces=None, document="", reason="", legal_basis="", proposed_by="",
        proposed_at=found.valid_from, approved_by="", approved_at=found.valid_from,
    )  # fmt: skip


def _partner(found: _PartnerJson, at: datetime) -> PartnerRegion:
    anchor = base64.b64decode(found.anchor, validate=True)
    return PartnerRegion(0, found.region, found.name_zh, found.name_ug, found.name_en, "", anchor, at, None)


def _untrusted(why: str) -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "untrusted_agreements",
        zh="互认协议文件不可信或已过期，请重新获取。", en=f"The file of agreements does not count: {why}. Fetch it anew.",
    )
