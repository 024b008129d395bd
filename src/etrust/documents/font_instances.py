"""Static fonts out of the variable Uyghur one. Imports nothing with a dependency, because the wheel's build runs it too.

Typesetters and readers of OFD want one weight a file; `fontTools` cuts them in about two seconds each. They are made
once: into the wheel when it is built, else into a cache at first use.
"""

import hashlib
import importlib.util
import json
import os
import tempfile
from io import BytesIO
from pathlib import Path

WEIGHTS = {"NotoSansArabicPrecomposed-Regular.ttf": 400, "NotoSansArabicPrecomposed-Bold.ttf": 700}
"""File name and weight (OpenType ``wght``) of each instance."""

DIGESTS = "digests.json"
_PACKAGE = "fontpkg_noto_sans_arabic"


def source_font() -> Path:
    """The variable font of the wheel ``fontpkg-noto-sans-arabic``.

    Raises:
        FileNotFoundError: the wheel is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or () if spec else ()):
        for path in sorted(Path(folder, "files").glob("*.ttf")):
            return path
    raise FileNotFoundError(_PACKAGE)


def recipe() -> str:
    """What the instances depend on, as a short digest: the source font, our code, the tool's version, the weights."""
    from fontTools import version  # noqa: PLC0415 - a wheel may be built without fontTools

    sources = (source_font(), Path(__file__).with_name("arabic_forms.py"))
    parts = [*(hashlib.sha256(path.read_bytes()).hexdigest() for path in sources), version, json.dumps(WEIGHTS)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def make_instances(folder: Path) -> None:
    """Write every instance and their digests; each file appears whole or not at all, so two processes may do it at once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = {name: _instance(weight) for name, weight in WEIGHTS.items()}
    for name, data in made.items():
        _write(folder / name, data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
    _write(folder / DIGESTS, json.dumps(digests, indent=1).encode())


def intact(folder: Path) -> bool:
    """Whether every instance is there and is what was written."""
    try:
        digests = json.loads((folder / DIGESTS).read_bytes())
        return all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digests[name] for name in WEIGHTS)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _instance(weight: int) -> bytes:
    from fontTools.subset import Options, Subsetter  # noqa: PLC0415 - see recipe()
    from fontTools.ttLib import TTFont  # noqa: PLC0415
    from fontTools.varLib.instancer import instantiateVariableFont  # noqa: PLC0415

    from etrust.documents.arabic_forms import precompose, used_characters  # noqa: PLC0415

    font = TTFont(source_font(), recalcTimestamp=False)  # the same bytes on every machine
    subsetter = Subsetter(Options(layout_features=["*"], name_IDs=["*"], name_languages=["*"], glyph_names=True))
    subsetter.populate(unicodes=used_characters(font))  # halves the work
    subsetter.subset(font)
    out = BytesIO()
    precompose(instantiateVariableFont(font, {"wght": weight, "wdth": 100}, updateFontNames=True)).save(out)
    return out.getvalue()


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).chmod(0o644)
    Path(name).replace(path)
