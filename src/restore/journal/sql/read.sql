-- What the journal says about its restore.
SELECT archive,
       plan,
       entries,
       (SELECT pg_catalog.count(DISTINCT entry)
          FROM ONLY pgark_restore.done
         WHERE part OPERATOR(pg_catalog.>=) -1),
       pg_catalog.to_char(pg_catalog.timezone('UTC', began_at), 'YYYY-MM-DD HH24:MI:SS "UTC"'),
       pg_catalog.to_char(pg_catalog.timezone('UTC', COALESCE(
           (SELECT pg_catalog.max(noted_at) FROM ONLY pgark_restore.done), began_at)),
           'YYYY-MM-DD HH24:MI:SS "UTC"'),
       is_prepared,
       complete
  FROM ONLY pgark_restore.journal;
