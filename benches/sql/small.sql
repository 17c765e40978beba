-- Many small tables (-v tables=NUMBER) of 0 to 60 rows over ten schemas: primary keys, an index on every
-- third. What counts here is the cost per table. One transaction for every hundred: locks are finite.
\ir begin.sql
SELECT format('CREATE SCHEMA part_%s;', i) FROM generate_series(0, 9) AS i \gexec
CREATE PROCEDURE bench.create_tables(first int, last int)
LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN first..last LOOP
        EXECUTE format('CREATE TABLE part_%s.small_%s (id int PRIMARY KEY, at timestamptz NOT NULL, label text, value numeric)', i % 10, i);
        EXECUTE format(
            'INSERT INTO part_%s.small_%s SELECT k, %L::timestamptz + k * interval ''1 hour'', ''label '' || md5(k::text), k * 1.25
            FROM generate_series(1, %s) AS k',
            i % 10, i, '2017-09-01 00:00:00+00', i % 61);
        IF i % 3 = 0 THEN
            EXECUTE format('CREATE INDEX ON part_%s.small_%s (at)', i % 10, i);
        END IF;
        IF i % 100 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END $$;
CALL bench.create_tables(1, :tables);
\ir end.sql
