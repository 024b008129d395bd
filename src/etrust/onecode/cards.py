"""Digital cards (数字名片): chosen fields of a holder's licenses behind a link that ends by itself.

A card names fields, never values: whoever opens it sees what the licenses say now, with the verdict of each. The link
(128 random bits) is kept as a digest, so that neither the register nor its copies can open a card.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.errors import EtrustError, Kind
from etrust.licenses import store as license_store
from etrust.licenses.types import LicenseType
from etrust.licenses.types.model import Field
from etrust.onecode import card_store, space_store
from etrust.onecode.space import HeldLicense, Register, judged
from etrust.storage.postgres import Connection
from etrust.verification.model import Overall

MIN_LIFETIME, MAX_LIFETIME = timedelta(minutes=1), timedelta(days=30)
MAX_VIEWS = 1000
MAX_FIELDS = 24
MAX_CARDS = 20
"""Cards of a holder that can be looked at at one time."""
KEPT = timedelta(days=90)
"""How long the holder still sees that there was a card."""
CONTACT_SECONDS = 600
"""How long after a view the same page may be saved as a contact."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")  # 16 bytes
_NUMBERS = frozenset({"certificate_serial", "batch", "plate"})
_LONG_NUMBER = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that may stand on a card: of which license, its name and its labels."""

    license_type: str
    serial: str
    version: int
    name: str
    labels: Mapping[str, str]
    value: str

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.serial}.{self.version}.{self.name}"


@dataclass(frozen=True, slots=True)
class Part:
    """What a card takes from one license: whose it is, which one, and the names of the chosen fields."""

    holder_key: bytes
    license_type: str
    serial: str
    version: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A card as its holder sees it."""

    number: int
    chosen: tuple["Part", ...]
    made_at: datetime
    expires_at: datetime
    max_views: int
    views: int
    viewed_at: datetime | None
    revoked_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be looked at."""
        return self.revoked_at is None and self.expires_at > at and self.views < self.max_views


@dataclass(frozen=True, slots=True)
class Told:
    """What a card tells of one license: the verdict now, and the chosen fields unless the license is not valid."""

    held: HeldLicense
    fields: tuple[Choice, ...]


def choices(held: HeldLicense) -> tuple[Choice, ...]:
    """The fields of a license that may stand on a card: names and texts, never a number of the holder or the license.

    A license that is not valid, and one that tells of health or of a child, offers nothing.
    """
    if held.verdict.verdict is not Overall.PASSED or held.is_sensitive:
        return ()
    stored, license_type = held.stored, held.license_type
    found = [
        _choice(held, f"{role.name}_name", {"zh": role.zh, "ug": role.ug, "en": role.en}, name)
        for role, (name, _, _) in zip(license_type.holders, stored.holders, strict=False)
    ]
    element = license_type.elements["issuing_authority"]
    found.append(_choice(held, element.name, {"zh": element.zh, "ug": element.ug, "en": element.en}, stored.issuing_authority))
    found += [
        _choice(held, field.name, {"zh": field.zh, "ug": field.ug, "en": field.en}, stored.fields[field.name])
        for field in _open_fields(license_type) if stored.fields.get(field.name)
    ]
    return tuple(each for each in found if not _LONG_NUMBER.search(each.value))


async def make_card(
    connection: Connection, *, holder_key: bytes, offered: Sequence[tuple[bytes, HeldLicense]], wanted: Sequence[str],
    at: datetime, lifetime: timedelta, max_views: int,
) -> tuple[int, str]:
    """Make a card and return its number and the token of its link, which cannot be shown again.

    Args:
        holder_key: whose card it is.
        offered: licenses to choose from with the keys of their holders: one's own, and of companies one represents.
        wanted: keys of the chosen fields, see `Choice.key`.

    Raises:
        EtrustError: ``no_field_chosen``, ``bad_lifetime``, ``bad_views``, ``too_many_cards``.
    """
    _check_bounds(lifetime, max_views)
    known = {choice.key: (key, choice) for key, held in offered for choice in choices(held)}
    picked = [known[each] for each in dict.fromkeys(wanted) if each in known]
    if not picked or len(picked) > MAX_FIELDS:
        raise _refused("no_field_chosen", "fields", f"请选择 1 至 {MAX_FIELDS} 项内容。", f"Choose 1 to {MAX_FIELDS} fields.")
    if await card_store.in_force(connection, holder_key, at) >= MAX_CARDS:
        raise _refused(
            "too_many_cards", "", f"有效的名片最多 {MAX_CARDS} 张，请先停用一些。", f"At most {MAX_CARDS} cards; end some first."
        )
    await card_store.forget(connection, at - KEPT)
    token = secrets.token_urlsafe(16)
    number = await card_store.add(
        connection, token_digest=_digest(token), holder_key=holder_key, chosen=_grouped(picked), at=at,
        expires_at=at + lifetime, max_views=max_views,
    )
    return number, token


async def renew_link(connection: Connection, holder_key: bytes, number: int, at: datetime) -> tuple[Card, str]:
    """Another link for a card whose old one then ends: the register has no link that it could show again.

    Raises:
        EtrustError: NOT_FOUND ``no_such_card`` for one that is another's, unknown, or over.
    """
    token = secrets.token_urlsafe(16)
    row = await card_store.renew(connection, holder_key, number, _digest(token), at)
    if row is None:
        raise no_such_card()
    return _card(row), token


async def revoke_card(connection: Connection, holder_key: bytes, number: int, at: datetime) -> None:
    """End a card; ending it twice is no mistake.

    Raises:
        EtrustError: NOT_FOUND ``no_such_card`` for one that is another's or unknown.
    """
    if not await card_store.revoke(connection, holder_key, number, at):
        cards = await cards_of(connection, holder_key)
        if all(card.number != number for card in cards):
            raise no_such_card()


async def cards_of(connection: Connection, holder_key: bytes, limit: int = 100) -> tuple[Card, ...]:
    """The holder's cards, the newest first, ended ones as long as they are kept."""
    return tuple(_card(row) for row in await card_store.of_holder(connection, holder_key, limit))


async def can_be_opened(connection: Connection, token: str, at: datetime) -> bool:
    """Whether there is something behind a link; asking does not count as a view."""
    return _TOKEN.fullmatch(token) is not None and await card_store.is_open(connection, _digest(token), at)


async def open_card(
    connection: Connection, token: str, register: Register, *, counted: bool = True
) -> tuple[Card, tuple[Told, ...]] | None:
    """Look at a card; None for unknown, ended, revoked and used-up links alike.

    Args:
        counted: False for the contact file of a page that was counted already; see `contact_ticket`.
    """
    if _TOKEN.fullmatch(token) is None:
        return None
    look = card_store.look if counted else card_store.again
    found = await look(connection, _digest(token), register.at)
    if found is None:
        return None
    card = _card(found)
    told = [await _told(connection, part, register) for part in card.chosen]
    return card, tuple(each for each in told if each is not None)


async def _told(connection: Connection, part: Part, register: Register) -> Told | None:
    """What the newest version that is still the holder's says."""
    numbers = await space_store.held_versions(connection, part.holder_key, part.serial)
    if part.version not in numbers:
        return None
    stored = await license_store.find(connection, part.serial, numbers[-1])
    if stored is None or stored.license_type not in register.types:
        return None
    held = judged(stored, register)
    return Told(held, tuple(choice for choice in choices(held) if choice.name in part.names))


def contact_ticket(key: bytes, token: str, until: int) -> str:
    """Lets whoever was shown a card save it as a contact without a second view, until a Unix time."""
    own = hashlib.sha256(b"etrust card contact" + key).digest()
    return hmac.new(own, f"{token}.{until}".encode(), hashlib.sha256).hexdigest()


def _open_fields(license_type: LicenseType) -> list[Field]:
    return [field for field in license_type.fields if not field.masked and field.name not in _NUMBERS]


def _choice(held: HeldLicense, name: str, labels: Mapping[str, str], value: str) -> Choice:
    return Choice(held.license_type.name, held.stored.serial, held.stored.version, name, labels, value)


def _grouped(picked: Sequence[tuple[bytes, Choice]]) -> list[tuple[str, str, str, int, list[str]]]:
    groups: dict[tuple[str, str, str, int], list[str]] = {}
    for key, choice in picked:
        groups.setdefault((key.hex(), choice.license_type, choice.serial, choice.version), []).append(choice.name)
    return [(*place, names) for place, names in groups.items()]


def _check_bounds(lifetime: timedelta, max_views: int) -> None:
    if not MIN_LIFETIME <= lifetime <= MAX_LIFETIME:
        raise _refused("bad_lifetime", "minutes", "有效时间须在 1 分钟至 30 天之间。", "A card lives one minute to thirty days.")
    if not 1 <= max_views <= MAX_VIEWS:
        raise _refused("bad_views", "views", f"查看次数须在 1 至 {MAX_VIEWS} 之间。", f"Between 1 and {MAX_VIEWS} views.")


def _card(row: card_store.Row) -> Card:
    number, chosen, made_at, expires_at, max_views, views, viewed_at, revoked_at = row
    parts = tuple(Part(bytes.fromhex(key), kind, serial, version, tuple(names)) for key, kind, serial, version, names in chosen)
    return Card(number, parts, made_at, expires_at, max_views, views, viewed_at, revoked_at)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def no_such_card() -> EtrustError:
    """The one answer for a card that is another's, unknown or over."""
    return EtrustError(
        Kind.NOT_FOUND, "no_such_card", zh="没有这张名片，或它已停用、已到期。", en="There is no such card, or it has ended.",
    )


def _refused(code: str, where: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, code, where=where, zh=zh, en=en)
