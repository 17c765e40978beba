-- Parameters that decide what a statement means, or whether it succeeds, as no database's or role's setting may
-- have them: the reasons, and those for all others, are in src/pg/PARAMETERS.md. What the caller set for this
-- connection (PGOPTIONS) stays, and so does a server that its own configuration makes read-only.
SET ROLE NONE;
SELECT pg_catalog.count(pg_catalog.set_config(wanted.name, wanted.value, false))
FROM (VALUES
    ('default_transaction_read_only', 'off'),
    ('default_transaction_isolation', 'read committed'),
    ('default_transaction_deferrable', 'off'),
    ('statement_timeout', '0'),
    ('lock_timeout', '0'),
    ('idle_in_transaction_session_timeout', '0'),
    ('idle_session_timeout', '0'),
    ('transaction_timeout', '0'),
    ('exit_on_error', 'off'),
    ('client_min_messages', 'notice'),
    ('standard_conforming_strings', 'on'),
    ('backslash_quote', 'safe_encoding'),
    ('array_nulls', 'on'),
    ('transform_null_equals', 'off'),
    ('quote_all_identifiers', 'off'),
    ('xmloption', 'content'),
    ('row_security', 'off'),
    ('gin_fuzzy_search_limit', '0'),
    ('icu_validation_level', 'warning'),
    ('createrole_self_grant', ''),
    ('session_replication_role', 'origin')
) AS wanted(name, value)
WHERE pg_catalog.current_setting(wanted.name, true) OPERATOR(pg_catalog.<>) wanted.value
  AND (wanted.name OPERATOR(pg_catalog.<>) 'session_replication_role' OR pg_catalog.current_setting('is_superuser')::pg_catalog.bool)
  AND wanted.name OPERATOR(pg_catalog.<>) ALL (SELECT own.name FROM pg_catalog.pg_settings AS own WHERE own.source OPERATOR(pg_catalog.=) 'client')
  AND (wanted.name OPERATOR(pg_catalog.<>) 'default_transaction_read_only'
       OR 'default_transaction_read_only' OPERATOR(pg_catalog.=) ANY (
           SELECT known.name FROM pg_catalog.pg_settings AS known
           WHERE known.source OPERATOR(pg_catalog.=) ANY (ARRAY['database', 'user', 'database user', 'session'])));
