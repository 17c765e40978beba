-- Whether a restore has left a journal in this database.
SELECT pg_catalog.count(*) = 2
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'pgark_restore' AND c.relname IN ('journal', 'done');
