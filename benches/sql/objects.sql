-- Large objects (-v objects=NUMBER) of 100 to 4,000 bytes. One transaction for every thousand: locks are finite.
\ir begin.sql
CREATE PROCEDURE bench.create_objects(number int)
LANGUAGE plpgsql AS $$
DECLARE
    corpus CONSTANT bytea := body FROM bench.corpus;
BEGIN
    FOR part IN 0..(number - 1) / 1000 LOOP
        PERFORM lo_from_bytea(0, bench.words(corpus, 100 + floor(power(random(), 3) * 3900)::int)::bytea)
        FROM generate_series(1, least(1000, number - part * 1000));
        COMMIT;
    END LOOP;
END $$;
CALL bench.create_objects(:objects);
\ir end.sql
