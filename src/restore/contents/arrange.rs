//! The chosen databases as a list of entries (`-L`) wants them: which of them, and their entries in which
//! order.
//!
//! Pure. What a list says is [`list`](crate::restore::select::list)'s.

use super::DatabaseContents;
use crate::restore::select::list::{List, ListError};

/// The databases whose contents are to be restored: all of `chosen` where the user named them (`is_named`),
/// else those in the list.
pub(crate) fn arrange(
    list: &List,
    chosen: Vec<DatabaseContents>,
    is_named: bool,
) -> Result<Vec<DatabaseContents>, ListError> {
    let is_only = chosen.len() == 1;
    let loose = list.loose_line();
    if let Some(number) = loose.filter(|_| !is_only) {
        return Err(ListError::NoDatabase { number });
    }
    let mut arranged = Vec::new();
    for mut database in chosen {
        if list.has_part_for(&database.source) || loose.is_some() {
            database.listed = Some(list.sort(&database.source, &mut database.toc)?);
            arranged.push(database);
        } else if is_named || is_only {
            let database = database.source;
            return Err(ListError::NoPart { database });
        }
    }
    Ok(arranged)
}
