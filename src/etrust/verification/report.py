"""A verdict as the JSON of the public face, and in one sentence for a person."""

from etrust.verification.model import Finding, Outcome, Status, Verdict


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """The verdict as it leaves over HTTP and on the command line; names are stable."""
    return {
        "verdict": verdict.verdict.value,
        "sub_indication": verdict.sub_indication,
        "status": verdict.status.value,
        "kind": verdict.kind,
        "at": verdict.at.isoformat(),
        "findings": [_finding(finding) for finding in verdict.findings],
        "evidence": dict(verdict.evidence),
        "license": None if verdict.license is None else dict(verdict.license),
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "step": finding.step, "outcome": finding.outcome.value, "reason": finding.reason, "detail": finding.detail,
    }


SENTENCES: dict[Status, tuple[str, str]] = {
    Status.VALID: ("证照真实且在有效期内。", "Genuine and in force."),
    Status.NOT_YET_VALID: ("证照真实，但尚未生效。", "Genuine, but not yet in force."),
    Status.EXPIRED: ("证照真实，但已过有效期，请持证人办理延续。", "Genuine, but expired; the holder should renew it."),
    Status.REVOKED: ("证照已被撤销，不得使用。", "Revoked; it must not be used."),
    Status.SUSPENDED: ("证照已被暂扣，目前不得使用。", "Suspended; it must not be used for now."),
    Status.UNDER_OBJECTION: ("证照正在异议处理中，请按事项规定办理或稍后再查。", "Under objection; follow the matter's rule or check later."),
    Status.SUPERSEDED: ("证照已被新版本替代，请出示新证照。", "Replaced by a newer version; ask for that one."),
    Status.UNKNOWN_ISSUER: ("无法确认颁发机构，请改用其他方式核实。", "The issuer cannot be confirmed; verify in another way."),
    Status.BAD_SIGNATURE: ("签名不正确：内容被改动或系伪造，不得使用。", "The signature is wrong: altered or forged; it must not be used."),
    Status.MALFORMED: ("这不是可识别的证照码，请重新扫描或核对输入。", "This is not a readable license code; scan again or check what was typed."),
    Status.ALREADY_USED: ("此码已被使用，请持证人刷新后再出示。", "This code has been used; ask the holder to refresh it."),
    Status.UNKNOWN: ("目前无法查到证照状态，请稍后再查；查明之前不得当作有效。", "Its status cannot be had now; try later, and do not treat it as valid."),
}  # fmt: skip
"""One sentence in Chinese and English for every status."""

SOUND_FILE_SENTENCES: dict[tuple[str, str], tuple[str, str]] = {
    ("license.status", "revoked"): (
        "文件本身真实、未被改动，但所载证照已被撤销，不得使用。",
        "The file itself is genuine and unaltered, but the license in it was revoked; it must not be used.",
    ),
    ("license.validity", "expired"): (
        "文件本身真实、未被改动，但所载证照已过有效期。",
        "The file itself is genuine and unaltered, but the license in it has expired.",
    ),
    ("copy.validity", "copy_expired"): (
        "这份加注件真实，但已过使用期限。", "This copy is genuine, but it may no longer be used.",
    ),
}  # fmt: skip
"""What is said of a file by the only step and reason that speak against it, see `only_reason`."""


def only_reason(verdict: Verdict) -> tuple[str, str]:
    """Step and reason of the one finding that speaks against it; both empty when there is none, or more than one.

    What only tells how something stands today (``now.``) is not counted, as it does not weigh.
    """
    against = [
        (each.step, each.reason) for each in verdict.findings
        if each.outcome in (Outcome.FAILED, Outcome.UNKNOWN) and "now" not in each.step.split(".")
    ]  # fmt: skip
    return against[0] if len(against) == 1 else ("", "")
