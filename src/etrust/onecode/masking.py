"""What of a holder's name a code tells to whoever reads it off a screen."""

from etrust.onecode.model import Subject


def mask_name(name: str) -> str:
    """A person's name with all but its first character hidden: ``买*``."""
    stripped = name.strip()
    return f"{stripped[0]}*" if stripped else "*"


def shown_name(subject: Subject) -> str:
    """The name as a code carries it: a person's masked, a company's as it is, for it is public."""
    return subject.name.strip() if subject.is_company else mask_name(subject.name)
