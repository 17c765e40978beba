-- Extended statistics: getExtendedStatistics() and dumpStatisticsExt() in pg_dump.c. $1: the relations.
SELECT s.tableoid, s.oid, s.stxname, s.stxnamespace, s.stxowner, s.stxrelid, s.stxstattarget,
       CASE WHEN s.stxrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]) THEN pg_catalog.pg_get_statisticsobjdef(s.oid) END
FROM pg_catalog.pg_statistic_ext AS s
ORDER BY s.oid;
