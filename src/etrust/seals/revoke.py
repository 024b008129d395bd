"""The certificate of a seal's key ends with the seal."""

from datetime import datetime

from etrust.seals import store
from etrust.seals.make import Workshop
from etrust.seals.model import SealEvent
from etrust.storage.postgres import Connection
from etrust.trust.issuing import RevocationReason, revoke_certificate
from etrust.trust.x509 import read_certificate


async def revoke_signer(
    connection: Connection, workshop: Workshop, event: SealEvent, reason: RevocationReason, *, since: datetime
) -> None:
    """Revoke the certificate of a seal in the transaction of the step that ends it; nothing for a seal that has none yet."""
    making = await store.making_of(connection, event.code)
    if making is not None:
        await revoke_certificate(
            connection, serial=read_certificate(making.certificate).serial, authority=workshop.authority, at=event.at,
            reason=reason, operator=event.operator, legal_basis=event.legal_basis, since=since,
        )
