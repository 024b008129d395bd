"""Files of another region: which region they are of, and the limits its trust list sets to who signed them. Pure.

Another region's authority may certify anybody. So its certificates count for what its trust list says and no further: makers of
seals are those it lists as such, signers of documents have a key it lists for that, and whoever seals is a body of the region.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from etrust.credentials.credential import parse
from etrust.credentials.receipt import RECEIPT, is_receipt, read_receipt
from etrust.documents.reading import Signatory
from etrust.errors import EtrustError
from etrust.seals.model import KINDS, SealKind
from etrust.ses.model import Seal
from etrust.ses.parse import parse_seal
from etrust.trust.chains import Ground
from etrust.trust.findings import Finding, failed
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot
from etrust.trust.x509 import Certificate, read_certificate
from etrust.verification.files import Examined
from etrust.verification.inside import license_inside
from etrust.verification.model import Overall, Status, Verdict
from etrust.verification.pdf import PDF
from etrust.verification.receipt_inside import RECEIPT_FILE

MAKER, SIGNER = "recognition.maker", "recognition.signer"
_MAX_SEALS = 64
_SIGNS_DOCUMENTS = frozenset({Purpose.DOCUMENT, Purpose.RECEIPT})


def claimed_region(found: Examined) -> str:
    """The region that a license or receipt inside a file names; empty when there is none. Nothing of it is proven yet."""
    raw = license_inside(found.files) if found.credential is None else found.credential
    try:
        if raw is not None:
            return parse(raw).claims.region
        held = next((each.data for each in found.files if each.name == RECEIPT_FILE and is_receipt(each.data)), None)
        return "" if held is None else read_receipt(held).receipt.region
    except EtrustError:
        return ""


def license_type(found: Examined) -> str:
    """The type code of the license inside a file; empty when there is none."""
    raw = license_inside(found.files)
    return "" if raw is None else parse(raw).claims.identifier.type_code


def has_unknown_chain(found: Examined) -> bool:
    """Whether the authorities known here vouch for nobody who signed or made something in a file."""
    return any(each.reason == "no_chain" for each in found.findings)


def seals_in(found: Examined) -> Iterator[Seal]:
    """The seals in a file that can be read."""
    for _, data in found.seals[:_MAX_SEALS]:
        try:
            yield parse_seal(data)
        except EtrustError:
            continue


def seal_kinds(found: Examined) -> list[str]:
    """The kinds of the seals in a file, by the number in the seal data."""
    by_number = {facts.number: kind.value for kind, facts in KINDS.items()}
    return sorted({by_number.get(each.properties.type, SealKind.LICENSE.value) for each in seals_in(found)})


def certificates_of(found: Examined) -> list[Certificate]:
    """The certificates of those who signed a file, and of the makers and signers of its seals."""
    encoded = [each.certificate for each in found.signatories]
    for seal in seals_in(found):
        encoded += [seal.maker_certificate, *seal.properties.certificates]
    return [*_readable(dict.fromkeys(encoded))]


def vouches_for(trust: TrustSnapshot, authorities: Iterable[Certificate], found: Examined) -> bool:
    """Whether a region knows anybody who signed or made something in a file: by its list, or by its own authorities."""
    listed = {entry.certificate for entry in trust.trust_list.keys}
    authorities = list(authorities)
    return any(
        each.encoded in listed or any(_certified(each, authority) for authority in authorities) for each in certificates_of(found)
    )


def limits(found: Examined, trust: TrustSnapshot) -> list[Finding]:
    """What is beyond the limits of the region's trust list; nothing where all is within.

    Reasons: ``maker_not_listed``, ``signer_not_listed``, ``signer_of_no_body``.
    """
    makers = [entry for entry in trust.trust_list.keys if entry.purpose is Purpose.SEAL_MAKER]
    unlisted = [seal for seal in seals_in(found) if not any(_made(seal, each) for each in makers)]
    against = [(each, _against(each, found, trust)) for each in found.signatories]
    return [
        *(failed(MAKER, "maker_not_listed", seal.code) for seal in unlisted),
        *(failed(SIGNER, reason, each.name[:80]) for each, reason in against if reason),
    ]


def _made(seal: Seal, entry: KeyEntry) -> bool:
    created = seal.properties.created
    sound = entry.compromised_since is None or created < entry.compromised_since
    return entry.certificate == seal.maker_certificate and entry.valid_from <= created < entry.valid_until and sound


def _against(signatory: Signatory, found: Examined, trust: TrustSnapshot) -> str:
    if found.kind in (PDF, RECEIPT):
        listed = [entry.certificate for entry in trust.trust_list.keys if entry.purpose in _SIGNS_DOCUMENTS]
        return "" if signatory.certificate in listed else "signer_not_listed"
    return "" if trust.entity(signatory.body) is not None else "signer_of_no_body"


def limited(verdict: Verdict, beyond: list[Finding]) -> Verdict:
    """The verdict with what is beyond the limits: whoever it was, the region does not vouch for him."""
    if not beyond:
        return verdict
    every = (*verdict.findings, *beyond)
    if verdict.verdict is Overall.FAILED:
        return replace(verdict, findings=every)
    return replace(
        verdict, findings=every, verdict=Overall.FAILED, status=Status.UNKNOWN_ISSUER, sub_indication="SIG_CONSTRAINTS_FAILURE"
    )


def crl_points(certificates: Iterable[Certificate], trust: TrustSnapshot, ground: Ground) -> set[str]:
    """The addresses of the revocation lists that a file needs: of its signers, and of the region's timestamps."""
    stamps = _readable(entry.certificate for entry in trust.trust_list.keys if entry.purpose is Purpose.TIMESTAMP)
    known = {each.encoded for each in ground.anchors}
    return {point for each in (*certificates, *stamps) if each.encoded not in known for point in each.extensions.crl_points}


def _readable(encoded: Iterable[bytes]) -> Iterator[Certificate]:
    for each in encoded:
        try:
            yield read_certificate(each)
        except EtrustError:
            continue


def _certified(certificate: Certificate, authority: Certificate) -> bool:
    try:
        authority.check(certificate.algorithm, certificate.signature, certificate.signed)
    except EtrustError:
        return False
    return True
