-- Takes a shared advisory lock of class $1 on each number in $2, which stand for databases' names: see
-- src/restore/lock.
SELECT pg_catalog.pg_try_advisory_lock_shared($1::pg_catalog.int4, name.number)
  FROM pg_catalog.unnest($2::pg_catalog.int4[]) AS name (number);
