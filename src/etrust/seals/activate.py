"""交付启用: a second person hands the seal over and puts it into use; the seal it replaces ends in the same moment."""

from etrust.seals import usage_store
from etrust.seals.make import Workshop
from etrust.seals.model import Action, Actor, Ground, SealEvent
from etrust.seals.revoke import revoke_signer
from etrust.seals.steps import find_for, take_step
from etrust.storage.postgres import Connection
from etrust.trust.issuing import RevocationReason


async def activate(connection: Connection, workshop: Workshop, code: str, *, who: Actor, ground: Ground) -> SealEvent:
    """Put a recorded seal into use.

    Where it replaces another, that one is superseded in the same transaction: the two are never both in use, there is no
    moment without one, and the rights of use that stand for the old one are given for the new one.

    Raises:
        EtrustError: ``second_person_needed`` for those who made or recorded it; ``no_role``, ``seal_not_found``,
            ``bad_ground``; ``bad_transition``, also when the seal to be replaced has ended meanwhile.
    """
    found = await find_for(connection, code, who)
    async with connection.transaction():
        event = await take_step(connection, code, Action.ACTIVATE, who=who, ground=ground)
        if found.application.replaces is not None:
            await _supersede(connection, workshop, found.application.replaces, event, who, ground)
    return event


async def _supersede(
    connection: Connection, workshop: Workshop, old: str, event: SealEvent, who: Actor, ground: Ground
) -> None:
    await usage_store.carry_grants(connection, old, event.code, who=who, ground=ground)
    ended = await take_step(connection, old, Action.SUPERSEDE, who=who, ground=ground, note=event.code)
    await revoke_signer(connection, workshop, ended, RevocationReason.SUPERSEDED, since=ended.at)
