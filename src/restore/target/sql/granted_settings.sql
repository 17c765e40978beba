-- Parameters that only superusers may set, but for those who were granted it (since 15).
SELECT 'set', pg_catalog.lower(p.parname)
  FROM pg_catalog.pg_parameter_acl AS p
 WHERE pg_catalog.has_parameter_privilege(p.parname, 'SET');
