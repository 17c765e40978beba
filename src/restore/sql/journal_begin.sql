-- Whose journal it is: $1 the archive's digest, $2 the plan's, $3 how many entries there are.
INSERT INTO pgark_restore.journal (archive, plan, entries) VALUES ($1, $2, $3);
