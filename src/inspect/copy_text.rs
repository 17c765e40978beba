//! Rows of COPY's text format as values, and values as CSV or JSON (documentation of COPY, "File Formats").
//!
//! Pure. Values stay what the server wrote: a number is its digits, and JSON has it as a string, because
//! nobody here knows types.

use bstr::{BString, ByteSlice, ByteVec as _};

/// How rows are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// As they are in the archive.
    #[default]
    Copy,
    /// A line of names, then a line for each row, as COPY's CSV format has them.
    Csv,
    /// A JSON object on each line.
    JsonLines,
}

/// The values of a row, without the end of its line. NULL is none.
pub fn values(row: &[u8]) -> impl Iterator<Item = Option<BString>> {
    row.split_str("\t").map(value)
}

fn value(field: &[u8]) -> Option<BString> {
    if field == br"\N" {
        return None;
    }
    if !field.contains(&b'\\') {
        return Some(field.into());
    }
    let mut out = BString::default();
    let mut rest = field;
    while let Some(at) = rest.find_byte(b'\\') {
        out.push_str(&rest[..at]);
        let (byte, used) = escape(&rest[at + 1..]);
        out.extend(byte);
        rest = &rest[at + 1 + used..];
    }
    out.push_str(rest);
    Some(out)
}

/// The byte that a backslash in front of this means, and how much of it belongs to that.
fn escape(rest: &[u8]) -> (Option<u8>, usize) {
    let digits = |from: usize, most: usize, radix: u32| {
        let digits = rest[from..].iter().take(most);
        let digits: Vec<u32> = digits
            .map_while(|byte| char::from(*byte).to_digit(radix))
            .collect();
        let number = digits
            .iter()
            .fold(0, |number, digit| number * radix + digit);
        // COPY takes the low byte of a number that is too large.
        let [byte, ..] = number.to_le_bytes();
        (byte, digits.len())
    };
    match rest.first() {
        None => (Some(b'\\'), 0),
        Some(b'b') => (Some(8), 1),
        Some(b'f') => (Some(12), 1),
        Some(b'n') => (Some(b'\n'), 1),
        Some(b'r') => (Some(b'\r'), 1),
        Some(b't') => (Some(b'\t'), 1),
        Some(b'v') => (Some(11), 1),
        Some(b'0'..=b'7') => {
            let (byte, used) = digits(0, 3, 8);
            (Some(byte), used)
        }
        Some(b'x') if rest.get(1).is_some_and(u8::is_ascii_hexdigit) => {
            let (byte, used) = digits(1, 2, 16);
            (Some(byte), used + 1)
        }
        Some(other) => (Some(*other), 1),
    }
}

/// A line of CSV. NULL is nothing, and an empty text is in quotes, as COPY tells them apart.
pub fn csv(values: impl Iterator<Item = Option<BString>>) -> BString {
    let mut line = BString::default();
    let values: Vec<Option<BString>> = values.collect();
    let is_alone = values.len() == 1;
    for (at, value) in values.into_iter().enumerate() {
        if at > 0 {
            line.push_byte(b',');
        }
        let Some(value) = value else { continue };
        // A line of this alone once ended the rows (CopyAttributeOutCSV in copyto.c).
        let needs_quotes = value.is_empty()
            || (is_alone && value == r"\.")
            || value.iter().any(|byte| b",\"\n\r".contains(byte));
        if needs_quotes {
            line.push_byte(b'"');
            line.push_str(value.replace("\"", "\"\""));
            line.push_byte(b'"');
        } else {
            line.push_str(value);
        }
    }
    line.push_byte(b'\n');
    line
}

/// A JSON object on a line, with its keys in the order of the columns. The number of the column whose value
/// is no UTF-8 is an error.
pub fn json(
    columns: &[BString],
    values: impl Iterator<Item = Option<BString>>,
) -> Result<BString, usize> {
    let quoted = |at: usize, text: &[u8]| {
        let text = text.to_str().map_err(|_| at)?;
        Ok::<String, usize>(serde_json::Value::from(text).to_string())
    };
    let mut members = vec![];
    for (at, value) in values.enumerate() {
        let name = columns.get(at).map(|name| quoted(at, name)).transpose()?;
        let name = name.unwrap_or_else(|| format!("\"{}\"", at + 1));
        let value = match value {
            Some(value) => quoted(at, &value)?,
            None => "null".to_owned(),
        };
        members.push(format!("{name}:{value}"));
    }
    Ok(format!("{{{}}}\n", members.join(",")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(row: &str) -> Vec<Option<String>> {
        values(row.as_bytes())
            .map(|value| value.map(|value| value.to_string()))
            .collect()
    }

    #[test]
    fn escapes_mean_what_copy_says() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            read("1\t\\N\t\ta\\tb\\\\c\\nd\\re"),
            [some("1"), None, some(""), some("a\tb\\c\nd\re")]
        );
        assert_eq!(read(r"\x41\101\q\xg"), [some("AAqxg")]);
        assert_eq!(read(r"\b\f\v"), [some("\u{8}\u{c}\u{b}")]);
        assert_eq!(read(r"\\N"), [some(r"\N")]);
    }

    #[test]
    fn csv_tells_null_from_nothing() {
        let line = |row: &str| csv(values(row.as_bytes())).to_string();
        assert_eq!(
            line("a\t\\N\t\tx,y\tq\"q\tl\\nl"),
            "a,,\"\",\"x,y\",\"q\"\"q\",\"l\nl\"\n"
        );
        assert_eq!(line(r"\\."), "\"\\.\"\n");
    }

    #[test]
    fn json_is_in_the_order_of_the_columns() {
        let columns = ["b\"".into(), "a".into()];
        let line = json(&columns, values(b"x\\ty\t\\N")).unwrap();
        assert_eq!(line, "{\"b\\\"\":\"x\\ty\",\"a\":null}\n");
        assert_eq!(json(&columns, values(b"1\t\xff")), Err(1));
    }
}
