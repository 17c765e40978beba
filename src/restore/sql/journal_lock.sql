-- Whether nobody else is restoring into this database: $1 stands for the program, $2 for the database's name.
SELECT pg_catalog.pg_try_advisory_lock($1::pg_catalog.int4, $2::pg_catalog.int4);
