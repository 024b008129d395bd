"""What an OFD file carries under its seals: the license data attached, and who sealed it.

An attachment that no seal signature covers could be anybody's, so it is not looked at here; that it stands there unsigned
is a finding of its own.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from etrust.documents.reading import EmbeddedFile, Signatory
from etrust.errors import EtrustError
from etrust.ses.attachments import attached
from etrust.ses.model import SealSignature
from etrust.ses.ofd_files import INDEX, Ofd
from etrust.ses.package import MAX_XML, parse_xml
from etrust.ses.parse import MAX_SIZE, parse_seal_signature
from etrust.trust.chains import Ground
from etrust.trust.timestamps import judge_token
from etrust.trust.x509 import organization_id, read_certificate

_MAX_TITLE = 400


@dataclass(frozen=True, slots=True)
class Sealed:
    """The contents under seal: files, who sealed them, the seals (DER, with their codes), the title; all who signed (DER)."""

    files: tuple[EmbeddedFile, ...]
    signatories: tuple[Signatory, ...]
    seals: tuple[tuple[str, bytes], ...]
    title: str
    times: tuple["SealedAt", ...] = ()
    signers: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SealedAt:
    """When a seal was put there: as its signature states, and as a trusted timestamp proves."""

    stated: datetime | None
    proven: datetime | None

    @classmethod
    def of(cls, signature: SealSignature, ground: Ground) -> "SealedAt":
        """Both moments of a seal signature."""
        if signature.timestamp is None:
            return cls(signature.time, None)
        return cls(signature.time, judge_token("timestamp", signature.timestamp, over=signature.signature, ground=ground).time)


def contents_of(ofd: Ofd, ground: Ground) -> Sealed:
    """Read what is under seal; what cannot be read is left out, and is a finding of the judge already."""
    signatures = dict(_signatures(ofd))
    files = []
    covering: set[int] = set()
    with contextlib.suppress(EtrustError):
        for each in attached(ofd):
            if each.signed_by:
                files.append(EmbeddedFile(each.name, each.data))
                covering.update(each.signed_by)
    sealed = tuple(signatory for number in sorted(covering & signatures.keys()) for signatory in _signatory(signatures[number]))
    seals = tuple((each.seal.code, each.seal.encoded) for each in signatures.values())
    times = tuple(SealedAt.of(each, ground) for each in signatures.values())
    signers = tuple(each.signer_certificate for each in signatures.values())
    return Sealed(tuple(files), sealed, seals, _title(ofd), times, signers)


def _signatures(ofd: Ofd) -> Iterator[tuple[int, SealSignature]]:
    """Every seal signature that can be read, by its number as the findings count them."""
    for number, each in enumerate(ofd.listed, 1):
        if each in ofd.signatures:
            with contextlib.suppress(EtrustError):
                yield number, parse_seal_signature(ofd.package.read(each.value_path, MAX_SIZE))


def _signatory(signature: SealSignature) -> Iterator[Signatory]:
    with contextlib.suppress(EtrustError):
        certificate = read_certificate(signature.signer_certificate)
        body = organization_id(certificate.subject)
        yield Signatory(certificate.name, body, certificate.encoded, signature.time, None)


def _title(ofd: Ofd) -> str:
    index = ofd.package.spelled(INDEX) or INDEX
    root = parse_xml(ofd.package.read(index, MAX_XML), index)
    return next((each.text or "" for each in root.iter("Title")), "").strip()[:_MAX_TITLE]
