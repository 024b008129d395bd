"""Sharing licenses with those who ask (GB/T 36906, 共享服务): what is told of a license, and claimed fields compared. Pure."""

import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from etrust.errors import EtrustError, Kind
from etrust.licenses.model import StoredLicense
from etrust.licenses.types import LicenseType, describe_fields
from etrust.onecode.masking import mask_name
from etrust.onecode.model import Use

MAX_CLAIMS = 20
"""Fields of one comparison."""
MAX_VALUE = 500
_ORGANISATIONS = ("001", "099")
_HOLDER = ("holder_name", "holder_code")
_DATES = ("issued_on", "valid_from", "valid_until", "issuing_authority")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a partner region, proven by its signature, or a program of this region, by its key.

    Attributes:
        name: how it is recorded: ``region:620000``, or the account of the program.
        region: its division; empty for a program of this region.
        bodies: for whom it may ask: the bodies in its trust list, or the program's own.
    """

    name: str
    region: str
    bodies: frozenset[str]

    def require_body(self, use: Use) -> None:
        """Return quietly when it may ask for the body that it names.

        Raises:
            EtrustError: FORBIDDEN ``another_body``.
        """
        if use.body not in self.bodies:
            raise EtrustError(
                Kind.FORBIDDEN, "another_body", where="use.body",
                zh="不能以该机构名义查询：请填写本系统所属机构。",
                en="This caller may not ask in the name of that body; name your own.",
            )


def metadata(license_: StoredLicense, license_type: LicenseType, state: str) -> dict[str, object]:
    """What queryCertInfo tells: the elements of GB/T 36903 without personal numbers; a person's name is masked.

    Args:
        state: of the verdict, as `verification.model.Status` has it.
    """
    holders = [
        {"name": name if code_type in _ORGANISATIONS else mask_name(name), "codeType": code_type}
        for name, _, code_type in license_.holders
    ]
    return {
        "identifier": license_.identifier.text, "typeCode": license_.type_code, "typeName": license_type.zh,
        "issuer": license_.issuer, "issuingAuthority": license_.issuing_authority, "holders": holders,
        "issuedOn": license_.issued_on.isoformat(), "validFrom": license_.valid_from.isoformat(),
        "validUntil": None if license_.valid_until is None else license_.valid_until.isoformat(),
        "version": license_.version, "status": state,
    }  # fmt: skip


METADATA_FIELDS = ("issuing_authority", "holder_name", "issued_on", "valid_from", "valid_until")
"""What the holder's access log says was told; see `metadata`."""


def comparable(license_: StoredLicense, license_type: LicenseType) -> dict[str, str]:
    """What claimed fields are compared with, by name: everything on the face, and holder, dates and authority."""
    shown = describe_fields(license_type, license_.holders, license_.number, license_.fields)
    found = {str(each["name"]): str(each["value"]) for each in shown}
    name, code, _ = license_.holders[0]
    until = "长期" if license_.valid_until is None else license_.valid_until.isoformat()
    dates = (license_.issued_on.isoformat(), license_.valid_from.isoformat(), until, license_.issuing_authority)
    return {**found, "holder_name": name, "holder_code": code, **dict(zip(_DATES, dates, strict=True))}


def compare(true: Mapping[str, str], claimed: Mapping[str, str]) -> dict[str, bool]:
    """Which claimed fields are as they are on the license (查验); a field it does not have is none that matches.

    Nothing matches where the holder that is claimed is another: who does not know whose license it is learns nothing of it.
    Width and spacing do not count (NFKC), for people type what they read. Every field costs the same, right or wrong.
    """
    found = {name: _same(true.get(name, ""), value) and name in true for name, value in claimed.items()}
    of_holder = all(found[name] for name in _HOLDER if name in found)
    return {name: each and of_holder for name, each in found.items()}


def require_claims(claimed: Mapping[str, str]) -> None:
    """Return quietly for claims within bounds that also name the holder: a number alone is not guessed at.

    Raises:
        EtrustError: INVALID ``bad_claims``.
    """
    fits = 1 <= len(claimed) <= MAX_CLAIMS and all(1 <= len(each) <= MAX_VALUE for each in claimed.values())
    if not fits or not set(_HOLDER) & claimed.keys():
        raise EtrustError(
            Kind.INVALID, "bad_claims", where="data.claims",
            zh=f"查验须含持证主体名称或代码，至多 {MAX_CLAIMS} 项，每项不超过 {MAX_VALUE} 字。",
            en=f"Claims name the holder (holder_name or holder_code), at most {MAX_CLAIMS} of {MAX_VALUE} characters.",
        )


def _same(true: str, claimed: str) -> bool:
    return hmac.compare_digest(_plain(true), _plain(claimed))


def _plain(text: str) -> bytes:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().encode()
