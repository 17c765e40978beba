//! SQL in which nothing is looked up on the search path: every operator is `OPERATOR(pg_catalog.x)`, every
//! function, type and relation says its schema (CVE-2018-1058).
//!
//! Not a parser. What PostgreSQL's grammar turns into operators without being told (`IN`, `USING`) counts as
//! one. A line may be let through by `-- qualified: why`.

use super::rules::Broken;

/// Words and what follows them that stand for operators.
const HIDDEN: &[&str] = &[
    " IN (",
    " BETWEEN ",
    " USING (",
    " DISTINCT FROM ",
    " LIKE ",
    " ILIKE ",
    " SIMILAR ",
    "NULLIF(",
    "NULLIF (",
];
/// Functions that are grammar.
const GRAMMAR: &[&str] = &["coalesce"];
/// Types that no keyword stands for.
const TYPES: &[&str] = &[
    "text", "name", "oid", "jsonb", "json", "bytea", "regclass", "regtype", "uuid", "xid",
];

/// The lines of `.sql` files that name something without its schema.
pub fn qualified(files: &[(String, String)]) -> Broken {
    let mut broken = Broken::new();
    for (path, text) in files {
        for (number, line) in text.lines().enumerate() {
            if line.contains("-- qualified:") {
                continue;
            }
            if let Some(what) = looked_up(&code(line)) {
                broken.push(format!(
                    "{path}:{}: {what} is looked up on the search path",
                    number + 1
                ));
            }
        }
    }
    broken
}

/// The line without comments, literals and what is qualified.
fn code(line: &str) -> String {
    let mut code = String::from(" ");
    let mut is_literal = false;
    for piece in line.split('\'') {
        if !is_literal {
            code.push_str(piece.split("--").next().unwrap_or_default());
            if piece.contains("--") {
                break;
            }
        }
        is_literal = !is_literal;
    }
    while let Some(start) = code.find("OPERATOR(pg_catalog.") {
        let end = code[start..]
            .find(')')
            .map_or(code.len(), |end| start + end + 1);
        code.replace_range(start..end, "OPERATOR");
    }
    code.push(' ');
    code
}

fn looked_up(code: &str) -> Option<String> {
    let found = |what: &str| Some(what.trim().to_owned());
    if let Some(hidden) = HIDDEN.iter().find(|hidden| code.contains(**hidden)) {
        return found(hidden);
    }
    if code
        .split(" CASE ")
        .skip(1)
        .any(|rest| !rest.trim_start().starts_with("WHEN"))
    {
        return found("CASE with a value");
    }
    operator(code)
        .or_else(|| function(code))
        .or_else(|| type_or_relation(code))
}

/// A naked operator. A sign before a number, `*` alone, `::`, `:name` and the `=` of a SET are none.
fn operator(code: &str) -> Option<String> {
    let is_set = [" SET ", " SET LOCAL "]
        .iter()
        .any(|set| code.contains(set));
    let code = code
        .replace("(*)", "")
        .replace("SELECT *", "")
        .replace("::", "");
    let symbols = |c: char| "=<>~!|+-*/%^&#@`?".contains(c);
    let mut rest = code.as_str();
    while let Some(at) = rest.find(symbols) {
        let (before, after) = rest.split_at(at);
        let length = after.find(|c| !symbols(c)).unwrap_or(after.len());
        let (symbol, after) = after.split_at(length);
        // after a name or a number a sign is an operator
        let begins = before.trim_end();
        let follows = begins
            .ends_with(|c: char| c.is_ascii_alphanumeric() && !c.is_ascii_uppercase() || c == ')');
        let is_sign = symbol == "-" && after.starts_with(|c: char| c.is_ascii_digit()) && !follows;
        if !(is_sign || symbol == "=" && is_set) {
            return Some(format!("operator {symbol}"));
        }
        rest = after;
    }
    None
}

/// A function in small letters without a schema. After AS it is a list of columns.
fn function(code: &str) -> Option<String> {
    for (at, _) in code.match_indices('(') {
        let before = &code[..at];
        let start =
            before.rfind(|c: char| !c.is_ascii_lowercase() && c != '_' && !c.is_ascii_digit());
        let (before, name) = before.split_at(start.map_or(0, |start| start + 1));
        let is_other = before.ends_with('.') || before.trim_end().ends_with(" AS");
        if !name.is_empty()
            && !is_other
            && !GRAMMAR.contains(&name)
            && !before.ends_with(char::is_alphanumeric)
        {
            return Some(format!("function {name}"));
        }
    }
    None
}

fn type_or_relation(code: &str) -> Option<String> {
    let unqualified_cast = code
        .split("::")
        .skip(1)
        .find(|rest| !rest.starts_with("pg_catalog."));
    if let Some(rest) = unqualified_cast {
        return Some(format!(
            "type {}",
            rest.split([' ', ')', ',']).next().unwrap_or_default()
        ));
    }
    let words: Vec<&str> = code
        .split([' ', ',', ';', '(', ')'])
        .filter(|word| !word.is_empty())
        .collect();
    for pair in words.windows(2) {
        let column = pair[0].chars().all(|c| c.is_ascii_lowercase() || c == '_');
        // after AS it is a list of columns
        if column && TYPES.contains(&pair[1]) && !code.contains(" AS ") {
            return Some(format!("type {}", pair[1]));
        }
        if matches!(pair[0], "FROM" | "JOIN")
            && pair[1].starts_with("pg_")
            && !pair[1].contains('.')
        {
            return Some(format!("relation {}", pair[1]));
        }
    }
    None
}
