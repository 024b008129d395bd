"""The validation report of ETSI TS 119 102-2 in XML, as pyHanko writes it, with the indications of our own judgment.

PyHanko's part needs the package `xsdata`; without it there is no XML, and everything else works.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from asn1crypto import crl
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESPassed, AdESSubIndic
from pyhanko.sign.validation.ades import AdESBasicValidationResult, ades_basic_validation, ades_lta_validation
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from etrust.documents.pdf_changes import READ_ERRORS
from etrust.documents.pdf_cms import ERRORS
from etrust.documents.pdf_evidence import gather
from etrust.documents.pdf_reader import Pdf
from etrust.documents.pdf_trust import SKEW, Evidence
from etrust.documents.reading import Indication
from etrust.errors import EtrustError, Kind
from etrust.trust.chains import Ground

_REPORT = "{http://uri.etsi.org/19102/v1.2.1#}"
_NAMESPACES = {
    "vr": "http://uri.etsi.org/19102/v1.2.1#", "XAdES": "http://uri.etsi.org/01903/v1.3.2#",
    "ds": "http://www.w3.org/2000/09/xmldsig#", "xs": "http://www.w3.org/2001/XMLSchema",
}  # fmt: skip


def etsi_report(data: bytes, ground: Ground, indications: Sequence[Indication]) -> bytes:
    """The report on all signatures of a PDF, in the order of its fields; timestamps have no report of their own.

    Raises:
        EtrustError: UNAVAILABLE ``report_unavailable``; INVALID ``no_report``: nothing in the file can be reported on.
    """
    pdf = Pdf(data)
    evidence = gather(pdf, ground)
    reports: list[str] = []
    for field, indication in zip(pdf.fields, indications, strict=False):
        if field.signature is not None and not field.is_timestamp:
            reports += _report(field.signature, evidence, ground, indication)
    if not reports:
        raise EtrustError(
            Kind.INVALID, "no_report", zh="文件中没有可出具验证报告的签名。", en="No signature in the file can be reported on."
        )
    return _joined(reports)


def _report(signature: EmbeddedPdfSignature, evidence: Evidence, ground: Ground, indication: Indication) -> list[str]:
    try:
        from pyhanko.sign.validation.report.tools import generate_report  # noqa: PLC0415 - an optional package, and a second to load
    except ImportError as error:
        raise EtrustError(
            Kind.UNAVAILABLE, "report_unavailable",
            zh="未安装 xsdata，无法生成 ETSI 验证报告。", en="The package xsdata is not installed; there is no ETSI report.",
        ) from error
    try:
        found = _validate(signature, evidence, ground)
        return [generate_report(signature, replace(found, ades_subindic=_named(indication)))] if found.api_status else []
    except (*READ_ERRORS, *ERRORS):
        return []


def _validate(
    signature: EmbeddedPdfSignature, evidence: Evidence, ground: Ground
) -> AdESBasicValidationResult[Any]:
    """PyHanko's own run, for the attributes and the validation objects that the report lists."""
    if signature.diff_result is None:
        signature.compute_integrity_info()
    timing = ValidationTimingInfo(ground.now, ground.now, point_in_time_validation=True)
    spec = _spec(evidence, ground)
    timed = len(signature.signer_info["unsigned_attrs"]) > 0
    if timed:
        return asyncio.run(ades_lta_validation(signature, PdfSignatureValidationSpec(spec), timing_info=timing))
    digest = signature.compute_digest()
    return asyncio.run(ades_basic_validation(signature.signed_data, spec, timing_info=timing, raw_digest=digest))


def _spec(evidence: Evidence, ground: Ground) -> SignatureValidationSpec:
    return SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(trust_roots=evidence.anchors(ground.now)), time_tolerance=SKEW,
            revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO, retroactive_revinfo=True),
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
            certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
        ),
        local_knowledge=LocalKnowledge(
            known_crls=[CRLContainer(_fresh(each)) for each in evidence.crls], known_certs=evidence.certificates
        ),
    )  # fmt: skip


def _fresh(found: crl.CertificateList) -> crl.CertificateList:
    return crl.CertificateList.load(found.dump())


def _named(indication: Indication) -> AdESSubIndic:
    """PyHanko's word for an indication."""
    if indication.overall == "TOTAL-PASSED":
        return AdESPassed.OK
    kind = AdESFailure if indication.overall == "TOTAL-FAILED" else AdESIndeterminate
    return getattr(kind, indication.sub_indication, None) or _general(kind)


def _general(kind: type[AdESFailure] | type[AdESIndeterminate]) -> AdESSubIndic:
    return AdESFailure.FORMAT_FAILURE if kind is AdESFailure else AdESIndeterminate.GENERIC


def _joined(reports: Sequence[str]) -> bytes:
    """One report with the signatures and the objects of all."""
    for prefix, address in _NAMESPACES.items():
        ET.register_namespace(prefix, address)
    first, *others = [ET.fromstring(each) for each in reports]  # noqa: S314 - written above, by ourselves
    signatures, objects = first.findall(f"{_REPORT}SignatureValidationReport"), first.find(f"{_REPORT}SignatureValidationObjects")
    known = {each.get("id") for each in objects} if objects is not None else set()
    for other in others:
        for report in other.findall(f"{_REPORT}SignatureValidationReport"):
            first.insert(len(signatures), report)
            signatures.append(report)
        for each in other.findall(f"{_REPORT}SignatureValidationObjects/*"):
            if objects is not None and each.get("id") not in known:
                objects.append(each)
                known.add(each.get("id"))
    return bytes(ET.tostring(first, encoding="utf-8", xml_declaration=True))
