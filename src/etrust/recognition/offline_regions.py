"""Checks of several regions' codes and files with no server at all: a folder of lists, and the file of agreements.

Nothing in the folder is believed for lying there. The own region's trust list is held against the own anchor, the file of
agreements against that list, other regions' trust lists against the anchors the file names, and status lists against those.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from etrust.credentials.code import decode_code, is_code
from etrust.credentials.credential import parse
from etrust.credentials.model import Credential
from etrust.credentials.online_code import is_online_code, read_online_code
from etrust.errors import EtrustError, Kind
from etrust.recognition.agreement_file import TYP, AgreementFile, read_agreements
from etrust.recognition.agreements import Agreement, Footing, agreement_for, agreement_with, recognised, recognised_by
from etrust.recognition.foreign import authorities_of, ground_of, needed_agreements
from etrust.recognition.judging import of_region, used_there
from etrust.recognition.model import PartnerRegion
from etrust.signing import base64url
from etrust.status.deltas import Delta, is_delta, newest, read_delta
from etrust.status.tokens import ListSnapshot, SignedList, read_status_list
from etrust.trust.chains import Ground
from etrust.trust.crls import Crl, read_crls
from etrust.trust.following import follow
from etrust.trust.lists import peek_region
from etrust.trust.model import TrustSnapshot
from etrust.verification import foreign
from etrust.verification.files import Examined, conclude
from etrust.verification.inside import Register, license_inside
from etrust.verification.model import Verdict
from etrust.verification.offline import OfflineVerifier
from etrust.verification.online_code import verify_online_code
from etrust.verification.verify import Names, verify_parsed

MAX_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Other:
    """What is at hand of another region."""

    partner: PartnerRegion
    trust: TrustSnapshot
    status: ListSnapshot
    issued: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class OfflineRegions:
    """Judges codes and files of the own region and of those it has agreements with, by lists at hand."""

    own: OfflineVerifier
    agreements: AgreementFile | None
    others: Mapping[str, Other]
    crls: Sequence[Crl]
    types: Names
    lists: Sequence[SignedList] = field(default=())

    @classmethod
    def from_folder(
        cls, files: Iterable[bytes], *, region: str, anchors: Sequence[bytes], now: datetime, types: Names
    ) -> "OfflineRegions":
        """Read what a folder holds; a file that is none of those above, or does not verify, is passed over.

        Args:
            region: the own one.
            anchors: its anchor certificates (DER).

        Raises:
            EtrustError: ``anchor_needed``; INVALID ``trust_list_needed``: the own region's trust list is not there, or not
                signed by these anchors; ``too_many_files``.
        """
        found = _Sorted.of(files)
        if not anchors:
            raise EtrustError(
                Kind.UNTRUSTED, "anchor_needed", where="--anchor",
                zh="请用 --anchor 指定已核实的本区域锚证书。", en="Name your own region's anchor certificate with --anchor.",
            )
        trust = next(filter(None, (_newest(found.trust, region, anchor, now) for anchor in anchors)), None)
        if trust is None:
            raise EtrustError(
                Kind.INVALID, "trust_list_needed", where="--lists",
                zh=f"文件夹中没有可信的本地区（{region}）信任列表。",
                en=f"The folder has no trust list of {region} that these anchors signed.",
            )
        agreements = next(filter(None, (_agreements(data, trust, now) for data in found.agreements)), None)
        own = [*_lists(found, trust, now)]
        others = {
            each.region: _other(each, listed, found, now)
            for each in (() if agreements is None else agreements.partners.values())
            if (listed := _newest(found.trust, each.region, each.anchor, now)) is not None
        }
        return cls(OfflineVerifier(trust, ListSnapshot(own), types), agreements, others, found.crls, types, own)

    def check(self, presented: str, *, at: datetime) -> Verdict:
        """The verdict on the text of a code."""
        text = presented.strip()
        try:
            if is_online_code(text):
                return self._online(text, at) or self.own.check(text, at=at)
            credential = parse(decode_code(text)) if is_code(text) else None
        except EtrustError:  # the verifier says what is wrong with it
            credential = None
        other = None if credential is None else self.others.get(credential.claims.region)
        if credential is None or other is None:
            return self.own.check(text, at=at)
        return self._foreign(credential, other, at)

    def _foreign(self, credential: Credential, other: Other, at: datetime) -> Verdict:
        claims = credential.claims
        verdict = verify_parsed(credential, trust=other.trust, status=other.status, at=at, types=self.types)
        agreement = agreement_for(
            self._agreed, region=claims.region, type_code=claims.identifier.type_code, matter="", at=at
        )
        return recognised(of_region(verdict, other.partner), agreement, _footing(other, claims.status_uri, at))

    def _online(self, text: str, at: datetime) -> Verdict | None:
        other = self.others.get(read_online_code(text).claims.region)
        if other is None:
            return None
        verdict = verify_online_code(text, trust=other.trust, at=at, types=self.types, use=used_there(other.partner))
        return recognised(of_region(verdict, other.partner), agreement_with(self._agreed, region=other.partner.region, at=at))

    @property
    def _agreed(self) -> Sequence[Agreement]:
        return () if self.agreements is None else self.agreements.agreements

    def ground(self, anchors: Sequence[bytes], at: datetime) -> Ground:
        """The own region's authorities."""
        return ground_of(self.own.trust, anchors, at, self.crls)

    async def check_file(
        self, found: Examined, examine: Callable[[Ground], Awaitable[Examined]], *, at: datetime
    ) -> Verdict | None:
        """The verdict on a file of another region; None when it is of none that is at hand.

        Args:
            found: what was found with the own authorities.
            examine: finds again with others.
        """
        other = self._whose(found)
        if other is None:
            return None
        if found.credential is not None:
            return self._foreign(parse(found.credential), other, at)
        found = await examine(ground_of(other.trust, [other.partner.anchor], at, self.crls))
        ground = ground_of(other.trust, [other.partner.anchor], at, self.crls)
        register = Register(other.trust, other.status, self.types)
        verdict = foreign.limited(conclude(found, ground=ground, register=register), foreign.limits(found, other.trust))
        needed = needed_agreements(self._agreed, region=other.partner.region, found=found, at=at)
        raw = license_inside(found.files)
        uri = "" if raw is None else parse(raw).claims.status_uri
        return recognised_by(of_region(verdict, other.partner), needed, _footing(other, uri, at))

    def _whose(self, found: Examined) -> Other | None:
        claimed = foreign.claimed_region(found)
        if claimed:
            return self.others.get(claimed)
        if not foreign.has_unknown_chain(found):
            return None
        return next(
            (
                each for each in self.others.values()
                if foreign.vouches_for(each.trust, authorities_of(each.trust, [each.partner.anchor]), found)
            ),
            None,
        )


@dataclass(slots=True)
class _Sorted:
    """Files by what they are meant to be."""

    trust: list[bytes] = field(default_factory=list)
    status: list[bytes] = field(default_factory=list)
    deltas: list[bytes] = field(default_factory=list)
    agreements: list[bytes] = field(default_factory=list)
    crls: list[Crl] = field(default_factory=list)

    @classmethod
    def of(cls, files: Iterable[bytes]) -> "_Sorted":
        found = cls()
        for number, data in enumerate(files):
            if number >= MAX_FILES:
                raise EtrustError(
                    Kind.TOO_LARGE, "too_many_files", where="--lists",
                    zh=f"文件夹中的文件超过 {MAX_FILES} 个。", en=f"The folder has more than {MAX_FILES} files.",
                )
            found.add(data)
        return found

    def add(self, data: bytes) -> None:
        if data[:2] == b"ey":
            place = {"etrust-trust-list+jwt": self.trust, TYP: self.agreements, "statuslist+jwt": self.status}.get(_typ(data))
            if place is not None:
                place.append(data)
        elif is_delta(data):
            self.deltas.append(data)
        elif data[:1] in (b"\xd2", b"\x84"):
            (self.trust if b"application/etrust-trust-list+cbor" in data[:400] else self.status).append(data)
        elif data[:1] == b"0" or data.startswith(b"-----BEGIN X509 CRL"):
            try:
                self.crls += read_crls(data)
            except (EtrustError, ValueError):
                return


def _typ(data: bytes) -> str:
    try:
        found = json.loads(base64url.decode(data.split(b".", 1)[0]))
    except (ValueError, RecursionError):
        return ""
    return str(found.get("typ", "")) if isinstance(found, dict) else ""


def _newest(tokens: Iterable[bytes], region: str, anchor: bytes, now: datetime) -> TrustSnapshot | None:
    """The list of a region with the greatest number among those that follow from an anchor."""
    found: list[TrustSnapshot] = []
    for token in tokens:
        try:
            if peek_region(token) == region:
                found.append(follow(None, token, region=region, anchor=anchor, at=now).snapshot)
        except EtrustError:
            continue
    return max(found, key=lambda each: each.trust_list.sequence, default=None)


def _agreements(data: bytes, trust: TrustSnapshot, now: datetime) -> AgreementFile | None:
    try:
        return read_agreements(data, trust=trust, at=now)
    except EtrustError:
        return None


def _lists(found: _Sorted, trust: TrustSnapshot, now: datetime) -> list[SignedList]:
    """The status lists of a region, brought up to date by the changes that are there."""
    lists: list[SignedList] = []
    deltas: list[Delta] = []
    for token in found.status:
        with contextlib.suppress(EtrustError):
            lists.append(read_status_list(token, trust=trust, at=now))
    for token in found.deltas:
        with contextlib.suppress(EtrustError):
            deltas.append(read_delta(token, trust=trust, at=now))
    return newest(lists, deltas)


def _other(partner: PartnerRegion, trust: TrustSnapshot, found: _Sorted, now: datetime) -> Other:
    lists = _lists(found, trust, now)
    issued: dict[str, datetime] = {}
    for each in lists:
        issued[each.uri] = max(each.issued_at, issued.get(each.uri, each.issued_at))
    return Other(partner, trust, ListSnapshot(lists), issued)


def _footing(other: Other, uri: str, at: datetime) -> Footing:
    issued = other.issued.get(uri)
    return Footing(None if issued is None else at - issued, is_current=False)
