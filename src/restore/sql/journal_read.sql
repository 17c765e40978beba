-- What the journal says about its restore.
SELECT archive,
       plan,
       entries,
       (SELECT pg_catalog.count(DISTINCT entry) FROM pgark_restore.done WHERE part OPERATOR(pg_catalog.>=) -1),
       pg_catalog.to_char(began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
       pg_catalog.to_char(COALESCE((SELECT pg_catalog.max(noted_at) FROM pgark_restore.done), began_at)
                          AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
       is_prepared,
       complete
  FROM pgark_restore.journal;
