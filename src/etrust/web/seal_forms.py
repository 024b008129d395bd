"""What the forms about seals share: who fills them in, why, and what is said beside a field."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.seals.model import Actor, Ground
from etrust.storage.postgres import Connection
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import Form
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

_SHOWN_AGAIN = {Kind.INVALID, Kind.CONFLICT, Kind.FORBIDDEN, Kind.MALFORMED, Kind.NOT_FOUND}
_ELSEWHERE = {"seal_not_found", "no_role", "cross_site"}
"""Refusals that no change in the form could mend."""
_FIELDS: Mapping[str, str] = {
    "name": "name_zh", "width_mm": "kind", "operator": "grantee", "role": "grantee", "body": "body",
    "license_types": "license_types", "matters": "matters", "generation": "kind",
}  # fmt: skip
"""Fields of a form by what an error calls them; others are called alike."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a form: the field (empty for the whole of it) and the words."""

    field: str
    text: str
    status: int


async def officer_of(request: web.Request) -> Operator:
    """The seal officer who is signed in.

    Raises:
        EtrustError: as `demand_role`.
    """
    return await demand_role(request, Role.SEAL_OFFICER)


def actor_of(request: web.Request, operator: Operator) -> Actor:
    """The officer acting now."""
    return Actor.of(operator, request.app[ROOMS].clock())


@asynccontextmanager
async def connected(request: web.Request) -> AsyncIterator[Connection]:
    """A connection to the region's database."""
    async with request.app[ROOMS].stores.pool.acquire() as connection:
        yield connection


def ground_of(form: Form) -> Ground:
    """Reason and legal basis as they were filled in."""
    return Ground(form.text("reason"), form.text("legal_basis"))


def fault_of(request: web.Request, error: EtrustError, fields: frozenset[str]) -> Fault:
    """How a refusal is told in the form that caused it.

    Raises:
        EtrustError: the refusal itself, when it is none that the form could mend.
    """
    if error.kind not in _SHOWN_AGAIN or error.code in _ELSEWHERE:
        raise error
    field = _FIELDS.get(error.where, error.where)
    return Fault(field if field in fields else "", spoken(request, error), STATUSES[error.kind])


def chosen(form: Form, prefix: str) -> tuple[str, ...]:
    """The checked boxes of a group, named ``PREFIX.VALUE``."""
    return tuple(name.removeprefix(f"{prefix}.") for name in form.values if name.startswith(f"{prefix}."))
