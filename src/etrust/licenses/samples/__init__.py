"""Synthetic export files (合成样例), shaped and disordered as departments really send them; for demo and tests."""

from etrust.licenses.samples.export import FORMS, write_export
from etrust.licenses.samples.rows import REMARK

__all__ = ["FORMS", "REMARK", "write_export"]
