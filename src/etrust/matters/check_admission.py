"""Whether a check may be made at all: everything that can be wrong is told before a code is used up or anything looked up.

What an official may not do (another body's matter, more fields than the matter allows, duty where it is not allowed) is
refused, counted and put on the audit trail.
"""

from collections.abc import Iterable
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.model import Operator, Role
from etrust.credentials.code import is_code
from etrust.credentials.online_code import CodeFor, is_online_code, read_online_code
from etrust.errors import EtrustError, Kind
from etrust.matters import case_store
from etrust.matters import check_store as store
from etrust.matters.cases import check_reason, require_open
from etrust.matters.check_model import MatterQuestion
from etrust.matters.model import Matter
from etrust.matters.policy import narrowed
from etrust.onecode.consent import require_ground
from etrust.onecode.consent_model import Terms
from etrust.onecode.model import Ground
from etrust.storage.postgres import Connection
from etrust.trust.model import TrustSnapshot
from etrust.verification.online_code import Judged, judge_online_code

MAX_KEYS = 100


async def admit(
    connection: Connection, question: MatterQuestion, matter: Matter, *, trust: TrustSnapshot, at: datetime
) -> Matter:
    """The matter as this check needs it (`policy.narrowed`), when the check may be made.

    Raises:
        EtrustError: FORBIDDEN ``no_role``, ``not_your_matter``, ``duty_not_allowed``, ``consent_not_allowed``,
            ``more_than_allowed``: refused and recorded. INVALID ``bad_reason``, ``unknown_party``, ``party_missing``,
            ``unknown_material``, ``chosen_twice``, ``not_allowed_for_material``, and what `require_open` and
            `require_presentable` raise.
    """
    try:
        await _require_right(connection, question, matter)
        narrow = narrowed(matter, question.fields)
    except EtrustError as error:
        if error.kind is Kind.FORBIDDEN:
            await refuse(connection, matter.code, error, operator=question.operator, at=at)
        raise
    check_reason(question.reason)
    if question.ground is Ground.DUTY:
        check_reason(question.legal_basis, "legal_basis")
    _require_parties(question, matter)
    _require_choices(question, matter)
    if question.case_number:
        await require_open(connection, question.case_number, matter, question.operator.body)
    for party, text in question.codes.items():
        require_presentable(text, question, trust=trust, at=at, where=f"codes.{party}")
    return narrow


async def _require_right(connection: Connection, question: MatterQuestion, matter: Matter) -> None:
    operator = question.operator
    if not {Role.CLERK, Role.KIOSK} & operator.roles:
        raise EtrustError(
            Kind.FORBIDDEN, "no_role",
            zh="您的账号没有办理此事的权限，请联系本单位管理员。",
            en="Your account may not do this; ask your body's administrator.",
        )
    if not await case_store.is_at_or_below(connection, operator.body, matter.body):
        raise EtrustError(
            Kind.FORBIDDEN, "not_your_matter",
            zh="本事项不由贵单位办理，已拒绝并记录。", en="Your body does not handle this matter; it was refused and recorded.",
        )
    require_ground(question.ground, Terms(matter.code, matter.version, matter.body, matter.grounds, ()))


async def refuse(connection: Connection, matter: str, error: EtrustError, *, operator: Operator, at: datetime) -> None:
    """Count a refusal, and put it on the audit trail."""
    async with connection.transaction():
        await store.add_refusal(
            connection, matter=matter, reason=error.code, operator=operator.username, body=operator.body, at=at
        )
        await access_store.record(
            connection, at=at, operator=operator.username, body=operator.body, action="matter.refused", subject=matter,
            reason=error.code,
        )


def _require_parties(question: MatterQuestion, matter: Matter) -> None:
    known = {party.key: party for party in matter.parties}
    for key in question.codes:
        if key not in known:
            raise _invalid("unknown_party", f"codes.{key[:40]}", "本事项没有此当事人。", "The matter has no such party.")
    for party in matter.parties:
        if party.required and not question.codes.get(party.key):
            raise _invalid(
                "party_missing", f"codes.{party.key}",
                f"请扫描{party.name.zh}的一码。", f"Scan the code of the {party.name.en or party.key}.",
            )


def _require_choices(question: MatterQuestion, matter: Matter) -> None:
    known = {material.key: material for material in matter.materials}
    chosen = [*question.commitments, *question.deferrals, *question.papers]
    for key in chosen:
        if key not in known:
            raise _invalid("unknown_material", key[:40], "本事项没有此材料。", "The matter has no such material.")
    if len(set(chosen)) != len(chosen):
        raise _invalid(
            "chosen_twice", "commitments", "同一材料只能选择一种办理方式。", "Only one thing may stand for a material.",
        )
    _require_allowed(question.commitments, {key for key, each in known.items() if each.commitment is not None})
    _require_allowed(question.deferrals, {key for key, each in known.items() if each.deferral_days is not None})


def _require_allowed(keys: Iterable[str], allowed: set[str]) -> None:
    for key in keys:
        if key not in allowed:
            raise _invalid(
                "not_allowed_for_material", key, "此材料不适用告知承诺或容缺后补。",
                "The matter does not allow that for this material.",
            )


def require_presentable(
    text: str, question: MatterQuestion, *, trust: TrustSnapshot, at: datetime, where: str
) -> None:
    """Return quietly unless it can be seen in a code itself that it is not for this check.

    Whether it is genuine, fresh and unused is for `redeem` to say; it counts the codes that are not.

    Raises:
        EtrustError: INVALID ``offline_code_gives_no_consent``, ``code_of_one_license``, ``code_of_other_matter``.
    """
    if is_offline(text):
        if question.ground is Ground.CONSENT:
            raise _invalid(
                "offline_code_gives_no_consent", where,
                "这是打印的证照码，只能证明证照真实，不能代表持证人同意；请出示手机上的一码。",
                "This is an offline code: it shows that a license is genuine, not that its holder agrees. Ask for the one code.",
            )
        return
    judged = judged_code(text, trust=trust, at=at)
    if judged is None or not judged.genuine:
        return
    claims = judged.code.claims
    if claims.kind is CodeFor.LICENSE:
        raise _invalid(
            "code_of_one_license", where,
            "此码只出示一本证照；请持证人出示一码或本事项的码。",
            "This code shows one license; ask for the holder's code or the matter's.",
        )
    if claims.kind is CodeFor.MATTER and claims.matter != question.matter:
        raise _invalid(
            "code_of_other_matter", where, "此码是为另一事项出示的。", "This code was made for another matter.",
        )


def is_offline(text: str) -> bool:
    """Whether a text is meant to be the offline code of one license (``ET1:``)."""
    return is_code(text) and not is_online_code(text)


def judged_code(text: str, *, trust: TrustSnapshot, at: datetime) -> Judged | None:
    """What can be said of an online code by itself, None when it cannot be read."""
    try:
        return judge_online_code(read_online_code(text), trust=trust, at=at)
    except EtrustError:
        return None


def _invalid(code: str, where: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, code, zh=zh, en=en, where=where)
