-- What the sessions of pgark itself have beyond the parameters that scripts have too: texts in the database's own
-- encoding unless the caller chose one, and no look into views and foreign tables (CVE-2024-7348; the parameter
-- came with the minor releases of August 2024).
SELECT pg_catalog.count(pg_catalog.set_config(wanted.name, wanted.value, false))
FROM (VALUES
    ('client_encoding', pg_catalog.getdatabaseencoding()::pg_catalog.text),
    ('restrict_nonsystem_relation_kind', 'view, foreign-table')
) AS wanted(name, value)
WHERE pg_catalog.current_setting(wanted.name, true) OPERATOR(pg_catalog.<>) wanted.value
  AND wanted.name OPERATOR(pg_catalog.<>) ALL (SELECT own.name FROM pg_catalog.pg_settings AS own WHERE own.source OPERATOR(pg_catalog.=) 'client');
