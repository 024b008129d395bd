"""Keys on a PKCS#11 token (密码机、智能密码钥匙), through the optional package ``python-pkcs11``.

The package initializes a module without telling it of threads, so every call is made under one lock for each module; a
process signs with one token call at a time, and worker processes each have their own. A token that was pulled out and came
back is found again: first by a new session, then by initializing the module anew.
"""

import hashlib
import os
import stat
import threading
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from etrust.errors import EtrustError, Kind
from etrust.signing.model import Algorithm
from etrust.signing.private_keys import MIN_RSA_BITS, SigningKey
from etrust.signing.token_place import TokenKey, TokenPlace
from etrust.signing.token_spki import ED25519_NAME, P256, public_spki

_Result = TypeVar("_Result")
_PIN_ERRORS = ("PinIncorrect", "PinLocked", "PinExpired", "PinInvalid", "PinLenRange", "UserPinNotInitialized")


class _Token:
    """One token in one process: its session, opened when it is needed and again after it was lost."""

    def __init__(self, place: TokenPlace) -> None:
        self._place = place
        self._package = _package()
        self._session: Any = None
        self._found: dict[tuple[str, str], Any] = {}
        self._refused: str | None = None  # a PIN refused once is not sent again: tokens lock after a few
        self._process = os.getpid()

    def ask(self, work: Callable[[Any], _Result]) -> _Result:
        """Do something with a session; tried again on a fresh one, and once more after the module was initialized anew.

        Raises:
            EtrustError: ``token_unavailable``, ``token_pin_refused``, ``no_key``.
        """
        last: Exception = RuntimeError()
        with _LOCKS.setdefault(self._place.module, threading.RLock()):
            for renew in (self._nothing, self._drop_session, self._initialize_anew):
                try:
                    renew()
                    return work(self._open())
                except self._package.PKCS11Error as error:
                    self._session, last = None, error
        raise self._failed(last)

    def find(self, session: Any, label: str, kind: str) -> Any:
        """The one object of a label and class; looked for once in each session."""
        if (label, kind) not in self._found:
            self._found[label, kind] = self._only(session, label, kind)
        return self._found[label, kind]

    def _only(self, session: Any, label: str, kind: str) -> Any:
        session.generate_random(64)  # bits; a search that begins on a session that is gone would complain on stderr as well
        attribute = self._package.Attribute
        found = list(session.get_objects({attribute.LABEL: label, attribute.CLASS: self._package.ObjectClass[kind]}))
        if len(found) != 1:
            raise self._package.NoSuchKey
        return found[0]

    def _open(self) -> Any:
        if self._process != os.getpid():  # a fork took the module along, but not its connection to the token
            self._process = os.getpid()
            self._initialize_anew()
        if self._session is None:
            try:
                module = self._package.lib(str(self._place.module))
            except RuntimeError as error:  # also what the package raises for a library that cannot be loaded
                raise self._unavailable(error) from error
            token = module.get_token(token_label=self._place.label)
            pin = _pin(self._place.pin_file)
            if pin == self._refused:
                raise self._pin_refused()
            self._session, self._found = self._log_in(token, pin), {}
        return self._session

    def _log_in(self, token: Any, pin: str) -> Any:
        try:
            return token.open(user_pin=pin, rw=True)
        except self._package.UserAlreadyLoggedIn:  # the login is the process's; a new session has it already
            return token.open(rw=True)
        except self._package.PKCS11Error as error:
            if type(error).__name__ in _PIN_ERRORS:
                self._refused = pin
                raise self._pin_refused() from error
            raise

    def _nothing(self) -> None:
        """The first attempt takes the session that is there."""

    def _drop_session(self) -> None:
        self._session = None

    def _initialize_anew(self) -> None:
        self._session = None
        self._package.lib(str(self._place.module)).reinitialize()

    def _failed(self, error: Exception) -> EtrustError:
        """What is told after the last attempt: a token pulled out may seem empty first, so only that one counts."""
        if not isinstance(error, self._package.NoSuchKey):
            return self._unavailable(error)
        return EtrustError(
            Kind.NOT_FOUND, "no_key", where=self._place.label,
            zh=f"密码设备“{self._place.label}”上没有（或不止一个）所指的密钥。",
            en=f"Token {self._place.label!r} has no such key, or several of one label.",
        )

    def _pin_refused(self) -> EtrustError:
        return EtrustError(
            Kind.UNAVAILABLE, "token_pin_refused", where=str(self._place.pin_file),
            zh="密码设备拒绝了 PIN；为免锁死，不会再次尝试，请更正 pkcs11_pin_file。",
            en="The token refused the PIN; it is not sent again lest the token lock. Correct pkcs11_pin_file.",
        )

    def _unavailable(self, error: Exception) -> EtrustError:
        return EtrustError(
            Kind.UNAVAILABLE, "token_unavailable", where=self._place.label,
            zh=f"密码设备“{self._place.label}”无法使用，请检查设备是否接好、pkcs11_module 与 pkcs11_token 是否正确。",
            en=f"Token {self._place.label!r} is out of reach ({type(error).__name__}); see that it is plugged in, and check"
            " pkcs11_module and pkcs11_token.",
        )


class TokenSigningKey:
    """A key that never leaves its token; keeps the promise of `private_keys.SigningKey`."""

    def __init__(self, token: _Token, key: TokenKey) -> None:
        self._token = token
        self._label = key.label
        self._spki: bytes | None = None
        self.algorithm = key.algorithm

    def sign(self, data: bytes) -> bytes:
        """The raw signature over the bytes.

        Raises:
            EtrustError: ``token_unavailable``, ``token_pin_refused``, ``no_key``.
        """
        content = hashlib.sha256(data).digest() if self.algorithm is Algorithm.ES256 else data
        mechanism = _mechanism(self.algorithm)
        return self._token.ask(
            lambda session: bytes(self._token.find(session, self._label, "PRIVATE_KEY").sign(content, mechanism=mechanism))
        )

    def public_spki(self) -> bytes:
        """The public key, DER; asked once. Errors as `sign`."""
        if self._spki is None:
            self._spki = self._token.ask(
                lambda session: public_spki(self._token.find(session, self._label, "PUBLIC_KEY"), self.algorithm)
            )
        return self._spki


def key_on_token(place: TokenPlace | None, key: TokenKey) -> SigningKey:
    """The key of a label on the token; nothing is asked of the token yet.

    Raises:
        EtrustError: ``no_token``, ``pkcs11_missing``, ``token_algorithm``.
    """
    _mechanism(key.algorithm)
    return TokenSigningKey(_token(_required(place)), key)


def generate_on_token(place: TokenPlace | None, key: TokenKey) -> SigningKey:
    """Make a key pair on the token that cannot be taken out; one of that label is used again.

    Raises:
        EtrustError: as `key_on_token` and `TokenSigningKey.sign`.
    """
    _mechanism(key.algorithm)
    token = _token(_required(place))
    token.ask(lambda session: _generate(session, key))
    return TokenSigningKey(token, key)


def _generate(session: Any, key: TokenKey) -> None:
    package = _package()
    named = {package.Attribute.LABEL: key.label, package.Attribute.CLASS: package.ObjectClass.PRIVATE_KEY}
    if list(session.get_objects(named)):
        return
    closed = {package.Attribute.SENSITIVE: True, package.Attribute.EXTRACTABLE: False}
    if key.algorithm is Algorithm.RS256:
        session.generate_keypair(package.KeyType.RSA, MIN_RSA_BITS, store=True, label=key.label, private_template=closed)
        return
    kind, curve, mechanism = {
        Algorithm.ES256: (package.KeyType.EC, P256, package.Mechanism.EC_KEY_PAIR_GEN),
        Algorithm.EDDSA: (package.KeyType.EC_EDWARDS, ED25519_NAME, package.Mechanism.EC_EDWARDS_KEY_PAIR_GEN),
    }[key.algorithm]
    parameters = session.create_domain_parameters(kind, {package.Attribute.EC_PARAMS: curve}, local=True)
    parameters.generate_keypair(mechanism=mechanism, store=True, label=key.label, private_template=closed)


def _mechanism(algorithm: Algorithm) -> Any:
    mechanisms = _package().Mechanism
    found = {
        Algorithm.ES256: mechanisms.ECDSA, Algorithm.RS256: mechanisms.SHA256_RSA_PKCS, Algorithm.EDDSA: mechanisms.EDDSA,
    }.get(algorithm)  # fmt: skip
    if found is None:
        raise EtrustError(
            Kind.INVALID, "token_algorithm", where=algorithm.value,
            zh=f"密码设备上的 {algorithm.value} 密钥暂不支持，可用 P-256、RSA 与 Ed25519。",
            en=f"Keys for {algorithm.value} on a token are not in use here; P-256, RSA and Ed25519 are.",
        )
    return found


@lru_cache(maxsize=1)
def _package() -> Any:
    try:
        return import_module("pkcs11")
    except ImportError as error:
        raise EtrustError(
            Kind.UNAVAILABLE, "pkcs11_missing",
            zh="使用密码设备需要安装 python-pkcs11：pip install etrust[pkcs11]。",
            en="Keys on a token need the package python-pkcs11: pip install etrust[pkcs11].",
        ) from error


_LOCKS: dict[Path, threading.RLock] = {}  # type: ignore[valid-type, unused-ignore]  # a function before Python 3.13
_TOKENS: dict[TokenPlace, _Token] = {}


def _token(place: TokenPlace) -> _Token:
    """The one object of a token in this process; `setdefault` lets no two threads have two."""
    return _TOKENS.setdefault(place, _Token(place))


def _required(place: TokenPlace | None) -> TokenPlace:
    if place is None:
        raise EtrustError(
            Kind.INVALID, "no_token", where="pkcs11_module",
            zh="未配置密码设备，请设置 pkcs11_module、pkcs11_token 与 pkcs11_pin_file。",
            en="No token is configured; set pkcs11_module, pkcs11_token and pkcs11_pin_file.",
        )
    return place


def _pin(path: Path) -> str:
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise _bad_pin(path, "可被他人读取，请执行 chmod 600", "can be read by others; run chmod 600")
        return path.read_text("utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise _bad_pin(path, "无法读取", "cannot be read") from error


def _bad_pin(path: Path, zh: str, en: str) -> EtrustError:
    return EtrustError(
        Kind.UNAVAILABLE, "bad_pin_file", where=str(path), zh=f"PIN 文件 {path} {zh}。", en=f"PIN file {path} {en}."
    )
