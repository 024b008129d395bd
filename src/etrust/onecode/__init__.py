"""一码: the code that a holder shows, consent, and who acts for whom."""
