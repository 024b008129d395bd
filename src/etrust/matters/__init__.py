"""免证办: the catalogue of matters, what each needs, cases, receipts and archive packages."""
