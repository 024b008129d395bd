"""Who acts: bodies (机构), mandates, operators, sessions, keys for programs, and the audit trail."""
