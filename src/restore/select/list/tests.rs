//! Tests of lists: reading, writing, and the entries they choose.

use super::*;
use crate::restore::contents::{DatabaseContents, arrange};
use crate::restore::testing::{database, entry, toc};

fn sample(name: &str) -> DatabaseContents {
    let table = |id, kind| entry(id, kind, Some("s"), "t");
    database(
        name,
        toc(vec![
            entry(1, ObjectKind::Encoding, None, "ENCODING"),
            table(2, ObjectKind::Table),
            table(3, ObjectKind::TableData),
            table(4, ObjectKind::TableData),
            entry(5, ObjectKind::Index, Some("s"), "i\nj"),
        ]),
    )
}

fn arranged(text: &str, names: &[&str], is_named: bool) -> Result<Vec<(String, Vec<i32>)>, String> {
    let list = List::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    let databases = names.iter().map(|name| sample(name)).collect();
    let databases = arrange(&list, databases, is_named);
    let databases = databases.map_err(|error| error.to_string())?;
    let listed = |database: &DatabaseContents| {
        let entries = database.toc.entries.iter();
        let listed = database.listed.clone().unwrap_or_default();
        let ids = entries.filter(|entry| listed.contains(&entry.dump_id));
        ids.map(|entry| entry.dump_id.0).collect()
    };
    let all = databases.iter();
    Ok(all
        .map(|database| (database.source.to_string(), listed(database)))
        .collect())
}

#[test]
fn a_list_that_was_printed_is_understood() {
    let jobs = sample("jobs");
    let wanted = Need {
        definition: true,
        data: false,
    };
    let needs = [Need::default(), wanted, wanted, wanted, wanted];
    let text = render(&jobs.source, &jobs.toc, &needs, Detail::Wanted).to_string();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(';')).collect();
    assert_eq!(
        lines,
        [
            "2; 0 0 TABLE s t ",
            "3; 0 0 TABLE DATA s t ",
            "5; 0 0 INDEX s i j ",
            ""
        ]
    );
    let all = ("jobs".to_owned(), vec![2, 3, 4, 5]);
    assert_eq!(arranged(&text, &["jobs"], false), Ok(vec![all]));
}

#[test]
fn the_order_is_the_lists_and_chunks_stay_together() {
    let text = "; 2; gone\n5; INDEX\n\n  4; a chunk\n2;\n5; again\n3\n";
    let list = arranged(text, &["jobs"], true).unwrap();
    assert_eq!(list, [("jobs".to_owned(), vec![5, 3, 4, 2])]);
    let mut jobs = sample("jobs");
    let list = List::parse(text.as_bytes()).unwrap();
    list.sort(&jobs.source, &mut jobs.toc).unwrap();
    let ids: Vec<i32> = jobs.toc.entries.iter().map(|e| e.dump_id.0).collect();
    assert_eq!(ids, [1, 5, 3, 4, 2], "what is not in it comes first");
}

#[test]
fn each_database_has_its_part() {
    let text = "; Globals (globals)\n99; 0 0 ROLE - x\n; Database \"a\" (databases/a)\n2;\n\
                ; Database \"a b\"\n5;\n; Database \"c\"\n77;\n";
    let part = |name: &str, ids: &[i32]| (name.to_owned(), ids.to_vec());
    assert_eq!(
        arranged(text, &["a", "a b", "d"], false),
        Ok(vec![part("a", &[2]), part("a b", &[5])])
    );
    assert_eq!(arranged(text, &["a b"], true), Ok(vec![part("a b", &[5])]));
    let missing = Err("the list has no part for database \"d\"".to_owned());
    assert_eq!(arranged(text, &["a", "d"], true), missing);
    assert_eq!(arranged(text, &["d"], false), missing);
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let refused = |text: &str, names: &[&str]| arranged(text, names, true).unwrap_err();
    assert_eq!(
        refused("2;\n8; x\n9\n", &["jobs"]),
        "the list names entries that database \"jobs\" does not have: 8 (line 2), 9 (line 3)"
    );
    assert_eq!(
        refused(";\n2;\n", &["a", "b"]),
        "line 2 of the list does not say which database it is about"
    );
    for text in ["TABLE t;", "-1; x", "99999999999999; x"] {
        let said = format!("line 1 of the list names no entry: {text}");
        assert_eq!(refused(text, &["a"]), said);
    }
}
