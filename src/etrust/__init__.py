"""etrust: issue, sign, verify and revoke electronic licenses (电子证照) for a region."""
