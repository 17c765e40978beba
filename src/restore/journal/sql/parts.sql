-- The parts of some entries that are done. $1 is an array of the entries.
SELECT entry, part
  FROM ONLY pgark_restore.done
 WHERE entry OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.int4[]);
