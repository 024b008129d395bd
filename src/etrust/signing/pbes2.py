"""Private keys encrypted with a passphrase: PKCS#8 EncryptedPrivateKeyInfo with PBES2 (RFC 5958, RFC 8018).

Written with scrypt (RFC 7914) and AES-256-CBC; PBKDF2 is read too, because other tools write it. Built from DER and the
primitives of `cryptography`, for that package writes no SM2 keys.
"""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7

from etrust.errors import EtrustError, Kind
from etrust.signing import der

PBES2, PBKDF2, SCRYPT = "1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12", "1.3.6.1.4.1.11591.4.11"
AES_256_CBC = "2.16.840.1.101.3.4.1.42"
MAX_ENCRYPTED = 64 * 1024
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.2.9": hashes.SHA256(), "1.2.840.113549.2.11": hashes.SHA512(),
}  # fmt: skip
# OWASP's password storage rules; 16 MB, for OpenSSL opens nothing that needs 32 MB or more.
_COST, _BLOCK_SIZE, _PARALLEL = 1 << 14, 8, 5
_MAX_COST, _MAX_BLOCK_SIZE, _MAX_PARALLEL, _MAX_ROUNDS = 1 << 18, 16, 16, 10_000_000
_KEY, _BLOCK = 32, 16


def encrypt(private_key: bytes, passphrase: bytes) -> bytes:
    """The EncryptedPrivateKeyInfo of a PKCS#8 structure, both DER."""
    salt, vector = os.urandom(_BLOCK), os.urandom(_BLOCK)
    key = Scrypt(salt, _KEY, _COST, _BLOCK_SIZE, _PARALLEL).derive(passphrase)
    padder = PKCS7(_BLOCK * 8).padder()
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    sealed = cipher.update(padder.update(private_key) + padder.finalize()) + cipher.finalize()
    derivation = der.write(
        der.SEQUENCE, der.write(der.OCTETS, salt), *map(der.write_integer, (_COST, _BLOCK_SIZE, _PARALLEL, _KEY))
    )
    scheme = der.write(
        der.SEQUENCE,
        der.write(der.SEQUENCE, der.write_oid(SCRYPT), derivation),
        der.write(der.SEQUENCE, der.write_oid(AES_256_CBC), der.write(der.OCTETS, vector)),
    )
    return der.write(
        der.SEQUENCE, der.write(der.SEQUENCE, der.write_oid(PBES2), scheme), der.write(der.OCTETS, sealed)
    )


def decrypt(data: bytes, passphrase: bytes) -> bytes:
    """The PKCS#8 structure inside an EncryptedPrivateKeyInfo, both DER.

    Raises:
        EtrustError: ``wrong_passphrase``; ``bad_der``; ``unknown_encryption``: made in a way that is not read here.
    """
    if len(data) > MAX_ENCRYPTED:
        raise _unknown("too large")
    fields = der.read(data).fields()
    scheme, sealed = fields.take(der.SEQUENCE).fields(), fields.take(der.OCTETS).octets()
    fields.end()
    if scheme.take().oid() != PBES2:
        raise _unknown("not PBES2")
    parts = scheme.take(der.SEQUENCE).fields()
    derivation, cipher = parts.take(der.SEQUENCE).fields(), parts.take(der.SEQUENCE).fields()
    if cipher.take().oid() != AES_256_CBC:
        raise _unknown("not AES-256-CBC")
    vector = cipher.take(der.OCTETS).octets()
    if len(vector) != _BLOCK or not sealed or len(sealed) % _BLOCK:
        raise der.bad_der("not whole blocks", 0)
    return _open(sealed, _derive(derivation, passphrase), vector)


def _open(sealed: bytes, key: bytes, vector: bytes) -> bytes:
    decryptor, unpadder = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor(), PKCS7(_BLOCK * 8).unpadder()
    try:
        private_key = unpadder.update(decryptor.update(sealed) + decryptor.finalize()) + unpadder.finalize()
        der.read(private_key).fields().take(der.INTEGER)  # padding alone looks right once in 256 wrong passphrases
    except (ValueError, EtrustError):
        raise EtrustError(
            Kind.UNTRUSTED, "wrong_passphrase",
            zh="密钥口令不正确，无法解开私钥文件；请检查 key_passphrase_file 或 ETRUST_KEY_PASSPHRASE。",
            en="The passphrase does not open the private key; check key_passphrase_file or ETRUST_KEY_PASSPHRASE.",
        ) from None
    return private_key


def _derive(fields: der.Fields, passphrase: bytes) -> bytes:
    oid, given = fields.take().oid(), fields.take(der.SEQUENCE).fields()
    if oid == SCRYPT:
        salt = given.take(der.OCTETS).octets()
        cost, block_size, parallel = (given.take(der.INTEGER).integer() for _ in ("N", "r", "p"))
        small = cost <= _MAX_COST and 1 <= block_size <= _MAX_BLOCK_SIZE and 1 <= parallel <= _MAX_PARALLEL
        if not small or cost < 2 or cost & (cost - 1):  # noqa: PLR2004 - RFC 7914: a power of two above one
            raise _unknown("scrypt with a cost out of bounds")
        return Scrypt(salt, _KEY, cost, block_size, parallel).derive(passphrase)
    if oid != PBKDF2:
        raise _unknown("neither scrypt nor PBKDF2")
    return _pbkdf2(given, passphrase)


def _pbkdf2(given: der.Fields, passphrase: bytes) -> bytes:
    salt, rounds = given.take(der.OCTETS).octets(), given.take(der.INTEGER).integer()
    length, function = given.maybe(der.INTEGER), given.maybe(der.SEQUENCE)
    digest = _DIGESTS.get(function.fields().take().oid()) if function else None
    if digest is None or (length is not None and length.integer() != _KEY) or not 1 <= rounds <= _MAX_ROUNDS:
        raise _unknown("PBKDF2 with SHA-1 or rounds out of bounds")
    return PBKDF2HMAC(digest, _KEY, salt, rounds).derive(passphrase)


def _unknown(why: str) -> EtrustError:
    return EtrustError(
        Kind.INVALID, "unknown_encryption",
        zh="私钥文件的加密方式不受支持；请用 openssl pkcs8 -topk8 -v2 aes-256-cbc 重新加密。",
        en=f"The key file is encrypted in a way not read here ({why}); run openssl pkcs8 -topk8 -v2 aes-256-cbc over it.",
    )
