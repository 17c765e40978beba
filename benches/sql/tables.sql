-- 40 tables in four shapes (-v bytes=SIZE of all, heap with TOAST): each has 0.85 of the size of the one
-- before, so the biggest has a seventh of all and the smallest is 500 times smaller. Primary keys everywhere,
-- secondary indexes on every other table, a few foreign keys.
\ir begin.sql
CREATE TABLE public.customer (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO public.customer SELECT i, 'customer ' || i FROM generate_series(0, 199999) AS i;

CREATE TABLE bench.plan AS
SELECT
    i AS number,
    (ARRAY['mixed', 'line', 'sample', 'document'])[1 + i % 4] AS shape,
    format('public.%s_%s', (ARRAY['orders', 'log', 'samples', 'documents'])[1 + i % 4], to_char(i, 'FM00')) AS name,
    (:bytes * 0.15 * power(0.85, i) / (1 - power(0.85, 40)))::bigint AS bytes
FROM generate_series(0, 39) AS i;

SELECT format('CREATE TABLE %s AS SELECT * FROM bench.%s(NULL, 1, 0);', name, shape) FROM bench.plan ORDER BY number \gexec
SELECT format('CALL bench.fill(%L, %L, %s);', name, shape, bytes) FROM bench.plan ORDER BY number \gexec
SELECT format('ALTER TABLE %s ADD PRIMARY KEY (id);', name) FROM bench.plan ORDER BY number \gexec
SELECT format('CREATE INDEX ON %s (%s);', name, column_list)
FROM bench.plan
JOIN (VALUES ('mixed', 'placed'), ('mixed', 'customer_id, status'), ('line', 'at'), ('sample', 'series_id, at'), ('document', 'path'))
    AS wanted(shape, column_list) USING (shape)
WHERE number / 4 % 2 = 0
ORDER BY number, column_list \gexec
SELECT format('ALTER TABLE %s ADD FOREIGN KEY (customer_id) REFERENCES public.customer;', name)
FROM bench.plan WHERE shape = 'mixed' AND number / 4 % 3 = 1 ORDER BY number \gexec
\ir end.sql
