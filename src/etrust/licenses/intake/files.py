"""Opening an export file (导出文件) as a table of text; its kind is judged by its content, not by its name.

A file is refused whole, before its first row is used, when it cannot be read to the end. Every bound here
is there because the file comes from outside.
"""

import os
import stat
from pathlib import Path

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.delimited import open_delimited
from etrust.licenses.intake.faults import unreadable
from etrust.licenses.intake.sheets import open_sheet
from etrust.licenses.intake.table import Cells, Table

__all__ = ["Cells", "Table", "open_table"]

MAX_FILE = 2 << 30
"""Bytes of a file; a larger one must be split."""

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "旧版 Excel（.xls）或加密的工作簿", "an old Excel (.xls) or encrypted workbook"),
    (b"%PDF", "PDF 文件", "a PDF"),
    (b"MZ", "程序文件", "a program"),
    (b"\x7fELF", "程序文件", "a program"),
    (b"\x1f\x8b", "压缩文件", "a compressed file"),
    (b"Rar!", "压缩文件", "a compressed file"),
    (b"7z\xbc\xaf", "压缩文件", "a compressed file"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"\xff\xfe", "UTF-16 编码的文本", "text in UTF-16"),
    (b"\xfe\xff", "UTF-16 编码的文本", "text in UTF-16"),
    (b"<", "网页或 XML 文件", "a web page or XML"),
)


def open_table(path: Path) -> Table:
    """Open a CSV (UTF-8, with or without BOM, or GB18030) or an XLSX workbook's first visible sheet.

    Raises:
        EtrustError: ``cannot_open``, ``file_too_large``, ``empty_file``, ``wrong_file_kind``, and what
            `open_delimited` and `open_sheet` raise.
    """
    try:
        head = _head(path)
    except OSError as failure:
        raise EtrustError(
            Kind.UNAVAILABLE,
            "cannot_open",
            where=path.name,
            zh="文件无法打开，请检查路径与权限。",
            en="The file cannot be opened; please check its path and permissions.",
        ) from failure
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise unreadable("empty_file", path.name, "文件是空的，请重新导出。", "The file is empty; please export it again.")
    if head.startswith(b"PK"):
        return open_sheet(path)
    _refuse_foreign(head.removeprefix(b"\xef\xbb\xbf").lstrip(), path.name)
    return open_delimited(path)


def _head(path: Path) -> bytes:
    # Not blocking: opening a named pipe would wait for a writer.
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise unreadable(
                "wrong_file_kind",
                path.name,
                "这不是普通文件，请选择导出文件。",
                "This is not a regular file.",
            )
        if status.st_size > MAX_FILE:
            raise EtrustError(
                Kind.TOO_LARGE,
                "file_too_large",
                where=path.name,
                zh=f"文件超过 {MAX_FILE >> 30} GB，请拆分后分别导入。",
                en=f"The file is larger than {MAX_FILE >> 30} GB; please split it.",
            )
        return file.read(4096)


def _refuse_foreign(head: bytes, name: str) -> None:
    for mark, zh, en in _FOREIGN:
        if head.startswith(mark):
            raise unreadable(
                "wrong_file_kind",
                name,
                f"这是{zh}，不是 CSV 或 XLSX；请在原系统或 Excel/WPS 中另存为 XLSX 或 CSV。",
                f"This is {en}, neither CSV nor XLSX; please save it as XLSX or CSV.",
            )
