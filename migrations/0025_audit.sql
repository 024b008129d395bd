-- The audit trail is searched by time, person, body and thing; roles that watch each other are never in one hand (三员分立).

CREATE INDEX audit_trail_by_operator ON audit_trail (operator, at);
CREATE INDEX audit_trail_by_subject ON audit_trail (subject, at);
CREATE INDEX access_log_by_time ON access_log (at);

-- Accounts from before keep what they have until somebody changes it.
ALTER TABLE operators ADD CONSTRAINT operators_auditor_alone
    CHECK (NOT ('auditor' = ANY (roles)) OR cardinality(roles) = 1) NOT VALID;
ALTER TABLE operators ADD CONSTRAINT operators_separated
    CHECK (NOT ('security' = ANY (roles)) OR cardinality(roles) = 1) NOT VALID;
