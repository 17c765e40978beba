-- The journal of a restore into this database: see src/restore/journal. Both tables have keys, because
-- a publication for all tables lets no table be updated that has none.
CREATE SCHEMA pgark_restore;
COMMENT ON SCHEMA pgark_restore IS
    'The journal of a pgark restore that has not ended. pgark restore --resume goes on with it.';
CREATE TABLE pgark_restore.journal (
    archive pg_catalog.text PRIMARY KEY,
    plan pg_catalog.text NOT NULL,
    entries bigint NOT NULL,
    began_at timestamp with time zone NOT NULL DEFAULT pg_catalog.now(),
    is_prepared boolean NOT NULL DEFAULT false,
    complete pg_catalog.text NOT NULL DEFAULT ''
);
CREATE TABLE pgark_restore.done (
    entry integer NOT NULL,
    part integer NOT NULL,
    taken bigint,
    noted_at timestamp with time zone NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (entry, part)
);
