"""Lines of keys (密钥更替): keys that follow one another for one purpose of one body. Pure."""

import re
from collections.abc import Collection
from datetime import datetime

from etrust.signing.model import Algorithm
from etrust.trust.model import KeyEntry

_NUMBERED = re.compile(r"(.+)-(\d{1,3})")
_MAX_NAME = 80


def in_force(entry: KeyEntry, at: datetime) -> bool:
    """Whether a key may sign at a moment: within its period, and not known to be compromised, whenever that began."""
    return entry.compromised_since is None and entry.valid_from <= at < entry.valid_until


def same_line(one: KeyEntry, other: KeyEntry) -> bool:
    """Whether a key may take the other's place: same purpose and body, and SM2 never for the others or they for it."""
    return _line(one) == _line(other)


def follows(later: KeyEntry, earlier: KeyEntry) -> bool:
    """Whether a key has taken another's place already; one that fell into other hands since does not count."""
    return later.compromised_since is None and same_line(later, earlier) and later.valid_from > earlier.valid_from


def next_name(name: str, taken: Collection[str]) -> str:
    """The name of a key's successor: ``status``, ``status-2``, ``status-3`` …, the first that is free."""
    found = _NUMBERED.fullmatch(name)
    base, number = (found[1], int(found[2])) if found else (name, 1)
    while (candidate := f"{base[: _MAX_NAME - 8]}-{number + 1}") in taken:
        number += 1
    return candidate


def _line(entry: KeyEntry) -> tuple[object, ...]:
    return entry.purpose, entry.body, entry.algorithm is Algorithm.SM2
