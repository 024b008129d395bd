"""变更: a seal whose name, picture or certificate changes is a new seal, applied for like any; it names the one it replaces.

The seal data is signed over the list of signers' certificates, so a renewed certificate cannot be put into an old seal.
"""

from dataclasses import replace

from etrust.seals.apply import apply_for_seal
from etrust.seals.model import Actor, Application, Ground, SealRecord
from etrust.seals.steps import find_for
from etrust.storage.postgres import Connection


async def change(
    connection: Connection, code: str, *, who: Actor, ground: Ground, application: Application | None = None
) -> SealRecord:
    """Apply for the seal that takes the place of another; the old one stays in use until the new one is activated.

    Args:
        application: what the new seal is to be; as the old one when left out, with a new key and certificate.

    Raises:
        EtrustError: as `apply_for_seal`; ``not_replaceable``.
    """
    old = await find_for(connection, code, who)
    wanted = replace(old.application, code=None) if application is None else application
    return await apply_for_seal(connection, replace(wanted, replaces=code), who=who, ground=ground)
