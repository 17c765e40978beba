-- Every database one can connect to, templates left out (an invalid one has datconnlimit -2).
SELECT d.datname
FROM pg_catalog.pg_database AS d
WHERE d.datallowconn AND NOT d.datistemplate AND d.datconnlimit OPERATOR(pg_catalog.<>) -2
ORDER BY d.datname;
