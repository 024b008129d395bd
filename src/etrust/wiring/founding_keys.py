"""The keys of a region: its two anchors, and what each of them certifies. What is there already stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.signing.files import FileSigner, KeyFolder
from etrust.signing.model import Algorithm, Signer
from etrust.storage.postgres import Connection
from etrust.trust import store, x509
from etrust.trust.crl_making import renew_crls
from etrust.trust.issuing import adopt_certificate, issue_certificate, make_anchor
from etrust.trust.model import KeyEntry, Purpose
from etrust.trust.profiles import profile_of
from etrust.wiring.home import (
    ANCHOR_KEY,
    ANCHOR_SM2_KEY,
    CODE_KEY,
    ENCRYPTION_KEY,
    LOG_KEY,
    MESSAGE_KEY,
    RECEIPT_KEY,
    SEAL_MAKER_KEY,
    STATUS_KEY,
    TIMESTAMP_KEY,
    TIMESTAMP_SM2_KEY,
    WITNESS_KEY,
)

_ANCHORS = {ANCHOR_KEY: ("anchor", Algorithm.ES256, ""), ANCHOR_SM2_KEY: ("anchor_sm2", Algorithm.SM2, " SM2")}
_AN_AGE = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class WantedKey:
    """A key the region shall have.

    Attributes:
        name: in the key folder.
        profile: of its certificate; says for how many years.
        body: whose it is; the region's division for the region's own.
        type_codes: license types it may sign.
        owner: the body's name, where people read it in the certificate; the purpose and the code when empty.
    """

    name: str
    profile: str
    purpose: Purpose
    body: str
    algorithm: Algorithm = Algorithm.ES256
    type_codes: frozenset[str] = frozenset()
    owner: str = ""


def wanted_keys(region: str, type_codes: Mapping[str, frozenset[str]], names: Mapping[str, str]) -> list[WantedKey]:
    """The keys of a region whose bodies have these license types and names, by code of the body."""
    own = [
        WantedKey(STATUS_KEY, "status", Purpose.STATUS, region),
        WantedKey(TIMESTAMP_KEY, "timestamp", Purpose.TIMESTAMP, region),
        WantedKey(TIMESTAMP_SM2_KEY, "timestamp_sm2", Purpose.TIMESTAMP, region, Algorithm.SM2),
        WantedKey(SEAL_MAKER_KEY, "seal_maker", Purpose.SEAL_MAKER, region, Algorithm.SM2),
        WantedKey(CODE_KEY, "code", Purpose.CODE, region),
        WantedKey(RECEIPT_KEY, "receipt", Purpose.RECEIPT, region),
        WantedKey(LOG_KEY, "log", Purpose.LOG, region, Algorithm.EDDSA),
        WantedKey(WITNESS_KEY, "witness", Purpose.WITNESS, region, Algorithm.EDDSA),
        WantedKey(MESSAGE_KEY, "message", Purpose.MESSAGE, region),
        WantedKey(ENCRYPTION_KEY, "encryption", Purpose.ENCRYPTION, region),
    ]
    for body, codes in type_codes.items():
        own.append(WantedKey(f"credential-{body}", "credential", Purpose.CREDENTIAL, body, type_codes=codes))
        own.append(WantedKey(f"document-{body}", "document", Purpose.DOCUMENT, body, type_codes=codes, owner=names[body]))
    own += [WantedKey(f"{ENCRYPTION_KEY}-{body}", "encryption", Purpose.ENCRYPTION, body) for body in names]
    return own


@dataclass(frozen=True, slots=True)
class Anchors:
    """The two authorities of a region."""

    p256: FileSigner
    sm2: FileSigner

    def of(self, algorithm: Algorithm) -> FileSigner:
        """The one that certifies keys of an algorithm."""
        return self.sm2 if algorithm is Algorithm.SM2 else self.p256


def make_anchors(keys: KeyFolder, region: str, at: datetime) -> Anchors:
    """Load the region's anchors, making those that are missing."""
    for name, (profile, algorithm, suffix) in _ANCHORS.items():
        if name not in keys.names():
            key = keys.create(name, algorithm)
            years = profile_of(profile).years
            keys.certify(name, make_anchor(key, profile=profile, name=f"etrust region {region}{suffix}", at=at, years=years))
    return Anchors(keys.load(ANCHOR_KEY), keys.load(ANCHOR_SM2_KEY))


async def add_keys(
    connection: Connection, keys: KeyFolder, anchors: Anchors, wanted: list[WantedKey], *, public_url: str | None, at: datetime
) -> int:
    """Make and enter the keys that are missing, and bring the register of certificates up to date.

    Returns:
        How many keys were entered.
    """
    region = wanted[0].body
    entered = {name for _, name in await store.key_entries(connection)}
    for name, (profile, _, _) in _ANCHORS.items():
        signer = keys.load(name)
        await adopt_certificate(connection, signer.certificate, authority=signer.kid, profile=profile, body=region, at=at)
    missing = [key for key in wanted if key.name not in entered]
    for key in missing:
        signer = await _signer(connection, keys, anchors, key, public_url=public_url, at=at)
        await store.add_key_entry(connection, _entry(signer, key.purpose, key.body, key.type_codes, at), key.name)
    if ANCHOR_SM2_KEY not in entered:
        # The list is signed by the P-256 anchor; this entry is how a partner learns of the other one.
        await store.add_key_entry(connection, _entry(anchors.sm2, Purpose.AUTHORITY, region, frozenset(), at), ANCHOR_SM2_KEY)
    await _adopt(connection, anchors, at)
    await renew_crls(connection, [anchors.p256, anchors.sm2], at=at, older_than=_AN_AGE)
    return len(missing) + (ANCHOR_SM2_KEY not in entered)


async def _signer(
    connection: Connection, keys: KeyFolder, anchors: Anchors, key: WantedKey, *, public_url: str | None, at: datetime
) -> FileSigner:
    if key.name not in keys.names():
        private = keys.create(key.name, key.algorithm)
        certificate = await issue_certificate(
            connection, authority=anchors.of(key.algorithm), profile=key.profile, body=key.body,
            subject_name=key.owner or f"{key.purpose.value} {key.body}", spki=private.public_spki(), at=at,
            years=profile_of(key.profile).years, public_url=public_url,
        )
        keys.certify(key.name, certificate)
    return keys.load(key.name)


def _entry(signer: Signer, purpose: Purpose, body: str, type_codes: frozenset[str], at: datetime) -> KeyEntry:
    return KeyEntry(
        kid=signer.kid, certificate=signer.certificate, algorithm=signer.algorithm, purpose=purpose, body=body,
        license_types=type_codes, valid_from=at, valid_until=x509.read_certificate(signer.certificate).not_after,
        compromised_since=None,
    )  # fmt: skip


async def _adopt(connection: Connection, anchors: Anchors, at: datetime) -> None:
    """Enter into the register what an anchor certified before there was one, or in a founding that a crash undid."""
    for entry, _ in await store.key_entries(connection):
        read = x509.read_certificate(entry.certificate)
        issuers = [each for each in (anchors.p256, anchors.sm2) if _issued(each, read)]
        for issuer in issuers:
            await adopt_certificate(
                connection, entry.certificate, authority=issuer.kid, profile=_profile(entry), body=entry.body, at=at
            )


def _issued(anchor: Signer, certificate: x509.Certificate) -> bool:
    own = x509.read_certificate(anchor.certificate)
    return certificate.issuer == own.subject and certificate.extensions.issuer_key_id == own.extensions.key_id


def _profile(entry: KeyEntry) -> str:
    if entry.purpose is Purpose.TIMESTAMP and entry.algorithm is Algorithm.SM2:
        return "timestamp_sm2"
    return entry.purpose.value

