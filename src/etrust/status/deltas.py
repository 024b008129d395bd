"""What changed in a status list since an older one: a signed statement that takes a reader from that one to this. Pure.

``COSE_Sign1`` by a key for status lists, type ``application/etrust-status-delta+cbor``. The claims are those of the list itself
(2 sub, 6 iat, 4 exp, 65534 ttl), and -65538: ``{"from": digest, "to": digest, "changes": bytes}``. Digests are SHA-256 of the
unpacked lists. Changes are unsigned LEB128 numbers, each ``gap << 2 | state``, where gap counts the entries left as they were
since the change before: about two bytes a change. Whoever applies it ends with exactly the list that was signed, or with nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import cbor2

from etrust.errors import EtrustError, Kind
from etrust.signing import cose
from etrust.signing.model import Algorithm, Signer
from etrust.status.bits import Bitmap
from etrust.status.model import State
from etrust.status.tokens import CLOCK_SKEW, SignedList, key_that_signed, untrusted
from etrust.trust.model import TrustSnapshot

DELTA_TYP = "application/etrust-status-delta+cbor"
MAX_DELTA = 2 * 1024 * 1024
_SUB, _EXP, _IAT, _TTL, _DELTA = 2, 4, 6, 65534, -65538
_DIGEST = 32
_LONGEST = 5  # bytes of one number: 35 bits
_LEB = 0x80


@dataclass(frozen=True, slots=True)
class Delta:
    """A signed change that was judged good.

    Attributes:
        before: digest of the unpacked list that it begins with, ``sha256:…``; `after` of the one it ends with.
    """

    uri: str
    before: str
    after: str
    issued_at: datetime
    expires: datetime
    ttl: int | None
    changes: bytes

    def apply(self, base: SignedList) -> SignedList:
        """The list after the change.

        Raises:
            EtrustError: ``bad_status_delta``: it does not begin with this list, or does not end as it says.
        """
        if base.uri != self.uri or base.digest != self.before:
            raise _bad("it begins with another list")
        bitmap = base.bitmap.copy()
        try:
            for index, state in _decode(self.changes):
                bitmap.set(index, state)
        except IndexError as error:
            raise _bad("an entry outside the list") from error
        if bitmap.digest() != self.after:
            raise _bad("it does not end with the list that it names")
        return SignedList(self.uri, self.issued_at, self.expires, self.ttl, bitmap, self.after)


def encode_delta(
    uri: str, older: Bitmap, newer: Bitmap, signer: Signer, *, iat: datetime, exp: datetime, ttl: int
) -> bytes:
    """The change between two lists of the same length, signed."""
    told = {"from": _raw(older.digest()), "to": _raw(newer.digest()), "changes": _encode(older.changes_to(newer))}
    claims = {_SUB: uri, _IAT: int(iat.timestamp()), _EXP: int(exp.timestamp()), _TTL: ttl, _DELTA: told}
    header = {cose.ALGORITHM: signer.algorithm.cose, cose.KEY_ID: signer.kid, cose.TYPE: DELTA_TYP}
    return cose.sign1(cbor2.dumps(claims, canonical=True), header, signer)


def read_delta(data: bytes, *, trust: TrustSnapshot, at: datetime) -> Delta:
    """Read a change and judge its signature by the trust list; see `status.tokens.read_status_list`.

    Raises:
        EtrustError: ``bad_status_delta``, ``status_list_untrusted``, ``too_large``.
    """
    sign1 = cose.parse_sign1(data, MAX_DELTA)
    algorithm = sign1.protected.get(cose.ALGORITHM)
    if sign1.kid is None or sign1.protected.get(cose.TYPE) != DELTA_TYP or not isinstance(algorithm, int):
        raise _bad("not of this type")
    tbs = cose.to_be_signed(sign1.protected_bytes, sign1.payload)
    key = key_that_signed(trust, sign1.kid, Algorithm.of_cose(algorithm), sign1.signature, tbs)
    found = _delta(cose.strict_loads(sign1.payload))
    if found.issued_at > at + CLOCK_SKEW or not key.valid_from <= found.issued_at < key.valid_until:
        raise untrusted()
    return found


def newest(base: Iterable[SignedList], deltas: Iterable[Delta]) -> list[SignedList]:
    """Lists brought up to date by the changes at hand; what does not fit together is left out.

    Returns:
        For each URI every list that was at hand or could be made, the caller takes the latest in time.
    """
    lists = list(base)
    reached = {(each.uri, each.digest): each for each in lists}
    for delta in sorted(deltas, key=lambda each: each.issued_at):
        before = reached.get((delta.uri, delta.before))
        known = reached.get((delta.uri, delta.after))
        if before is None or (known is not None and known.issued_at >= delta.issued_at):
            continue
        try:
            made = delta.apply(before)
        except EtrustError:
            continue
        reached[made.uri, made.digest] = made
        lists.append(made)
    return lists


def is_delta(data: bytes) -> bool:
    """Whether bytes mean to be such a change."""
    return data[:1] in (b"\xd2", b"\x84") and DELTA_TYP.encode() in data[:200]


def _delta(claims: object) -> Delta:
    try:
        if not isinstance(claims, dict):
            raise TypeError("no map")  # noqa: TRY301 - handled with everything else that is not as it must be
        told, ttl = claims[_DELTA], claims.get(_TTL)
        before, after, changes = told["from"], told["to"], told["changes"]
        sizes = (len(before), len(after))
        if sizes != (_DIGEST, _DIGEST) or not isinstance(claims[_SUB], str) or not isinstance(changes, bytes):
            raise TypeError("another kind")  # noqa: TRY301 - as above
        issued, expires = datetime.fromtimestamp(claims[_IAT], UTC), datetime.fromtimestamp(claims[_EXP], UTC)
    except (TypeError, KeyError, ValueError, OverflowError, OSError) as error:
        raise _bad("a claim is missing or of the wrong kind") from error
    return Delta(
        claims[_SUB], f"sha256:{bytes(before).hex()}", f"sha256:{bytes(after).hex()}", issued, expires,
        ttl if isinstance(ttl, int) else None, changes,
    )  # fmt: skip


def _encode(changes: Iterable[tuple[int, State]]) -> bytes:
    written, before = bytearray(), -1
    for index, state in changes:
        number = (index - before - 1) << 2 | state
        while number >= _LEB:
            written.append(number & 0x7F | _LEB)
            number >>= 7
        written.append(number)
        before = index
    return bytes(written)


def _decode(data: bytes) -> Iterator[tuple[int, State]]:
    index, number, shift = -1, 0, 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte & _LEB:
            if shift >= 7 * _LONGEST:
                raise _bad("a number that is too long")
            continue
        index += (number >> 2) + 1
        yield index, State(number & 3)
        number, shift = 0, 0
    if shift:
        raise _bad("it is cut off")


def _raw(digest: str) -> bytes:
    return bytes.fromhex(digest.removeprefix("sha256:"))


def _bad(why: str) -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_status_delta",
        zh="状态列表的增量无法使用。", en=f"The change of a status list cannot be used: {why}.",
    )
