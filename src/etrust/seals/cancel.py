"""注销: a seal ends for good, and the certificate of its key with it."""

from etrust.seals import store
from etrust.seals.make import Workshop
from etrust.seals.model import Action, Actor, Ground, SealEvent, SealState
from etrust.seals.revoke import revoke_signer
from etrust.seals.steps import find_for, take_step
from etrust.storage.postgres import Connection
from etrust.trust.issuing import RevocationReason


async def cancel(connection: Connection, workshop: Workshop, code: str, *, who: Actor, ground: Ground) -> SealEvent:
    """Cancel a seal in any state before its end; an application is withdrawn in the same way.

    What was sealed before stays good: the certificate is revoked from now on, for a seal reported lost from the moment of
    that report, as a key in other hands.

    Raises:
        EtrustError: ``no_role``, ``seal_not_found``, ``bad_ground``, ``bad_transition``.
    """
    await find_for(connection, code, who)
    async with connection.transaction():
        event = await take_step(connection, code, Action.CANCEL, who=who, ground=ground)
        events = await store.events_of(connection, code)
        lost = next((each for each in reversed(events[:-1]) if each.action is Action.REPORT_LOST), None)
        if events[-2].state is SealState.LOST and lost is not None:
            await revoke_signer(connection, workshop, event, RevocationReason.KEY_COMPROMISE, since=lost.at)
        else:
            await revoke_signer(connection, workshop, event, RevocationReason.CESSATION, since=event.at)
    return event
