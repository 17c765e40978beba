-- Every database one can connect to, templates included (an invalid one has datconnlimit -2).
SELECT d.datname
FROM pg_catalog.pg_database AS d
WHERE d.datallowconn AND d.datconnlimit OPERATOR(pg_catalog.<>) -2;
