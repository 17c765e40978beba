-- The labels of all enums. Rows hold their OIDs; enum_out() writes the labels as they are now, whatever the snapshot.
SELECT e.oid, e.enumlabel, e.enumtypid::pg_catalog.regtype
FROM pg_catalog.pg_enum AS e
ORDER BY e.oid;
