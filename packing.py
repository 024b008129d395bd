"""Puts the browser parts of others (htmx, zxing) into a wheel, where `make browser-parts` has fetched them."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = (
    "htmx.org/dist/htmx.min.js", "htmx.org/LICENSE", "zxing-wasm/dist/iife/reader/index.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm", "zxing-wasm/LICENSE",
)  # fmt: skip


class BrowserParts(BuildHookInterface):  # type: ignore[type-arg]  # the plug-in's configuration has no type of its own
    """The hook that hatchling calls."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:  # noqa: ARG002 - the signature is hatchling's
        """Add what is there; an editable install needs nothing, it finds the parts in the checkout."""
        include = build_data["force_include"]
        assert isinstance(include, dict)  # noqa: S101 - hatchling's own data
        for part in PARTS:
            path = Path(self.root, "node_modules", part)
            if path.is_file():
                include[str(path)] = f"etrust/_data/node_modules/{part}"
