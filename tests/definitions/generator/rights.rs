//! Rights, owners, comments, moves between schemas, drops.

use super::Draw;
use super::names::{self, COLUMNS};

pub fn policy(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let to = draw.one(&["", " TO r1", " TO PUBLIC", " TO CURRENT_USER"]);
    let name = draw.one(&["po0", "\"po 1\""]);
    let how = draw.one(&["", "", " AS RESTRICTIVE"]);
    let condition = names::condition(draw);
    let (command, condition) = match draw.below(5) {
        0 => ("ALL", format!("USING ({condition})")),
        1 => ("INSERT", format!("WITH CHECK ({condition})")),
        2 => (
            "SELECT",
            format!(
                "USING (EXISTS (SELECT FROM {} x WHERE x.a = 1))",
                names::relation(draw)
            ),
        ),
        3 => ("UPDATE", format!("USING ({condition}) WITH CHECK (true)")),
        _ => ("DELETE", "USING (false)".into()),
    };
    format!("CREATE POLICY {name} ON {table}{how} FOR {command}{to} {condition}")
}

/// Something that has rights, the rights, and columns where it has them.
fn object(draw: &mut Draw) -> (String, Vec<&'static str>) {
    match draw.below(11) {
        0..=4 => {
            let rights = [
                "SELECT",
                "INSERT",
                "UPDATE",
                "DELETE",
                "TRUNCATE",
                "REFERENCES",
                "TRIGGER",
            ];
            (names::relation(draw), draw.some(&rights))
        }
        5 => {
            let column = draw.one(&COLUMNS);
            let rights: &'static [&'static str] = match column {
                "a" => &["SELECT (a)", "UPDATE (a)", "REFERENCES (a)"],
                "b" => &["SELECT (b, a)", "INSERT (b)"],
                _ => &["ALL (c, d)", "SELECT (\"E\")"],
            };
            (names::table(draw), draw.some(rights))
        }
        6 => (
            format!("FUNCTION {}", names::function(draw)),
            vec!["EXECUTE"],
        ),
        7 => (
            format!("SCHEMA {}", names::schema(draw)),
            draw.some(&["USAGE", "CREATE"]),
        ),
        8 => (
            format!("SEQUENCE {}", names::sequence(draw)),
            draw.some(&["USAGE", "SELECT", "UPDATE"]),
        ),
        9 => (format!("TYPE {}", names::domain(draw)), vec!["USAGE"]),
        _ => ("LANGUAGE plpgsql".into(), vec!["USAGE"]),
    }
}

pub fn grant(draw: &mut Draw) -> String {
    let role = draw.one(&["r1", "\"R 2\"", "r3", "postgres", "PUBLIC"]);
    let giver = draw.one(&["r1", "\"R 2\"", "r3", "postgres"]);
    let (on, rights) = object(draw);
    let rights = if draw.percent(20) {
        "ALL".into()
    } else {
        rights.join(", ")
    };
    match draw.below(8) {
        0..=2 => format!(
            "GRANT {rights} ON {on} TO {role}{}",
            draw.maybe(40, " WITH GRANT OPTION")
        ),
        3 => format!("SET ROLE {giver}; GRANT {rights} ON {on} TO {role}; RESET ROLE"),
        4 => format!(
            "REVOKE {rights} ON {on} FROM {role}{}",
            draw.maybe(50, " CASCADE")
        ),
        5 => format!("REVOKE GRANT OPTION FOR {rights} ON {on} FROM {role} CASCADE"),
        6 => format!("REVOKE ALL ON {on} FROM PUBLIC, r1, \"R 2\", postgres CASCADE"),
        _ => default_rights(draw),
    }
}

fn default_rights(draw: &mut Draw) -> String {
    let of = draw.one(&["", " FOR ROLE r1", " FOR ROLE \"R 2\""]);
    let schema = draw.one(&["", " IN SCHEMA s1", " IN SCHEMA \"S 2\", public"]);
    let kind = draw.one(&["TABLES", "SEQUENCES", "FUNCTIONS", "TYPES", "SCHEMAS"]);
    let role = draw.one(&["r1", "r3", "PUBLIC"]);
    let what = if draw.percent(60) {
        format!("GRANT ALL ON {kind} TO {role}")
    } else {
        format!("REVOKE ALL ON {kind} FROM {role}")
    };
    format!("ALTER DEFAULT PRIVILEGES{of}{schema} {what}")
}

pub fn comment(draw: &mut Draw) -> String {
    let text = draw.one(&[
        "'one'",
        "'it''s \\ two\nlines'",
        "E'\\t\\\\.'",
        "''",
        "NULL",
    ]);
    let on = match draw.below(14) {
        0..=2 => format!("TABLE {}", names::table(draw)),
        3 => format!("COLUMN {}.{}", names::relation(draw), draw.one(&COLUMNS)),
        4 => format!("VIEW {}", names::view(draw)),
        5 => format!("FUNCTION {}", names::function(draw)),
        6 => format!("DOMAIN {}", names::domain(draw)),
        7 => format!("CONSTRAINT k0 ON {}", names::table(draw)),
        8 => format!("CONSTRAINT pos ON DOMAIN {}", names::domain(draw)),
        9 => format!("INDEX {}.i0", names::schema(draw)),
        10 => format!("SCHEMA {}", names::schema(draw)),
        11 => format!("TYPE {}", names::composite(draw)),
        12 => format!("COLUMN {}.a", names::composite(draw)),
        _ => format!("TRIGGER tr0 ON {}", names::table(draw)),
    };
    format!("COMMENT ON {on} IS {text}")
}

pub fn owner_or_schema(draw: &mut Draw) -> String {
    let (role, schema) = (names::role(draw), names::schema(draw));
    let what = match draw.below(6) {
        0 | 1 => format!("TABLE {}", names::table(draw)),
        2 => format!("VIEW {}", names::view(draw)),
        3 => format!("FUNCTION {}", names::function(draw)),
        4 => format!("DOMAIN {}", names::domain(draw)),
        _ => format!("TYPE {}", names::composite(draw)),
    };
    match draw.below(4) {
        0 => format!("ALTER {what} SET SCHEMA {schema}"),
        1 => format!("ALTER SCHEMA {schema} OWNER TO {role}"),
        _ => format!("ALTER {what} OWNER TO {role}"),
    }
}

pub fn drop(draw: &mut Draw) -> String {
    let what = match draw.below(6) {
        0 => format!("TABLE {}", names::table(draw)),
        1 => format!("VIEW {}", names::view(draw)),
        2 => format!("FUNCTION {}", names::function(draw)),
        3 => format!("DOMAIN {}", names::domain(draw)),
        4 => "SCHEMA \"S 2\"".into(),
        _ => format!("INDEX {}.i0", names::schema(draw)),
    };
    format!("DROP {what}{}", draw.maybe(60, " CASCADE"))
}
