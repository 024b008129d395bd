"""What the holder's pages call things: kinds of licenses, and on what basis one acts."""

from collections.abc import Mapping

from etrust.onecode.model import Basis
from etrust.web.languages import mark as _

KINDS: Mapping[str, str] = {
    "证照执照": _("Licenses and cards"),
    "证明文件": _("Certificates"),
    "批文批复": _("Approvals"),
    "鉴定报告": _("Appraisal reports"),
    "办事结果": _("Results of matters"),
}
"""Headings by kind of license (GB/T 36903: 证照 kinds)."""

BASES: Mapping[Basis, str] = {
    Basis.SELF: _("For myself"),
    Basis.LEGAL_REPRESENTATIVE: _("As legal representative"),
    Basis.STAFF: _("As authorized staff"),
    Basis.GUARDIAN: _("As guardian"),
    Basis.DELEGATE: _("For somebody else, in one matter"),
}

LIFETIMES: Mapping[int, str] = {
    10: _("10 minutes"),
    60: _("1 hour"),
    1_440: _("1 day"),
    10_080: _("7 days"),
    43_200: _("30 days"),
}
"""How long a digital card lives, in minutes."""

VIEWS = (1, 5, 20, 100)
"""How often a digital card may be looked at."""

FRONT = ("resident_identity_card", "business_license")
"""Licenses most cards are made of; what the others hold is folded behind them."""

NAMED = frozenset({
    "holder_name", "holder_a_name", "holder_b_name", "name_ug", "legal_representative", "company_type", "employer",
})  # fmt: skip
"""Fields that are offered first; the rest of a license is folded."""
