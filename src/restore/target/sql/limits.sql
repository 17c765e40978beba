-- What the server allows for building indexes, in its own units (kB; pages of 8 kB), and whether
-- somebody has chosen the value.
SELECT name, setting, source OPERATOR(pg_catalog.<>) 'default' AS is_chosen
  FROM pg_catalog.pg_settings
 WHERE name OPERATOR(pg_catalog.=) ANY (
           ARRAY['maintenance_work_mem', 'max_parallel_maintenance_workers', 'shared_buffers']);
