"""What differs between two trust lists (信任列表比对), so that a second person sees what a publication changes. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from etrust.access.model import Body
from etrust.clock import BEIJING
from etrust.trust.model import KeyEntry, Right, TrustList

T = TypeVar("T")


class ChangeKind(StrEnum):
    """What differs; the value is shown to programs."""

    BODY_ADDED = "body_added"
    BODY_GONE = "body_gone"
    BODY_CHANGED = "body_changed"
    KEY_ADDED = "key_added"
    KEY_GONE = "key_gone"
    KEY_CHANGED = "key_changed"
    KEY_COMPROMISED = "key_compromised"
    RIGHT_ADDED = "right_added"
    RIGHT_GONE = "right_gone"
    RIGHT_CHANGED = "right_changed"
    ENDPOINT_CHANGED = "endpoint_changed"
    TYPE_CHANGED = "type_changed"
    STATE_CHANGED = "state_changed"
    PIVOT_ADDED = "pivot_added"


GRAVE = frozenset({ChangeKind.BODY_GONE, ChangeKind.KEY_GONE, ChangeKind.KEY_COMPROMISED, ChangeKind.PIVOT_ADDED})
"""What takes trust away, or moves it to another anchor."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        subject: the body, key or thing it is about: codes and key ids first, then names.
        before: empty for something new.
        after: empty for something gone.
    """

    kind: ChangeKind
    subject: str
    before: str = ""
    after: str = ""

    @property
    def is_grave(self) -> bool:
        """Whether it takes trust away."""
        return self.kind in GRAVE


def differences(old: TrustList | None, new: TrustList) -> list[Change]:
    """What a list changes in the one before, bodies first; numbers and times of the lists themselves are left out."""
    if old is None:
        old = TrustList(new.region, 0, new.issued_at, new.next_update, (), ())
    names = {each.code: each.name_zh for each in (*old.entities, *new.entities)}
    called = {each.code: each.zh for each in (*old.types, *new.types)}
    return [
        *_compare(
            {each.code: each for each in old.entities}, {each.code: each for each in new.entities}, str, _body_text,
            (ChangeKind.BODY_ADDED, ChangeKind.BODY_GONE, ChangeKind.BODY_CHANGED),
        ),
        *_keys(old, new, names),
        *_compare(
            {_right(each): each for each in old.rights}, {_right(each): each for each in new.rights},
            lambda key: f"{key[0]} {names.get(key[0], '')} · {key[1]} {key[2]} {called.get(key[2], '')}".strip(),
            lambda each: _span(each.valid_from, each.valid_until),
            (ChangeKind.RIGHT_ADDED, ChangeKind.RIGHT_GONE, ChangeKind.RIGHT_CHANGED),
        ),
        *_plain(ChangeKind.ENDPOINT_CHANGED, _addresses(old), _addresses(new)),
        *_plain(ChangeKind.TYPE_CHANGED, _types(old), _types(new)),
        *_plain(ChangeKind.STATE_CHANGED, _states(old), _states(new)),
        *(Change(ChangeKind.PIVOT_ADDED, each[:40]) for each in new.pivots if each not in old.pivots),
    ]  # fmt: skip


def _body_text(body: Body) -> str:
    names = " / ".join(each for each in (body.name_zh, body.name_ug, body.name_en) if each)
    return f"{names} · {body.level} · {body.division} · {body.parent or '–'}"


def _addresses(found: TrustList) -> dict[str, str]:
    return {each.kind: each.url for each in found.endpoints}


def _types(found: TrustList) -> dict[str, str]:
    return {each.code: f"{each.name} {each.zh} / {each.ug} / {each.en}" for each in found.types}


def _states(found: TrustList) -> dict[str, str]:
    return {each.word: f"{each.code} {each.zh}" for each in found.states}


def _right(right: Right) -> tuple[str, str, str]:
    return right.body, right.kind.value, right.name


def _keys(old: TrustList, new: TrustList, names: Mapping[str, str]) -> Iterator[Change]:
    before, after = {each.kid: each for each in old.keys}, {each.kid: each for each in new.keys}
    for change in _compare(
        before, after, lambda kid: _key_name(after.get(kid) or before[kid], names), _key_text,
        (ChangeKind.KEY_ADDED, ChangeKind.KEY_GONE, ChangeKind.KEY_CHANGED),
    ):
        is_lost = change.kind is ChangeKind.KEY_CHANGED and "!" in change.after and "!" not in change.before
        yield Change(ChangeKind.KEY_COMPROMISED, change.subject, change.before, change.after) if is_lost else change


def _key_name(entry: KeyEntry, names: Mapping[str, str]) -> str:
    return f"{entry.kid.hex()} {entry.purpose.value} · {entry.body} {names.get(entry.body, '')}".strip()


def _key_text(entry: KeyEntry) -> str:
    lost = "" if entry.compromised_since is None else f" ! {entry.compromised_since.isoformat()}"
    return f"{_span(entry.valid_from, entry.valid_until)} {' '.join(sorted(entry.license_types))}".strip() + lost


def _span(since: datetime, until: datetime | None) -> str:
    end = "" if until is None else f"{until.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    return f"{since.astimezone(BEIJING):%Y-%m-%d} – {end}".strip()


def _compare(
    old: Mapping[T, object], new: Mapping[T, object], named: Callable[..., str], told: Callable[..., str],
    kinds: tuple[ChangeKind, ChangeKind, ChangeKind],
) -> Iterator[Change]:
    added, gone, changed = kinds
    for key, each in new.items():
        if key not in old:
            yield Change(added, named(key), "", told(each))
        elif told(old[key]) != told(each):
            yield Change(changed, named(key), told(old[key]), told(each))
    for key, each in old.items():
        if key not in new:
            yield Change(gone, named(key), told(each), "")


def _plain(kind: ChangeKind, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield Change(kind, key, old.get(key, ""), new.get(key, ""))
