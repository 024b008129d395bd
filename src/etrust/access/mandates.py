"""The right to issue: a body may issue only the license types its mandate names."""

from datetime import datetime

from etrust.access import store
from etrust.access.model import Mandate
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection


async def require_mandate(connection: Connection, body: str, license_type: str, at: datetime) -> None:
    """Return quietly when the body may issue the type at that moment.

    Raises:
        EtrustError: ``no_mandate``.
    """
    mandates = await store.mandates(connection, license_type)
    if not any(mandate.body == body and mandate.covers(at) for mandate in mandates):
        raise EtrustError(
            Kind.FORBIDDEN, "no_mandate", where=license_type,
            zh=f"机构 {body} 无权签发“{license_type}”，请由有权机构办理。",
            en=f"Body {body} has no mandate for {license_type}; the body that has it must issue this license.",
        )


async def only_mandated_body(connection: Connection, license_type: str, at: datetime) -> str:
    """The one body that may issue a type, where nobody named one.

    Raises:
        EtrustError: none has a mandate, or several have and one must be chosen.
    """
    in_force = [mandate for mandate in await store.mandates(connection, license_type) if mandate.covers(at)]
    if len(in_force) != 1:
        raise _unclear(license_type, in_force)
    return in_force[0].body


def _unclear(license_type: str, found: list[Mandate]) -> EtrustError:
    bodies = "、".join(mandate.body for mandate in found)
    if not found:
        return EtrustError(
            Kind.FORBIDDEN, "no_mandate", where=license_type,
            zh=f"没有机构有权签发“{license_type}”。", en=f"No body has a mandate for {license_type}.",
        )
    return EtrustError(
        Kind.INVALID, "body_needed", where="--body",
        zh=f"有多个机构可签发“{license_type}”，请用 --body 指定：{bodies}",
        en=f"Several bodies may issue {license_type}; choose one with --body: {bodies}",
    )
