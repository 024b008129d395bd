"""Digest algorithms as files name them: by OID or by name. Broken ones (MD5, SHA-1) are not among them."""

from collections.abc import Iterable

from cryptography.hazmat.primitives import hashes

from etrust.signing.sm2 import SM3

SHA256 = "2.16.840.1.101.3.4.2.1"
_NAMES: dict[str, hashes.HashAlgorithm] = {
    SM3: hashes.SM3(), "SM3": hashes.SM3(),
    SHA256: hashes.SHA256(), "SHA256": hashes.SHA256(), "SHA-256": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(), "SHA384": hashes.SHA384(), "SHA-384": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(), "SHA512": hashes.SHA512(), "SHA-512": hashes.SHA512(),
}  # fmt: skip


def is_known(name: str) -> bool:
    """Whether an algorithm is one that is accepted."""
    return name.strip().upper() in _NAMES


def digest(name: str, parts: Iterable[bytes]) -> bytes:
    """The digest of parts that come one by one, by an algorithm that `is_known`."""
    found = hashes.Hash(_NAMES[name.strip().upper()])
    for part in parts:
        found.update(part)
    return found.finalize()
