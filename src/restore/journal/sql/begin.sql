-- Whose journal it is: $1 the archive's digest, $2 the plan's, $3 how many entries there are.
INSERT INTO pgark_restore.journal (archive, plan, entries, began_at, is_prepared, complete)
VALUES ($1, $2, $3, pg_catalog.now(), false, '');
