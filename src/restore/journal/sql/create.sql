-- The journal of a restore into this database: see src/restore/journal. Both tables have keys, because
-- a publication for all tables lets no table be updated that has none. No column has a default, whose
-- expression would have to be looked at before anything is written; and schema/sql/journal.sql, which
-- recognizes a journal, knows what is written here.
CREATE SCHEMA pgark_restore;
COMMENT ON SCHEMA pgark_restore IS
    'The journal of a pgark restore that has not ended. pgark restore --resume goes on with it.';
CREATE TABLE pgark_restore.journal (
    archive pg_catalog.text PRIMARY KEY,
    plan pg_catalog.text NOT NULL,
    entries pg_catalog.int8 NOT NULL,
    began_at pg_catalog.timestamptz NOT NULL,
    is_prepared pg_catalog.bool NOT NULL,
    complete pg_catalog.text NOT NULL
);
CREATE TABLE pgark_restore.done (
    entry pg_catalog.int4 NOT NULL,
    part pg_catalog.int4 NOT NULL,
    taken pg_catalog.int8,
    noted_at pg_catalog.timestamptz NOT NULL,
    PRIMARY KEY (entry, part)
);
