"""What outcomes, grounds and bases are called on the page of a receipt, in Chinese and Uyghur."""

from collections.abc import Mapping

from etrust.matters.model import Outcome
from etrust.onecode.model import Basis, Ground

OUTCOMES: Mapping[str, tuple[str, str, str]] = {
    Outcome.SATISFIED: ("good", "已具备", "تولۇق"),
    Outcome.BROUGHT: ("good", "已提交纸质材料", "قەغەز ماتېرىيال تاپشۇرۇلدى"),
    Outcome.NOT_NEEDED: ("good", "无需提交", "لازىم ئەمەس"),
    Outcome.COMMITTED: ("open", "告知承诺", "ۋەدە بېرىلدى"),
    Outcome.DEFERRED: ("open", "容缺后补", "كېيىن تولۇقلىنىدۇ"),
    Outcome.COMMITMENT_POSSIBLE: ("open", "可告知承诺", "ۋەدە بېرىشكە بولىدۇ"),
    Outcome.DEFERRAL_POSSIBLE: ("open", "可容缺后补", "كېيىن تولۇقلاشقا بولىدۇ"),
    Outcome.UNKNOWN: ("open", "暂无法查明", "ھازىرچە ئېنىق ئەمەس"),
    Outcome.UNDER_OBJECTION: ("open", "异议处理中", "ئېتىراز بىر تەرەپ قىلىنىۋاتىدۇ"),
    Outcome.MISSING: ("bad", "缺少", "كەم"),
    Outcome.NOT_YET_VALID: ("bad", "尚未生效", "تېخى كۈچكە ئىگە بولمىغان"),
    Outcome.EXPIRED: ("bad", "已过期", "ۋاقتى ئۆتكەن"),
    Outcome.REVOKED: ("bad", "已撤销", "ئەمەلدىن قالدۇرۇلغان"),
    Outcome.SUSPENDED: ("bad", "已暂扣", "ۋاقىتلىق توختىتىلغان"),
}
"""By outcome: which mark it has, and its word."""

GROUNDS: Mapping[str, tuple[str, str]] = {
    Ground.CONSENT: ("持证人授权", "گۇۋاھنامە ئىگىسى قوشۇلغان"),
    Ground.DUTY: ("依职能用证", "خىزمەت ۋەزىپىسى بويىچە"),
}

BASES: Mapping[str, str] = {
    Basis.SELF: "本人", Basis.LEGAL_REPRESENTATIVE: "法定代表人", Basis.STAFF: "经授权的经办人", Basis.GUARDIAN: "监护人",
    Basis.DELEGATE: "代办人",
}  # fmt: skip
"""Who showed the code of a party."""

LABELS: Mapping[str, tuple[str, str]] = {
    "case": ("办件编码", "ئىش بېجىرىش نومۇرى"),
    "matter": ("事项", "ئىش"),
    "code": ("事项实施编码", "ئىشنىڭ كودى"),
    "parties": ("办理对象", "ئىش بېجىرگۈچى"),
    "checked": ("查验时间", "تەكشۈرۈلگەن ۋاقىت"),
    "operator": ("查验人", "تەكشۈرگۈچى"),
    "ground": ("用证依据", "ئاساسى"),
}
"""Labels of the facts at the head of the page."""
