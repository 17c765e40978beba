-- Who owns and who was granted: collectRoleNames() in pg_dump.c.
SELECT r.oid, r.rolname FROM pg_catalog.pg_roles AS r;
