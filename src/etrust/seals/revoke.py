"""The certificate of a seal's key ends with the seal."""

from datetime import datetime

from etrust.seals import store
from etrust.seals.make import Workshop
from etrust.seals.model import SealEvent
from etrust.storage.postgres import Connection
from etrust.trust import certificate_store
from etrust.trust.issuing import RevocationReason, revoke_certificate
from etrust.trust.x509 import read_certificate


async def revoke_signer(
    connection: Connection, workshop: Workshop, event: SealEvent, reason: RevocationReason, *, since: datetime
) -> None:
    """Revoke the certificate of a seal in the transaction of the step that ends it.

    Nothing is done for a seal that has no certificate yet, or one revoked already (unless it turns out compromised now).
    """
    making = await store.making_of(connection, event.code)
    if making is None:
        return
    serial = read_certificate(making.certificate).serial
    for row in await certificate_store.find_by_serial(connection, serial):
        weighs_more = reason is RevocationReason.KEY_COMPROMISE and row.reason != RevocationReason.KEY_COMPROMISE
        if row.certificate == making.certificate and (row.revoked_since is None or weighs_more):
            await revoke_certificate(
                connection, serial=serial, authority=workshop.issuer(row.authority), at=event.at, reason=reason,
                operator=event.operator, legal_basis=event.legal_basis, since=since,
            )
