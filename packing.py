"""What a wheel carries beside the sources: browser parts of others, where they were fetched, and the static fonts."""

import sys
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = (
    "htmx.org/dist/htmx.min.js", "htmx.org/LICENSE", "zxing-wasm/dist/iife/reader/index.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm", "zxing-wasm/LICENSE",
)  # fmt: skip


class BrowserParts(BuildHookInterface):  # type: ignore[type-arg]  # the plug-in's configuration has no type of its own
    """The hook that hatchling calls."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Add what is there; an editable install needs nothing: it finds the parts in the checkout and caches the fonts."""
        include = build_data["force_include"]
        assert isinstance(include, dict)  # noqa: S101 - hatchling's own data
        for part in PARTS:
            path = Path(self.root, "node_modules", part)
            if path.is_file():
                include[str(path)] = f"etrust/_data/node_modules/{part}"
        if version == "standard":
            include |= {str(path): f"etrust/_data/fonts/{path.name}" for path in self._fonts()}

    def _fonts(self) -> list[Path]:
        """The static Uyghur fonts; none where the build has no fontTools, since they are then made at first use."""
        sys.path.insert(0, str(Path(self.root, "src")))
        try:
            from etrust.documents.font_instances import make_instances  # noqa: PLC0415

            self._made = tempfile.TemporaryDirectory()
            make_instances(Path(self._made.name))
        except (ImportError, FileNotFoundError):  # the second: without the font's own wheel
            return []
        finally:
            sys.path.pop(0)
        return sorted(Path(self._made.name).iterdir())
