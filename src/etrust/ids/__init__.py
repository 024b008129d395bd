"""Identifiers and codes of the national standards: what a license, an organization and a citizen are called by."""

from etrust.ids.citizen import CITIZEN_NUMBER_LENGTH, citizen_number_problem, make_citizen_check
from etrust.ids.license import LicenseIdentifier, parse_short
from etrust.ids.matter import MATTER_CODE_LENGTH, MatterCode, matter_code_problem
from etrust.ids.uscc import USCC_ALPHABET, USCC_LENGTH, make_uscc_check, uscc_is_valid

__all__ = [
    "CITIZEN_NUMBER_LENGTH",
    "MATTER_CODE_LENGTH",
    "USCC_ALPHABET",
    "USCC_LENGTH",
    "LicenseIdentifier",
    "MatterCode",
    "citizen_number_problem",
    "make_citizen_check",
    "make_uscc_check",
    "matter_code_problem",
    "parse_short",
    "uscc_is_valid",
]
