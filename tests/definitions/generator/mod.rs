//! Databases at random: statements over a few names, so that they meet.
//!
//! A seed always gives the same script. A statement that does not fit what is there fails and is passed over;
//! about half of them do. Not here: how the databases are read ([`super::generated`]).

mod draw;
mod kinds;
mod names;
mod rights;
mod tables;
mod views;

pub use draw::Draw;

/// Roles that the scripts name. They belong to the server, not to a database.
pub const ROLES: &str = r#"
    CREATE ROLE r1; CREATE ROLE "R 2"; CREATE ROLE r3; CREATE ROLE r4 SUPERUSER; GRANT r1 TO r3;
"#;

/// How many statements a script draws; some draws give several.
const STATEMENTS: usize = 90;

type Statement = fn(&mut Draw) -> String;

/// What is drawn, and how often beside the others.
const CHOICES: [(u32, Statement); 44] = [
    (10, tables::create),
    (5, tables::create_partition),
    (3, tables::attach),
    (4, tables::inherit),
    (8, tables::add_column),
    (3, tables::drop_column),
    (4, tables::rename),
    (8, tables::change_column),
    (8, tables::add_constraint),
    (2, tables::drop_constraint),
    (5, tables::change),
    (8, tables::index),
    (2, tables::index_of_partitions),
    (2, tables::replica_identity),
    (8, views::view),
    (3, views::materialized),
    (3, views::rule),
    (3, views::change),
    (3, views::circle_of_views),
    (3, views::circle_of_keys),
    (3, views::circle_of_defaults),
    (3, views::circle_of_domains),
    (8, kinds::function),
    (2, kinds::body_with_needs),
    (2, kinds::change_function),
    (2, kinds::aggregate),
    (2, kinds::operator),
    (2, kinds::operator_class),
    (5, kinds::domain),
    (4, kinds::composite),
    (3, kinds::enumeration),
    (2, kinds::range),
    (2, kinds::cast),
    (2, kinds::collation),
    (2, kinds::text_search),
    (2, kinds::foreign),
    (4, kinds::sequence),
    (3, kinds::statistics),
    (4, kinds::trigger),
    (2, kinds::publication),
    (3, rights::policy),
    (10, rights::grant),
    (6, rights::comment),
    (4, rights::owner_or_schema),
];

/// The script of a seed.
pub fn script(seed: u64) -> String {
    let mut draw = Draw::new(seed);
    let total: u32 = CHOICES.iter().map(|(weight, _)| weight).sum();
    let mut script = String::from(
        "\\set ON_ERROR_STOP 0\nSET client_min_messages = fatal;\nSET check_function_bodies = off;\n\
         CREATE SCHEMA s1; CREATE SCHEMA \"S 2\";\n",
    );
    for choice in [
        kinds::function,
        kinds::domain,
        tables::create,
        tables::create,
    ] {
        script += &choice(&mut draw);
        script += ";\n";
    }
    for _ in 0..STATEMENTS {
        let mut at = draw.below(total);
        let chosen = CHOICES.iter().find(|(weight, _)| {
            let is_here = at < *weight;
            at = at.saturating_sub(*weight);
            is_here
        });
        script += &chosen.expect("the weights add up").1(&mut draw);
        script += ";\n";
        if draw.percent(2) {
            script += &rights::drop(&mut draw);
            script += ";\n";
        }
    }
    script
}
