-- A small database with one of everything that the tests of a restore pick from. :role_a and :role_b
-- are roles of the test's own.
CREATE ROLE :"role_a" PASSWORD 'a';
CREATE ROLE :"role_b";
GRANT :"role_a" TO :"role_b";
SELECT pg_catalog.current_database() AS here \gset
COMMENT ON DATABASE :"here" IS 'DATABASE small; it''s small';
ALTER DATABASE :"here" SET work_mem = '5MB';
ALTER ROLE :"role_a" IN DATABASE :"here" SET statement_timeout = '7min';
GRANT CONNECT ON DATABASE :"here" TO :"role_a";
CREATE SCHEMA app AUTHORIZATION :"role_a";
CREATE SCHEMA other;
CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');
CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * n';
CREATE TABLE app.parent (id int PRIMARY KEY, name text NOT NULL, feeling app.mood DEFAULT 'ok');
CREATE TABLE app.child (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent int NOT NULL REFERENCES app.parent,
    payload text,
    doubled int GENERATED ALWAYS AS (app.twice(parent)) STORED
);
CREATE INDEX child_by_payload ON app.child (payload);
CREATE TABLE other.notes (note text) ;
CREATE TABLE other.empty ();
CREATE SEQUENCE other.counter START 42;
CREATE VIEW other.children AS SELECT p.name, c.payload FROM app.parent p JOIN app.child c ON c.parent = p.id;
CREATE MATERIALIZED VIEW other.counts AS SELECT parent, pg_catalog.count(*) AS n FROM app.child GROUP BY parent;
CREATE UNIQUE INDEX counts_by_parent ON other.counts (parent);
ALTER TABLE app.child OWNER TO :"role_a";
GRANT SELECT ON app.parent TO :"role_b";
COMMENT ON TABLE app.parent IS 'those above';
CREATE RULE notes_kept AS ON DELETE TO other.notes DO INSTEAD NOTHING;
INSERT INTO app.parent SELECT i, 'parent ' || i FROM pg_catalog.generate_series(1, 1000) AS i;
INSERT INTO app.child (parent, payload)
SELECT 1 + i % 1000, pg_catalog.md5(i::text) FROM pg_catalog.generate_series(1, 5000) AS i;
INSERT INTO other.notes VALUES ('one'), (E'tab\tand \\ and\nnewline'), (NULL), ('');
SELECT pg_catalog.nextval('other.counter');
SELECT pg_catalog.lo_from_bytea(90001, '\x000102'), pg_catalog.lo_from_bytea(90002, 'text');
ALTER LARGE OBJECT 90002 OWNER TO :"role_a";
REFRESH MATERIALIZED VIEW other.counts;
