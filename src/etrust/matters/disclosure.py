"""What a matter lets be told of holders, and whether a change lets more be told (design law 5). Pure."""

from dataclasses import dataclass

from etrust.matters.model import Matter, Standing
from etrust.onecode.model import Ground

PRESENCE = ""
"""The field that stands for "whether there is such a license"."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What a change lets be told that was not told before.

    Attributes:
        fields: party, license type and field; an empty field is whether there is such a license.
        grounds: grounds of use that were not there.
        holders: party and holder code type that were not there.
    """

    fields: frozenset[tuple[str, str, str]]
    grounds: frozenset[Ground]
    holders: frozenset[tuple[str, str]]

    def __bool__(self) -> bool:
        return bool(self.fields or self.grounds or self.holders)


def told(matter: Matter) -> frozenset[tuple[str, str, str]]:
    """Party, license type and field of all that a check of the matter may tell."""
    demands = [demand for material in matter.materials for demand in material.satisfied_by]
    return frozenset(
        (demand.party, demand.license_type, name) for demand in demands for name in (PRESENCE, *demand.fields)
    )


def growth(before: Matter | None, after: Matter) -> Growth:
    """What `after` lets be told beyond `before`; None and a withdrawn matter let nothing be told."""
    new = told(after)
    if not new:  # nothing of anybody is told, so on what ground it is not told makes no difference
        return Growth(frozenset(), frozenset(), frozenset())
    if before is None or before.standing is Standing.WITHDRAWN:
        return Growth(new, after.grounds, _holders(after))
    return Growth(new - told(before), after.grounds - before.grounds, _holders(after) - _holders(before))


def _holders(matter: Matter) -> frozenset[tuple[str, str]]:
    asked = {demand.party for material in matter.materials for demand in material.satisfied_by}
    return frozenset((party.key, code) for party in matter.parties if party.key in asked for code in party.code_types)
