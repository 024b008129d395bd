"""Rotation (密钥更替): a new key of the same purpose and body enters from a time on; the old one signs until the overlap ends.

What the old key signed goes on verifying: its entry stays in the trust list, with an earlier end. One person proposes, another
activates. A key that a crash left without its proposal is used by the next one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from etrust.access import store as access_store
from etrust.access.model import Operator
from etrust.errors import EtrustError, Kind
from etrust.signing.files import FileSigner, KeyFolder
from etrust.signing.model import Algorithm, Signer
from etrust.signing.private_keys import SigningKey
from etrust.storage.postgres import Connection
from etrust.trust import rotation_store as store
from etrust.trust import x509
from etrust.trust.issuing import issue_certificate
from etrust.trust.key_lines import follows, next_name, same_line
from etrust.trust.model import KeyEntry, Purpose
from etrust.trust.profiles import profile_of
from etrust.trust.publish import publish_trust_list
from etrust.trust.rotation_store import KeyDecision, KeyProposal
from etrust.trust.store import add_key_entry, key_entries

LEAD = timedelta(seconds=15)
"""A new key signs no sooner after its activation: every process of the deployment must have read the list by then."""
_ROTATED = frozenset({Purpose.CREDENTIAL, Purpose.STATUS, Purpose.DOCUMENT, Purpose.TIMESTAMP, Purpose.SEAL_MAKER})

AuthorityOf = Callable[[Algorithm], Signer]
"""The anchor that certifies keys of an algorithm."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the proposer wants.

    Attributes:
        replaces: name of the key whose place the new one takes.
        valid_from: the new key signs from then on.
        overlap: how long the old one may sign beside it.
        algorithm: of the new key; the old one's when None.
        key_name: a key already made and certified, as one with a certificate issued elsewhere; None makes one.
        on_token: make it on the token.
    """

    replaces: str
    valid_from: datetime
    overlap: timedelta
    reason: str
    legal_basis: str
    algorithm: Algorithm | None = None
    key_name: str | None = None
    on_token: bool = False


async def propose_key(
    connection: Connection, keys: KeyFolder, plan: Plan, *, authority_of: AuthorityOf, who: Operator, at: datetime,
    public_url: str | None = None,
) -> KeyProposal:
    """Make the new key with its certificate, and propose it; nothing signs with it yet.

    Raises:
        EtrustError: ``no_key``; ``not_rotated``: seals and anchors are replaced in other ways; ``bad_rotation``: reason or
            legal basis is missing, or a time does not fit; ``proposal_open``; ``key_in_use``; ``key_of_another_kind``; as
            `issue_certificate` and `KeyFolder.create`.
    """
    plan = replace(plan, valid_from=max(plan.valid_from, at).replace(microsecond=0))
    async with connection.transaction():
        entered = await key_entries(connection)
        old = await _replaced(connection, plan, entered)
        name = plan.key_name or _next_name(keys, plan, entered)
        signer = await _signer(connection, keys, plan, name, old, authority_of, public_url=public_url, at=at)
        entry = _entry(signer, old, plan)
        _require_new(entry, name, entered)
        proposal = KeyProposal(
            number=0, entry=entry, key_name=name, replaces=old.kid, overlap_until=plan.valid_from + plan.overlap,
            proposed_by=who.username, proposed_at=at, reason=plan.reason, legal_basis=plan.legal_basis,
        )
        proposal = replace(proposal, number=await store.add_proposal(connection, proposal))
        await _record(connection, "key.propose", proposal, who, plan.reason, at)
    return proposal


async def activate_key(
    connection: Connection, number: int, *, region: str, anchor: Signer, who: Operator, reason: str, at: datetime
) -> KeyProposal:
    """Enter a proposed key, end the old one with the overlap, and publish the trust list: one transaction, by a second person.

    A proposal activated after its time moves to now; the overlap keeps its length.

    Raises:
        EtrustError: ``no_proposal``, ``proposal_decided``, ``second_person_needed``, ``bad_rotation``: the time is over.
    """
    async with connection.transaction():
        proposal = await _open(connection, number)
        if proposal.proposed_by == who.username:
            raise EtrustError(
                Kind.FORBIDDEN, "second_person_needed", where=str(number),
                zh="启用密钥须由提议人以外的另一名管理员进行。", en="Somebody other than the proposer must activate a key.",
            )
        start = max(proposal.entry.valid_from, (at + LEAD).replace(microsecond=0) + timedelta(seconds=1))
        overlap_until = start + (proposal.overlap_until - proposal.entry.valid_from)
        if start >= proposal.entry.valid_until:
            raise _bad("新密钥的证书届时已到期", "the new key's certificate has run out by then")
        entry = replace(proposal.entry, valid_from=start)
        await add_key_entry(connection, entry, proposal.key_name)
        await store.end_key(connection, proposal.replaces, overlap_until)
        await store.add_decision(connection, number, KeyDecision.ACTIVATE, operator=who.username, reason=reason, at=at)
        await _record(connection, "key.activate", proposal, who, reason, at)
        await publish_trust_list(connection, region=region, anchor=anchor, operator=who.username, at=at)
    return replace(proposal, entry=entry, overlap_until=overlap_until, decision=KeyDecision.ACTIVATE)


async def withdraw_key(connection: Connection, number: int, *, who: Operator, reason: str, at: datetime) -> KeyProposal:
    """Take a proposal back, one's own too; its key stays in the folder and is never entered.

    Raises:
        EtrustError: ``no_proposal``, ``proposal_decided``.
    """
    async with connection.transaction():
        proposal = await _open(connection, number)
        await store.add_decision(connection, number, KeyDecision.WITHDRAW, operator=who.username, reason=reason, at=at)
        await _record(connection, "key.withdraw", proposal, who, reason, at)
    return replace(proposal, decision=KeyDecision.WITHDRAW)


async def _replaced(connection: Connection, plan: Plan, entered: Sequence[tuple[KeyEntry, str]]) -> KeyEntry:
    old = next((entry for entry, name in entered if name == plan.replaces), None)
    if old is None:
        raise EtrustError(
            Kind.NOT_FOUND, "no_key", where=plan.replaces,
            zh=f"信任列表中没有密钥“{plan.replaces}”，请查看 etrust key list。",
            en=f"The trust list has no key {plan.replaces!r}; see etrust key list.",
        )
    if old.purpose not in _ROTATED:
        raise EtrustError(
            Kind.INVALID, "not_rotated", where=plan.replaces,
            zh="印章的密钥随印章变更而更换，锚密钥随区域重建而更换，均不在此更替。",
            en="A seal's key changes with the seal, an anchor's with the region's founding; neither is rotated here.",
        )
    if not plan.reason.strip() or not plan.legal_basis.strip():
        raise _bad("须写明理由与依据", "say why, and on what legal basis")
    if plan.overlap < timedelta(0) or plan.overlap > timedelta(days=400):
        raise _bad("重叠期须在 0 至 400 天之间", "the overlap must be between 0 and 400 days")
    if any(each.replaces == old.kid for each in await store.open_proposals(connection)):
        raise EtrustError(
            Kind.CONFLICT, "proposal_open", where=plan.replaces,
            zh="该密钥已有待启用的更替，请先启用或撤回。", en="A rotation of this key is open already; activate or withdraw it.",
        )
    if any(follows(entry, old) for entry, _ in entered):
        raise _bad("该密钥已有后继，请更替最新的密钥", "that key has a successor already; rotate the newest one")
    return old


def _next_name(keys: KeyFolder, plan: Plan, entered: Sequence[tuple[KeyEntry, str]]) -> str:
    """The next name of the line; a key that a crash left without certificate is used, one with a certificate passed over."""
    return next_name(plan.replaces, keys.names() | {name for _, name in entered})


async def _signer(
    connection: Connection, keys: KeyFolder, plan: Plan, name: str, old: KeyEntry, authority_of: AuthorityOf, *,
    public_url: str | None, at: datetime,
) -> FileSigner:
    if plan.key_name is not None:
        return keys.load(name)
    algorithm = plan.algorithm or old.algorithm
    profile = _profile(old.purpose, algorithm, plan.replaces)
    private: SigningKey = (keys.create_on_token if plan.on_token else keys.create)(name, algorithm)
    certificate = await issue_certificate(
        connection, authority=authority_of(algorithm), profile=profile, body=old.body,
        subject_name=x509.read_certificate(old.certificate).name, spki=private.public_spki(), at=at,
        years=profile_of(profile).years, public_url=public_url,
    )
    keys.certify(name, certificate)
    return keys.load(name)


def _profile(purpose: Purpose, algorithm: Algorithm, where: str) -> str:
    """The profile of a key's certificate; it also says which algorithms serve the purpose."""
    name = "timestamp_sm2" if (purpose, algorithm) == (Purpose.TIMESTAMP, Algorithm.SM2) else purpose.value
    allowed = profile_of(name).algorithms
    if algorithm not in allowed:
        raise EtrustError(
            Kind.INVALID, "algorithm_not_for_purpose", where=where,
            zh=f"{algorithm.value} 密钥不能用于此用途，可用：{'、'.join(allowed)}。",
            en=f"A key for {algorithm.value} does not serve this purpose; use one for {' or '.join(allowed)}.",
        )
    return name


def _entry(signer: FileSigner, old: KeyEntry, plan: Plan) -> KeyEntry:
    read = x509.read_certificate(signer.certificate)
    _profile(old.purpose, signer.algorithm, plan.replaces)
    entry = KeyEntry(
        kid=signer.kid, certificate=signer.certificate, algorithm=signer.algorithm, purpose=old.purpose, body=old.body,
        license_types=old.license_types, valid_from=plan.valid_from, valid_until=read.not_after, compromised_since=None,
    )  # fmt: skip
    if not same_line(entry, old):
        raise EtrustError(
            Kind.INVALID, "key_of_another_kind", where=plan.replaces,
            zh="SM2 密钥与其他算法的密钥不能互相更替。", en="An SM2 key does not take the place of another kind, nor they its.",
        )
    if not read.not_before <= plan.valid_from < read.not_after:
        raise _bad("启用时间不在新密钥证书的有效期内", "the time is not within the new key's certificate")
    return entry


def _require_new(entry: KeyEntry, name: str, entered: list[tuple[KeyEntry, str]]) -> None:
    if any(each.kid == entry.kid or own == name for each, own in entered):
        raise EtrustError(
            Kind.CONFLICT, "key_in_use", where=name,
            zh=f"密钥“{name}”已在信任列表中。", en=f"Key {name!r} is in the trust list already.",
        )


async def _open(connection: Connection, number: int) -> KeyProposal:
    found = await store.lock_proposal(connection, number)
    if found is None:
        raise EtrustError(
            Kind.NOT_FOUND, "no_proposal", where=str(number),
            zh=f"没有第 {number} 号更替提议。", en=f"There is no proposal {number}.",
        )
    if found.decision is not None:
        raise EtrustError(
            Kind.CONFLICT, "proposal_decided", where=str(number),
            zh=f"第 {number} 号更替提议已有决定。", en=f"Proposal {number} has been decided already.",
        )
    return found


async def _record(
    connection: Connection, action: str, proposal: KeyProposal, who: Operator, reason: str, at: datetime
) -> None:
    await access_store.record(
        connection, at=at, operator=who.username, body=proposal.entry.body, action=action, subject=proposal.entry.kid.hex(),
        reason=reason, legal_basis=proposal.legal_basis,
    )


def _bad(zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, "bad_rotation", zh=f"密钥更替有误：{zh}。", en=f"The rotation does not fit: {en}.")
