"""License identifier (电子证照标识), GB/T 36904-2018: ``1.2.156.3005.2.TYPE.ISSUER.SERIAL.VER.CHECK``."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from etrust.errors import EtrustError, Kind
from etrust.ids.uscc import uscc_is_valid

ROOT = "1.2.156.3005.2"
_ROOT = ROOT + "."
_ROOT_LENGTH = len(_ROOT)
MAX_LENGTH = 120
DIVISION_LENGTH = 6
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = re.compile(r"([0-9A-Z]{18}[0-9]{3})\.([0-9A-Z]{18}|[0-9]{6})\.([0-9A-Z]{7,32})\.([0-9]{3})\.([0-9A-Z])", re.ASCII)
_SHORT = re.compile(r"([0-9A-Z]{20})([0-9]{3})([0-9A-Z])", re.ASCII)
_FULL_TO_HALF = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_SPACING = {ord(character): None for character in " \t\r\n\u00a0\u200b\u200e\u200f\ufeff-"}


def _step(state: int, value: int) -> int:
    return ((state + value) % 36 or 36) * 2 % 37


# ISO 7064 hybrid MOD 37,36 as a table: the next state by present state and character.
_NEXT = [{character: _step(state, value) for value, character in enumerate(_ALPHABET)} for state in range(37)]


@lru_cache(maxsize=4096)
def _state_after(type_code: str, issuer_code: str) -> int:
    """The checksum's state after the two parts that many identifiers share."""
    return _run(36, type_code + issuer_code)


@lru_cache(maxsize=4096)
def _is_issuable(type_code: str, issuer_code: str) -> bool:
    """Whether the bodies that two parts name can be."""
    return uscc_is_valid(type_code[:18]) and (len(issuer_code) == DIVISION_LENGTH or uscc_is_valid(issuer_code))


def _run(state: int, text: str) -> int:
    table = _NEXT
    for character in text:
        state = table[state][character]
    return state


@dataclass(frozen=True, slots=True)
class LicenseIdentifier:
    """The five parts of an identifier; `version` counts from 1."""

    type_code: str
    issuer_code: str
    serial: str
    version: int
    check: str

    @classmethod
    def make(cls, type_code: str, issuer_code: str, serial: str, version: int) -> Self:
        """An identifier with its check character; the parts must have been judged before."""
        state = _run(_state_after(type_code, issuer_code), f"{serial}{version:03d}")
        return cls(type_code, issuer_code, serial, version, _ALPHABET[(37 - state) % 36])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an identifier as a person typed it or a file holds it; letter case, width, blanks and the root do not matter.

        Old data name the issuer by a six-digit division; that is accepted here and never issued.

        Raises:
            EtrustError: ``bad_identifier`` when it does not have the form, ``bad_check_character`` when a character is wrong.
        """
        if len(text) > MAX_LENGTH:
            raise _bad_form()
        # What a credential holds has the form already; what a person typed is brought into it.
        match = _SHAPE.fullmatch(text, _ROOT_LENGTH) if text.startswith(_ROOT) else None
        match = match or _SHAPE.fullmatch(_plain(text).removeprefix(_ROOT))
        if match is None:
            raise _bad_form()
        type_code, issuer_code, serial, version, check = match.groups()
        if version == "000" or not _is_issuable(type_code, issuer_code):
            raise _bad_form()
        made = cls.make(type_code, issuer_code, serial, int(version))
        if made.check != check:
            raise EtrustError(
                Kind.MALFORMED, "bad_check_character", where="identifier",
                zh="证照标识校验位不正确，请核对是否有字符输错。",
                en="The identifier's check character does not fit; a character is probably mistyped.",
            )
        return made

    @property
    def text(self) -> str:
        """The whole identifier."""
        return f"{ROOT}.{self.type_code}.{self.issuer_code}.{self.serial}.{self.version:03d}.{self.check}"

    @property
    def short(self) -> str:
        """Serial, version and check character in groups of four, for people to read out and type."""
        plain = f"{self.serial}{self.version:03d}{self.check}"
        return "-".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def parse_short(text: str) -> tuple[str, int, str]:
    """Serial, version and check character of a short number (24 characters, hyphens and blanks ignored).

    Whether the check character fits can be told only with the type and issuer of the record found.

    Raises:
        EtrustError: ``bad_identifier``.
    """
    match = _SHORT.fullmatch(_plain(text)) if len(text) <= MAX_LENGTH else None
    if match is None or int(match[2]) == 0:
        raise _bad_form()
    return match[1], int(match[2]), match[3]


def _plain(text: str) -> str:
    return text.translate(_FULL_TO_HALF).translate(_SPACING).upper()


def _bad_form() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_identifier", where="identifier",
        zh="这不是证照标识，请核对后重新输入。", en="This is not a license identifier; please check what was typed.",
    )
