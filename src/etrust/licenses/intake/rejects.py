"""The reject file (退回文件): the bad rows as they came, with reasons, to be corrected and imported again."""

import csv
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from etrust.licenses.intake.cleaning import guard
from etrust.licenses.intake.layout import OWN_COLUMNS, is_reject_header
from etrust.licenses.model import Reject


class RejectWriter:
    """Writes rejects as CSV in UTF-8 with BOM; the first columns are row, reason and explanation.

    The file is made with the first reject, readable by its owner only, and takes its name when all are
    written. After a crash what was written stays beside it under the same name with the ending ``.partial``.

    Args:
        path: the name of the finished file; its folder is made when it is not there.
        header: the columns of the imported file; those of an imported reject file give way to the new ones.
    """

    def __init__(self, path: Path, header: tuple[str, ...]) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        self._skipped = len(OWN_COLUMNS) if is_reject_header(header) else 0
        self._header = header[self._skipped :]
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None) -> None:
        """Move the file into place; after a failure it stays partial."""
        if self._file is None:
            return
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())
        if kind is None:
            self._partial.replace(self._path)
            _sync_folder(self._path.parent)

    def write(self, reject: Reject) -> None:
        """Append one reject; cells that a spreadsheet would run as formulas are guarded."""
        if self._file is None:
            self._file = self._make()
            self._rows = csv.writer(self._file)
            self._rows.writerow((*OWN_COLUMNS, *map(guard, self._header)))
        original = map(guard, reject.original[self._skipped :])
        self._rows.writerow((reject.row, reject.reason, reject.explanation, *original))

    def _make(self) -> IO[str]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._partial.unlink(missing_ok=True)
        descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")


def _sync_folder(folder: Path) -> None:
    """Make the new name last a power failure, where folders can be synced."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
