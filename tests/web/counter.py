"""Holders whose codes a counter scans, without their phones: the session, the code it shows, and the answer it gives."""

from dataclasses import dataclass

from etrust.access.persons import HolderSession
from etrust.licenses.samples.family import Holder
from etrust.onecode.consent_model import RequestState
from etrust.onecode.model import CodeKind
from tests.web.conftest import Site
from tests.web.holding import holder_token


@dataclass(frozen=True)
class Phone:
    """The signed-in phone of a holder."""

    site: Site
    token: str
    session: HolderSession

    async def code(self, kind: CodeKind = CodeKind.HOLDER, **which: str) -> str:
        """A fresh code."""
        rooms = self.site.rooms
        acting = await rooms.consent.acting(self.session)
        shown = await rooms.codes.show(acting, session=self.session.digest, kind=kind, **which)
        return shown.text

    async def answer(self, *, agree: bool = True) -> int:
        """Answer every question that waits; how many there were."""
        consent = self.site.rooms.consent
        pending = [each for each in await consent.requests(self.session) if each.state is RequestState.PENDING]
        for each in pending:
            await consent.answer(each.id, self.session, agree)
        return len(pending)


async def phone_of(site: Site, holder: Holder, **how: object) -> Phone:
    """The phone of somebody, signed in through the real identity provider."""
    token = await holder_token(site, holder.code, name=holder.name, **how)  # type: ignore[arg-type]
    session = await site.rooms.people.session(token)
    assert session is not None
    return Phone(site, token, session)
