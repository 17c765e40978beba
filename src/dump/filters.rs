//! Whether every filter of a dump names something, over all databases.
//!
//! A mistyped name must not make a smaller archive, nor one with the content it was to leave out, and end
//! with status 0. Pure: `schema::selection` finds the objects that each pattern names in one database.

use bstr::{BString, ByteSlice};

use super::error::Error;
use crate::schema::pattern;
use crate::schema::selection::{Given, Named};

/// Options whose patterns leave something out. A pattern with wildcards may match nothing today.
const EXCLUDING: [&str; 6] = [
    "-N",
    "-T",
    "--exclude-extension",
    "--exclude-table-and-children",
    "--exclude-table-data",
    "--exclude-table-data-and-children",
];

/// Judges the matches of `given` in the databases, each with its name. Returns the notices for the user.
pub(super) fn check(
    given: &[Given],
    databases: &[(&BString, Named)],
) -> Result<Vec<String>, Error> {
    let has_match = |index: usize| databases.iter().any(|(_, named)| named.has_match(index));
    let unmatched: Vec<&Given> = given
        .iter()
        .enumerate()
        .filter(|(index, _)| !has_match(*index))
        .map(|(_, given)| given)
        .collect();
    for (index, (option, pattern)) in given.iter().enumerate() {
        if !databases.iter().any(|(_, named)| named.is_addressed(index)) {
            return Err(Error::OtherDatabase {
                option,
                pattern: pattern.clone(),
            });
        }
        let of_option = || given.iter().filter(|(of, _)| of == option);
        let is_mistake =
            |(of, pattern): &Given| !EXCLUDING.contains(of) || !pattern::has_wildcards(pattern);
        let is_all = of_option().all(|given| unmatched.contains(&given));
        if is_all && of_option().any(is_mistake) {
            return Err(Error::NothingMatches {
                option,
                patterns: of_option().map(|(_, pattern)| pattern.clone()).collect(),
            });
        }
    }
    let unmatched = unmatched
        .iter()
        .map(|(option, pattern)| format!("{option} {pattern}: nothing has such a name"));
    let empty = databases
        .iter()
        .filter(|(_, named)| named.is_nothing())
        .map(|(name, _)| format!("{}: it has nothing that was asked for", name.as_bstr()));
    Ok(unmatched.chain(empty).collect())
}
