-- The server took $2 rows of entry $1, which were not those that were sent.
UPDATE ONLY pgark_restore.done
   SET taken = $2::pg_catalog.int8
 WHERE entry OPERATOR(pg_catalog.=) $1::pg_catalog.int4
   AND part OPERATOR(pg_catalog.=) -1;
