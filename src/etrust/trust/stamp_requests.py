"""What a client of the timestamp service asks (TimeStampReq, RFC 3161, section 2.4.1): read strictly; and how it is refused."""

from dataclasses import dataclass
from enum import IntEnum

from etrust.errors import EtrustError, Kind
from etrust.signing import der, digests, sm2
from etrust.trust import writing
from etrust.trust.x509 import algorithm_of

MAX_REQUEST = 4096
"""Bytes: a request with the longest digest and nonce is under 200."""
_MAX_NONCE = 64
_LENGTHS = {
    digests.SHA256: 32, "2.16.840.1.101.3.4.2.2": 48, "2.16.840.1.101.3.4.2.3": 64, sm2.SM3: 32,
}  # fmt: skip
_EXTENSIONS = der.context(0)


class Failure(IntEnum):
    """PKIFailureInfo (RFC 3161, section 2.4.2): the number of the bit."""

    BAD_ALGORITHM = 0
    BAD_REQUEST = 2
    BAD_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    SYSTEM_FAILURE = 25


_FAILURES = {
    "stamp_algorithm": Failure.BAD_ALGORITHM, "stamp_request": Failure.BAD_REQUEST, "stamp_format": Failure.BAD_FORMAT,
    "clock_unsure": Failure.TIME_NOT_AVAILABLE, "stamp_policy": Failure.UNACCEPTED_POLICY,
    "stamp_extension": Failure.UNACCEPTED_EXTENSION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StampRequest:
    """A request that can be answered.

    Attributes:
        imprint: the MessageImprint as it came; the token carries the same bytes.
        algorithm: OID of its digest.
        policy: the policy asked for, None when any will do.
        nonce: to be given back, None when there is none.
        certificate: whether the token shall carry its signer's certificate.
    """

    imprint: bytes
    algorithm: str
    policy: str | None = None
    nonce: int | None = None
    certificate: bool = False


def read_request(data: bytes) -> StampRequest:
    """A request from its DER bytes.

    Raises:
        EtrustError: ``stamp_format``, ``stamp_request``, ``stamp_algorithm``, ``stamp_extension``.
    """
    if len(data) > MAX_REQUEST:
        raise _refused("stamp_format", "请求过长", f"more than {MAX_REQUEST} bytes")
    try:
        return _request(der.read(data).fields())
    except EtrustError as error:
        if error.code in _FAILURES:
            raise
        raise _refused("stamp_format", "请求不是有效的 TimeStampReq", error.en) from error


def _request(fields: der.Fields) -> StampRequest:
    if fields.take(der.INTEGER).integer() != 1:
        raise _refused("stamp_request", "请求版本须为 1", "the version is not 1")
    imprint = fields.take(der.SEQUENCE)
    policy, nonce = fields.maybe(der.OID), fields.maybe(der.INTEGER)
    certificate = fields.flag()
    if fields.maybe(_EXTENSIONS) is not None:
        raise _refused("stamp_extension", "不支持扩展项", "extensions are not supported")
    fields.end()
    if nonce is not None and len(nonce.content) > _MAX_NONCE:
        raise _refused("stamp_format", "随机数过长", f"a nonce of more than {_MAX_NONCE} bytes")
    return StampRequest(
        imprint=imprint.encoded, algorithm=_algorithm(imprint), policy=None if policy is None else policy.oid(),
        nonce=None if nonce is None else nonce.integer(), certificate=certificate,
    )  # fmt: skip


def _algorithm(imprint: der.Element) -> str:
    fields = imprint.fields()
    algorithm, digest = algorithm_of(fields.take(der.SEQUENCE)), fields.take(der.OCTETS).octets()
    fields.end()
    if algorithm not in _LENGTHS:
        raise _refused("stamp_algorithm", f"不支持摘要算法 {algorithm}", f"digest {algorithm} is not accepted")
    if len(digest) != _LENGTHS[algorithm]:
        raise _refused("stamp_format", "摘要长度与算法不符", "the digest has not the length of its algorithm")
    return algorithm


def imprint_of(digest: bytes, algorithm: str) -> bytes:
    """The MessageImprint of a digest, DER.

    Raises:
        EtrustError: ``stamp_algorithm``, ``stamp_format``.
    """
    made = writing.sequence(writing.sequence(der.write_oid(algorithm)), der.write(der.OCTETS, digest))
    _algorithm(der.read(made))
    return made


def unaccepted_policy(policy: str) -> EtrustError:
    """The error of a policy that this service does not follow."""
    return _refused("stamp_policy", f"不支持时间戳策略 {policy}", f"policy {policy} is not followed here")


def refusal(error: EtrustError) -> bytes:
    """The answer (TimeStampResp) that refuses, with what is wrong in both languages."""
    failure = _FAILURES.get(error.code, Failure.SYSTEM_FAILURE)
    told = writing.sequence(der.write(der.UTF8, error.zh.encode()), der.write(der.UTF8, error.en.encode()))
    return writing.sequence(writing.sequence(der.write_integer(2), told, writing.named_bits(1 << failure)))


def granted(token: bytes) -> bytes:
    """The answer (TimeStampResp) that carries a token."""
    return writing.sequence(writing.sequence(der.write_integer(0)), token)


def _refused(code: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, code, zh=f"时间戳请求被拒绝：{zh}。", en=f"The timestamp request is refused: {en}.")
