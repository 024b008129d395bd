"""Notes, checkpoints, cosignatures and proofs as the C2SP texts have them."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from etrust.errors import EtrustError
from etrust.ledger.integrate import raw_public_key
from etrust.ledger.merkle import leaf_hash, node_hash
from etrust.ledger.notes import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Note,
    NoteKey,
    cosign,
    sign,
    with_signatures,
)
from etrust.ledger.proofs import Proof
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from tests.support import make_signer

ORIGIN, WITNESS = "log.example/xinjiang", "witness.example/gansu"
ROOT = hashlib.sha256(b"root").digest()


def public(signer: FileSigner) -> bytes:
    return raw_public_key(signer.certificate)


@pytest.fixture(scope="module")
def log() -> FileSigner:
    return make_signer(algorithm=Algorithm.EDDSA)


def note_of(log: FileSigner, size: int = 5) -> Note:
    return sign(Checkpoint(ORIGIN, size, ROOT), log, public(log))


def test_the_vector_of_the_signed_note_text() -> None:
    """The example of golang.org/x/mod/sumdb/note, which the C2SP text describes: key and note by another implementation."""
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    name, key_id, encoded = key.split("+", 2)
    raw = base64.b64decode(encoded)
    parsed = NoteKey(name, raw[0], raw[1:])
    assert (parsed.id.hex(), parsed.text) == (key_id, key)
    note = Note.parse(
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n".encode()
    )
    assert note.signed_by(parsed)
    assert not Note(note.text.replace("answer", "Answer"), note.signatures).signed_by(parsed)


def test_a_checkpoint_is_signed_and_read_back(log: FileSigner) -> None:
    note = Note.parse(note_of(log).data)
    key = NoteKey(ORIGIN, ED25519, public(log))
    assert note.text == f"{ORIGIN}\n5\n{base64.b64encode(ROOT).decode()}\n"
    assert Checkpoint.parse(note.text) == Checkpoint(ORIGIN, 5, ROOT)
    assert note.signed_by(key)
    assert not note.signed_by(NoteKey(ORIGIN, ED25519, bytes(32)))
    assert not note.signed_by(NoteKey("another", ED25519, public(log)))
    assert not note.signed_by(NoteKey(ORIGIN, COSIGNATURE, public(log)))
    assert log.sign(b"x") == log.sign(b"x")  # signing again after a crash gives the same note


def test_a_cosignature_names_its_time(log: FileSigner) -> None:
    witness = make_signer(algorithm=Algorithm.EDDSA)
    note = note_of(log)
    signed = with_signatures(note, [cosign(note, WITNESS, witness, public(witness), seconds=1_780_000_000)])
    again = Note.parse(signed.data)
    key = NoteKey(WITNESS, COSIGNATURE, public(witness))
    assert again.cosigned_by(key) == 1_780_000_000
    assert again.cosigned_by(NoteKey(WITNESS, ED25519, public(witness))) is None
    assert Note(note_of(log, 6).text, again.signatures).cosigned_by(key) is None
    moved = again.signatures[1]
    later = (1_780_000_001).to_bytes(8, "big") + moved.signature[8:]
    assert Note(again.text, (type(moved)(moved.name, moved.key_id, later),)).cosigned_by(key) is None


@pytest.mark.parametrize(
    "data",
    [
        b"", b"text\n", b"text\n\n", b"text\n\n- name AAAA\n", "text\n\n— name\n".encode(), "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(), "text\n\n— name AAAAAAAA".encode(), "text\n\n— name AAAA AAAA\n".encode(),
        "te\rxt\n\n— name AAAAAAAA\n".encode(), b"\xff\n\n", ("text\n\n" + "— name AAAAAAAA\n" * 33).encode(),
        ("x" * 17_000 + "\n\n— name AAAAAAAA\n").encode(), "text\n\n— na\u00a0me AAAAAAAA\n".encode(),
    ],
)  # fmt: skip
def test_broken_notes(data: bytes) -> None:
    with pytest.raises(EtrustError, match="checkpoint or proof"):
        Note.parse(data)


@pytest.mark.parametrize(
    "text",
    ["origin\n5\n", "origin\n05\nROOT\n", "origin\n-1\nROOT\n", "origin\n5\nAAAA\n", "origin\n５\nROOT\n", "\n5\nROOT\n", "origin\n5\nROOT",
     "origin\n" + "9" * 30 + "\nROOT\n", "origin\n9223372036854775808\nROOT\n", "origin\n5\nROOT\n\n"],
)  # fmt: skip
def test_broken_checkpoints(text: str) -> None:
    with pytest.raises(EtrustError, match="checkpoint or proof"):
        Checkpoint.parse(text.replace("ROOT", base64.b64encode(ROOT).decode()))


def test_extension_lines_are_let_be() -> None:
    assert Checkpoint.parse(f"{ORIGIN}\n5\n{base64.b64encode(ROOT).decode()}\nmore\n") == Checkpoint(ORIGIN, 5, ROOT)


def proof_of(log: FileSigner, extra: bytes = b"salt") -> tuple[Proof, bytes]:
    entry, other = b"entry", leaf_hash(b"other")
    note = sign(Checkpoint(ORIGIN, 2, node_hash(other, leaf_hash(entry))), log, public(log))
    return Proof(1, (other,), note, extra), entry


def test_a_proof_stands_alone(log: FileSigner) -> None:
    made, entry = proof_of(log)
    key = NoteKey(ORIGIN, ED25519, public(log))
    assert made.text.startswith("c2sp.org/tlog-proof@v1\nextra c2FsdA==\nindex 1\n")
    read = Proof.parse(made.text)
    assert read == made
    shown = read.shows(entry, key)
    assert shown is not None
    assert shown.size == 2
    assert read.shows(b"another", key) is None
    assert Proof(0, read.hashes, read.note).shows(entry, key) is None
    assert read.shows(entry, NoteKey("other", ED25519, public(log))) is None
    assert read.shows(entry, NoteKey(ORIGIN, ED25519, Ed25519PrivateKey.generate().public_key().public_bytes_raw())) is None
    assert Proof.parse(proof_of(log, b"")[0].text).extra == b""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"), ("index 1", "index 01"), ("index 1", "index x"), ("index 1", "index"),
        ("extra c2FsdA==", "extra !"), ("extra c2FsdA==", "extra "), ("\n\n", "\n"), ("index 1\n", "index 1\nAAAA\n"),
        ("index 1\n", ""), ("index 1", "index " + "9" * 30),
    ],
)  # fmt: skip
def test_broken_proofs(log: FileSigner, old: str, new: str) -> None:
    made, _ = proof_of(log)
    with pytest.raises(EtrustError, match="checkpoint or proof"):
        Proof.parse(made.text.replace(old, new, 1))
