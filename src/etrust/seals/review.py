"""审核: another officer than the applicant approves an application or rejects it."""

from etrust.seals.model import Action, Actor, Ground, SealEvent
from etrust.seals.steps import find_for, take_step
from etrust.storage.postgres import Connection


async def review(connection: Connection, code: str, *, approve: bool, who: Actor, ground: Ground) -> SealEvent:
    """Decide on an application.

    Raises:
        EtrustError: ``no_role``, ``seal_not_found``, ``bad_ground``, ``bad_transition``; ``second_person_needed`` for the
            applicant.
    """
    await find_for(connection, code, who)
    async with connection.transaction():
        return await take_step(
            connection, code, Action.APPROVE if approve else Action.REJECT, who=who, ground=ground
        )
