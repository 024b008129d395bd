"""RFC 3161 timestamp tokens, with SM2 and SM3 as GM/T 0033 has them: read and verified against a chain.

A token that cannot be verified is a failure, never a pass.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from etrust.errors import EtrustError
from etrust.signing import der, digests
from etrust.trust.chains import Ground, check_chain, check_key_usage, check_revocation, check_validity
from etrust.trust.findings import Finding, Outcome, failed, passed
from etrust.trust.x509 import Certificate, algorithm_of, check_signature, read_certificate

_SIGNED_DATA = {"1.2.840.113549.1.7.2": 3, "1.2.156.10197.6.1.4.2.2": 1}  # RFC 5652, GM/T 0010: the version each has
_BY_ISSUER_AND_SERIAL = 1  # the version of a SignerInfo that names its signer so
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
_RSA_WITH = {digests.SHA256: "1.2.840.113549.1.1.11"}
MAX_TOKEN = 256 * 1024
MAX_CERTIFICATES = 16


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says and the bytes its signature stands over."""

    time: datetime
    imprint_algorithm: str
    imprint: bytes
    content: bytes
    certificates: tuple[Certificate, ...]
    signer_issuer: bytes
    signer_serial: int
    digest_algorithm: str
    attributes: bytes
    attribute_values: dict[str, der.Element]
    algorithm: str
    signature: bytes

    @property
    def signer(self) -> Certificate | None:
        """The certificate of its signer, when the token carries it."""
        for each in self.certificates:
            if (each.serial, each.issuer) == (self.signer_serial, self.signer_issuer):  # tokens copy the bytes
                return each
        return None


@dataclass(frozen=True, slots=True)
class JudgedToken:
    """The findings about a token, and its time when it was verified."""

    findings: tuple[Finding, ...]
    time: datetime | None = None


def judge_token(step: str, data: bytes, *, over: bytes, ground: Ground) -> JudgedToken:
    """Verify a token over some bytes.

    Reasons: ``timestamp_malformed``, ``timestamp_of_other_bytes``, ``timestamp_signature``, ``timestamp_no_signer``,
    ``timestamp_certificate`` and ``timestamp_no_chain``; revocation of its signer is a step of its own.
    """
    try:
        token = read_token(data)
    except EtrustError as error:
        return JudgedToken((failed(step, "timestamp_malformed", error.en),))
    reason, detail = _content_problem(token, over)
    if reason:
        return JudgedToken((failed(step, reason, detail),))
    return _judge_signer(step, token, ground)


def _content_problem(token: Token, over: bytes) -> tuple[str, str]:
    if not digests.is_known(token.imprint_algorithm) or digests.digest(token.imprint_algorithm, [over]) != token.imprint:
        return "timestamp_of_other_bytes", token.imprint_algorithm
    signer = token.signer
    if signer is None:
        return "timestamp_no_signer", "the token does not carry its signer's certificate"
    try:
        _check_content(token)
        check_signature(signer.spki, token.algorithm, token.signature, token.attributes)
    except EtrustError as error:
        return "timestamp_signature", error.code
    return "", ""


def _check_content(token: Token) -> None:
    """The signed attributes must be of this content (RFC 5652, section 5.4)."""
    kind, stated = token.attribute_values.get(_CONTENT_TYPE), token.attribute_values.get(_MESSAGE_DIGEST)
    if kind is None or kind.oid() != _TST_INFO or stated is None or not digests.is_known(token.digest_algorithm):
        raise der.bad_der("signed attributes are missing", 0)
    if stated.octets() != digests.digest(token.digest_algorithm, [token.content]):
        raise der.bad_der("the content is another than the one signed", 0)


def _judge_signer(step: str, token: Token, ground: Ground) -> JudgedToken:
    signer = token.signer
    assert signer is not None  # noqa: S101 - asked by `_content_problem`
    with_own = replace(ground, others=(*ground.others, *token.certificates))
    chain = check_chain(step, signer, at=token.time, ground=with_own)
    for finding in (check_key_usage(step, signer, timestamps=True), check_validity(step, signer, token.time)):
        if finding.outcome is Outcome.FAILED:
            return JudgedToken((failed(step, "timestamp_certificate", finding.reason),))
    if not chain.path:
        return JudgedToken((failed(step, "timestamp_no_chain", f"{chain.finding.reason}: {chain.finding.detail}"),))
    if token.time > ground.now:
        return JudgedToken((failed(step, "timestamp_in_future", token.time.isoformat()),))
    found = passed(step, detail=f"{token.time.isoformat()} by {signer.name}")
    return JudgedToken((found, check_revocation(f"{step}_revocation", chain, at=token.time, ground=with_own)), token.time)


def read_token(data: bytes) -> Token:
    """A token, or the token inside a TimeStampResp.

    Raises:
        EtrustError: ``bad_der``, ``bad_certificate``.
    """
    if len(data) > MAX_TOKEN:
        raise der.bad_der("too large", MAX_TOKEN)
    outer = der.read(data).fields()
    first = outer.take()
    if first.tag == der.SEQUENCE:  # PKIStatusInfo: a whole answer was kept
        outer = outer.take(der.SEQUENCE).fields()
        first = outer.take()
    version, inside = _SIGNED_DATA.get(first.oid()), outer.explicit(0)
    if version is None or inside is None:
        raise der.bad_der("not SignedData", first.start)
    outer.end()
    return _signed_data(inside.fields(), version)


def _signed_data(fields: der.Fields, version: int) -> Token:
    if fields.take(der.INTEGER).integer() != version:
        raise der.bad_der("another version than its kind has", 0)
    named = {algorithm_of(each) for each in fields.take(der.SET).children()}
    content = _content(fields.take(der.SEQUENCE).fields())
    listed = fields.maybe(der.context(0))
    fields.maybe(der.context(1))
    signers = der.Fields(fields.take(der.SET), der.SET)
    signer = signers.take(der.SEQUENCE).fields()
    signers.end()
    fields.end()
    time, algorithm, imprint = _tst_info(content)
    certificates = listed.children() if listed else []
    if len(certificates) > MAX_CERTIFICATES:
        raise der.bad_der("too many certificates", 0)
    token = _with_signer(
        signer, time=time, imprint_algorithm=algorithm, imprint=imprint, content=content,
        certificates=tuple(read_certificate(each.encoded) for each in certificates if each.tag == der.SEQUENCE),
    )  # fmt: skip
    if token.digest_algorithm not in named:
        raise der.bad_der("a digest algorithm that is not announced", 0)
    return token


def _content(fields: der.Fields) -> bytes:
    if fields.take().oid() != _TST_INFO:
        raise der.bad_der("its content is no TSTInfo", 0)
    content = fields.explicit(0)
    if content is None:
        raise der.bad_der("without content", 0)
    return content.octets()


def _tst_info(content: bytes) -> tuple[datetime, str, bytes]:
    fields = der.read(content).fields()
    fields.take(der.INTEGER)
    fields.take(der.OID)
    imprint = fields.take(der.SEQUENCE).fields()
    algorithm, value = algorithm_of(imprint.take(der.SEQUENCE)), imprint.take(der.OCTETS).octets()
    fields.take(der.INTEGER)
    return fields.take(der.GENERAL_TIME).time(), algorithm, value


def _with_signer(
    fields: der.Fields, *, time: datetime, imprint_algorithm: str, imprint: bytes, content: bytes,
    certificates: tuple[Certificate, ...],
) -> Token:
    if fields.take(der.INTEGER).integer() != _BY_ISSUER_AND_SERIAL:
        raise der.bad_der("a signer named in another way", 0)
    name = fields.take(der.SEQUENCE).fields()
    issuer, serial = name.take(der.SEQUENCE).encoded, name.take(der.INTEGER).integer()
    digest_algorithm = algorithm_of(fields.take(der.SEQUENCE))
    attributes = fields.take(der.context(0))
    algorithm, signature = algorithm_of(fields.take(der.SEQUENCE)), fields.take(der.OCTETS).octets()
    fields.maybe(der.context(1))
    fields.end()
    if algorithm == _RSA_ENCRYPTION:
        algorithm = _RSA_WITH.get(digest_algorithm, algorithm)
    return Token(
        time=time, imprint_algorithm=imprint_algorithm, imprint=imprint, content=content, certificates=certificates,
        signer_issuer=issuer, signer_serial=serial, digest_algorithm=digest_algorithm,
        attributes=bytes((der.SET,)) + attributes.encoded[1:],  # RFC 5652, section 5.4: signed as a SET
        attribute_values=_attributes(attributes), algorithm=algorithm, signature=signature,
    )  # fmt: skip


def _attributes(element: der.Element) -> dict[str, der.Element]:
    found: dict[str, der.Element] = {}
    for each in element.children():
        fields = each.fields()
        oid, values = fields.take().oid(), fields.take(der.SET).children()
        if oid in found or len(values) != 1:
            raise der.bad_der("an attribute stands twice or has not one value", each.start)
        found[oid] = values[0]
    return found
