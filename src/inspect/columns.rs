//! Lines up a table of text. Pure.

/// On which side a column's texts begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A head and rows of equal length, two spaces between columns, none at the end of a line.
pub(super) fn aligned(head: &[(&str, Align)], rows: &[Vec<String>], indent: &str) -> String {
    let mut widths: Vec<usize> = head.iter().map(|(title, _)| width(title)).collect();
    for row in rows {
        for (widest, text) in widths.iter_mut().zip(row) {
            *widest = width(text).max(*widest);
        }
    }
    let titles: Vec<String> = head.iter().map(|(title, _)| (*title).to_owned()).collect();
    let mut out = String::new();
    for row in std::iter::once(&titles).chain(rows) {
        let cells = row.iter().zip(head).zip(&widths);
        let cells = cells.map(|((text, (_, align)), &width)| padded(text, *align, width));
        let line = cells.collect::<Vec<_>>().join("  ");
        out.push_str(indent);
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn padded(text: &str, align: Align, to: usize) -> String {
    let spaces = " ".repeat(to.saturating_sub(width(text)));
    match align {
        Align::Left => format!("{text}{spaces}"),
        Align::Right => format!("{spaces}{text}"),
    }
}

/// Characters, not bytes. Wide ones count as one: names of tables seldom hold any.
fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_the_right() {
        let head = [("name", Align::Left), ("rows", Align::Right)];
        let rows = [("é", "1,000"), ("longer", "2")];
        let rows = rows.map(|(name, rows)| vec![name.to_owned(), rows.to_owned()]);
        let text = aligned(&head, &rows, " ");
        assert_eq!(text, " name     rows\n é       1,000\n longer      2\n");
        assert_eq!(aligned(&head, &[], ""), "name  rows\n");
    }
}
