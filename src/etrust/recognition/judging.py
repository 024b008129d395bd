"""Judges what a partner answered: the pure verifier with the partner's own lists, and whether it is an answer to the question."""

from dataclasses import replace

from etrust.credentials.code import decode_code
from etrust.credentials.credential import parse
from etrust.credentials.model import Claims, Credential
from etrust.errors import EtrustError
from etrust.licenses.types import LicenseType, mask_number
from etrust.recognition.messages import Question
from etrust.recognition.model import PartnerFault, PartnerOutcome, PartnerRegion
from etrust.verification.model import Finding, Outcome, Status, Verdict
from etrust.verification.verify import Step


def of_region(verdict: Verdict, partner: PartnerRegion | None) -> Verdict:
    """The same verdict, named as one on something of that region: in what it discloses, else among what it rests on."""
    if partner is None:
        return verdict
    if verdict.license is None:
        return replace(verdict, evidence={**verdict.evidence, "region": f"{partner.region} {partner.name_zh}"})
    names = {"name_zh": partner.name_zh, "name_ug": partner.name_ug, "name_en": partner.name_en}
    return replace(verdict, license={**verdict.license, "region": {"code": partner.region, **names}})


def used_there(partner: PartnerRegion) -> Step:
    """The step of an online code of another region: whether it was used before, only that region knows."""
    return Step(Finding("use", Outcome.UNKNOWN, "use_known_elsewhere", f"{partner.region} {partner.name_zh}"), Status.UNKNOWN)


def read_credential(text: str, question: Question, license_type: LicenseType, region: str) -> Credential:
    """A credential that a partner answered with, when it is one the question was about.

    A partner that hands out another holder's license, or one of another type or region, is not believed, however well it
    is signed: credentials carry the holder's name, and the code masked.

    Raises:
        PartnerFault: ``bad_answer``; ``another_holder``, ``another_type``, ``another_region``.
    """
    try:
        credential = parse(decode_code(text))
    except EtrustError as error:
        raise PartnerFault(PartnerOutcome.UNTRUSTED, "bad_answer") from error
    claims = credential.claims
    if claims.region != region:
        raise PartnerFault(PartnerOutcome.UNTRUSTED, "another_region")
    if claims.identifier.type_code != question.license_type:
        raise PartnerFault(PartnerOutcome.UNTRUSTED, "another_type")
    if not _is_of(claims, question, license_type):
        raise PartnerFault(PartnerOutcome.UNTRUSTED, "another_holder")
    return credential


def _is_of(claims: Claims, question: Question, license_type: LicenseType) -> bool:
    names_key, codes_key = license_type.holder_claims
    names, codes = _texts(claims, names_key), _texts(claims, codes_key)
    holder = question.holder
    told = {holder.code, mask_number(holder.code)}
    return any(name == holder.name and code in told for name, code in zip(names, codes, strict=False))


def _texts(claims: Claims, key: int) -> list[str]:
    found = claims.fields.get(key, [])
    return [found] if isinstance(found, str) else list(found)
