"""冻结 and 挂失: a seal in use is stopped at once, by one person; to lift it takes two (`restore`)."""

from etrust.seals.model import Action, Actor, Ground, SealEvent
from etrust.seals.steps import find_for, take_step
from etrust.storage.postgres import Connection


async def freeze(connection: Connection, code: str, *, who: Actor, ground: Ground) -> SealEvent:
    """Freeze a seal (冻结).

    Raises:
        EtrustError: ``no_role``, ``seal_not_found``, ``bad_ground``, ``bad_transition``.
    """
    return await _stop(connection, code, Action.FREEZE, who, ground)


async def report_lost(connection: Connection, code: str, *, who: Actor, ground: Ground) -> SealEvent:
    """Report a seal, in use or frozen, as lost (挂失).

    Raises:
        EtrustError: ``no_role``, ``seal_not_found``, ``bad_ground``, ``bad_transition``.
    """
    return await _stop(connection, code, Action.REPORT_LOST, who, ground)


async def _stop(connection: Connection, code: str, action: Action, who: Actor, ground: Ground) -> SealEvent:
    await find_for(connection, code, who)
    async with connection.transaction():
        return await take_step(connection, code, action, who=who, ground=ground)
