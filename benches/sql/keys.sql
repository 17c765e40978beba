-- 200 foreign keys: forty tables (-v rows=NUMBER in each) with five keys each to five tables that all reference.
\ir begin.sql
SELECT format('CREATE TABLE public.hub_%s AS SELECT i AS id, ''hub '' || i AS name FROM generate_series(1, 100000) AS i;', hub)
FROM generate_series(0, 4) AS hub \gexec
SELECT format('ALTER TABLE public.hub_%s ADD PRIMARY KEY (id);', hub) FROM generate_series(0, 4) AS hub \gexec
SELECT format(
    'CREATE TABLE public.spoke_%s AS SELECT i AS id, 1 + (i * 7 %% 100000) AS a, 1 + (i * 11 %% 100000) AS b, 1 + (i * 13 %% 100000) AS c,
    1 + (i * 17 %% 100000) AS d, 1 + (i * 19 %% 100000) AS e, ''spoke '' || i AS name FROM generate_series(1::bigint, %s) AS i;',
    spoke, :rows)
FROM generate_series(0, 39) AS spoke \gexec
SELECT format('ALTER TABLE public.spoke_%s ADD PRIMARY KEY (id);', spoke) FROM generate_series(0, 39) AS spoke \gexec
SELECT format('ALTER TABLE public.spoke_%s ADD FOREIGN KEY (%s) REFERENCES public.hub_%s;', spoke, chr(97 + hub), hub)
FROM generate_series(0, 39) AS spoke, generate_series(0, 4) AS hub \gexec
\ir end.sql
