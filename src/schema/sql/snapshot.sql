-- Exports the transaction's snapshot; where and when it stands. On a standby the position replayed.
SELECT pg_catalog.pg_export_snapshot() AS name,
       CASE WHEN pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_last_wal_replay_lsn()
            ELSE pg_catalog.pg_current_wal_lsn() END AS wal_position,
       pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC',
                          'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS taken_at,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8
           AS taken_at_us,
       pg_catalog.pg_is_in_recovery() AS standby;
