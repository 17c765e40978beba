-- What the planner knows of the columns of the relations $1 and of their indexes, as far as the user may read them:
-- fetchAttributeStats() in pg_dump.c. The view has names and no OIDs.
SELECT c.oid, s.inherited, s.null_frac, s.avg_width, s.n_distinct, s.most_common_vals, s.most_common_freqs,
       s.histogram_bounds, s.correlation, s.most_common_elems, s.most_common_elem_freqs, s.elem_count_histogram,
       s.range_length_histogram, s.range_empty_frac, s.range_bounds_histogram, -- since 17
       NULL, NULL, NULL,                                                       -- before 17
       s.attname
FROM (SELECT wanted.oid FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
      UNION ALL
      SELECT own.indexrelid FROM pg_catalog.pg_index AS own
      WHERE own.indrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])) AS of
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) of.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
JOIN pg_catalog.pg_stats AS s
  ON s.schemaname OPERATOR(pg_catalog.=) n.nspname AND s.tablename OPERATOR(pg_catalog.=) c.relname
ORDER BY c.oid, s.attname, s.inherited;
