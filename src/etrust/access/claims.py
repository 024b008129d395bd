"""From the claims of an identity platform to a person: which claim is what, the settings say. Pure."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from etrust.access.person_model import CompanyRole, Position, Vouched
from etrust.errors import EtrustError, Kind
from etrust.ids import citizen_number_problem, uscc_is_valid

CITIZEN = "111"
MAX_NAME = 100  # characters
MAX_COMPANIES = 50
_MAX_CODE = 40
_CODE_TYPES = frozenset({"111", "114", "411", "412", "413", "414", "511", "516", "999"})
_POSITIONS = {
    "legal_representative": Position.LEGAL_REPRESENTATIVE, "法定代表人": Position.LEGAL_REPRESENTATIVE,
    "法人": Position.LEGAL_REPRESENTATIVE, "staff": Position.STAFF, "经办人": Position.STAFF,
}  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """How the platform calls what we need; `code_type` and `companies` may be missing there."""

    name: str = "name"
    code: str = "citizen_number"
    code_type: str = "code_type"
    companies: str = "companies"

    def missing(self, claims: Mapping[str, object]) -> tuple[str, ...]:
        """The names of the claims a person cannot be admitted without."""
        return tuple(each for each in (self.name, self.code) if not claims.get(each))

    def incomplete(self, claims: Mapping[str, object]) -> bool:
        """Whether userinfo may know more."""
        return any(each not in claims for each in (self.name, self.code, self.companies))


def vouched_person(claims: Mapping[str, object], names: ClaimNames, issuer: str) -> Vouched:
    """The person the claims speak of.

    Raises:
        EtrustError: INVALID ``claims_missing`` with their names; ``bad_claims`` when name or number is none.
    """
    missing = names.missing(claims)
    if missing:
        raise EtrustError(
            Kind.INVALID, "claims_missing", where=" ".join(missing),
            zh="身份平台没有提供姓名或证件号码，无法登录。请先在身份平台完成实名认证。",
            en="The identity platform gave no name or document number. Have your identity confirmed there first.",
        )
    name, code = str(claims[names.name]).strip(), str(claims[names.code]).strip().upper()
    code_type = str(claims.get(names.code_type) or CITIZEN)
    problem = _problem(name, code, code_type)
    if problem:
        raise EtrustError(
            Kind.INVALID, "bad_claims", where=problem,
            zh="身份平台提供的姓名或证件号码格式不正确，无法登录。请联系身份平台。",
            en="The name or document number from the identity platform is not well formed. Ask the platform.",
        )
    return Vouched(issuer, str(claims["sub"]), name, code, code_type, _companies(claims.get(names.companies)))


def _problem(name: str, code: str, code_type: str) -> str:
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        return "name"
    if code_type not in _CODE_TYPES:
        return "code_type"
    if code_type == CITIZEN:
        return f"code: {problem}" if (problem := citizen_number_problem(code)) else ""
    return "" if 0 < len(code) <= _MAX_CODE and code.isprintable() and " " not in code else "code"


def _companies(told: object) -> tuple[CompanyRole, ...]:
    listed = told if isinstance(told, list) else []
    read = [_company(each) for each in listed[:MAX_COMPANIES]]
    good = tuple(dict.fromkeys(each for each in read if each is not None))
    if len(good) < len(listed):
        _log.warning("%d of %d companies in a person's claims could not be used", len(listed) - len(good), len(listed))
    return good


def _company(told: object) -> CompanyRole | None:
    if not isinstance(told, dict):
        return None
    code, name, position = str(told.get("code", "")).strip().upper(), str(told.get("name", "")).strip(), told.get("role")
    role = _POSITIONS.get(position) if isinstance(position, str) else None
    named = 0 < len(name) <= MAX_NAME and name.isprintable()
    return None if role is None or not named or not uscc_is_valid(code) else CompanyRole(code, name, role)
