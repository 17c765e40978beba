-- Whether a folder exists on the server's own disk. $1 is its path.
SELECT (pg_catalog.pg_stat_file($1, true)).isdir IS TRUE;
