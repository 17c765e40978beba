-- Traps on the search path of this database: operators, functions, types, views and casts that PostgreSQL
-- would prefer to its own wherever a name is not qualified. Each says so in the server's log when it runs, which
-- no transaction takes back. :schemas are the schemas to plant in; :functions the names of the functions that
-- pgark's statements call, :operators its operators.
SELECT pg_catalog.set_config('planted.schemas', :'schemas', false),
       pg_catalog.set_config('planted.functions', :'functions', false),
       pg_catalog.set_config('planted.operators', :'operators', false) \g /dev/null
CREATE SCHEMA IF NOT EXISTS mal;

DO $plant$
DECLARE
    types pg_catalog.text[] := ARRAY['name', 'text', '"char"', 'oid', 'int2', 'int4', 'int8', 'float8', 'numeric',
        'bool', 'regclass', 'regtype', 'oid[]', 'text[]', 'name[]', '"char"[]', 'jsonb', 'timestamptz', 'tid', 'xid'];
    place pg_catalog.text;
    type_left pg_catalog.text;
    type_right pg_catalog.text;
    number pg_catalog.int4 := 0;
    operator pg_catalog.text;
    returns pg_catalog.text;
    original pg_catalog.pg_proc;
    relation pg_catalog.name;
BEGIN
    FOREACH place IN ARRAY string_to_array(current_setting('planted.schemas'), ' ') LOOP
        FOREACH type_left IN ARRAY types LOOP
            FOREACH type_right IN ARRAY types LOOP
                number := number + 1;
                FOR returns IN VALUES ('bool'), ('text'), ('float8') LOOP
                    EXECUTE format($f$CREATE FUNCTION %I.trap_%s_%s(pg_catalog.%s, pg_catalog.%s)
                        RETURNS pg_catalog.%s LANGUAGE plpgsql AS
                        $$BEGIN RAISE LOG 'planted: operator %% %%', %L, current_user; RETURN NULL; END$$ $f$,
                        place, number, returns, type_left, type_right, returns, type_left || ' ' || type_right);
                END LOOP;
                FOREACH operator IN ARRAY string_to_array(current_setting('planted.operators'), ' ') LOOP
                    returns := CASE WHEN operator IN ('||', '->>') THEN 'text'
                                    WHEN operator IN ('+', '-', '*', '/') THEN 'float8' ELSE 'bool' END;
                    EXECUTE format('CREATE OPERATOR %I.%s (LEFTARG = pg_catalog.%s, RIGHTARG = pg_catalog.%s,
                        FUNCTION = %I.trap_%s_%s)', place, operator, type_left, type_right, place, number, returns);
                END LOOP;
            END LOOP;
        END LOOP;
        -- The functions, with the very arguments of PostgreSQL's own.
        FOR original IN
            SELECT p.* FROM pg_catalog.pg_proc AS p
            WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND p.prokind = 'f'
              AND p.proname::pg_catalog.text = ANY (string_to_array(current_setting('planted.functions'), ' '))
        LOOP
            BEGIN
                EXECUTE format($f$CREATE FUNCTION %I.%I(%s) RETURNS %s LANGUAGE plpgsql AS
                    $$BEGIN RAISE LOG 'planted: function %% %%', %L, current_user; RETURN NULL; END$$ $f$,
                    place, original.proname, pg_get_function_identity_arguments(original.oid),
                    CASE WHEN original.proretset THEN 'SETOF ' ELSE '' END || format_type(original.prorettype, NULL),
                    original.proname);
            EXCEPTION WHEN OTHERS THEN NULL; -- a pseudo-type that plpgsql does not take
            END;
        END LOOP;
        EXECUTE format($f$CREATE FUNCTION %I.trap_value(pg_catalog.text, pg_catalog.anyelement)
            RETURNS pg_catalog.bool LANGUAGE plpgsql AS
            $$BEGIN RAISE LOG 'planted: %% %%', $1, current_user; RETURN true; END$$ $f$, place);
        FOREACH type_left IN ARRAY ARRAY['name', 'text', 'oid', 'int4', 'int8', 'bool', 'regclass'] LOOP
            EXECUTE format('CREATE DOMAIN %I.%I AS pg_catalog.%I CHECK (%I.trap_value(%L, VALUE))',
                place, type_left, type_left, place, 'type ' || type_left);
        END LOOP;
        FOREACH relation IN ARRAY ARRAY['pg_class', 'pg_namespace', 'pg_database', 'pg_roles', 'pg_settings',
            'pg_proc', 'pg_type', 'pg_depend', 'pg_extension', 'pg_tablespace'] LOOP
            EXECUTE format('CREATE VIEW %I.%I AS SELECT * FROM pg_catalog.%I WHERE %I.trap_value(%L, 1::pg_catalog.int4)',
                place, relation, relation, place, 'relation ' || relation);
        END LOOP;
    END LOOP;
END
$plant$;

SELECT pg_catalog.current_database() AS here \gset
ALTER DATABASE :"here" SET search_path = mal, public, pg_catalog;
