"""The built wheel carries migrations, templates, faces and profiles with it, and runs from anywhere."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
from pathlib import Path
import etrust
from etrust.licenses.types import load_types
from etrust.resources import resource
from etrust.trust.profiles import profiles
from etrust.web.rendering import load_pages
assert Path(etrust.__file__).is_relative_to(Path.cwd()), etrust.__file__
assert resource("migrations").is_relative_to(Path.cwd())
assert len(load_types()) == 11 and "anchor" in profiles() and load_pages()
print(sorted(path.name for path in resource("migrations").glob("*.sql")))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this checkout, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_everything_is_found_inside_the_wheel(unpacked: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    told = subprocess.run([sys.executable, "-c", PROGRAM], cwd=unpacked, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    expected = sorted(path.name for path in (ROOT / "migrations").glob("*.sql"))
    assert told.stdout.strip() == str(expected)


FONTS = """
from pathlib import Path
from etrust.documents.font_instances import intact
from etrust.documents.fonts import uyghur_font
assert uyghur_font().is_relative_to(Path.cwd()), uyghur_font()
print(intact(uyghur_font().parent))
"""


def test_the_static_fonts_are_inside_and_used(unpacked: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "XDG_CACHE_HOME": str(unpacked / "none")}
    told = subprocess.run([sys.executable, "-c", FONTS], cwd=unpacked, env=environment, capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "True", told.stderr
    assert not (unpacked / "none").exists()


def test_no_private_key_is_inside(unpacked: Path) -> None:
    for path in unpacked.rglob("*"):
        if path.is_file():
            assert b"PRIVATE KEY-----\nM" not in path.read_bytes()
            assert path.suffix != ".key"
