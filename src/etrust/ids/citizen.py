"""Citizen identification number (公民身份号码), GB 11643-1999: division, date of birth, sequence and a check character."""

from datetime import date
from functools import lru_cache
from operator import mul

from etrust.resources import resource

CITIZEN_NUMBER_LENGTH = 18
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS = "10X98765432"
_EARLIEST_YEAR = 1850


def make_citizen_check(first: str) -> str:
    """The check character of the first seventeen digits (ISO 7064 MOD 11-2).

    Raises:
        ValueError: not seventeen digits.
    """
    if len(first) != CITIZEN_NUMBER_LENGTH - 1 or not (first.isascii() and first.isdigit()):
        raise ValueError("a citizen number has seventeen digits before its check character")
    return _CHECKS[sum(map(mul, map(int, first), _WEIGHTS)) % 11]


def citizen_number_problem(number: str) -> str:
    """What is wrong with a citizen number: ``length``, ``characters``, ``division``, ``birth_date``, ``check``; or nothing.

    The letter X must be upper case. A date of birth in the future is for the caller to judge, who knows the time.
    """
    first = number[:17]
    if len(number) != CITIZEN_NUMBER_LENGTH:
        return "length"
    if not (first.isascii() and first.isdigit()) or number[17] not in _CHECKS:
        return "characters"
    if not _is_known_division(number[:6]):
        return "division"
    if not _is_date(number[6:14]):
        return "birth_date"
    return "" if _CHECKS[sum(map(mul, map(int, first), _WEIGHTS)) % 11] == number[17] else "check"


@lru_cache(maxsize=65_536)
def _is_date(text: str) -> bool:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).year >= _EARLIEST_YEAR
    except ValueError:
        return False


@lru_cache(maxsize=8192)
def _is_known_division(code: str) -> bool:
    """Whether the division exists or existed: its province, and for provinces listed in detail its prefecture too."""
    prefixes = _divisions()
    return code[:4] in prefixes if code[:2] + "*" in prefixes else code[:2] in prefixes


@lru_cache(maxsize=1)
def _divisions() -> frozenset[str]:
    lines = resource("templates", "divisions", "cn.txt").read_text("utf-8").splitlines()
    return frozenset(line.split()[0] for line in lines if line and not line.startswith("#"))
