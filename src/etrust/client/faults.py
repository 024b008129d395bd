"""What can go wrong when a region is called: it refuses, it does not answer, or its answer is not one."""

from collections.abc import Mapping


class RegionFault(Exception):  # noqa: N818 - one of three ends of a call
    """A call ended without the answer asked for.

    Attributes:
        code: for programs, such as ``no_scope``; `RegionRefused` has the server's, the others ``unreachable``, ``bad_answer`` and
            ``unsigned_answer``.
        zh: what is wrong and what to do, in Chinese.
        en: the same in English.
    """

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.zh = zh
        self.en = en


class RegionRefused(RegionFault):
    """The region answered, and refuses.

    Attributes:
        status: of HTTP, or of the head (GB/T 36906) for its operations.
        where: which part of the question is wrong, empty where it is none.
    """

    def __init__(self, status: int, code: str, *, zh: str, en: str, where: str = "") -> None:
        super().__init__(code, zh=zh, en=en)
        self.status = status
        self.where = where

    @classmethod
    def of_problem(cls, status: int, problem: Mapping[str, object]) -> "RegionRefused":
        """The refusal that a problem document (RFC 9457) tells."""
        text = {name: str(problem.get(name, ""))[:500] for name in ("code", "title", "detail", "where")}
        return cls(status, text["code"] or f"http_{status}", zh=text["detail"], en=text["title"], where=text["where"])


class RegionUnreachable(RegionFault):
    """No answer came within the time given, after all tries; it is not known whether the question was heard."""

    def __init__(self, why: str) -> None:
        en = f"The region does not answer ({why}); try again later."
        super().__init__("unreachable", zh="无法连接该地区的服务，请稍后重试。", en=en)


class BadAnswer(RegionFault):
    """The answer is none: too long, no JSON of the shape described, or not signed by the region."""

    def __init__(self, why: str, code: str = "bad_answer") -> None:
        super().__init__(code, zh="答复内容不符合接口规定。", en=f"The answer is not as the interface describes: {why}.")


class BadAddress(RegionFault):
    """An address or path that nothing is sent to: plain http elsewhere than on this machine, or one that leads out of the API."""

    def __init__(self, address: str) -> None:
        super().__init__(
            "bad_address", zh="地址须为 https://…（仅本机可用 http://），路径须以 / 开头且不含 . 或 .. 段。",
            en=f"Not an address or path to be used: {address[:100]!r}; https is needed, and a path from the root.",
        )
