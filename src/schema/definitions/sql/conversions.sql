-- Conversions: getConversions() and dumpConversion() in pg_dump.c.
SELECT c.tableoid, c.oid, c.conname, c.connamespace, c.conowner,
       pg_catalog.pg_encoding_to_char(c.conforencoding), pg_catalog.pg_encoding_to_char(c.contoencoding),
       c.conproc::pg_catalog.regproc, c.condefault
FROM pg_catalog.pg_conversion AS c
ORDER BY c.oid;
