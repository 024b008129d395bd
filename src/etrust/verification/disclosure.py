"""What a check may tell: the fields inside the credential, named; nothing that is only in the register."""

from collections.abc import Mapping
from datetime import timedelta

from etrust.clock import official_date
from etrust.credentials.model import Claims
from etrust.licenses.types import LicenseType, describe_claims
from etrust.licenses.types.standard import HOLDER as HOLDER_NAME
from etrust.trust.model import TrustSnapshot

__all__ = ["HOLDER_NAME", "disclose", "type_names"]


def disclose(claims: Claims, trust: TrustSnapshot, types: Mapping[str, LicenseType]) -> dict[str, object]:
    """The `license` part of a verdict."""
    identifier = claims.identifier
    license_type = types.get(identifier.type_code)
    issuer = trust.entity(identifier.issuer_code)
    return {
        "type": license_type.name if license_type else identifier.type_code,
        "type_names": type_names(license_type, identifier.type_code),
        "identifier": identifier.text,
        "short": identifier.short,
        "issuer": {
            "code": identifier.issuer_code,
            "name_zh": issuer.name_zh if issuer else "",
            "name_ug": issuer.name_ug if issuer else "",
            "name_en": issuer.name_en if issuer else "",
        },
        "valid_from": None if claims.not_before is None else official_date(claims.not_before).isoformat(),
        "valid_until": _last_day(claims),
        "issued_at": claims.issued_at.isoformat(),
        "fields": describe_claims(license_type, claims.fields) if license_type else [],
    }


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
