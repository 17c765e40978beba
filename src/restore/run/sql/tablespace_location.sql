-- A tablespace by its OID, $1, and the folder that it is in.
SELECT t.spcname, pg_catalog.pg_tablespace_location(t.oid)
  FROM pg_catalog.pg_tablespace t
 WHERE t.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid;
