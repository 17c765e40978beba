-- The server took $2 rows of entry $1, which were not those that were sent.
UPDATE pgark_restore.done SET taken = $2::pg_catalog.int8 WHERE entry = $1 AND part = -1;
