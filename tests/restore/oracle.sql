-- One of everything that a table of contents can tell apart, for scripts to be compared with
-- pg_restore's. :role_a and :role_b are roles of the test's own.
CREATE ROLE :"role_a";
CREATE ROLE :"role_b";
SELECT pg_catalog.current_database() AS here \gset
COMMENT ON DATABASE :"here" IS 'everything';
ALTER DATABASE :"here" SET work_mem = '5MB';
GRANT CONNECT ON DATABASE :"here" TO :"role_a";
CREATE SCHEMA app AUTHORIZATION :"role_a";
CREATE SCHEMA "Odd one";
COMMENT ON SCHEMA app IS 'the application';
GRANT USAGE ON SCHEMA app TO :"role_b";
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO :"role_b";

CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TYPE app.pair AS (a int, b text);
CREATE DOMAIN app.small AS int CHECK (VALUE < 1000000);
COMMENT ON DOMAIN app.small IS 'below a million';
CREATE COLLATION app.plain (provider = libc, locale = 'C');
CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * n';
CREATE FUNCTION app.twice(n app.small, m text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT m';
CREATE FUNCTION app.atomic(n int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT n + 1; SELECT n; END;
CREATE PROCEDURE "Odd one".act() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS
$$
-- a comment in a body

BEGIN
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.twice(int) IS 'doubles';
REVOKE ALL ON FUNCTION app.twice(int) FROM PUBLIC;

CREATE TABLE app.parent (id int PRIMARY KEY, name text COLLATE app.plain NOT NULL, feeling app.mood DEFAULT 'ok');
CREATE TABLE app.child (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent app.small NOT NULL REFERENCES app.parent,
    payload text,
    doubled int GENERATED ALWAYS AS (app.twice(parent)) STORED
);
CREATE TABLE "Odd one".parent (id serial, "Name" text, CHECK (id > 0)) USING heap2;
CREATE TABLE "Odd one"."T-1" (x int);
CREATE TABLE app.event (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE app.event_old PARTITION OF app.event FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE app.event_new PARTITION OF app.event FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);
CREATE INDEX event_at ON app.event (at);
CREATE INDEX child_by_payload ON app.child (payload);
CREATE UNIQUE INDEX "Odd-index" ON "Odd one"."T-1" (x);
CREATE STATISTICS app.child_stats ON parent, payload FROM app.child;
CREATE SEQUENCE app.counter START 42;
CREATE VIEW app.children AS SELECT p.name, c.payload FROM app.parent p JOIN app.child c ON c.parent = p.id;
CREATE MATERIALIZED VIEW app.counts AS SELECT parent, count(*) AS n FROM app.child GROUP BY parent;
CREATE UNIQUE INDEX counts_by_parent ON app.counts (parent);
COMMENT ON TABLE app.parent IS 'those above';
COMMENT ON COLUMN app.parent.name IS 'what; it is called';
COMMENT ON INDEX app.child_by_payload IS 'an index';
ALTER TABLE app.child OWNER TO :"role_a";
GRANT SELECT ON app.parent TO :"role_b";
GRANT UPDATE (name) ON app.parent TO :"role_b";
GRANT SELECT ON app.counts TO :"role_a";

CREATE TRIGGER touch BEFORE UPDATE ON app.child FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER touch BEFORE UPDATE ON "Odd one"."T-1" FOR EACH ROW EXECUTE FUNCTION app.touch();
COMMENT ON TRIGGER touch ON app.child IS 'a trigger';
CREATE RULE kept AS ON DELETE TO "Odd one"."T-1" DO INSTEAD NOTHING;
ALTER TABLE app.parent ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON app.parent TO :"role_a" USING (id < 10);
COMMENT ON POLICY mine ON app.parent IS 'a policy';
CREATE FUNCTION app.seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER oracle_seen ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION app.seen();
COMMENT ON EVENT TRIGGER oracle_seen IS 'an event trigger';
CREATE PUBLICATION oracle_some FOR TABLE app.parent, TABLES IN SCHEMA "Odd one";
COMMENT ON PUBLICATION oracle_some IS 'a publication';
CREATE SUBSCRIPTION oracle_sub CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
COMMENT ON SUBSCRIPTION oracle_sub IS 'a subscription';
CREATE FOREIGN DATA WRAPPER oracle_wrapper;
CREATE SERVER oracle_server FOREIGN DATA WRAPPER oracle_wrapper;
CREATE USER MAPPING FOR :"role_a" SERVER oracle_server OPTIONS (secret 'x');
CREATE FOREIGN TABLE app.far (x int) SERVER oracle_server;
CREATE CAST (app.pair AS text) WITH INOUT;
CREATE TEXT SEARCH CONFIGURATION app.search (COPY = pg_catalog.simple);
CREATE OPERATOR app.%% (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl);

INSERT INTO app.parent SELECT i, 'parent ' || i FROM generate_series(1, 2000) AS i;
INSERT INTO app.child (parent, payload) SELECT 1 + i % 1000, md5(i::text) FROM generate_series(1, 20000) AS i;
INSERT INTO "Odd one".parent ("Name") VALUES ('one'), (E'tab\tand \\ and\nnewline'), (NULL), ('');
INSERT INTO app.event SELECT date '2019-06-01' + i, 'e' || i FROM generate_series(1, 600) AS i;
SELECT nextval('app.counter');
SELECT lo_from_bytea(90001, '\x000102'), lo_from_bytea(90002, 'text'), lo_from_bytea(90003, '');
ALTER LARGE OBJECT 90002 OWNER TO :"role_a";
GRANT SELECT ON LARGE OBJECT 90001 TO :"role_b";
COMMENT ON LARGE OBJECT 90001 IS 'a large object';
REFRESH MATERIALIZED VIEW app.counts;
