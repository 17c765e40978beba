//! Publications and subscriptions, for servers that know less of them.
//!
//! Pure. What a publication holds back (`EXCEPT`) is never published for want of the word: such a publication
//! is left out. Options: documentation of CREATE PUBLICATION and CREATE SUBSCRIPTION of each version,
//! `parse_subscription_options` in subscriptioncmds.c.

use bstr::BString;

use crate::restore::adapt::older::knows::{Fate, Knows, Lose, has};
use crate::toc::TocEntry;
use crate::toc::lex::{Token, TokenKind, tokens, words};

/// Publications of sequences, and of all tables but some; subscriptions to a foreign server.
const SEQUENCES_SINCE: u32 = 190_000;
const EXCEPT_SINCE: u32 = 190_000;
const SERVER_SINCE: u32 = 190_000;
/// Publications may hold generated columns.
const GENERATED_COLUMNS_SINCE: u32 = 180_000;
/// A subscription can refuse rows of another origin, and can apply in parallel.
const ORIGIN_SINCE: u32 = 160_000;
const PARALLEL_SINCE: u32 = 160_000;

/// Options of subscriptions, with the version that brought them. Without them a subscription is slower or
/// less safe, or, for the two of 16, works as it did before there were such options.
const OPTIONS: [(&[u8], u32); 11] = [
    (b"binary", 140_000),
    (b"streaming", 140_000),
    (b"two_phase", 150_000),
    (b"disable_on_error", 150_000),
    (b"password_required", 160_000),
    (b"run_as_owner", 160_000),
    (b"origin", 160_000),
    (b"failover", 170_000),
    (b"retain_dead_tuples", 190_000),
    (b"max_retention_duration", 190_000),
    (b"wal_receiver_timeout", 190_000),
];

/// Every publication is said to be what it is, or left out.
pub(crate) fn publication(entry: &TocEntry, knows: &Knows, lose: &mut Lose<'_>) -> Fate {
    let sql = entry.definition();
    let name = || entry.tag.to_string();
    if knows.lacks(EXCEPT_SINCE) && words(sql).contains(&&b"EXCEPT"[..]) {
        lose("publications of all tables but some", name());
        return Fate::Goes;
    }
    let mut fitted = BString::from(sql);
    if knows.lacks(SEQUENCES_SINCE) && has(sql, &[b"ALL", b"SEQUENCES"]) {
        lose("publications of sequences", name());
        match without_sequences(sql) {
            Some(left) => fitted = left,
            None => return Fate::Goes,
        }
    }
    if knows.lacks(GENERATED_COLUMNS_SINCE) {
        let (left, lost) = map_options(&fitted, |option, _| match option {
            b"publish_generated_columns" => Change::Drop,
            _ => Change::Keep,
        });
        if !lost.is_empty() {
            lose("publications of generated columns", name());
            fitted = left;
        }
    }
    if fitted == sql {
        Fate::Stays
    } else {
        Fate::Says(fitted)
    }
}

/// `FOR ALL TABLES, ALL SEQUENCES`, in either order: the tables. `None` where sequences are all there is.
fn without_sequences(sql: &[u8]) -> Option<BString> {
    let both = [
        &b"FOR ALL TABLES, ALL SEQUENCES"[..],
        b"FOR ALL SEQUENCES, ALL TABLES",
    ];
    // Names are in quotes where they could be taken for this.
    let places = both.map(|both| Some((bstr::ByteSlice::find(sql, both)?, both.len())));
    let (at, length) = places.into_iter().flatten().next()?;
    Some(
        [&sql[..at], b"FOR ALL TABLES", &sql[at + length..]]
            .concat()
            .into(),
    )
}

/// A subscription without the options that the target does not know.
pub(crate) fn subscription(entry: &TocEntry, knows: &Knows, lose: &mut Lose<'_>) -> Fate {
    let sql = entry.definition();
    if knows.lacks(SERVER_SINCE) && words(sql).get(3) == Some(&&b"SERVER"[..]) {
        lose("subscriptions to foreign servers", entry.tag.to_string());
        return Fate::Goes;
    }
    let mut takes_only_local = false;
    let (fitted, lost) = map_options(sql, |option, value| {
        let since = OPTIONS.iter().find(|(name, _)| *name == option);
        match since {
            Some((_, since)) if knows.lacks(*since) => {
                takes_only_local |= option == b"origin" && value != b"any";
                Change::Drop
            }
            Some(_)
                if option == b"streaming"
                    && value == b"parallel"
                    && knows.lacks(PARALLEL_SINCE) =>
            {
                Change::Say(b"on")
            }
            _ => Change::Keep,
        }
    });
    if knows.lacks(ORIGIN_SINCE) && takes_only_local {
        // Without the option it would take back the rows it sent itself.
        lose("subscriptions by origin", entry.tag.to_string());
        return Fate::Goes;
    }
    // A behaviour that was the only one before there was such an option is not lost.
    const AS_BEFORE: [&[u8]; 3] = [b"password_required", b"run_as_owner", b"origin"];
    for option in lost
        .iter()
        .filter(|option| !AS_BEFORE.contains(&option.as_slice()))
    {
        lose(
            "options of subscriptions",
            format!("{option} of {}", entry.tag),
        );
    }
    if fitted == sql {
        Fate::Stays
    } else {
        Fate::Says(fitted)
    }
}

/// The fate of an option.
enum Change {
    Keep,
    Drop,
    Say(&'static [u8]),
}

/// The statement with its `WITH (name = value, ..)` changed, and the names of the options that are gone.
fn map_options(
    sql: &[u8],
    mut change: impl FnMut(&[u8], &[u8]) -> Change,
) -> (BString, Vec<BString>) {
    let mut lost = Vec::new();
    let Some((open, close)) = option_list(sql) else {
        return (sql.into(), lost);
    };
    let mut kept: Vec<BString> = Vec::new();
    for option in split(&sql[open..close]) {
        let equals = option
            .iter()
            .position(|&byte| byte == b'=')
            .unwrap_or(option.len());
        let name = option[..equals].trim_ascii();
        let value = option.get(equals + 1..).unwrap_or_default().trim_ascii();
        match change(name, value) {
            Change::Keep => kept.push(option.trim_ascii().into()),
            Change::Say(value) => kept.push([name, b" = ", value].concat().into()),
            Change::Drop => lost.push(name.into()),
        }
    }
    let options = bstr::join(", ", kept);
    if options.is_empty() {
        let before = sql[..open].trim_ascii_end();
        let before = before.strip_suffix(b"(").unwrap_or(before).trim_ascii_end();
        let before = before
            .strip_suffix(b"WITH")
            .unwrap_or(before)
            .trim_ascii_end();
        return ([before, &sql[close + 1..]].concat().into(), lost);
    }
    (
        [&sql[..open], &options, &sql[close..]].concat().into(),
        lost,
    )
}

/// The range of the text between the parentheses behind the last `WITH`.
fn option_list(sql: &[u8]) -> Option<(usize, usize)> {
    let tokens: Vec<Token> = tokens(sql)
        .filter(|token| token.kind != TokenKind::Blank)
        .collect();
    let text = |at: usize| tokens.get(at).map(|token| &sql[token.range.clone()]);
    let with = (0..tokens.len())
        .rev()
        .find(|&at| text(at) == Some(b"WITH") && text(at + 1) == Some(b"("))?;
    let close = (with + 2..tokens.len())
        .rev()
        .find(|&at| text(at) == Some(b")"))?;
    Some((tokens[with + 1].range.end, tokens[close].range.start))
}

/// The parts between commas that are in no quotes. Options hold no parentheses.
fn split(list: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut from = 0;
    for token in tokens(list) {
        if list[token.range.clone()] == *b"," {
            parts.push(&list[from..token.range.start]);
            from = token.range.end;
        }
    }
    parts.push(&list[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::entry;
    use crate::toc::ObjectKind;

    fn fitted(kind: ObjectKind, version_num: u32, sql: &str) -> (Fate, Vec<String>) {
        let entry = TocEntry {
            defn: Some(sql.into()),
            ..entry(1, kind.clone(), None, "x")
        };
        let knows = Knows {
            version_num,
            ..Knows::default()
        };
        let mut lost = Vec::new();
        let mut lose = |what: &'static str, object: String| lost.push(format!("{what}: {object}"));
        let fate = match kind {
            ObjectKind::Publication => publication(&entry, &knows, &mut lose),
            _ => subscription(&entry, &knows, &mut lose),
        };
        (fate, lost)
    }

    #[test]
    fn a_publication_never_publishes_more_than_it_did() {
        let cases = [
            (
                "CREATE PUBLICATION x FOR ALL SEQUENCES WITH (publish = 'insert, update');\n",
                Fate::Goes,
                "publications of sequences: x",
            ),
            (
                "CREATE PUBLICATION x FOR ALL TABLES, ALL SEQUENCES WITH (publish = 'insert');\n",
                Fate::Says(
                    "CREATE PUBLICATION x FOR ALL TABLES WITH (publish = 'insert');\n".into(),
                ),
                "publications of sequences: x",
            ),
            (
                "CREATE PUBLICATION x FOR ALL TABLES EXCEPT (TABLE ONLY s.t) WITH (publish = 'insert');\n",
                Fate::Goes,
                "publications of all tables but some: x",
            ),
        ];
        for (sql, fate, said) in cases {
            let found = fitted(ObjectKind::Publication, 180_000, sql);
            assert_eq!(found, (fate, vec![said.to_owned()]), "{sql}");
            let here = fitted(ObjectKind::Publication, 190_000, sql);
            assert_eq!(here, (Fate::Stays, vec![]));
        }
        let named = "CREATE PUBLICATION \"EXCEPT ALL SEQUENCES\" FOR ALL TABLES;\n";
        let found = fitted(ObjectKind::Publication, 130_000, named);
        assert_eq!(found, (Fate::Stays, vec![]));
    }

    #[test]
    fn generated_columns_are_an_option() {
        let sql = "CREATE PUBLICATION x WITH (publish = 'insert, update', publish_generated_columns = stored);\n";
        let left = "CREATE PUBLICATION x WITH (publish = 'insert, update');\n";
        let said = "publications of generated columns: x".to_owned();
        let found = fitted(ObjectKind::Publication, 170_000, sql);
        assert_eq!(found, (Fate::Says(left.into()), vec![said]));
    }

    #[test]
    fn a_subscription_has_the_options_that_there_are() {
        let sql = "CREATE SUBSCRIPTION x CONNECTION 'a=b WITH (c = d)' PUBLICATION p WITH (connect = false, \
                   slot_name = 'a,b', streaming = parallel, two_phase = on, run_as_owner = true, \
                   retain_dead_tuples = true, wal_receiver_timeout = \"1,5min\");\n";
        let before = "CREATE SUBSCRIPTION x CONNECTION 'a=b WITH (c = d)' PUBLICATION p WITH (connect = false, \
                      slot_name = 'a,b'";
        let cases = [
            (
                180_000,
                ", streaming = parallel, two_phase = on, run_as_owner = true",
                2,
            ),
            (150_000, ", streaming = on, two_phase = on", 2),
            (140_000, ", streaming = on", 3),
            (130_000, "", 4),
        ];
        for (version_num, rest, lost) in cases {
            let (fate, said) = fitted(ObjectKind::Subscription, version_num, sql);
            assert_eq!(fate, Fate::Says(format!("{before}{rest});\n").into()));
            assert_eq!(said.len(), lost, "{said:?}");
        }
    }

    #[test]
    fn a_subscription_that_would_do_something_else_is_left_out() {
        let by_origin =
            "CREATE SUBSCRIPTION x CONNECTION 'a' PUBLICATION p WITH (origin = none);\n";
        let found = fitted(ObjectKind::Subscription, 150_000, by_origin);
        assert_eq!(
            found,
            (Fate::Goes, vec!["subscriptions by origin: x".to_owned()])
        );
        let of_any = "CREATE SUBSCRIPTION x CONNECTION 'a' PUBLICATION p WITH (origin = any);\n";
        let left = "CREATE SUBSCRIPTION x CONNECTION 'a' PUBLICATION p;\n";
        let found = fitted(ObjectKind::Subscription, 150_000, of_any);
        assert_eq!(found, (Fate::Says(left.into()), vec![]));
        let server = "CREATE SUBSCRIPTION x SERVER s PUBLICATION p WITH (connect = false);\n";
        let found = fitted(ObjectKind::Subscription, 180_000, server);
        assert_eq!(
            found,
            (
                Fate::Goes,
                vec!["subscriptions to foreign servers: x".to_owned()]
            )
        );
        let named = "CREATE SUBSCRIPTION \"SERVER\" CONNECTION 'a' PUBLICATION p;\n";
        assert_eq!(
            fitted(ObjectKind::Subscription, 180_000, named),
            (Fate::Stays, vec![])
        );
    }
}
