-- What the planner knows by the extended statistics of the relations $1: dumpStatisticsExtStats() in pg_dump.c of 19,
-- the first version whose servers take them back.
SELECT s.oid, e.inherited, e.n_distinct, e.dependencies, e.most_common_vals, e.most_common_freqs, e.most_common_base_freqs,
       (SELECT pg_catalog.jsonb_pretty(pg_catalog.jsonb_agg(
                   CASE WHEN known.of OPERATOR(pg_catalog.<>) '{}'::pg_catalog.jsonb THEN known.of END))
        FROM pg_catalog.pg_stats_ext_exprs AS x
        CROSS JOIN LATERAL pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'null_frac', x.null_frac::pg_catalog.text,
            'avg_width', x.avg_width::pg_catalog.text,
            'n_distinct', x.n_distinct::pg_catalog.text,
            'most_common_vals', x.most_common_vals::pg_catalog.text,
            'most_common_freqs', x.most_common_freqs::pg_catalog.text,
            'histogram_bounds', x.histogram_bounds::pg_catalog.text,
            'correlation', x.correlation::pg_catalog.text,
            'most_common_elems', x.most_common_elems::pg_catalog.text,
            'most_common_elem_freqs', x.most_common_elem_freqs::pg_catalog.text,
            'elem_count_histogram', x.elem_count_histogram::pg_catalog.text,
            'range_length_histogram', x.range_length_histogram::pg_catalog.text,
            'range_empty_frac', x.range_empty_frac::pg_catalog.text,
            'range_bounds_histogram', x.range_bounds_histogram::pg_catalog.text)) AS known(of)
        WHERE x.statistics_schemaname OPERATOR(pg_catalog.=) e.statistics_schemaname
          AND x.statistics_name OPERATOR(pg_catalog.=) e.statistics_name
          AND x.inherited OPERATOR(pg_catalog.=) e.inherited)
FROM pg_catalog.pg_statistic_ext AS s
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) s.stxnamespace
JOIN pg_catalog.pg_stats_ext AS e
  ON e.statistics_schemaname OPERATOR(pg_catalog.=) n.nspname AND e.statistics_name OPERATOR(pg_catalog.=) s.stxname
WHERE s.stxrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
ORDER BY s.oid, e.inherited;
