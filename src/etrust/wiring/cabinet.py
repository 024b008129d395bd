"""The signers of a deployment: each loaded once, and of several keys for one purpose the newest that is in force."""

from collections.abc import Sequence

from etrust.clock import Clock
from etrust.errors import EtrustError, Kind
from etrust.signing.files import FileSigner, KeyFolder
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.trust import store
from etrust.trust.key_lines import in_force, same_line
from etrust.trust.model import KeyEntry, Purpose

Entered = tuple[KeyEntry, str]
"""A key the region vouches for, and its name in the key folder."""


class SignerCabinet:
    """Hands out signers by name, by body and by key id; `refresh` keeps up with rotations made by other processes."""

    def __init__(self, keys: KeyFolder, clock: Clock, entered: Sequence[Entered] = (), sequence: int = 0) -> None:
        self._keys = keys
        self._clock = clock
        self._entered = tuple(entered)
        self._sequence = sequence  # of the trust list the entries were read with
        self._loaded: dict[str, FileSigner] = {}

    async def refresh(self, connection: Connection) -> None:
        """Read the keys again when a trust list was published since; every change of a key publishes one."""
        newest = await store.newest_sequence(connection)
        if newest != self._sequence:
            self._entered, self._sequence = tuple(await store.key_entries(connection)), newest

    def of_body(self, body: str, kid: bytes | None = None) -> Signer:
        """The credential signer of a body: its newest key in force, or the very key whose id is given.

        Args:
            kid: of the key an interrupted batch was prepared for; its credentials name it already.

        Raises:
            EtrustError: ``no_key`` when the body has no such key in this home; ``key_compromised``.
        """
        entered = [each for each in self._entered if each[0].purpose is Purpose.CREDENTIAL and each[0].body == body]
        if kid is not None:
            return self._exactly(kid, entered, body)
        return self._newest(entered, body)

    def current(self, name: str) -> Signer:
        """The newest key in force in the place of the one named: of the same purpose, body and kind of algorithm.

        A key that was never entered into the trust list, such as an anchor, has no successor and is given itself.

        Raises:
            EtrustError: ``no_key``, and what loading a key may raise.
        """
        named = next((entry for entry, own in self._entered if own == name), None)
        if named is None:
            return self.named(name)
        return self._newest([each for each in self._entered if same_line(each[0], named)], name)

    def of_line(self, name: str, kid: bytes) -> Signer:
        """The very key with that id, in the place of the one named: the one in force, or one before or after it.

        Raises:
            EtrustError: ``no_key``; ``key_compromised``.
        """
        named = next((entry for entry, own in self._entered if own == name), None)
        return self._exactly(kid, [each for each in self._entered if named and same_line(each[0], named)], name)

    def named(self, name: str) -> Signer:
        """A signer by the name of its key.

        Raises:
            EtrustError: as `KeyFolder.load`.
        """
        if name not in self._loaded:
            self._loaded[name] = self._keys.load(name)
        return self._loaded[name]

    def decryption_keys(self, name: str) -> dict[str, bytes]:
        """Private keys (PKCS#8, DER) for what is encrypted to the region or a body, by key id in hexadecimal.

        Args:
            name: of the region's key; those of bodies begin with it. Former keys open what was sent while they were in force.
        """
        here = self._keys.names()
        entered = [own for entry, own in self._entered if entry.purpose is Purpose.ENCRYPTION]
        wanted = [own for own in entered if own.startswith(name) and own in here]
        return {signer.kid.hex(): signer.pkcs8() for signer in map(self._loaded_file, wanted)}

    def _loaded_file(self, name: str) -> FileSigner:
        self.named(name)
        return self._loaded[name]

    def name_of(self, signer: Signer) -> str:
        """The name in the key folder of a signer that was handed out here."""
        return next(name for name, each in self._loaded.items() if each.kid == signer.kid)

    def _newest(self, entered: Sequence[Entered], whose: str) -> Signer:
        now, here = self._clock(), self._keys.names()
        fit = [(entry, name) for entry, name in entered if in_force(entry, now) and name in here]
        if not fit:
            raise EtrustError(
                Kind.FORBIDDEN, "no_key", where=whose,
                zh=f"本部署没有“{whose}”在用的签名密钥，请查看 etrust key list。",
                en=f"This deployment has no key in force for {whose}; see etrust key list.",
            )
        return self.named(max(fit, key=lambda each: each[0].valid_from)[1])

    def _exactly(self, kid: bytes, entered: Sequence[Entered], body: str) -> Signer:
        for entry, name in entered:
            if entry.kid == kid and entry.compromised_since is not None:
                raise EtrustError(
                    Kind.FORBIDDEN, "key_compromised", where=name,
                    zh=f"密钥“{name}”已泄露，不再签名。", en=f"Key {name!r} is compromised and signs nothing more.",
                )
            if entry.kid == kid:
                return self.named(name)
        raise EtrustError(
            Kind.FORBIDDEN, "no_key", where=body,
            zh=f"本部署没有机构 {body} 的密钥 {kid.hex()}。", en=f"This deployment has no key {kid.hex()} of body {body}.",
        )
