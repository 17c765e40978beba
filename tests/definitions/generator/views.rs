//! Views, rules, and objects that need one another in a circle.

use super::Draw;
use super::names;

pub fn view(draw: &mut Draw) -> String {
    let name = names::view(draw);
    let from = names::relation(draw);
    let other = names::relation(draw);
    let replace = draw.maybe(60, "OR REPLACE ");
    let with = draw.one(&[
        "",
        "",
        " WITH (security_barrier)",
        " WITH (check_option=cascaded, security_invoker=true)",
    ]);
    let query = match draw.below(9) {
        0 => format!("SELECT * FROM {from}"),
        1 => format!("SELECT a, b FROM {from} WHERE {}", names::condition(draw)),
        2 => format!("SELECT x.a, y.b FROM {from} x JOIN {other} y USING (a)"),
        3 => format!("SELECT a, b, count(*) AS n FROM {from} GROUP BY a"),
        4 => format!(
            "SELECT {}.f1(a) AS a, {}.f2(b) AS b FROM {from}",
            names::schema(draw),
            names::schema(draw)
        ),
        5 => format!(
            "WITH RECURSIVE w AS (SELECT a, b FROM {from} UNION ALL SELECT a + 1, b FROM w WHERE a < 9) TABLE w"
        ),
        6 => format!("SELECT a, b FROM {from} UNION SELECT a, b FROM {other} ORDER BY 1"),
        7 => format!("SELECT x.a, x.b, x AS whole FROM {from} x"),
        _ => "SELECT 1 AS a, 'it''s'::text AS b".into(),
    };
    format!("CREATE {replace}VIEW {name}{with} AS {query}")
}

pub fn materialized(draw: &mut Draw) -> String {
    let name = names::materialized(draw);
    let from = names::relation(draw);
    let group = draw.maybe(30, " GROUP BY a");
    let tail = draw.one(&["", " WITH NO DATA"]);
    format!("CREATE MATERIALIZED VIEW {name} AS SELECT a, b FROM {from}{group}{tail}")
}

pub fn rule(draw: &mut Draw) -> String {
    let on = names::relation(draw);
    let to = names::table(draw);
    let event = draw.one(&["INSERT", "UPDATE", "DELETE"]);
    let action = match draw.below(4) {
        0 => "INSTEAD NOTHING".into(),
        1 => format!("ALSO INSERT INTO {to} (a) VALUES (1)"),
        2 => format!("INSTEAD (UPDATE {to} SET b = 'x' WHERE a = 1; DELETE FROM {to} WHERE a = 2)"),
        _ => "ALSO NOTIFY changed".into(),
    };
    let name = draw.one(&["ru0", "\"ru 1\""]);
    format!("CREATE OR REPLACE RULE {name} AS ON {event} TO {on} DO {action}")
}

pub fn change(draw: &mut Draw) -> String {
    let view = names::view(draw);
    match draw.below(4) {
        0 => format!(
            "ALTER VIEW {view} ALTER COLUMN a SET DEFAULT {}",
            names::value(draw, "a")
        ),
        1 => format!("ALTER VIEW {view} SET (check_option=local)"),
        2 => format!("ALTER VIEW {view} RENAME COLUMN b TO bb"),
        _ => format!(
            "ALTER MATERIALIZED VIEW {} SET (fillfactor=60)",
            names::materialized(draw)
        ),
    }
}

/// A view that needs a function whose argument is the view's row.
pub fn circle_of_views(draw: &mut Draw) -> String {
    let (view, other) = (names::view(draw), names::view(draw));
    let schema = names::schema(draw);
    let function = format!("{schema}.fv");
    let first = format!("CREATE VIEW {view} AS SELECT 1 AS a, 'x'::text AS b");
    match draw.below(3) {
        0 => format!(
            "{first}; CREATE FUNCTION {function}({view}) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';\
             CREATE OR REPLACE VIEW {view} AS SELECT {function}(NULL) AS a, 'x'::text AS b"
        ),
        1 => format!(
            "{first}; CREATE VIEW {other} AS SELECT a, b FROM {view};\
             CREATE OR REPLACE VIEW {view} AS SELECT a, b FROM {other}"
        ),
        _ => format!(
            "{first}; CREATE FUNCTION {function}() RETURNS SETOF {view} STABLE LANGUAGE sql AS 'SELECT 1, ''x''';\
             CREATE OR REPLACE VIEW {view} AS SELECT a, b FROM {function}() COMMENT; \
             CREATE OR REPLACE VIEW {view} AS SELECT a, b FROM {function}()"
        ),
    }
}

/// A view, a materialized view or a function that needs a primary key.
pub fn circle_of_keys(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let (view, materialized) = (names::view(draw), names::materialized(draw));
    let schema = names::schema(draw);
    let key = format!("ALTER TABLE {table} ADD PRIMARY KEY (a)");
    match draw.below(4) {
        0 => format!("{key}; CREATE VIEW {view} AS SELECT a, b FROM {table} GROUP BY a"),
        1 => format!(
            "{key}; CREATE MATERIALIZED VIEW {materialized} AS SELECT a, b FROM {table} GROUP BY a;\
             CREATE INDEX ON {materialized} (a); CREATE VIEW {view} AS SELECT a, b FROM {materialized}"
        ),
        2 => format!(
            "{key}; CREATE FUNCTION {schema}.fk() RETURNS text LANGUAGE sql BEGIN ATOMIC \
             SELECT b FROM {table} GROUP BY a; END; CREATE VIEW {view} AS SELECT 1 AS a, {schema}.fk() AS b"
        ),
        _ => format!(
            "{key}; CREATE VIEW {view} AS SELECT a, b FROM {table} GROUP BY a;\
             CREATE RULE ins AS ON INSERT TO {view} DO INSTEAD INSERT INTO {table} (a) VALUES (NEW.a);\
             CREATE TABLE {schema}.t5 (LIKE {view}); ALTER TABLE {schema}.t5 ADD w {view}"
        ),
    }
}

/// A default or a check whose function needs the table.
pub fn circle_of_defaults(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let schema = names::schema(draw);
    match draw.below(3) {
        0 => format!(
            "CREATE FUNCTION {schema}.fd({table}) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';\
             ALTER TABLE {table} ALTER a SET DEFAULT {schema}.fd(NULL)"
        ),
        1 => format!(
            "CREATE FUNCTION {schema}.fc({table}) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';\
             ALTER TABLE {table} ADD CONSTRAINT row_check CHECK ({schema}.fc({table}))"
        ),
        _ => format!(
            "CREATE FUNCTION {schema}.fg() RETURNS SETOF {table} LANGUAGE sql AS 'SELECT NULL';\
             CREATE FUNCTION {schema}.fh(integer DEFAULT {schema}.f0()) RETURNS integer LANGUAGE sql AS 'SELECT 1';\
             ALTER TABLE {table} ALTER a SET DEFAULT {schema}.fh()"
        ),
    }
}

/// A domain whose check takes the domain.
pub fn circle_of_domains(draw: &mut Draw) -> String {
    let domain = names::domain(draw);
    let schema = names::schema(draw);
    let function = format!("{schema}.fo");
    match draw.below(3) {
        0 => format!(
            "CREATE FUNCTION {function}({domain}) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';\
             ALTER DOMAIN {domain} ADD CONSTRAINT circle CHECK ({function}(VALUE))"
        ),
        1 => format!(
            "CREATE FUNCTION {function}() RETURNS {domain} STABLE LANGUAGE sql AS 'SELECT NULL';\
             ALTER DOMAIN {domain} SET DEFAULT {function}()"
        ),
        _ => format!(
            "CREATE TYPE {schema}.shell; \
             CREATE FUNCTION {schema}.shell_in(cstring) RETURNS {schema}.shell IMMUTABLE STRICT LANGUAGE internal AS 'int4in';\
             CREATE FUNCTION {schema}.shell_out({schema}.shell) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'int4out';\
             CREATE TYPE {schema}.shell (INPUT = {schema}.shell_in, OUTPUT = {schema}.shell_out, LIKE = integer)"
        ),
    }
}
