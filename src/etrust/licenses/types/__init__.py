"""License types as data: a file in ``templates/types/`` and a face each; see ``docs/license-types.md``."""

from etrust.licenses.types.disclosure import claim_labels, describe_claims, describe_fields, mask_number, minimal_claims
from etrust.licenses.types.loading import by_code, load_types
from etrust.licenses.types.model import Element, Field, FieldKind, HolderRole, LicenseType, Validity

__all__ = [
    "Element",
    "Field",
    "FieldKind",
    "HolderRole",
    "LicenseType",
    "Validity",
    "by_code",
    "claim_labels",
    "describe_claims",
    "describe_fields",
    "load_types",
    "mask_number",
    "minimal_claims",
]
