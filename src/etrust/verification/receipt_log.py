"""Whether a receipt stands in the transparency log of its region, by the proof that it carries (C2SP tlog-proof). Pure.

A receipt cannot hold the proof of its own entry under its signature: the entry is made of the signature. So the proof stands in
the unprotected header, added later, and the entry is made anew here from the receipt and what opens it.
"""

from etrust.credentials.receipt import SignedReceipt
from etrust.errors import EtrustError
from etrust.ledger.entries import EntryKind, entry_from
from etrust.ledger.notes import ED25519, Checkpoint, NoteKey
from etrust.ledger.proofs import Proof
from etrust.signing.spki import certificate_spki
from etrust.trust.findings import Finding, failed, passed, skipped, unknown
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot

NOTES = frozenset({"unknown_log"})
"""Reasons that are told and decide nothing: the receipt holds by itself, and a proof can always be left away."""
_KEY_BYTES = 32


def log_finding(signed: SignedReceipt, trust: TrustSnapshot | None, prefix: str = "") -> Finding:
    """What the proof in a receipt shows.

    Reasons: ``no_log_proof`` (skipped); ``no_trust_list``, ``unknown_log`` (unknown: no key for logs in the list signed that
    checkpoint); ``bad_log_proof``, ``not_in_log`` (failed: the proof is broken, or of something else).

    Args:
        trust: of the region that gave the receipt.
    """
    step = f"{prefix}log"
    if not signed.log_proof:
        return skipped(step, "no_log_proof")
    try:
        proof = Proof.parse(signed.log_proof)
        checkpoint = Checkpoint.parse(proof.note.text)
        entry = entry_from(EntryKind.RECEIPT, proof.extra, signed.bare)
    except EtrustError as error:
        return failed(step, "bad_log_proof", error.en)
    if trust is None:
        return unknown(step, "no_trust_list")
    place = f"{checkpoint.origin} #{proof.index} / {checkpoint.size}"
    keys = [key for entry_ in trust.trust_list.keys if (key := _log_key(entry_, signed.receipt.region, checkpoint.origin))]
    if not any(proof.note.signed_by(key) for key in keys):
        return unknown(step, "unknown_log", place)
    if not any(proof.shows(entry, key) for key in keys):
        return failed(step, "not_in_log", place)
    return passed(step, detail=place)


def _log_key(entry: KeyEntry, region: str, origin: str) -> NoteKey | None:
    """A key for logs of that region, former ones too: a checkpoint tells no time."""
    if entry.purpose is not Purpose.LOG or entry.body != region or entry.compromised_since is not None:
        return None
    return NoteKey(origin, ED25519, certificate_spki(entry.certificate)[-_KEY_BYTES:])
