"""解冻: one officer proposes to lift a freeze or a loss, another one does it."""

from etrust.seals import store
from etrust.seals.model import Action, Actor, Ground, SealEvent
from etrust.seals.steps import find_for, not_found, open_proposal, second_person_needed, take_step
from etrust.storage.postgres import Connection


async def restore(connection: Connection, code: str, *, who: Actor, ground: Ground) -> SealEvent:
    """Propose to restore a stopped seal or, when another person's proposal stands, restore it.

    A step in between, such as a report of loss, takes the proposal away.

    Returns:
        the event; its action tells which of the two it was.

    Raises:
        EtrustError: ``second_person_needed`` for whoever made the standing proposal; ``no_role``, ``seal_not_found``,
            ``bad_ground``, ``bad_transition``.
    """
    await find_for(connection, code, who)
    async with connection.transaction():
        if not await store.lock_seal(connection, code):
            raise not_found()
        proposal = open_proposal(await store.events_of(connection, code))
        if proposal is not None and proposal.operator == who.operator:
            raise second_person_needed(Action.RESTORE)
        action = Action.PROPOSE_RESTORE if proposal is None else Action.RESTORE
        return await take_step(connection, code, action, who=who, ground=ground)
