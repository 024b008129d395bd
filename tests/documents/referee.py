"""pyHanko's own validation as the referee: revocation required, trust roots explicit, nothing fetched."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

from asn1crypto import crl, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.ades import AdESLTAValidationResult, ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer


async def judge(pdf: bytes, anchors: Sequence[bytes], at: datetime, crls: Sequence[bytes] = ()) -> AdESLTAValidationResult:
    """The long-term verdict at a moment, with nothing but the file, the anchors and revocation lists of the moment.

    The moment must not lie after the real one: in places pyHanko reads the machine's clock.
    """
    reader = PdfFileReader(BytesIO(pdf))
    roots = [x509.Certificate.load(each) for each in anchors]
    policy = CertValidationPolicySpec(
        SimpleTrustManager.build(trust_roots=[CertTrustAnchor(root) for root in roots]), CertRevTrustPolicy(REQUIRE_REVINFO)
    )
    known = LocalKnowledge(known_crls=[CRLContainer(crl.CertificateList.load(each)) for each in crls])
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(policy, RevocationInfoGatheringSpec(), local_knowledge=known))
    timing = ValidationTimingInfo(at, at, point_in_time_validation=False)
    return await ades_lta_validation(reader.embedded_regular_signatures[0], spec, timing)


async def holds(pdf: bytes, anchors: Sequence[bytes], at: datetime, crls: Sequence[bytes] = ()) -> bool:
    """Whether that verdict is "passed"."""
    return (await judge(pdf, anchors, at, crls)).ades_subindic is AdESPassed.OK


async def valid_now(pdf: bytes, anchors: Sequence[bytes], at: datetime, crls: Sequence[bytes] = ()) -> bool:
    """The plain verdict with revocation required: signature, chain, timestamps, and changes after signing."""
    signature = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0]
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(each) for each in anchors], crls=list(crls), moment=at, revocation_mode="require",
        allow_fetching=False, time_tolerance=timedelta(0),
    )
    status = await async_validate_pdf_signature(signature, context)
    return bool(status.bottom_line)
