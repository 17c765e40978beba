-- Every database of the server, by name (an invalid one has datconnlimit -2).
SELECT d.datname,
       d.datallowconn,
       d.datconnlimit OPERATOR(pg_catalog.=) -2 AS invalid
FROM pg_catalog.pg_database AS d
ORDER BY d.datname;
