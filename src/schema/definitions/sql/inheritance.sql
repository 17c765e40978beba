-- Who inherits from whom, in the order in which the parents were named. A partition that is being detached is
-- still attached here, as in pg_dump.
SELECT i.inhrelid, i.inhparent,
       i.inhdetachpending -- since 14
       false              -- before 14
FROM pg_catalog.pg_inherits AS i
ORDER BY i.inhrelid, i.inhseqno;
