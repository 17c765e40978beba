-- The event triggers of this database that may fire: the statement that switches each off, the one that puts it
-- back, whether it fires under session_replication_role = replica too, and whether the user may switch it.
SELECT pg_catalog.format('ALTER EVENT TRIGGER %I DISABLE', t.evtname),
       pg_catalog.format('ALTER EVENT TRIGGER %I ENABLE%s', t.evtname, f.how),
       f.how OPERATOR(pg_catalog.<>) '',
       pg_catalog.pg_has_role(t.evtowner, 'USAGE')
  FROM pg_catalog.pg_event_trigger AS t,
       (VALUES ('O'::pg_catalog."char", ''), ('A'::pg_catalog."char", ' ALWAYS'),
               ('R'::pg_catalog."char", ' REPLICA')) AS f (enabled, how)
 WHERE t.evtenabled OPERATOR(pg_catalog.=) f.enabled
 ORDER BY t.evtname;
