-- Security labels on everything of the zoo that can have one. No label provider is loaded, so the rows are written
-- as a provider's SECURITY LABEL would write them. Labels of one object are written in the order of providers.
SET allow_system_table_mods = on;
CREATE TEMPORARY TABLE labelled AS
    SELECT c.tableoid::oid AS classoid, c.oid AS objoid, 0 AS objsubid FROM pg_class AS c
    WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND c.relname !~ '^pg_'
    UNION ALL SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND a.attnum % 2 = 1
    UNION ALL SELECT tableoid, oid, 0 FROM pg_namespace WHERE nspname IN ('public', 'sch', 'Sch 2')
    UNION ALL SELECT tableoid, oid, 0 FROM pg_type WHERE oid >= 16384 AND typtype IN ('b', 'c', 'd', 'e', 'r') AND typelem = 0
    UNION ALL SELECT tableoid, oid, 0 FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT tableoid, oid, 0 FROM pg_language
    UNION ALL SELECT tableoid, oid, 0 FROM pg_event_trigger
    UNION ALL SELECT tableoid, oid, 0 FROM pg_publication
    UNION ALL SELECT tableoid, oid, 0 FROM pg_subscription;
INSERT INTO pg_seclabel (classoid, objoid, objsubid, provider, label)
    SELECT classoid, objoid, objsubid, 'dummy', E'it''s \\ one\nline' FROM labelled WHERE classoid <> 'pg_subscription'::regclass;
INSERT INTO pg_seclabel (classoid, objoid, objsubid, provider, label)
    SELECT classoid, objoid, objsubid, 'Other one', 'x' FROM labelled WHERE classoid <> 'pg_subscription'::regclass AND objoid::bigint % 3 = 0;
INSERT INTO pg_shseclabel (classoid, objoid, provider, label)
    SELECT classoid, objoid, 'dummy', 'shared' FROM labelled WHERE classoid = 'pg_subscription'::regclass
    UNION ALL SELECT 'pg_database'::regclass, oid, 'dummy', E'back\\slash' FROM pg_database WHERE datname = current_database();
RESET allow_system_table_mods;
