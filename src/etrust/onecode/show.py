"""Shows a code: a fresh handle, kept for a minute, in a text that the region signs."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from etrust.credentials.online_code import HANDLE_LENGTH, LIFETIME, CodeFor, CodeState, OnlineClaims, sign_online_code
from etrust.errors import EtrustError, Kind
from etrust.onecode.cache import Handles
from etrust.onecode.envelope import handle_digest, seal
from etrust.onecode.masking import shown_name
from etrust.onecode.model import Acting, CodeKind, Shown
from etrust.signing.model import Signer

_KINDS = {CodeKind.HOLDER: CodeFor.HOLDER, CodeKind.LICENSE: CodeFor.LICENSE, CodeKind.MATTER: CodeFor.MATTER}
_MATTER_LENGTH = 31


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code on its way to a screen: its text, when it ends, and what it stands for."""

    text: str
    expires_at: datetime
    shown: Shown


@dataclass(frozen=True, slots=True)
class LicenseNow:
    """The license a code is of, as it stands when the code is made."""

    identifier: str
    type_code: str
    short: str
    state: CodeState


@dataclass(frozen=True, slots=True)
class CodeBook:
    """What codes of one region are made and redeemed with.

    Attributes:
        secret: the region's own, 16 to 64 bytes; digests and seals of entries are keyed with it.
    """

    handles: Handles
    secret: bytes
    region: str


async def show(
    book: CodeBook, signer: Signer, acting: Acting, *, session: bytes, kind: CodeKind, license_: LicenseNow | None = None,
    matter: str = "", grant: str = "", at: datetime,
) -> ShownCode:
    """Make a code and keep its handle for a minute.

    Args:
        signer: the region's CODE key.
        session: digest of the session that shows it; the code ends with it.

    Raises:
        EtrustError: ``may_not_show``: not what this person may show for the holder; ``redis_unavailable``;
            ``session_ended``.
    """
    _require_right(acting, kind, matter or acting.matter, at)
    issued_at = at.replace(microsecond=0)
    shown = Shown(
        handle=secrets.token_bytes(HANDLE_LENGTH), kind=kind, acting=acting, session=session, issued_at=issued_at,
        expires_at=issued_at + LIFETIME, identifier="" if license_ is None else license_.identifier, matter=matter, grant=grant,
    )  # fmt: skip
    text = sign_online_code(_claims(shown, license_, book.region), signer)
    await book.handles.keep(
        handle_digest(shown.handle, book.secret), seal(shown, book.secret), session=session, at=at,
        lifetime=shown.expires_at - at,
    )
    return ShownCode(text, shown.expires_at, shown)


def _claims(shown: Shown, license_: LicenseNow | None, region: str) -> OnlineClaims:
    return OnlineClaims(
        region=region, issued_at=shown.issued_at, expires_at=shown.expires_at, handle=shown.handle, kind=_KINDS[shown.kind],
        name=shown_name(shown.acting.subject), type_code="" if license_ is None else license_.type_code,
        short="" if license_ is None else license_.short.replace("-", ""),
        state=CodeState.UNKNOWN if license_ is None else license_.state, matter=shown.matter,
    )  # fmt: skip


def _require_right(acting: Acting, kind: CodeKind, matter: str, at: datetime) -> None:
    """Whoever acts in one matter only shows nothing but that matter, and nobody shows after the right has ended."""
    ended = acting.until is not None and at >= acting.until
    beyond = acting.limited and (kind is CodeKind.LICENSE or matter != acting.matter)
    if ended or beyond or (kind is CodeKind.MATTER and len(matter) != _MATTER_LENGTH):
        raise EtrustError(
            Kind.FORBIDDEN, "may_not_show",
            zh="您不能为该持证人出示此码，请核对授权事项与期限。",
            en="You may not show this code for the holder; check the matter and the time of the delegation.",
        )
