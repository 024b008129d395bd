"""Codes of sample matters (``templates/matters``) that demonstrations and tests rely on."""

NEWBORN = "11653121MB1A0009XQ4000709001001"
"""出生登记: applicant and spouse; identity cards, household registers, marriage and birth certificate."""

SCHOOL = "11653121MB1A0009XQ4002005001001"
"""义务教育入学登记: applicant and child; the child's household register and vaccinations, the applicant's identity card."""

SHOP = "11653121MB1A0009XQ4000131036001"
"""食品经营许可: applicant and company; the business license and its legal representative's identity card."""
