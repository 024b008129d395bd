"""The sample family in a region of a test: who they are, and their licenses."""

from etrust.ids import LicenseIdentifier
from etrust.licenses.samples.family import CHILD, COMPANY, HUSBAND, WIFE
from etrust.wiring.founding_family import issue_family

__all__ = ["CHILD", "COMPANY", "HUSBAND", "WIFE", "Family", "issue_family"]

Family = dict[str, list[LicenseIdentifier]]
"""Identifiers by the name of the license type."""
