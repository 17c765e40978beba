//! One statement for all servers: lines that hold from, or before, a major version.
//!
//! A line of a statement may end in `-- since 15`, `-- before 17` or `-- since 15, before 17`. The line is
//! left out for servers that the remark does not name. Pure; the statements are in `sql/`.

/// The pg_dump whose words we use.
pub const DIALECT: &str = "18.6";
/// The oldest server whose catalogs are known.
pub const OLDEST_MAJOR: u32 = 13;
/// The newest one.
pub const NEWEST_MAJOR: u32 = 19;

/// The statement as a server of this major version understands it.
pub(super) fn for_major(sql: &str, major: u32) -> String {
    let lines = sql.lines().filter(|line| holds(line, major));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn holds(line: &str, major: u32) -> bool {
    let Some((code, remark)) = line.rsplit_once("-- ") else {
        return true;
    };
    if code.trim().is_empty() {
        return true;
    }
    remark.split(", ").all(|bound| {
        let number = |word| {
            bound
                .strip_prefix(word)
                .and_then(|number| number.trim().parse().ok())
        };
        number("since ").is_none_or(|since: u32| major >= since)
            && number("before ").is_none_or(|before: u32| major < before)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_for_the_versions_they_name() {
        let sql = "-- since 99 is prose here\nSELECT a, -- since 15, before 17\n b -- before 14\n";
        assert_eq!(
            for_major(sql, 13),
            "-- since 99 is prose here\n b -- before 14\n"
        );
        assert_eq!(for_major(sql, 14), "-- since 99 is prose here\n");
        assert!(for_major(sql, 16).contains("SELECT a"));
        assert!(!for_major(sql, 17).contains("SELECT a"));
    }
}
