"""What a check may tell: the fields inside the credential, named; nothing that is only in the register."""

from collections.abc import Mapping
from datetime import timedelta

from etrust.access.model import Body
from etrust.clock import official_date
from etrust.credentials.model import Claims
from etrust.licenses.types import LicenseType, describe_claims
from etrust.licenses.types.standard import HOLDER as HOLDER_NAME
from etrust.trust.model import TrustSnapshot

_LEVELS = 5

__all__ = ["HOLDER_NAME", "disclose", "type_names"]


def disclose(claims: Claims, trust: TrustSnapshot, types: Mapping[str, LicenseType]) -> dict[str, object]:
    """The `license` part of a verdict."""
    identifier = claims.identifier
    license_type = types.get(identifier.type_code)
    return {
        "type": license_type.name if license_type else identifier.type_code,
        "type_names": type_names(license_type, identifier.type_code),
        "identifier": identifier.text,
        "short": identifier.short,
        "issuer": _issuer(identifier.issuer_code, trust),
        "valid_from": None if claims.not_before is None else official_date(claims.not_before).isoformat(),
        "valid_until": _last_day(claims),
        "issued_at": claims.issued_at.isoformat(),
        "fields": describe_claims(license_type, claims.fields) if license_type else [],
    }


def _issuer(code: str, trust: TrustSnapshot) -> dict[str, object]:
    """The body that issued: its level (1 to 5 for 区 地 县 乡 村), and those above it, the highest first."""
    body = trust.entity(code)
    if body is None:
        return {"code": code, "name_zh": "", "name_ug": "", "name_en": ""}
    above: list[Body] = []
    parent = body.parent and trust.entity(body.parent)
    while parent and parent not in above and len(above) < _LEVELS:
        above.insert(0, parent)
        parent = parent.parent and trust.entity(parent.parent)
    return {**_named(body), "level": body.level, "division": body.division, "path": [_named(each) for each in above]}


def _named(body: Body) -> dict[str, object]:
    return {"code": body.code, "name_zh": body.name_zh, "name_ug": body.name_ug, "name_en": body.name_en}


def type_names(license_type: LicenseType | None, code: str) -> dict[str, str]:
    """What a license type is called in three languages; the code where it is not known here."""
    if license_type is None:
        return {"zh": code, "ug": code, "en": code}
    return {"zh": license_type.zh, "ug": license_type.ug, "en": license_type.en}


def _last_day(claims: Claims) -> str | None:
    if claims.expires is None:
        return None
    # `expires` is the first moment no longer covered; the day before it is the last valid day.
    return official_date(claims.expires - timedelta(seconds=1)).isoformat()
