"""制作: key and certificate are made, and the maker signs the seal data around the picture that was reviewed.

The bytes to be signed are committed before the maker's key is used. A crash in between leaves a seal in the state
``making``; making it again signs the recorded bytes. Only a kept seal is ever given out, so signing twice is harmless.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from etrust.errors import EtrustError, Kind
from etrust.seals import store
from etrust.seals.model import Action, Actor, Application, Ground, Making, SealEvent, SealState
from etrust.seals.raster import to_png
from etrust.seals.stamping import Stamping, stamped
from etrust.seals.steps import find_for, take_step
from etrust.ses.make import SealRecipe, seal_info, sign_seal
from etrust.ses.model import Generation, Picture, Properties
from etrust.signing import sm2
from etrust.signing.files import KeyFolder
from etrust.signing.model import Algorithm, Signer
from etrust.storage.postgres import Connection
from etrust.trust.certificates import years_after
from etrust.trust.issuing import issue_certificate
from etrust.trust.x509 import read_certificate

_PROFILE = "seal"


@dataclass(frozen=True, slots=True)
class Workshop:
    """What seals are made with.

    Attributes:
        keys: where the seals' own keys are kept, as ``seal-<code>``.
        authority: the SM2 authority that certifies them.
        maker: the region's seal maker (制章人), SM2.
        public_url: under which certificates name their revocation lists; None for no such place.
        stamping: timestamps for V5 seals; None for seals without.
        older_authority: gives an authority by its key id, for certificates issued before the present one was made.
    """

    keys: KeyFolder
    authority: Signer
    maker: Signer
    public_url: str | None = None
    stamping: Stamping | None = None
    older_authority: Callable[[bytes], Signer] | None = None

    def issuer(self, kid: bytes) -> Signer:
        """The authority that issued a certificate, the present one or an older one.

        Raises:
            EtrustError: ``no_authority``.
        """
        if kid != self.authority.kid and self.older_authority is not None:
            return self.older_authority(kid)
        return self.authority


def key_name(code: str) -> str:
    """The name of a seal's key in the key folder."""
    return f"seal-{code}"


async def make(connection: Connection, workshop: Workshop, code: str, *, who: Actor, ground: Ground) -> SealEvent:
    """Make an approved seal, or finish one whose making was interrupted.

    Args:
        connection: outside a transaction.

    Raises:
        EtrustError: ``no_role``, ``seal_not_found``, ``bad_ground``, ``bad_transition``; what drawing, certifying or the
            keys cannot do.
    """
    found = await find_for(connection, code, who)
    if found.state is not SealState.MAKING:
        await _prepare(connection, workshop, code, found.application, who, ground)
    making = await store.making_of(connection, code)
    assert making is not None  # noqa: S101 - recorded together with the state; this tells the type checker
    _check_maker(workshop.maker, making)
    workshop.keys.certify(making.key_name, making.certificate)
    is_v5 = found.application.generation is Generation.V5
    seal = await stamped(sign_seal(making.info, workshop.maker), workshop.stamping if is_v5 else None)
    async with connection.transaction():
        event = await take_step(connection, code, Action.MAKE, who=who, ground=ground)
        await store.add_file(connection, code=code, seal=seal, digest=sm2.sm3(seal), at=event.at)
    return event


def _check_maker(maker: Signer, making: Making) -> None:
    """A key of the maker's that came after an interrupted making would not verify as entitled to it."""
    if read_certificate(maker.certificate).not_before > making.valid_from:
        raise EtrustError(
            Kind.CONFLICT, "maker_too_new", where=making.code,
            zh="制章密钥在此印章开始制作之后更换，请注销本申请并重新申请。",
            en="The maker's key was changed after this seal was begun; cancel it and apply again.",
        )


async def _prepare(
    connection: Connection, workshop: Workshop, code: str, application: Application, who: Actor, ground: Ground
) -> None:
    """Record what is to be signed. The key is made here too: left behind by a crash, it is taken again."""
    facts, svg = application.facts, await store.picture_of(connection, code)
    png = await asyncio.to_thread(to_png, svg, width_mm=facts.width, height_mm=facts.height)
    picture = Picture("PNG", png, facts.width, facts.height)
    async with connection.transaction():
        await take_step(connection, code, Action.PREPARE, who=who, ground=ground)
        key = workshop.keys.create(key_name(code), Algorithm.SM2)
        # Certificates and seals tell whole seconds; what is made must not seem older than its own certificate.
        created = who.at.replace(microsecond=0)
        certificate = await issue_certificate(
            connection, authority=workshop.authority, profile=_PROFILE, subject_name=application.title,
            body=application.body, spki=key.public_spki(), at=created, years=application.years,
            public_url=workshop.public_url,
        )  # fmt: skip
        await store.add_making(connection, _making(code, application, certificate, picture, created))


def _making(
    code: str, application: Application, certificate: bytes, picture: Picture, created: datetime
) -> Making:
    valid_until = min(years_after(created, application.years), read_certificate(certificate).not_after)
    recipe = SealRecipe(
        code=code, generation=application.generation, picture=picture,
        properties=Properties(
            type=application.facts.number, name=application.title, certificates=(certificate,), digests=(),
            created=created, valid_from=created, valid_until=valid_until,
        ),
    )  # fmt: skip
    return Making(code, key_name(code), certificate, seal_info(recipe), created, valid_until)
