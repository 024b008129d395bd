"""What is said of a file that was checked. Every word here is a message of the gettext catalogues."""

from collections.abc import Mapping

from etrust.verification.model import Status
from etrust.web.card import Words
from etrust.web.languages import mark as _

FILE_WORDS: Mapping[Status, Words] = {
    Status.VALID: Words(
        _("In order"),
        _("The file is genuine and unchanged since it was signed."),
        _("You can accept it. Compare the name on it with the person in front of you."),
    ),
    Status.NOT_YET_VALID: Words(
        _("Wrong time"),
        _("It claims to be signed at a time when its certificate did not hold."),
        _("Do not accept it. Ask for a new copy from the issuing authority."),
    ),
    Status.EXPIRED: Words(
        _("Expired"),
        _("Its time is over: the certificate ended and nothing proves when it signed, or the copy may no longer be used."),
        _("Do not accept it. Ask for a new copy from the issuing authority."),
    ),
    Status.REVOKED: Words(
        _("Revoked"),
        _("The certificate of the signer, or the license inside, was revoked."),
        _("Do not accept it. A holder who disagrees can turn to the issuing authority."),
    ),
    Status.SUSPENDED: Words(
        _("Suspended"),
        _("The license inside is suspended for now."),
        _("Do not accept it until the issuing authority has restored it."),
    ),
    Status.UNDER_OBJECTION: Words(
        _("Under objection"),
        _("An objection against the license inside is being examined."),
        _("Ask the issuing authority before you rely on it."),
    ),
    Status.SUPERSEDED: Words(
        _("Replaced"),
        _("A newer version has replaced the license inside."),
        _("Ask the holder to show the newest version."),
    ),
    Status.UNKNOWN_ISSUER: Words(
        _("Unknown signer"),
        _("No authority trusted here vouches for whoever signed or sealed it."),
        _("Do not rely on it. Verify it in another way, or ask your supervisor."),
    ),
    Status.BAD_SIGNATURE: Words(
        _("Altered or forged"),
        _("The file was changed after it was signed, or its signature is false."),
        _("Do not accept it. Report it to your supervisor."),
    ),
    Status.MALFORMED: Words(
        _("Unreadable"),
        _("The file is damaged, too complex, or of a kind that cannot be checked."),
        _("Ask the holder for the file as the issuing authority gave it out."),
    ),
    Status.ALREADY_USED: Words(
        _("Already used"),
        _("This code has been used once and cannot be used again."),
        _("Ask the holder to show a fresh code."),
    ),
    Status.UNKNOWN: Words(
        _("Undecided"),
        _("Something that the answer needs is missing: a signature, a revocation list, or time to read the file."),
        _("Do not treat it as valid. Ask for a signed file, or try again later."),
    ),
}

SOUND_FILE_WORDS: Mapping[tuple[str, str], Words] = {
    ("license.status", "revoked"): Words(
        _("Revoked"),
        _("The file itself is genuine and unchanged, but the license in it was revoked."),
        _("Do not accept it. A holder who disagrees can turn to the issuing authority."),
    ),
    ("license.validity", "expired"): Words(
        _("Expired"),
        _("The file itself is genuine and unchanged, but the period of the license in it has ended."),
        _("Do not accept it. The holder can have it renewed by the issuing authority."),
    ),
    ("license.validity", "not_yet_valid"): Words(
        _("Not yet in force"),
        _("The file itself is genuine and unchanged, but the period of the license in it has not begun."),
        _("Do not accept it before the first day of its period."),
    ),
    ("copy.validity", "copy_expired"): Words(
        _("Expired"),
        _("This copy is genuine, but it may no longer be used."),
        _("Do not accept it. Ask for a new copy from the issuing authority."),
    ),
}
"""What is said instead where nothing but this finding speaks against the file."""

COPY_WORDS = Words(
    _("In order"),
    _("This copy is genuine and unchanged. It was made for one use."),
    _("Accept it only for the purpose and the place named below. Compare the name on it with the person in front of you."),
)
"""An annotated copy (加注件) in order: it may not be taken for anything else."""

NO_FILE_WORDS = Words(
    _("Unreadable"),
    _("This is no PDF, OFD, seal or picture of a code."),
    _("Ask the holder for the file as the issuing authority gave it out."),
)
"""A text or picture that holds no license code."""

FILE_STEPS: Mapping[str, str] = {
    "format": _("File can be read"),
    "signatures": _("Signatures in the file"),
    "file_end": _("Nothing behind the end of the file"),
    "byte_range": _("Signature covers the file"),
    "changes": _("Unchanged since it was signed"),
    "document_digest": _("Content matches the signature"),
    "signature": _("Signature"),
    "algorithm": _("Strength of the signature"),
    "signer_chain": _("Signer is vouched for"),
    "signer_key_usage": _("Certificate may sign"),
    "signer_validity": _("Certificate was in force"),
    "signer_revocation": _("Certificate was not revoked"),
    "signing_time": _("Time of signing"),
    "timestamp": _("Timestamp"),
    "timestamp_revocation": _("Timestamp service was not revoked"),
    "document_timestamp": _("Timestamp over the file"),
    "document_timestamp_revocation": _("Timestamp service was not revoked"),
    "seal_state": _("Seal in the register"),
    "references": _("Files in the package"),
    "coverage": _("Every file is signed"),
    "face": _("License data belong to the page"),
    "body": _("Signed by the issuing authority"),
    "issuer": _("Issuer is on the trust list"),
    "entitlement": _("Key may sign this license"),
    "validity": _("Period of validity"),
    "status": _("Status"),
    "license": _("License inside"),
    "purpose": _("Copy made for"),
    "recipient": _("Copy made for use by"),
    "number": _("Number of the copy"),
    "log": _("Entry in the public log"),
}
"""Steps by the last part of their names; a step not named here is shown by its own name."""

FILE_REASONS: Mapping[str, str] = {
    "bad_pdf": _("This is no whole PDF, or it is damaged."),
    "unknown_file": _("This is no PDF, OFD, seal or picture of a code."),
    "encrypted": _("The file is encrypted. Ask for one without a password."),
    "too_large": _("The file is too large."),
    "too_slow": _("Reading the file took too long and was stopped."),
    "too_complex": _("The file is built too intricately to be read safely."),
    "no_signature": _("Nobody signed this file."),
    "only_timestamps": _("It has timestamps, but no signature."),
    "signature_removed": _("A signature that the file once had was taken out."),
    "universal_forgery": _("What looks like a signature is empty."),
    "byte_range": _("The signature names a part of the file that cannot be right."),
    "signature_wrapping": _("Foreign content was wrapped into the signed file."),
    "unsigned_tail": _("Something was added behind the signed file."),
    "changed_after_signing": _("The file was changed and saved after it was signed."),
    "shadow_content": _("Content hidden at signing was brought to light, or shown content was hidden."),
    "attachment_changed": _("An attached file was exchanged after signing."),
    "annotation_on_certified": _("Notes were laid over the certified page."),
    "document_changed": _("The content is not the one that was signed."),
    "bad_signature": _("The signature does not fit the content."),
    "weak_digest": _("The signature uses a method that is no longer safe."),
    "weak_key": _("The key of the signature is too short to be safe."),
    "no_chain": _("The certificate does not come from an authority trusted here."),
    "certificate_revoked": _("The certificate was revoked."),
    "revoked_no_proof": _("The certificate was revoked, and nothing proves that it signed before."),
    "revoked_later": _("Revoked later; the signature was made before."),
    "certificate_expired": _("The certificate had ended."),
    "expired_no_proof": _("The certificate has ended, and no timestamp proves that it signed before."),
    "no_crl": _("There is no revocation list to look into."),
    "crl_outdated": _("The revocation list at hand is out of date."),
    "timestamp_not_trusted": _("The timestamp proves nothing here: its service is not trusted, or has ended."),
    "proven_by_timestamp": _("Proven by a timestamp."),
    "stated_by_signer": _("As the signer states it."),
    "validation_data_added": _("Only data for later checks were added, as is usual."),
    "form_filled": _("Fields that the signer left open were filled in."),
    "no_timestamp": _("There is none."),
    "copy_expired": _("The copy was made for a time that is over."),
    "document_of_another_body": _("The license inside was issued by another body than the one that signed."),
    "face_of_another_license": _("The license data inside belong to another license."),
    "seal_frozen": _("The seal is frozen at present."),
    "seal_canceled": _("The seal has been canceled since."),
    "file_changed": _("A file in the package was changed after it was sealed."),
    "another_seal": _("The seal beside the signature is not the one it was sealed with."),
    "unsigned_files": _("Parts of the file are outside the seal; anybody could have added them."),
    "index_unsigned": _("Only the table of contents is outside the seal."),
    "plain_signature": _("It is signed without a seal; such signatures are not checked here."),
    "seal_lost": _("The seal has been reported lost."),
    "seal_lost_no_proof": _("The seal was reported lost, and nothing proves that it was used before."),
    "seal_superseded": _("The seal has been replaced since."),
    "seal_not_in_use": _("The seal was not in use."),
    "not_the_registered_seal": _("The register has another seal under this code."),
    "not_in_register": _("The register here does not know this seal."),
    "not_entitled": _("The key that signed may not sign documents of this body."),
    "key_usage": _("The certificate was not made for this."),
    "no_log_proof": _("It carries no proof from the log; the receipt holds without it."),
    "unknown_log": _("The proof is of a log that is not known here; the receipt holds without it."),
    "bad_log_proof": _("The proof from the log cannot be read."),
    "not_in_log": _("The proof from the log is of another receipt, or the receipt was altered."),
    "signer_not_in_seal": _("The certificate that signed is not among those the seal names."),
}
"""Reasons in words; one not named here is shown by its code alone."""
