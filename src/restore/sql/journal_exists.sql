-- Whether a restore has left a journal in this database.
SELECT pg_catalog.count(*) OPERATOR(pg_catalog.=) 2
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE n.nspname OPERATOR(pg_catalog.=) 'pgark_restore'
   AND c.relname OPERATOR(pg_catalog.=) ANY (ARRAY['journal', 'done']);
