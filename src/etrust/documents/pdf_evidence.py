"""What a PDF brings for its own judgment: certificates, revocation lists and OCSP answers, from its DSS and its signatures.

Nothing of it is believed for standing there: lists and answers are held against the issuers' keys when they are asked.
"""

from collections.abc import Iterator

from asn1crypto import crl, ocsp
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from etrust.documents.pdf_changes import READ_ERRORS
from etrust.documents.pdf_cms import ERRORS
from etrust.documents.pdf_reader import Pdf
from etrust.documents.pdf_trust import MAX_EVIDENCE, Evidence, certificates_of
from etrust.trust.chains import Ground

_ANY = (*READ_ERRORS, *ERRORS)


def gather(pdf: Pdf, ground: Ground) -> Evidence:
    """The reader's evidence and the file's, each thing once; what cannot be read is as if it were not there."""
    evidence = Evidence.of(ground)
    _add_store(evidence, pdf.reader)
    for each in pdf.fields:
        if each.signature is not None:
            _add_signature(evidence, each.signature)
    return evidence


def _add_store(evidence: Evidence, reader: PdfFileReader) -> None:
    try:
        store = DocumentSecurityStore.read_dss(reader)
        evidence.add(list(store.load_certs()))
    except (NoDSSFoundError, *_ANY):
        return
    evidence.add(crls=_lists(store), ocsps=_answers(store))


def _lists(store: DocumentSecurityStore) -> Iterator[crl.CertificateList]:
    for reference in store.crls[:MAX_EVIDENCE]:
        try:
            found = crl.CertificateList.load(reference.get_object().data)
            _ = (found.issuer.hashable, found["tbs_cert_list"]["this_update"].native)
        except _ANY:
            continue
        yield found


def _answers(store: DocumentSecurityStore) -> Iterator[ocsp.OCSPResponse]:
    for reference in store.ocsps[:MAX_EVIDENCE]:
        try:
            found = ocsp.OCSPResponse.load(reference.get_object().data)
            _ = found.response_data["responses"].native
        except _ANY:
            continue
        yield found


def _add_signature(evidence: Evidence, signature: EmbeddedPdfSignature) -> None:
    try:
        evidence.add(certificates_of(signature.signed_data))
        for token in extract_tst_data_iter(signature.signer_info, signed=False):
            evidence.add(certificates_of(token))
        for attribute in signature.signer_info["signed_attrs"]:
            if attribute["type"].native == "adobe_revocation_info_archival":
                kept = attribute["values"][0]
                evidence.add(crls=kept["crl"], ocsps=kept["ocsp"])
    except _ANY:
        return  # the steps of the signature tell what is wrong with it
