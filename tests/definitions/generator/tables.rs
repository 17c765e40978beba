//! Tables and what hangs on them.

use super::Draw;
use super::names::{self, COLUMNS};

pub fn create(draw: &mut Draw) -> String {
    let name = names::table(draw);
    match draw.below(12) {
        0 => return format!("CREATE TABLE {name} OF {}", names::composite(draw)),
        1 => {
            let like = names::relation(draw);
            let what = draw.one(&[
                "ALL",
                "CONSTRAINTS INCLUDING INDEXES",
                "DEFAULTS INCLUDING IDENTITY",
            ]);
            return format!("CREATE TABLE {name} (LIKE {like} INCLUDING {what})");
        }
        2 => return format!("CREATE TABLE {name} () INHERITS ({})", parents(draw)),
        _ => {}
    }
    let kind = draw.one(&["TABLE", "TABLE", "TABLE", "TABLE", "UNLOGGED TABLE"]);
    let mut parts: Vec<String> = vec![];
    for column in COLUMNS {
        if draw.percent(if matches!(column, "a" | "b") { 97 } else { 65 }) {
            parts.push(self::column(draw, column));
        }
    }
    if draw.percent(50) {
        let key = draw.one(&["a", "a", "b", "a, b"]);
        parts.push(format!(
            "{}PRIMARY KEY ({key}){}",
            constraint_name(draw),
            deferrable(draw)
        ));
    }
    if draw.percent(35) {
        parts.push(check(draw));
    }
    let tail = match draw.below(10) {
        0 | 1 => format!(" INHERITS ({})", parents(draw)),
        2 => " PARTITION BY LIST (b)".into(),
        3 => " PARTITION BY RANGE (a)".into(),
        4 => format!(" PARTITION BY HASH ({}.f1(a))", names::schema(draw)),
        5 => " WITH (fillfactor=70, autovacuum_enabled=off, toast.autovacuum_vacuum_cost_delay=7)"
            .into(),
        _ => String::new(),
    };
    format!("CREATE {kind} {name} ({}){tail}", parts.join(", "))
}

fn parents(draw: &mut Draw) -> String {
    let mut parents = names::table(draw);
    if draw.percent(30) {
        parents += ", ";
        parents += &names::table(draw);
    }
    parents
}

fn column(draw: &mut Draw, name: &str) -> String {
    let kind = names::type_of(draw, name);
    let not_null = match draw.below(6) {
        0 => " NOT NULL".to_owned(),
        1 => format!(
            " CONSTRAINT \"{} nn\" NOT NULL{}",
            name.trim_matches('"'),
            draw.maybe(40, " NO INHERIT")
        ),
        _ => String::new(),
    };
    let filled = match draw.below(10) {
        0..=2 => format!(" DEFAULT {}", names::value(draw, name)),
        3 if name == "a" => {
            let when = draw.one(&["ALWAYS", "BY DEFAULT"]);
            format!(
                " GENERATED {when} AS IDENTITY{}",
                draw.maybe(40, " (START 7 INCREMENT -2 CACHE 5 CYCLE)")
            )
        }
        3 if name == "c" => {
            let how = draw.one(&[" STORED", " VIRTUAL"]);
            let value = draw.one(&["a * 2", "public.f1(a)", "length(b)"]);
            format!(" GENERATED ALWAYS AS ({value}){how}")
        }
        4 if name == "b" => " COMPRESSION pglz".into(),
        _ => String::new(),
    };
    format!("{name} {kind}{not_null}{filled}")
}

fn constraint_name(draw: &mut Draw) -> &'static str {
    draw.one(&[
        "",
        "",
        "CONSTRAINT k0 ",
        "CONSTRAINT \"k 1\" ",
        "CONSTRAINT t0 ",
    ])
}

fn deferrable(draw: &mut Draw) -> &'static str {
    draw.one(&["", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"])
}

fn check(draw: &mut Draw) -> String {
    let name = constraint_name(draw);
    let condition = names::condition(draw);
    format!("{name}CHECK ({condition}){}", draw.maybe(20, " NO INHERIT"))
}

pub fn create_partition(draw: &mut Draw) -> String {
    let (name, parent) = (names::table(draw), names::table(draw));
    let own = match draw.below(4) {
        0 => format!(" (a DEFAULT {}, b NOT NULL)", names::value(draw, "a")),
        1 => format!(" ({})", check(draw)),
        _ => String::new(),
    };
    let below = draw.maybe(20, " PARTITION BY LIST (b)");
    format!(
        "CREATE TABLE {name} PARTITION OF {parent}{own} {}{below}",
        bound(draw)
    )
}

fn bound(draw: &mut Draw) -> &'static str {
    draw.one(&[
        "FOR VALUES IN ('x', 'it''s', NULL)",
        "FOR VALUES IN ('y')",
        "FOR VALUES FROM (MINVALUE) TO (10)",
        "FOR VALUES FROM (10) TO (MAXVALUE)",
        "FOR VALUES WITH (MODULUS 3, REMAINDER 1)",
        "DEFAULT",
        "DEFAULT",
    ])
}

pub fn attach(draw: &mut Draw) -> String {
    let (parent, child) = (names::table(draw), names::table(draw));
    match draw.below(3) {
        0 => format!("ALTER TABLE {parent} DETACH PARTITION {child}"),
        _ => format!(
            "ALTER TABLE {parent} ATTACH PARTITION {child} {}",
            bound(draw)
        ),
    }
}

pub fn inherit(draw: &mut Draw) -> String {
    let (parent, child) = (names::table(draw), names::table(draw));
    let no = draw.maybe(30, "NO ");
    format!("ALTER TABLE {child} {no}INHERIT {parent}")
}

pub fn add_column(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let name = draw.one(&COLUMNS);
    format!(
        "ALTER TABLE {}{table} ADD COLUMN {}",
        draw.maybe(15, "ONLY "),
        column(draw, name)
    )
}

pub fn drop_column(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let name = draw.one(&COLUMNS);
    format!(
        "ALTER TABLE {}{table} DROP COLUMN {name}{}",
        draw.maybe(20, "ONLY "),
        draw.maybe(40, " CASCADE")
    )
}

pub fn rename(draw: &mut Draw) -> String {
    let table = names::table(draw);
    match draw.below(5) {
        0 => format!("ALTER TABLE {table} RENAME TO {}", draw.one(&names::TABLES)),
        1 => format!("ALTER TABLE {table} RENAME a TO \"A\"; ALTER TABLE {table} ADD a integer"),
        2 => format!("ALTER TABLE {table} RENAME f TO g"),
        3 => format!("ALTER INDEX {}.i0 RENAME TO \"i 9\"", names::schema(draw)),
        _ => format!("ALTER TABLE {table} RENAME CONSTRAINT k0 TO \"K\"\"9\""),
    }
}

pub fn change_column(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let only = draw.maybe(20, "ONLY ");
    let name = draw.one(&COLUMNS);
    let what = match draw.below(10) {
        0 | 1 => format!("SET DEFAULT {}", names::value(draw, name)),
        2 => "DROP DEFAULT".into(),
        3 | 4 => "SET NOT NULL".into(),
        5 => "DROP NOT NULL".into(),
        6 => format!("SET STATISTICS {}", draw.below(200)),
        7 => format!(
            "SET STORAGE {}",
            draw.one(&["EXTERNAL", "MAIN", "PLAIN", "EXTENDED"])
        ),
        8 => "SET (n_distinct=-0.5, n_distinct_inherited=3)".into(),
        _ => format!("TYPE {}", names::type_of(draw, name)),
    };
    format!("ALTER TABLE {only}{table} ALTER COLUMN {name} {what}")
}

pub fn add_constraint(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let name = constraint_name(draw);
    let only = draw.maybe(15, "ONLY ");
    let what = match draw.below(12) {
        0 => {
            let key = draw.one(&["a", "a, b", "b"]);
            format!("PRIMARY KEY ({key}){}", deferrable(draw))
        }
        1 | 2 => {
            let nulls = draw.maybe(30, " NULLS NOT DISTINCT");
            let key = draw.one(&["a", "a, b", "b", "d) INCLUDE (c"]);
            format!("UNIQUE{nulls} ({key}){}", deferrable(draw))
        }
        3 => "EXCLUDE USING btree (a WITH =, b WITH =) WHERE (c > 0)".into(),
        4 => format!(
            "NOT NULL {}{}",
            draw.one(&COLUMNS),
            draw.one(&["", " NO INHERIT", " NOT VALID"])
        ),
        5..=7 => {
            let condition = names::condition(draw);
            let tail = draw.one(&["", "", " NO INHERIT", " NOT VALID", " NOT ENFORCED"]);
            format!("CHECK ({condition}){tail}")
        }
        _ => {
            let target = names::table(draw);
            let key = draw.one(&["(a)", "(a)", "(b)", "(a, b)"]);
            let actions = draw.one(&[
                "",
                " ON DELETE CASCADE ON UPDATE SET NULL",
                " MATCH FULL",
                " ON DELETE SET NULL (a)",
            ]);
            let tail = draw.one(&["", "", " NOT VALID", " NOT ENFORCED"]);
            format!(
                "FOREIGN KEY {key} REFERENCES {target} {key}{actions}{}{tail}",
                deferrable(draw)
            )
        }
    };
    format!("ALTER TABLE {only}{table} ADD {name}{what}")
}

pub fn drop_constraint(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let name = draw.one(&["k0", "\"k 1\"", "t0", "\"a nn\""]);
    match draw.below(3) {
        0 => format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"),
        1 => format!(
            "ALTER TABLE {table} ALTER CONSTRAINT {name} {}",
            draw.one(&["NO INHERIT", "INHERIT", "DEFERRABLE"])
        ),
        _ => format!(
            "ALTER TABLE ONLY {table} DROP CONSTRAINT {name}{}",
            draw.maybe(40, " CASCADE")
        ),
    }
}

pub fn change(draw: &mut Draw) -> String {
    let table = names::table(draw);
    let what = match draw.below(9) {
        0 => "ENABLE ROW LEVEL SECURITY",
        1 => "FORCE ROW LEVEL SECURITY",
        2 => "SET UNLOGGED",
        3 => "SET (fillfactor=50, parallel_workers=2)",
        4 => "CLUSTER ON i0",
        5 => "DISABLE TRIGGER tr0",
        6 => "ENABLE ALWAYS TRIGGER tr1",
        7 => "ENABLE REPLICA RULE ru0",
        _ => "SET ACCESS METHOD heap",
    };
    format!("ALTER TABLE {table} {what}")
}

pub fn index(draw: &mut Draw) -> String {
    let on = if draw.percent(90) {
        names::table(draw)
    } else {
        names::materialized(draw)
    };
    let only = draw.maybe(15, "ONLY ");
    let unique = draw.maybe(25, "UNIQUE ");
    let name = draw.one(&["i0", "i0", "i1", "\"i 2\"", "i3"]);
    let key = match draw.below(8) {
        0 => format!("({}.f1(a))", names::schema(draw)),
        1 => "lower(b) COLLATE \"C\" text_pattern_ops DESC NULLS LAST".into(),
        2 => "a) INCLUDE (b".into(),
        3 => "b, (c + 1)".into(),
        _ => draw.one(&["a", "b", "a, b", "d", "c DESC"]).into(),
    };
    let using = draw.one(&["", "", "", " USING hash", " USING brin"]);
    let with = draw.maybe(15, " WITH (fillfactor=60)");
    let tail = if draw.percent(20) {
        format!(" WHERE {}", names::condition(draw))
    } else {
        String::new()
    };
    format!("CREATE {unique}INDEX {name} ON {only}{on}{using} ({key}){with}{tail}")
}

pub fn index_of_partitions(draw: &mut Draw) -> String {
    let schema = names::schema(draw);
    match draw.below(3) {
        0 => format!("ALTER INDEX {schema}.i0 ALTER COLUMN 1 SET STATISTICS 55"),
        1 => format!("ALTER INDEX {schema}.i0 DEPENDS ON EXTENSION plpgsql"),
        _ => format!(
            "ALTER INDEX {schema}.i0 ATTACH PARTITION {}.{}",
            names::schema(draw),
            draw.one(&["i1", "i3"])
        ),
    }
}

pub fn replica_identity(draw: &mut Draw) -> String {
    let table = names::table(draw);
    format!(
        "ALTER TABLE {table} REPLICA IDENTITY {}",
        draw.one(&["FULL", "NOTHING", "USING INDEX i0", "DEFAULT"])
    )
}
