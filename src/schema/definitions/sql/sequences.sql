-- Sequences: collectSequences() in pg_dump.c.
SELECT s.seqrelid, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin,
       s.seqcache, s.seqcycle
FROM pg_catalog.pg_sequence AS s;
