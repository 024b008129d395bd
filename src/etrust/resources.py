"""Where the data files that travel with the program are: in the checkout, or packed inside the installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PACKED = _PACKAGE / "_data"
_CHECKOUT = _PACKAGE.parents[1]


def resource(*parts: str) -> Path:
    """The path of a packaged file or folder, for example ``resource("templates", "types")``."""
    root = _PACKED if _PACKED.is_dir() else _CHECKOUT
    return root.joinpath(*parts)
