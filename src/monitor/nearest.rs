//! Names near to one that was mistyped, and lists of names that stay short: both for messages.
//!
//! Pure. Nothing is ever chosen by nearness: a user is asked "Did you mean ..?" and types again.

use bstr::ByteSlice;

/// More names than this nobody reads in a message.
const LISTED_MAX: usize = 20;

/// Names longer than this are not compared letter by letter: none of PostgreSQL's is.
const COMPARED_BYTES_MAX: usize = 256;

/// The fewest letters that count as the beginning of a longer name.
const PREFIX_BYTES_MIN: usize = 3;

/// The candidate that `name` was most likely meant to be; `None` where none is near.
///
/// Case does not count, a transposition is one mistake, and about a third of the letters may be wrong. Of
/// equally near candidates the first is taken.
pub fn nearest<'a>(
    name: &[u8],
    candidates: impl IntoIterator<Item = &'a [u8]>,
) -> Option<&'a [u8]> {
    let mut best: Option<(usize, &[u8])> = None;
    for candidate in candidates {
        let Some(distance) = distance(name, candidate) else {
            continue;
        };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many mistakes lead from one to the other, ten times; `None` where there are too many.
fn distance(typed: &[u8], meant: &[u8]) -> Option<usize> {
    if typed.len().max(meant.len()) > COMPARED_BYTES_MAX || typed == meant {
        return None;
    }
    let (typed, meant) = (typed.to_ascii_lowercase(), meant.to_ascii_lowercase());
    let mistakes_max = (typed.len() / 3).clamp(1, 4);
    let mistakes = mistakes(&typed, &meant);
    // One letter for another one is a mistake; a name of one letter is then any other.
    if mistakes <= mistakes_max && mistakes < typed.len() {
        return Some(mistakes * 10);
    }
    let is_beginning = typed.len() >= PREFIX_BYTES_MIN && meant.starts_with(&typed);
    is_beginning.then_some(mistakes_max * 10 + 5)
}

/// The optimal string alignment distance: letters put in, left out, replaced, or changed places with their
/// neighbour.
fn mistakes(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let is_other = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (last[j] + 1)
                .min(row[j - 1] + 1)
                .min(last[j - 1] + is_other);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row[j] = least;
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// `"a", "b" and 7 more`: names in quotes, no more than a message has room for.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a [u8]>) -> String {
    let names: Vec<&[u8]> = names.into_iter().collect();
    let shown: Vec<String> = names
        .iter()
        .take(LISTED_MAX)
        .map(|name| format!("\"{}\"", name.as_bstr()))
        .collect();
    match names.len().saturating_sub(LISTED_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `Did you mean "a" and "b"?`, of the nearest to each of `missing`; nothing where none is near.
pub fn did_you_mean<'a>(
    missing: impl IntoIterator<Item = &'a [u8]>,
    present: &[&'a [u8]],
) -> Option<String> {
    let mut meant: Vec<&[u8]> = Vec::new();
    for name in missing {
        if let Some(near) = nearest(name, present.iter().copied())
            && !meant.contains(&near)
        {
            meant.push(near);
        }
    }
    (!meant.is_empty()).then(|| format!("Did you mean {}?", listed(meant)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(typed: &str, names: &[&'static str]) -> Option<String> {
        let names = names.iter().map(|name| name.as_bytes());
        nearest(typed.as_bytes(), names).map(|name| name.as_bstr().to_string())
    }

    #[test]
    fn the_nearest_name_is_found_whatever_its_case() {
        let names = ["accounts", "analysis", "jobs", "job", "x", "Metrics"];
        for (typed, meant) in [
            ("acounts", Some("accounts")),
            ("accuonts", Some("accounts")),
            ("ACCOUNTS", Some("accounts")),
            ("acc", Some("accounts")),
            ("jbos", Some("jobs")),
            ("jobz", Some("jobs")),
            ("metrics", Some("Metrics")),
            ("filestore", None),
            ("y", None),
            ("", None),
            ("an", None),
        ] {
            assert_eq!(near(typed, &names).as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn a_name_is_not_near_to_itself_and_a_huge_one_costs_nothing() {
        assert_eq!(near("jobs", &["jobs"]), None);
        let huge = "j".repeat(1 << 20);
        assert_eq!(near(&huge, &["jobs"]), None);
    }

    #[test]
    fn lists_stay_short() {
        let names: Vec<String> = (0..23).map(|number| format!("d{number}")).collect();
        let all = listed(names.iter().map(|name| name.as_bytes()));
        assert!(all.starts_with("\"d0\", \"d1\""), "{all}");
        assert!(all.ends_with("\"d19\" and 3 more"), "{all}");
        assert_eq!(listed([&b"a"[..], b"b"]), "\"a\", \"b\"");
    }

    #[test]
    fn only_what_is_near_is_asked_for() {
        let present = [&b"accounts"[..], b"jobs"];
        let asked = |missing: &[&'static str]| {
            did_you_mean(missing.iter().map(|name| name.as_bytes()), &present)
        };
        assert_eq!(
            asked(&["acounts", "zzz", "accoutns"]).as_deref(),
            Some("Did you mean \"accounts\"?")
        );
        assert_eq!(asked(&["zzz"]), None);
    }
}
