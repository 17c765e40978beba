//! The few names of a script. A column of a name has the same type in most tables, so that expressions fit.

use super::Draw;

pub const TABLES: [&str; 6] = ["t0", "t1", "t2", "t3", "\"T 4\"", "t5"];
pub const VIEWS: [&str; 4] = ["v0", "v1", "v2", "\"V 3\""];
pub const COLUMNS: [&str; 6] = ["a", "b", "c", "d", "\"E\"", "f"];
pub const ROLES: [&str; 5] = ["r1", "\"R 2\"", "r3", "r4", "postgres"];

pub fn schema(draw: &mut Draw) -> &'static str {
    draw.one(&["public", "public", "public", "s1", "s1", "\"S 2\""])
}

fn qualified(draw: &mut Draw, names: &[&str]) -> String {
    let schema = schema(draw);
    format!("{schema}.{}", draw.one(names))
}

pub fn table(draw: &mut Draw) -> String {
    qualified(draw, &TABLES)
}

pub fn view(draw: &mut Draw) -> String {
    qualified(draw, &VIEWS)
}

pub fn materialized(draw: &mut Draw) -> String {
    qualified(draw, &["m0", "m1"])
}

pub fn domain(draw: &mut Draw) -> String {
    qualified(draw, &["d0", "d1", "d2"])
}

pub fn composite(draw: &mut Draw) -> String {
    qualified(draw, &["c0", "c1"])
}

pub fn enumeration(draw: &mut Draw) -> String {
    qualified(draw, &["e0", "e1"])
}

pub fn sequence(draw: &mut Draw) -> String {
    qualified(draw, &["q0", "q1"])
}

/// Something with rows and columns of the usual names.
pub fn relation(draw: &mut Draw) -> String {
    match draw.below(10) {
        0..=5 => table(draw),
        6..=8 => view(draw),
        _ => materialized(draw),
    }
}

pub fn role(draw: &mut Draw) -> &'static str {
    draw.one(&ROLES)
}

/// A function with the arguments that it always has.
pub fn function(draw: &mut Draw) -> String {
    let schema = schema(draw);
    let signature = draw.one(&["f0()", "f1(integer)", "f2(text)"]);
    format!("{schema}.{signature}")
}

/// The usual type of a column.
pub fn type_of(draw: &mut Draw, column: &str) -> String {
    match column {
        "a" => draw
            .one(&["integer", "integer", "integer", "bigint"])
            .into(),
        "b" => draw
            .one(&["text", "text", "text COLLATE \"C\"", "varchar(20)"])
            .into(),
        "c" => "numeric(8,2)".into(),
        "d" => "date".into(),
        "\"E\"" => "boolean".into(),
        _ => any_type(draw),
    }
}

/// A type of any kind.
pub fn any_type(draw: &mut Draw) -> String {
    let own = match draw.below(10) {
        0..=2 => domain(draw),
        3 => composite(draw),
        4 => enumeration(draw),
        5 => qualified(draw, &["rg0"]),
        6 => table(draw),
        _ => {
            let known = [
                "jsonb",
                "timestamptz(3)",
                "interval hour to minute",
                "bit(3)",
                "char(4)",
                "\"char\"",
                "name",
            ];
            draw.one(&known).into()
        }
    };
    own + draw.maybe(15, "[]")
}

/// An expression over the usual columns that gives a value for the column.
pub fn value(draw: &mut Draw, column: &str) -> String {
    let schema = schema(draw);
    match column {
        "a" => match draw.below(4) {
            0 => format!("{schema}.f0()"),
            1 => format!("{schema}.f1(3)"),
            2 => format!("nextval('{schema}.q0')"),
            _ => "-1".into(),
        },
        "b" => match draw.below(3) {
            0 => format!("{schema}.f2('x')"),
            1 => "'it''s \\ one'".into(),
            _ => "upper('x'::text) || CURRENT_USER".into(),
        },
        "c" => "3.5".into(),
        "d" => draw.one(&["CURRENT_DATE", "'2020-01-01'"]).into(),
        "\"E\"" => "true".into(),
        _ => "NULL".into(),
    }
}

/// A condition over the usual columns.
pub fn condition(draw: &mut Draw) -> String {
    let schema = schema(draw);
    match draw.below(7) {
        0 => format!("{schema}.f1(a) > 0"),
        1 => format!("{schema}.f2(b) <> 'it''s'"),
        2 => "c BETWEEN 0 AND 100".into(),
        3 => "\"E\" IS NOT FALSE".into(),
        4 => "a > 0 OR b LIKE 'x%'".into(),
        5 => "d > '2000-01-01'".into(),
        _ => "length(b) < 30".into(),
    }
}
