-- Event triggers: getEventTriggers() in pg_dump.c.
SELECT e.tableoid, e.oid, e.evtname, e.evtowner, e.evtevent, e.evtenabled, e.evtfoid::pg_catalog.regproc,
       pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.quote_literal(tag)
                                        FROM pg_catalog.unnest(e.evttags) AS tag), ', ')
FROM pg_catalog.pg_event_trigger AS e
ORDER BY e.oid;
