"""Documents keep their promises: links lead somewhere, and the commands they name exist."""

import re
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from etrust.api.openapi import describe
from etrust.cli.main import main
from etrust.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
# A command line: etrust, options before the command, the command, and its sub-command where it has any.
_COMMAND = re.compile(r"(?:^|[|&;(`])[ \t]*(?:\.venv/bin/)?etrust(?: --?[a-z]+(?:[ =][^\s`-][^\s`]*)?)* +([a-z]+)(?: +([a-z-]+))?", re.MULTILINE)
# Named to say that it does not exist yet.
_NOT_YET = {"backup"}


def names(document: Path) -> str:
    """How a document is called in the report."""
    return str(document.relative_to(ROOT))


def slugs(document: Path) -> set[str]:
    """The anchors of a document's headings, as code forges make them."""
    headings = _HEADING.findall(_FENCE.sub("", document.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_documents() -> None:
    assert {"README.md", "docs/README.md", "docs/formats.md"} <= {names(document) for document in DOCUMENTS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_links_lead_somewhere(document: Path) -> None:
    for link in _LINK.findall(_FENCE.sub("", document.read_text("utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in slugs(target), f"{link}: no such heading"


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / unquote(link).partition("#")[0]).resolve() for link in _LINK.findall(index.read_text("utf-8"))}
    assert [names(document) for document in DOCUMENTS if document.parent != ROOT and document not in {*linked, index}] == []


def test_every_setting_is_described() -> None:
    told = (ROOT / "docs" / "operating.md").read_text("utf-8")
    assert [name for name in Settings.model_fields if name != "home" and f"`{name}`" not in told] == []


def test_every_path_of_the_interface_is_described() -> None:
    told = (ROOT / "docs" / "api.md").read_text("utf-8")
    paths = describe()["paths"]
    assert isinstance(paths, dict)
    patterns = {path: re.sub(r"\\\{\w+\\\}", r"[^/\\s`\"]+", re.escape(path)) + r"(?![\w/])" for path in paths}
    assert [path for path, pattern in patterns.items() if re.search(pattern, told) is None] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_commands_exist(document: Path) -> None:
    context = click.Context(main)
    for code in _CODE.findall(document.read_text("utf-8")):
        for name, sub in _COMMAND.findall(code):
            if name in _NOT_YET:
                continue
            command = main.get_command(context, name)
            assert command is not None, f"etrust {name} does not exist"
            if isinstance(command, click.Group) and sub:
                assert sub in command.commands, f"etrust {name} {sub} does not exist"
