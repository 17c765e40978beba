//! Values of options: words and numbers.

use crate::pg::error::Error;
use crate::pg::options::text::Options;

/// Whether something is refused, used where it can be, or demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Disable,
    Prefer,
    Require,
}

/// Reads an option that is one of a few words.
pub(crate) fn choice<T: Copy>(
    options: &Options,
    keyword: &str,
    default: T,
    words: &[(&str, T)],
) -> Result<T, Error> {
    let Some(value) = options.get(keyword) else {
        return Ok(default);
    };
    let known = words.iter().find(|(word, _)| *word == value);
    let known = known.map(|(_, meaning)| *meaning);
    known.ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let words = words.join(", ");
        Error::setting(format!(
            "invalid {keyword} value: \"{value}\" (it can be {words})"
        ))
    })
}

/// Reads `disable`, the word for [`Wish::Prefer`], or `require`.
pub(crate) fn wish(options: &Options, keyword: &str, prefer: &str) -> Result<Wish, Error> {
    let words = [
        ("disable", Wish::Disable),
        (prefer, Wish::Prefer),
        ("require", Wish::Require),
    ];
    choice(options, keyword, Wish::Prefer, &words)
}

/// Reads a whole number as `pqParseIntParam` does: spaces around it are allowed.
pub(crate) fn integer(options: &Options, keyword: &str) -> Result<Option<i32>, Error> {
    let Some(value) = options.get(keyword) else {
        return Ok(None);
    };
    let number = value.trim().parse::<i32>();
    number.map(Some).map_err(|_| {
        Error::setting(format!(
            "invalid integer value \"{value}\" for connection option \"{keyword}\""
        ))
    })
}
