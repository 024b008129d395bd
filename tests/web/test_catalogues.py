"""Every word of the pages is in the three catalogues, translated, and none is left over."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "templates" / "locale"


def messages_in_use() -> set[str]:
    with (LOCALE / "extract.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        str(ROOT), methods, options, keywords={"_": None, "gettext": None}, directory_filter=lambda path: "/." not in path and "node_modules" not in path,
    )  # fmt: skip
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


@pytest.mark.parametrize("language", ["zh", "ug", "en"])
def test_catalogue_is_whole(language: str) -> None:
    data = (LOCALE / language / "LC_MESSAGES" / "messages.po").read_bytes()
    catalogue = read_po(BytesIO(data), locale=language)
    entries = {str(message.id): message for message in catalogue if message.id}
    used = messages_in_use()
    assert used - entries.keys() == set()
    assert entries.keys() - used == set()
    assert not [key for key, message in entries.items() if message.fuzzy]
    if language != "en":
        assert not [key for key, message in entries.items() if not message.string]
        for key, message in entries.items():
            assert all(part in str(message.string) for part in ("%(count)s",) if part in key)
