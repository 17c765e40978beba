-- What the workloads are made with, in a schema that end.sql drops again.
--
-- Text is cut from 16 MiB of words: words as frequent as in a language, no sentence twice within the
-- window of a compressor. The same on every run: random() starts from a fixed seed in every session.
SET client_min_messages = warning;
SET synchronous_commit = off;
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.5);
CREATE SCHEMA bench;

-- 4,000 words of one to four syllables; the smaller the number, the more frequent the word.
CREATE TABLE bench.word (id int PRIMARY KEY, word text NOT NULL);
INSERT INTO bench.word
SELECT
    i,
    (SELECT string_agg((ARRAY[
        'ta', 're', 'con', 'ment', 'ing', 'er', 'al', 'pro', 'de', 'ver', 'tion', 'in', 'per', 'com', 'ly', 'ex',
        'ble', 'un', 'ti', 'so', 'ra', 'mo', 'le', 'ca', 'vi', 'sta', 'on', 'pre', 'ness', 'ic', 'o', 'a'
    ])[1 + floor(32 * random())::int], '') FROM generate_series(1, 1 + (i % 4)))
FROM generate_series(0, 3999) AS i;

CREATE TABLE bench.corpus (body bytea NOT NULL);
ALTER TABLE bench.corpus ALTER COLUMN body SET STORAGE EXTERNAL;
INSERT INTO bench.corpus
SELECT string_agg(word::bytea, ' ')
FROM (SELECT floor(4000 * power(random(), 3))::int AS id FROM generate_series(1, 2600000)) AS drawn
JOIN bench.word USING (id);

-- Fills a table up to a size in bytes, TOAST included, by one of the shapes of row below.
CREATE PROCEDURE bench.fill(target regclass, shape text, bytes bigint)
LANGUAGE plpgsql AS $$
DECLARE
    corpus CONSTANT bytea := body FROM bench.corpus;
    -- Small steps first: a table of 64 kB must not end up with a megabyte.
    step bigint := 50;
    next_id bigint := 1;
BEGIN
    WHILE pg_table_size(target) < bytes LOOP
        EXECUTE format('INSERT INTO %s SELECT * FROM bench.%I($1, $2, $3)', target, shape) USING corpus, next_id, next_id + step - 1;
        next_id := next_id + step;
        step := least(20000, next_id / 4 + 50);
        COMMIT;
    END LOOP;
END $$;

-- Some bytes of the corpus as text.
CREATE FUNCTION bench.words(corpus bytea, length int) RETURNS text
LANGUAGE sql VOLATILE AS $$
    SELECT convert_from(substring(corpus, 1 + floor(random() * (octet_length(corpus) - length))::int, length), 'UTF8')
$$;

-- A row of a shop: numbers, a timestamp, few states, a uuid that does not compress, a note, jsonb.
CREATE FUNCTION bench.mixed(corpus bytea, first bigint, last bigint)
RETURNS TABLE (
    id bigint, customer_id int, placed timestamptz, status text, amount numeric, quantity smallint, currency text,
    paid boolean, weight double precision, token uuid, note text, attributes jsonb
) LANGUAGE sql VOLATILE AS $$
    SELECT
        i,
        floor(power(random(), 2) * 200000)::int,
        '2017-01-01 00:00:00+00'::timestamptz + i * interval '7.31 seconds' + random() * interval '5 seconds',
        (ARRAY['new', 'paid', 'paid', 'shipped', 'shipped', 'returned'])[1 + floor(random() * 6)::int],
        round((power(random(), 4) * 5000)::numeric, 2),
        1 + floor(power(random(), 5) * 30)::int,
        (ARRAY['EUR', 'EUR', 'EUR', 'USD', 'GBP'])[1 + floor(random() * 5)::int],
        random() < 0.93,
        random() * 40,
        CASE WHEN random() < 0.6 THEN gen_random_uuid() END,
        CASE WHEN random() < 0.7 THEN bench.words(corpus, 10 + floor(random() * 120)::int) END,
        jsonb_build_object(
            'channel', (ARRAY['web', 'app', 'shop'])[1 + floor(random() * 3)::int], 'retries', floor(power(random(), 6) * 9),
            'host', 'node' || floor(random() * 40), 'campaign', floor(random() * 10000)
        )
    FROM generate_series(first, last) AS i
$$;

-- A line of a log: text above all.
CREATE FUNCTION bench.line(corpus bytea, first bigint, last bigint)
RETURNS TABLE (id bigint, at timestamp, level text, source text, address inet, message text)
LANGUAGE sql VOLATILE AS $$
    SELECT
        i, '2017-09-01'::timestamp + i * interval '113 milliseconds',
        (ARRAY['info', 'info', 'info', 'debug', 'warning', 'error'])[1 + floor(random() * 6)::int],
        'service.' || floor(power(random(), 2) * 60),
        ('10.' || floor(random() * 4) || '.' || floor(random() * 255) || '.' || floor(random() * 255))::inet,
        bench.words(corpus, 40 + floor(power(random(), 2) * 300)::int)
    FROM generate_series(first, last) AS i
$$;

-- A measurement: short rows of numbers, where the work per row counts.
CREATE FUNCTION bench.sample(corpus bytea, first bigint, last bigint)
RETURNS TABLE (id bigint, series_id int, at timestamptz, value double precision, quality smallint)
LANGUAGE sql VOLATILE AS $$
    SELECT
        i, 1 + (i * 7919 % 500)::int, '2017-09-01 00:00:00+00'::timestamptz + i * interval '250 milliseconds',
        sin(i / 1000.0) * 500 + random(), floor(power(random(), 3) * 5)::int
    FROM generate_series(first, last) AS i
$$;

-- A document: jsonb and a body that often goes to TOAST.
CREATE FUNCTION bench.document(corpus bytea, first bigint, last bigint)
RETURNS TABLE (id bigint, path text, meta jsonb, checksum bytea, body text)
LANGUAGE sql VOLATILE AS $$
    SELECT
        i, '/home/user' || i % 173 || '/' || md5(i::text) || '.txt',
        jsonb_build_object('pages', floor(random() * 300), 'by', 'user' || i % 173, 'title', bench.words(corpus, 40), 'tags',
            jsonb_build_array('tag' || floor(random() * 9), 'tag' || floor(random() * 90))),
        sha256(i::text::bytea),
        bench.words(corpus, 200 + floor(power(random(), 3) * 8000)::int)
    FROM generate_series(first, last) AS i
$$;
