"""`rooms.sharing`: licenses of this region for those who ask by the shared interface (GB/T 36906, 电子证照共享服务接口).

Nothing is told without a use: what for, in which matter and case, by whom; bound to the holder's consent, to a code that the
holder showed, or to duty. Each look stands in the holder's access log. An unknown license and one that may not be seen are one
answer.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.access.cache import FailedSignIns
from etrust.access.model import Operator
from etrust.clock import official_date
from etrust.credentials.code import decode_code, encode_code, is_code
from etrust.credentials.credential import parse
from etrust.credentials.online_code import is_online_code
from etrust.documents import store as document_store
from etrust.documents.register import DocumentKey, DocumentKind
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store
from etrust.licenses.document_copies import MAX_TEXT, CopyRequest, make_copy
from etrust.licenses.model import Holder, Provenance, StoredLicense
from etrust.licenses.types import LicenseType, by_code
from etrust.matters.model import Matter
from etrust.onecode import access_log, consent_store, space_store
from etrust.onecode.access_log_model import AccessEntry
from etrust.onecode.consent import no_consent, require_ground
from etrust.onecode.consent_model import Need, Terms
from etrust.onecode.model import CodeKind, Ground, Subject, Use
from etrust.recognition import call_store
from etrust.recognition.agreements import agreement_for
from etrust.recognition.call_store import Download
from etrust.recognition.messages import MAX_CREDENTIALS
from etrust.recognition.sharing import METADATA_FIELDS, Asker, comparable, compare, metadata, require_claims

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

LINK_LIFETIME = timedelta(minutes=10)
COPY_DAYS = timedelta(days=30)
"""How long a copy says that it may be used."""
COMPARISONS = 20
"""Comparisons a day by one asker on one license: fields are not guessed."""
_ALWAYS = frozenset({"holder_name", "holder_code", *METADATA_FIELDS})
"""What may be compared with any right to the license at all."""
MOST_COPIES = 5
"""Copies made by one question."""
_MAX_OPERATOR = 64


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, what for, and the consent it rests on.

    Attributes:
        grant: id of the holder's consent (``G-…``), empty on duty and where the holder shows a code.
    """

    asker: Asker
    use: Use
    grant: str = ""

    @property
    def recorded(self) -> Use:
        """The use as the holder sees it: who asked stands before the operator."""
        return replace(self.use, operator=f"{self.asker.name}/{self.use.operator}"[:_MAX_OPERATOR])


@dataclass(frozen=True, slots=True)
class Link:
    """A link for one download."""

    identifier: str
    token: str
    kind: DocumentKind
    expires_at: datetime


class SharingDesk:
    """`rooms.sharing`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._types = by_code(rooms.types)
        self._guesses = FailedSignIns(
            rooms.stores.redis, rooms.issuing.numbering.holder_key, limit=COMPARISONS, window=timedelta(days=1), name="claims"
        )

    async def by_identifier(self, identifier: str, question: Question) -> dict[str, object]:
        """queryCertInfo: what is told of a license; see `recognition.sharing.metadata`.

        Raises:
            EtrustError: FORBIDDEN ``no_such_license`` for an unknown one and without the holder's consent; ``another_body``;
                of duty ``no_such_matter``, ``duty_not_allowed``, ``no_agreement``; those of `onecode.consent.use`.
        """
        found, _ = await self._rightly(identifier, question)
        return (await self._told(_holder_key(self._rooms, found), [found], question))[0]

    async def by_holder(self, code: str, code_type: str, type_code: str, question: Question) -> list[dict[str, object]]:
        """queryCertInfoByHolderCode: the same of the holder's licenses of a type; none and unknown are one answer."""
        key, found = await self._rightly_held(code, code_type, type_code, question)
        return await self._told(key, found, question)

    async def by_code(self, text: str, question: Question) -> list[dict[str, object]]:
        """queryCertInfoByQRcode: of the license on a code, or the one whose code a holder shows now, which is used up.

        The code that is shown is the holder's consent. Of the code of all licenses (一码) nothing is told here, for there
        the matter decides.

        Raises:
            EtrustError: FORBIDDEN ``no_such_license``; those of `onecode.redeem`.
        """
        question.asker.require_body(question.use)
        if is_online_code(text):
            found = await self._redeemed(text, question)
        else:
            found = await self._on_code(text)
        return await self._told(_holder_key(self._rooms, found), [found], question)

    async def compare(self, identifier: str, claims: Mapping[str, str], question: Question) -> dict[str, bool]:
        """VerifyCertInfo (查验): which claimed fields are so; on an unknown license none is, nor where the holder is another.

        Fields that the matter or the consent does not name are not compared but not so: nobody learns more than was agreed.

        Raises:
            EtrustError: INVALID ``bad_claims``; RATE_LIMITED ``too_many_comparisons``; as `by_identifier`.
        """
        require_claims(claims)
        question.asker.require_body(question.use)
        await self._pace(identifier, question)
        try:
            found, allowed = await self._rightly(identifier, question)
        except EtrustError as error:
            if error.code != "no_such_license" or question.use.ground is Ground.CONSENT:
                raise
            return compare({}, claims)
        true = comparable(found, self._types[found.type_code])
        if allowed is not None:
            true = {name: value for name, value in true.items() if name in allowed or name in _ALWAYS}
        names = sorted(claims.keys() & true.keys())
        await self._record(_holder_key(self._rooms, found), [found], question, names, "compared")
        return compare(true, claims)

    async def _pace(self, identifier: str, question: Question) -> None:
        """Count a comparison: few a day of one license, whatever comes of them, so that fields are not guessed."""
        at = self._rooms.clock()
        try:
            name = LicenseIdentifier.parse(identifier).text
        except EtrustError:
            name = ""  # one count for all that is none
        if await self._guesses.add(f"{question.asker.name} {name} {official_date(at)}", at) > COMPARISONS:
            raise EtrustError(
                Kind.RATE_LIMITED, "too_many_comparisons",
                zh=f"该证照今日查验已达 {COMPARISONS} 次，请核对材料后明日再试。",
                en=f"This license was compared {COMPARISONS} times today; look at the papers and try again tomorrow.",
            )

    async def links(self, identifier: str, kind: DocumentKind, question: Question) -> list[Link]:
        """downloadUrl: a link for one download of an annotated copy (加注件), which says what it is for.

        Raises:
            EtrustError: as `by_identifier`; those of `document_copies.make_copy`.
        """
        found, _ = await self._rightly(identifier, question)
        return await self._links(_holder_key(self._rooms, found), [found], kind, question)

    async def links_of_holder(
        self, code: str, code_type: str, type_code: str, kind: DocumentKind, question: Question
    ) -> list[Link]:
        """downloadUrlsByHolderCode: the same for the holder's licenses of a type that are in force, `MOST_COPIES` at most."""
        key, found = await self._rightly_held(code, code_type, type_code, question)
        good = [each for each in found if await self._state(each) == "valid"]
        return await self._links(key, good[:MOST_COPIES], kind, question)

    async def download(self, token: str, asker: Asker) -> tuple[bytes, DocumentKind]:
        """downloadFile: the file of a link, once.

        Raises:
            EtrustError: FORBIDDEN ``no_such_download`` for a link that is used, over, another's or unknown.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await call_store.use_download(
                connection, hashlib.sha256(token.encode()).digest(), region=asker.region, bodies=sorted(asker.bodies),
                at=self._rooms.clock(),
            )
            key = None if found is None else DocumentKey(found.serial, found.version, DocumentKind(found.kind), found.copy_no)
            data = None if key is None else await document_store.read(connection, key)
        if key is None or data is None:
            raise EtrustError(
                Kind.FORBIDDEN, "no_such_download",
                zh="下载地址无效、已用过或已过期，请重新申请。",
                en="The link is unknown, used or over; ask for another.",
            )
        return data, key.kind

    # What is found

    async def _found(self, identifier: str) -> StoredLicense:
        try:
            wanted = LicenseIdentifier.parse(identifier)
        except EtrustError as error:
            raise _no_such_license() from error
        async with self._rooms.stores.pool.acquire() as connection:
            found = await store.find(connection, wanted.serial, wanted.version)
        if found is None or found.identifier != wanted:
            raise _no_such_license()
        return found

    async def _held(self, code: str, code_type: str, type_code: str) -> tuple[bytes, list[StoredLicense]]:
        key = self._rooms.issuing.numbering.holder(Holder("", code, code_type))
        license_type = self._types.get(type_code)
        if license_type is None:
            return key, []
        async with self._rooms.stores.pool.acquire() as connection:
            held = await space_store.held(
                connection, key, after="", limit=MAX_CREDENTIALS, text="", types=[], only=license_type.name
            )
        return key, [each for each, _ in held]

    async def _on_code(self, text: str) -> StoredLicense:
        try:
            credential = parse(decode_code(text)) if is_code(text) else None
        except EtrustError as error:
            raise _no_such_license() from error
        if credential is None:
            raise _no_such_license()
        found = await self._found(credential.claims.identifier.text)
        if found.credential != decode_code(text):  # another signature over the same number
            raise _no_such_license()
        return found

    async def _redeemed(self, text: str, question: Question) -> StoredLicense:
        asking = Operator(question.recorded.operator, "", question.use.body, "", frozenset())
        shown = await self._rooms.codes.redeem(text, operator=asking)
        if shown.kind is not CodeKind.LICENSE:
            raise _no_such_license()
        return await self._found(shown.identifier)

    # What it rests on

    async def _rightly(self, identifier: str, question: Question) -> tuple[StoredLicense, frozenset[str] | None]:
        """A license that may be used so, and the fields that may be known; None for all of them.

        Whatever does not depend on the license is looked at before it, so that a refusal does not tell that it is there.
        """
        question.asker.require_body(question.use)
        try:
            type_code = LicenseIdentifier.parse(identifier).type_code
        except EtrustError as error:
            raise _no_such_license() from error
        allowed = await self._on_duty(type_code, question) if question.use.ground is Ground.DUTY else None
        found = await self._found(identifier)
        if question.use.ground is Ground.CONSENT:
            try:
                allowed = await self._by_consent(_holder_key(self._rooms, found), type_code, question)
            except EtrustError as error:
                if error.code != "no_consent":
                    raise
                raise _no_such_license() from error
        return found, allowed

    async def _rightly_held(
        self, code: str, code_type: str, type_code: str, question: Question
    ) -> tuple[bytes, list[StoredLicense]]:
        question.asker.require_body(question.use)
        key, found = await self._held(code, code_type, type_code)
        if question.use.ground is Ground.DUTY:
            await self._on_duty(type_code, question)
        else:
            await self._by_consent(key, type_code, question)
        return key, found

    async def _on_duty(self, type_code: str, question: Question) -> frozenset[str] | None:
        """The fields that may be known on duty: what the matter names; of a region's own matter what the agreement covers."""
        use, asker = question.use, question.asker
        matter = await self._rooms.catalogue.matter(use.matter)
        if asker.region:
            await self.require_agreement(asker.region, type_code, use.matter)
            return None
        async with self._rooms.stores.pool.acquire() as connection:
            own = matter is not None and await consent_store.is_at_or_below(connection, use.body, matter.body)
        needs = () if matter is None else _all_needs(matter)
        named = [each for each in needs if each.license_type == self._name(type_code)]
        if matter is None or not own or not named:
            raise EtrustError(
                Kind.FORBIDDEN, "no_such_matter", where="data.matter",
                zh="没有该事项，或事项不由该机构办理，或事项不需要此类证照。",
                en="There is no such matter, another body handles it, or it does not need this type of license.",
            )
        require_ground(Ground.DUTY, Terms(matter.code, matter.version, matter.body, matter.grounds, ()))
        return frozenset(name for each in named for name in each.fields)

    async def require_agreement(self, region: str, type_code: str, matter: str) -> None:
        """Return quietly when a region may use licenses of a type on duty in a matter of its own.

        Raises:
            EtrustError: FORBIDDEN ``no_agreement``.
        """
        agreements, at = await self._rooms.agreements.all(), self._rooms.clock()
        if agreement_for(agreements, region=region, type_code=type_code, matter=matter, at=at, on_duty=True) is None:
            raise EtrustError(
                Kind.FORBIDDEN, "no_agreement", where="data.matter",
                zh="没有涵盖此类证照与事项的互认协议，不能依职能用证。",
                en="No agreement covers this type of license and matter, so it is not used on duty.",
            )

    async def _by_consent(self, key: bytes, type_code: str, question: Question) -> frozenset[str]:
        """The fields that the holder agreed to; the use counts exactly when the type is among them."""
        use = question.use
        matter = await self._rooms.catalogue.matter(use.matter)
        if matter is None or not question.grant:
            raise no_consent()
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            grant = await self._rooms.consent.use(
                question.grant, use, subject=Subject(key, "", "", ""), version=matter.version, connection=connection
            )
            needs = [each for each in grant.needs if each.license_type == self._name(type_code)]
            if not needs:
                raise no_consent()
        return frozenset(name for each in needs for name in each.fields)

    def _name(self, type_code: str) -> str:
        found = self._types.get(type_code)
        return "" if found is None else found.name

    # What is told

    async def _told(self, key: bytes, licenses: Sequence[StoredLicense], question: Question) -> list[dict[str, object]]:
        """What is told, after it was recorded that it is."""
        told = [metadata(each, self._type(each), await self._state(each)) for each in licenses]
        await self._record(key, licenses, question, METADATA_FIELDS, "told" if licenses else "nothing_here")
        return told

    async def _record(
        self, key: bytes, licenses: Sequence[StoredLicense], question: Question, fields: Sequence[str], outcome: str
    ) -> None:
        names = sorted({f"{each.license_type}.{name}" for each in licenses for name in fields})
        entry = AccessEntry(
            key, self._rooms.clock(), question.recorded, tuple(each.identifier.text for each in licenses), tuple(names), outcome,
            question.grant,
        )  # fmt: skip
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            await access_log.record(connection, self._rooms.issuing.numbering, entry)

    async def _links(
        self, key: bytes, licenses: Sequence[StoredLicense], kind: DocumentKind, question: Question
    ) -> list[Link]:
        await self._record(key, licenses, question, ("document",), "told" if licenses else "nothing_here")
        return [await self._link(each, kind, question) for each in licenses]

    async def _link(self, license_: StoredLicense, kind: DocumentKind, question: Question) -> Link:
        use, at, token = question.use, self._rooms.clock(), secrets.token_urlsafe(32)
        asked = CopyRequest(use.reason[:MAX_TEXT], use.body, official_date(at) + COPY_DAYS)
        who = Provenance(question.recorded.operator, license_.issuer, at)
        async with self._rooms.stores.pool.acquire() as connection:
            _, (made,) = await make_copy(connection, self._rooms.documents.making, license_, asked, [kind], who=who)
            download = Download(license_.serial, license_.version, kind.value, use.body, made.key.copy_no)
            await call_store.add_download(
                connection, hashlib.sha256(token.encode()).digest(), download, region=question.asker.region, at=at,
                until=at + LINK_LIFETIME,
            )  # fmt: skip
        return Link(license_.identifier.text, token, kind, at + LINK_LIFETIME)

    async def _state(self, license_: StoredLicense) -> str:
        return (await self._rooms.check(encode_code(license_.credential))).status.value

    def _type(self, license_: StoredLicense) -> LicenseType:
        return self._rooms.types[license_.license_type]


def _all_needs(matter: Matter) -> tuple[Need, ...]:
    """What a matter needs, of whichever party."""
    return tuple(
        Need(demand.license_type, demand.fields, material.key, demand.party)
        for material in matter.materials for demand in material.satisfied_by
    )  # fmt: skip


def _holder_key(rooms: "Rooms", license_: StoredLicense) -> bytes:
    return rooms.issuing.numbering.holder(Holder(*license_.holders[0]))


def _no_such_license() -> EtrustError:
    return EtrustError(
        Kind.FORBIDDEN, "no_such_license", where="data",
        zh="没有该证照，或无权使用该证照。", en="There is no such license, or no right to it.",
    )
