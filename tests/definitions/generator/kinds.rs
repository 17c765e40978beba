//! Functions, types, and the kinds that hang on neither tables nor rights.

use super::Draw;
use super::names;

pub fn function(draw: &mut Draw) -> String {
    let schema = names::schema(draw);
    let traits = draw.one(&[
        "IMMUTABLE",
        "IMMUTABLE",
        "STABLE STRICT COST 7",
        "IMMUTABLE LEAKPROOF PARALLEL SAFE",
    ]);
    let set = draw.one(&[
        "",
        "",
        "",
        " SET search_path TO 'public', s1",
        " SECURITY DEFINER SET work_mem = '1MB'",
    ]);
    let create = format!("CREATE {}FUNCTION {schema}.", draw.maybe(50, "OR REPLACE "));
    let argument = draw.one(&["", "x ", "\"X y\" "]);
    let (head, body) = match draw.below(8) {
        0 | 1 => ("f0() RETURNS integer".to_owned(), "SELECT 1"),
        2 | 3 => (format!("f1({argument}integer) RETURNS integer"), "SELECT 1"),
        4 => (
            format!("f2({argument}text) RETURNS text"),
            "SELECT $_$it's$_$::text",
        ),
        5 => (
            format!(
                "f3({argument}{}, VARIADIC integer[]) RETURNS TABLE (x integer, y text)",
                names::any_type(draw)
            ),
            "SELECT 1, 'x'",
        ),
        6 => (
            format!(
                "f4(INOUT {argument}integer DEFAULT {}, OUT y text)",
                names::value(draw, "a")
            ),
            "SELECT 1, 'x'",
        ),
        _ => {
            let name = draw.one(&["p0", "p1"]);
            let argument = names::any_type(draw);
            return format!(
                "CREATE PROCEDURE {schema}.{name}({argument}) LANGUAGE plpgsql AS $$BEGIN NULL; END$$"
            );
        }
    };
    format!("{create}{head} {traits} LANGUAGE sql{set} AS $f${body}$f$")
}

/// A body that is stored as a tree, with what it needs.
pub fn body_with_needs(draw: &mut Draw) -> String {
    let schema = names::schema(draw);
    let from = names::relation(draw);
    let name = draw.one(&["b0", "b1"]);
    match draw.below(3) {
        0 => format!(
            "CREATE FUNCTION {schema}.{name}() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT a FROM {from}; END"
        ),
        1 => format!(
            "CREATE FUNCTION {schema}.{name}(x integer) RETURNS integer LANGUAGE sql RETURN {schema}.f1(x) + 1"
        ),
        _ => format!(
            "CREATE FUNCTION {schema}.{name}() RETURNS SETOF {from} LANGUAGE sql BEGIN ATOMIC SELECT * FROM {from}; END"
        ),
    }
}

pub fn change_function(draw: &mut Draw) -> String {
    let function = names::function(draw);
    let what = match draw.below(5) {
        0 => "DEPENDS ON EXTENSION plpgsql",
        1 => "RESET ALL",
        2 => "SET \"my.own\" TO 'a, b', 'c''d'",
        3 => "ROWS 5",
        _ => "SET datestyle TO iso, mdy",
    };
    format!("ALTER FUNCTION {function} {what}")
}

pub fn aggregate(draw: &mut Draw) -> String {
    let schema = names::schema(draw);
    match draw.below(4) {
        0 => format!(
            "CREATE AGGREGATE {schema}.g0(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', PARALLEL = safe, COMBINEFUNC = int4pl)"
        ),
        1 => format!(
            "CREATE AGGREGATE {schema}.g1(integer) (SFUNC = int4larger, STYPE = integer, SORTOP = >)"
        ),
        2 => format!(
            "CREATE AGGREGATE {schema}.g0(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '7')"
        ),
        _ => format!(
            "CREATE AGGREGATE {schema}.g2(integer) (SFUNC = int4pl, STYPE = integer, MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, FINALFUNC_EXTRA)"
        ),
    }
}

pub fn operator(draw: &mut Draw) -> String {
    let (schema, of) = (names::schema(draw), names::schema(draw));
    match draw.below(4) {
        0 => format!(
            "CREATE OPERATOR {schema}.@@> (FUNCTION = int4gt, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR({of}.<@@), RESTRICT = scalargtsel, JOIN = scalargtjoinsel)"
        ),
        1 => format!(
            "CREATE OPERATOR {schema}.<@@ (FUNCTION = int4lt, LEFTARG = integer, RIGHTARG = integer, NEGATOR = OPERATOR({of}.@@>))"
        ),
        2 => format!("CREATE OPERATOR {schema}.@+ (FUNCTION = {of}.f1, RIGHTARG = integer)"),
        _ => format!(
            "CREATE OPERATOR {schema}.@= (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR({schema}.@=), HASHES, MERGES)"
        ),
    }
}

pub fn operator_class(draw: &mut Draw) -> String {
    let (schema, of) = (names::schema(draw), names::schema(draw));
    match draw.below(4) {
        0 => format!("CREATE OPERATOR FAMILY {schema}.of0 USING btree"),
        1 => format!(
            "CREATE OPERATOR CLASS {schema}.oc0 FOR TYPE integer USING btree FAMILY {of}.of0 AS OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer)"
        ),
        2 => format!(
            "CREATE OPERATOR CLASS {schema}.oc1 FOR TYPE integer USING hash AS OPERATOR 1 {of}.@=(integer, integer), FUNCTION 1 hashint4(integer)"
        ),
        _ => format!(
            "ALTER OPERATOR FAMILY {schema}.of0 USING btree ADD OPERATOR 1 < (bigint, integer), FUNCTION 1 (bigint, integer) btint84cmp(bigint, integer)"
        ),
    }
}

pub fn domain(draw: &mut Draw) -> String {
    let name = names::domain(draw);
    let schema = names::schema(draw);
    match draw.below(8) {
        0 => format!("CREATE DOMAIN {name} AS {}", names::domain(draw)),
        1 => {
            format!("CREATE DOMAIN {name} AS integer CONSTRAINT pos CHECK ({schema}.f1(VALUE) > 0)")
        }
        2 => format!("CREATE DOMAIN {name} AS text COLLATE \"C\" DEFAULT 'it''s' NOT NULL"),
        3 => format!(
            "CREATE DOMAIN {name} AS integer DEFAULT {schema}.f0() CONSTRAINT \"n n\" NOT NULL"
        ),
        4 => format!("ALTER DOMAIN {name} ADD CONSTRAINT late CHECK (VALUE IS NOT NULL) NOT VALID"),
        5 => format!("CREATE DOMAIN {name} AS {}[]", names::any_type(draw)),
        6 => format!("ALTER DOMAIN {name} SET NOT NULL"),
        _ => format!(
            "CREATE DOMAIN {name} AS varchar(7) CHECK (VALUE <> ''), ADD CHECK (length(VALUE) > 1)"
        ),
    }
}

pub fn composite(draw: &mut Draw) -> String {
    let name = names::composite(draw);
    match draw.below(5) {
        0 => format!(
            "ALTER TYPE {name} ADD ATTRIBUTE z {} CASCADE",
            names::any_type(draw)
        ),
        1 => format!("ALTER TYPE {name} DROP ATTRIBUTE f"),
        _ => format!(
            "CREATE TYPE {name} AS (a integer, b text COLLATE \"C\", f {})",
            names::any_type(draw)
        ),
    }
}

pub fn enumeration(draw: &mut Draw) -> String {
    let name = names::enumeration(draw);
    match draw.below(3) {
        0 => format!("ALTER TYPE {name} ADD VALUE 'it''s' BEFORE 'b'"),
        1 => format!("ALTER TYPE {name} RENAME VALUE 'a' TO 'A \\ a'"),
        _ => format!("CREATE TYPE {name} AS ENUM ('a', 'b', 'c')"),
    }
}

pub fn range(draw: &mut Draw) -> String {
    let schema = names::schema(draw);
    match draw.below(3) {
        0 => {
            format!("CREATE TYPE {schema}.rg0 AS RANGE (SUBTYPE = integer, SUBTYPE_DIFF = int4mi)")
        }
        1 => format!(
            "CREATE TYPE {schema}.rg0 AS RANGE (SUBTYPE = text, COLLATION = \"C\", SUBTYPE_OPCLASS = text_pattern_ops, MULTIRANGE_TYPE_NAME = {schema}.mrg)"
        ),
        _ => format!(
            "CREATE TYPE {schema}.rg0 AS RANGE (SUBTYPE = {})",
            names::domain(draw)
        ),
    }
}

pub fn cast(draw: &mut Draw) -> String {
    let (composite, schema) = (names::composite(draw), names::schema(draw));
    let context = draw.one(&["", " AS ASSIGNMENT", " AS IMPLICIT"]);
    match draw.below(3) {
        0 => format!(
            "CREATE CAST ({composite} AS {}) WITH INOUT{context}",
            names::domain(draw)
        ),
        1 => format!(
            "CREATE FUNCTION {schema}.to_c({composite}) RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE CAST ({composite} AS integer) WITH FUNCTION {schema}.to_c({composite}){context}"
        ),
        _ => format!(
            "CREATE CAST ({} AS text) WITH INOUT{context}",
            names::enumeration(draw)
        ),
    }
}

pub fn collation(draw: &mut Draw) -> String {
    let (schema, of) = (names::schema(draw), names::schema(draw));
    match draw.below(5) {
        0 => format!("CREATE COLLATION {schema}.co0 (LOCALE = 'C')"),
        1 => format!("CREATE COLLATION {schema}.\"Co 1\" (LC_COLLATE = 'C', LC_CTYPE = 'POSIX')"),
        2 => format!(
            "CREATE COLLATION {schema}.co0 (PROVIDER = icu, LOCALE = 'und', DETERMINISTIC = false)"
        ),
        3 => format!(
            "ALTER TABLE {} ADD h text COLLATE {of}.co0",
            names::table(draw)
        ),
        _ => {
            format!("CREATE CONVERSION {schema}.cv0 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8")
        }
    }
}

pub fn text_search(draw: &mut Draw) -> String {
    let (schema, of) = (names::schema(draw), names::schema(draw));
    match draw.below(4) {
        0 => format!(
            "CREATE TEXT SEARCH DICTIONARY {schema}.di0 (TEMPLATE = simple, STOPWORDS = 'english', ACCEPT = false)"
        ),
        1 => format!("CREATE TEXT SEARCH CONFIGURATION {schema}.cf0 (COPY = english)"),
        2 => format!(
            "ALTER TEXT SEARCH CONFIGURATION {schema}.cf0 ALTER MAPPING FOR word, email WITH {of}.di0, simple"
        ),
        _ => format!(
            "CREATE INDEX ON {} USING gin (to_tsvector('{of}.cf0', b))",
            names::table(draw)
        ),
    }
}

pub fn foreign(draw: &mut Draw) -> String {
    let (table, role) = (names::table(draw), names::role(draw));
    match draw.below(6) {
        0 => "CREATE FOREIGN DATA WRAPPER w0 OPTIONS (debug 'true', \"a b\" 'it''s')".into(),
        1 => "CREATE SERVER sv0 TYPE 'ty' VERSION '1' FOREIGN DATA WRAPPER w0 OPTIONS (host 'h')"
            .into(),
        2 => format!(
            "CREATE USER MAPPING FOR {role} SERVER sv0 OPTIONS (\"user\" 'u', password 'it''s')"
        ),
        3 => "CREATE USER MAPPING FOR PUBLIC SERVER sv0".into(),
        4 => format!(
            "CREATE FOREIGN TABLE {table} (a integer OPTIONS (n 'x') NOT NULL, b text DEFAULT 'y') SERVER sv0 OPTIONS (k 'v')"
        ),
        _ => format!("GRANT USAGE ON FOREIGN SERVER sv0 TO {role}"),
    }
}

pub fn sequence(draw: &mut Draw) -> String {
    let (name, table) = (names::sequence(draw), names::table(draw));
    match draw.below(6) {
        0 => format!(
            "CREATE SEQUENCE {name} AS smallint INCREMENT -1 MINVALUE -9 MAXVALUE 9 START 3 CACHE 4 CYCLE"
        ),
        1 => format!("ALTER SEQUENCE {name} OWNED BY {table}.a"),
        2 => format!("ALTER TABLE {table} ALTER a SET DEFAULT nextval('{name}')"),
        3 => format!("CREATE UNLOGGED SEQUENCE {name}"),
        4 => format!(
            "ALTER TABLE {table} ALTER a SET NOT NULL, ALTER a DROP DEFAULT, ALTER a ADD GENERATED ALWAYS AS IDENTITY"
        ),
        _ => format!("CREATE SEQUENCE {name}"),
    }
}

pub fn statistics(draw: &mut Draw) -> String {
    let (schema, table) = (names::schema(draw), names::table(draw));
    let name = draw.one(&["st0", "st1"]);
    match draw.below(4) {
        0 => format!("CREATE STATISTICS {schema}.{name} (dependencies, mcv) ON a, b FROM {table}"),
        1 => format!("CREATE STATISTICS {schema}.{name} ON {schema}.f1(a), (c + 1) FROM {table}"),
        2 => format!("ALTER STATISTICS {schema}.{name} SET STATISTICS 33"),
        _ => format!("CREATE STATISTICS {schema}.{name} (ndistinct) ON a, b, d FROM {table}"),
    }
}

pub fn trigger(draw: &mut Draw) -> String {
    let (schema, on) = (names::schema(draw), names::relation(draw));
    let name = draw.one(&["tr0", "tr1"]);
    let function = "suppress_redundant_updates_trigger()";
    match draw.below(6) {
        0 => format!(
            "CREATE TRIGGER {name} BEFORE UPDATE OF b ON {on} FOR EACH ROW WHEN (OLD.b IS DISTINCT FROM NEW.b) EXECUTE FUNCTION {function}"
        ),
        1 => format!(
            "CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {on} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}"
        ),
        2 => format!(
            "CREATE FUNCTION {schema}.ft() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER {name} AFTER INSERT OR DELETE ON {on} EXECUTE FUNCTION {schema}.ft('it''s', '\\')"
        ),
        3 => format!(
            "CREATE TRIGGER {name} INSTEAD OF INSERT ON {} FOR EACH ROW EXECUTE FUNCTION {schema}.ft()",
            names::view(draw)
        ),
        4 => format!("ALTER TRIGGER {name} ON {on} DEPENDS ON EXTENSION plpgsql"),
        _ => format!(
            "CREATE FUNCTION {schema}.fe() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER ev0 ON sql_drop WHEN TAG IN ('DROP CAST', 'DROP RULE') EXECUTE FUNCTION {schema}.fe()"
        ),
    }
}

pub fn publication(draw: &mut Draw) -> String {
    let (table, schema) = (names::table(draw), names::schema(draw));
    match draw.below(6) {
        0 => "CREATE PUBLICATION pu0 FOR ALL TABLES WITH (publish = 'insert')".into(),
        1 => format!(
            "CREATE PUBLICATION pu1 FOR TABLE ONLY {table} (a) WHERE (a > 3) WITH (publish_via_partition_root)"
        ),
        2 => format!("CREATE PUBLICATION pu1 FOR TABLE {table}"),
        3 => format!("ALTER PUBLICATION pu1 ADD TABLE {table}"),
        4 => format!("ALTER PUBLICATION pu1 ADD TABLES IN SCHEMA {schema}"),
        _ => format!("CREATE PUBLICATION pu2 FOR TABLES IN SCHEMA {schema} WITH (publish = '')"),
    }
}
