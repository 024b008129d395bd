"""What a credential says, and a credential taken apart. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from etrust.ids import LicenseIdentifier

FieldValue = str | list[str]
"""A disclosed value: text, or one text per holder."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a credential.

    Attributes:
        region: six-digit division (GB/T 2260) of the region whose trust list vouches for the key.
        identifier: the license.
        issued_at: when the credential was prepared, to the second.
        not_before: first moment of validity, None when it has no beginning.
        expires: first moment no longer covered, None for 长期.
        status_uri: the status list that tells its status.
        status_index: its place in that list.
        fields: the minimal disclosure, by the integer keys of the license type.
    """

    region: str
    identifier: LicenseIdentifier
    issued_at: datetime
    not_before: datetime | None
    expires: datetime | None
    status_uri: str
    status_index: int
    fields: Mapping[int, FieldValue]


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as it was received, its signature not yet judged."""

    claims: Claims
    kid: bytes
    algorithm_header: int | None
    signature: bytes
    to_be_signed: bytes
