"""A visit to the holder's pages: who is signed in, for whom they act now, and for whom they may."""

import hashlib
from dataclasses import dataclass

from aiohttp import web

from etrust.access.person_model import HolderSession
from etrust.onecode.model import Acting
from etrust.web.my_acting import acting_of, actings_of
from etrust.web.my_session import require_person
from etrust.web.my_words import BASES
from etrust.web.rendering import render
from etrust.wiring import ROOMS

_OWNER_BYTES = 12


@dataclass(frozen=True, slots=True)
class Visit:
    """Who visits.

    Attributes:
        acting: for whom, now.
        actings: for whom the person may act, the person first.
        owner: tells one person from others on the same phone, and means nothing elsewhere.
    """

    session: HolderSession
    acting: Acting
    actings: tuple[Acting, ...]
    owner: str

    @property
    def mine(self) -> Acting:
        """The person acting for nobody else."""
        return self.actings[0]

    @property
    def is_delegate(self) -> bool:
        """Whether the person acts for somebody else in one matter: then no license is shown."""
        return self.acting.limited


async def visit_of(request: web.Request) -> Visit:
    """The visit of a request; who is not signed in is led to sign in and back."""
    session = await require_person(request)
    rooms = request.app[ROOMS]
    acting = await acting_of(request, session)
    key = rooms.issuing.numbering.holder_key
    owner = hashlib.blake2b(session.person.id.encode(), key=key, person=b"etrust phone", digest_size=_OWNER_BYTES).hexdigest()
    return Visit(session, acting, await actings_of(request, session), owner)


def show(request: web.Request, template: str, visit: Visit, *, status: int = 200, **context: object) -> web.Response:
    """A page of the holder's, with its shell."""
    return render(
        request, template, status=status, session=visit.session, acting=visit.acting, visit=visit, bases=BASES,
        now=request.app[ROOMS].clock(), **context,  # type: ignore[arg-type]  # no operator is among them
    )
