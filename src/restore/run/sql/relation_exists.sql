-- Whether a relation exists. $1 is its quoted, qualified name.
SELECT pg_catalog.to_regclass($1) IS NOT NULL;
