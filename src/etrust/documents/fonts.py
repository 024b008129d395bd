"""The fonts of the documents, where they lie, and which characters they cannot show.

Noto Sans SC and Noto Serif SC (wheel ``pylopdf-fonts-zh-cn``, SIL OFL) carry the rare characters of names; Noto Sans
Arabic carries every Uyghur letter. A character that none of them has is found here, before a document is made.
"""

import importlib.util
import os
import tempfile
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

from etrust.documents.font_instances import WEIGHTS, intact, make_instances, recipe
from etrust.errors import EtrustError, Kind
from etrust.resources import resource

CHINESE = ("NotoSansSC-Regular.otf", "NotoSerifSC-Regular.otf")
_CHINESE_PACKAGE = "pylopdf_fonts_zh_cn"
_SHAPING = {"\u200c", "\u200d"}  # joiners: shape letters and have no glyph of their own
_LAYOUT = {"\n", " ", "\u3000", "\u00a0"}


def chinese_font(*, serif: bool = False) -> Path:
    """Noto Sans SC, or Noto Serif SC.

    Raises:
        EtrustError: ``fonts_missing`` when the wheel is not installed.
    """
    spec = importlib.util.find_spec(_CHINESE_PACKAGE)
    for folder in (spec.submodule_search_locations or () if spec else ()):
        path = Path(folder, CHINESE[1 if serif else 0])
        if path.is_file():
            return path
    raise _missing(_CHINESE_PACKAGE.replace("_", "-"))


def uyghur_font(*, bold: bool = False) -> Path:
    """A static instance of Noto Sans Arabic, made at first use where the wheel does not carry it.

    Raises:
        EtrustError: ``fonts_missing`` when the font's wheel is not installed.
    """
    return _instances() / list(WEIGHTS)[1 if bold else 0]


def font_folders() -> tuple[Path, Path]:
    """The folders that hold all fonts of the documents, for a typesetter."""
    return chinese_font().parent, _instances()


def missing_characters(text: str) -> tuple[str, ...]:
    """The characters of a text that no font shows, or that change how its neighbors are read; each once, in order."""
    known = _coverage()
    return tuple(dict.fromkeys(c for c in text if c not in known and c not in _SHAPING and c not in _LAYOUT))


def check_characters(texts: Iterable[tuple[str, str]]) -> None:
    """Refuse a document that could not show every character.

    Args:
        texts: pairs of the place (a row's name) and its text.

    Raises:
        EtrustError: ``glyph_missing``, naming the characters and the place; never the text around them.
    """
    for where, text in texts:
        if missing := missing_characters(text):
            named = "、".join(_named(character) for character in missing[:5])
            raise EtrustError(
                Kind.INVALID, "glyph_missing", where=where,
                zh=f"字段“{where}”中的字符 {named} 没有可用字形，无法生成文书；请改用标准字符或增加字体。",
                en=f"{where}: no font shows {named}; write it in standard characters or add a font.",
            )  # fmt: skip


def _named(character: str) -> str:
    point = f"U+{ord(character):04X}"
    return f"{character} ({point})" if character.isprintable() and unicodedata.category(character) != "Co" else point


@lru_cache(maxsize=1)
def _coverage() -> frozenset[str]:
    """Every character with a glyph. Control, format and private characters are no text, whatever a font says."""
    found: set[int] = set()
    for path in (chinese_font(), chinese_font(serif=True), uyghur_font()):
        with TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(c for c in map(chr, found) if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"))


@lru_cache(maxsize=1)
def _instances() -> Path:
    packed = resource("fonts")
    if intact(packed):
        return packed
    try:
        folder = _cache() / recipe()
        if not intact(folder):
            make_instances(folder)
    except FileNotFoundError as error:
        raise _missing("fontpkg-noto-sans-arabic") from error
    except (OSError, RuntimeError):  # no home, a full or read-only disk: this process keeps its own
        folder = Path(tempfile.mkdtemp(prefix="etrust-fonts-"))
        make_instances(folder)
    return folder


def _cache() -> Path:
    """The user's cache folder (XDG base directory specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "etrust", "fonts")


def _missing(package: str) -> EtrustError:
    return EtrustError(
        Kind.UNAVAILABLE, "fonts_missing", where=package,
        zh=f"缺少字体包 {package}，请安装。", en=f"The font package {package} is not installed.",
    )  # fmt: skip
