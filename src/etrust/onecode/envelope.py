"""What a handle stands for, sealed with a key that only the handle gives: whoever reads Redis reads nothing of a person.

Redis has the entry under a digest of the handle. The handle itself is on the holder's screen and, when the code is shown,
with whoever scans; the region's own secret must be there too.
"""

import hashlib
import json
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etrust.errors import EtrustError, Kind
from etrust.onecode.model import Acting, Basis, CodeKind, Shown, Subject

DIGEST_LENGTH = 16
_NONCE = bytes(12)  # every key seals one entry only: a handle is random and never given twice


def handle_digest(handle: bytes, secret: bytes) -> bytes:
    """The 16 bytes under which a handle is kept."""
    return hashlib.blake2b(handle, key=secret, person=b"code-name", digest_size=DIGEST_LENGTH).digest()


def seal(shown: Shown, secret: bytes) -> bytes:
    """The entry of a handle, sealed."""
    return _cipher(shown.handle, secret).encrypt(_NONCE, _encode(shown), None)


def unseal(handle: bytes, sealed: bytes, secret: bytes) -> Shown:
    """What a handle stands for.

    Raises:
        EtrustError: ``code_not_valid``: the entry is not one that was sealed for this handle here.
    """
    try:
        return _decode(handle, _cipher(handle, secret).decrypt(_NONCE, sealed, None))
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise EtrustError(
            Kind.UNTRUSTED, "code_not_valid", where="presented",
            zh="此码无效，请持证人刷新后再出示。", en="This code is not valid; ask the holder to show a fresh one.",
        ) from error


def _cipher(handle: bytes, secret: bytes) -> AESGCM:
    return AESGCM(hashlib.blake2b(handle, key=secret, person=b"code-key", digest_size=32).digest())


def _encode(shown: Shown) -> bytes:
    acting, subject = shown.acting, shown.acting.subject
    told = [
        shown.kind, shown.session.hex(), shown.issued_at.isoformat(), shown.expires_at.isoformat(), shown.identifier,
        shown.matter, shown.grant, subject.key.hex(), subject.name, subject.code, subject.code_type, acting.person,
        acting.basis, acting.matter, None if acting.until is None else acting.until.isoformat(), acting.reference,
    ]  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _decode(handle: bytes, data: bytes) -> Shown:
    (kind, session, issued, expires, identifier, matter, grant, key, name, code, code_type, person, basis, limited, until,
     reference) = json.loads(data)  # fmt: skip
    subject = Subject(bytes.fromhex(key), name, code, code_type)
    acting = Acting(subject, person, Basis(basis), limited, until and datetime.fromisoformat(until), reference)
    return Shown(
        handle, CodeKind(kind), acting, bytes.fromhex(session), datetime.fromisoformat(issued),
        datetime.fromisoformat(expires), identifier, matter, grant,
    )
