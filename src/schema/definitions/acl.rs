//! Rights as GRANT and REVOKE: `buildACLCommands()` in dumputils.c. Pure.
//!
//! An item is `grantee=letters/grantor`. Items are compared as texts and keep their order, because whoever
//! grants needs the right to.

use bstr::{BString, ByteSlice};

use super::array::array;
use super::error::Error;
use super::text::push;
use crate::toc::quote::ident_as_needed;

/// The rights on an object as the catalogs have them.
#[derive(Debug, Clone, Default)]
pub(super) struct Rights {
    /// None where nothing was granted or revoked.
    pub(super) current: Option<BString>,
    /// What an object has without that.
    pub(super) default: BString,
    /// What initdb or an extension's script left.
    pub(super) initial: Option<BString>,
}

/// What the rights are on.
pub(super) struct On<'a> {
    /// As in GRANT.
    pub(super) what: &'a str,
    /// As SQL; empty for default privileges.
    pub(super) name: &'a [u8],
    /// As SQL, for rights on one column.
    pub(super) column: Option<&'a [u8]>,
    pub(super) schema: Option<&'a [u8]>,
    pub(super) owner: &'a [u8],
    /// Before each statement.
    pub(super) prefix: &'a [u8],
}

/// The statements that make the rights out of those that the object has when it is new.
pub(super) fn commands(on: &On<'_>, rights: &Rights) -> BString {
    let initial = rights.initial.as_ref().filter(|text| !text.is_empty());
    let base = initial.unwrap_or(&rights.default);
    let current = match (&rights.current, initial) {
        (Some(current), _) => current,
        (None, Some(_)) => &rights.default,
        (None, None) => return BString::default(),
    };
    between(on, base, current)
}

/// Refuses items that are not understood: what is not read would be no right in the copy.
pub(super) fn check(items: &[u8]) -> Result<(), Error> {
    let is_array = items.starts_with(b"{") && items.ends_with(b"}");
    if is_array && array(items).iter().all(|item| Item::read(item).is_some()) {
        return Ok(());
    }
    Err(Error::Corrupt {
        object: items.into(),
        what: "a list of rights that this pgark cannot read".into(),
    })
}

fn between(on: &On<'_>, base: &[u8], current: &[u8]) -> BString {
    let (base, current) = (array(base), array(current));
    let (mut first, mut second) = (BString::default(), BString::default());
    for item in base.iter().filter(|item| !current.contains(item)) {
        let Some(item) = Item::read(item) else {
            continue;
        };
        let (plain, _) = item.privileges(on, false);
        if !plain.is_empty() {
            push!(first, on.prefix, "REVOKE ", plain, " ON ");
            push!(first, on.target(), "FROM ", item.grantee_sql(), ";\n");
        }
    }
    for item in current.iter().filter(|item| !base.contains(item)) {
        let Some(item) = Item::read(item) else {
            continue;
        };
        let grantor = if item.grantor.is_empty() {
            on.owner
        } else {
            &item.grantor[..]
        };
        let is_own = item.grantee == on.owner && grantor == on.owner;
        let out = if is_own { &mut first } else { &mut second };
        item.grant(on, grantor, out);
    }
    push!(first, second);
    first
}

impl On<'_> {
    fn target(&self) -> BString {
        let mut out = BString::from(self.what);
        out.push(b' ');
        if let Some(schema) = self.schema {
            push!(out, ident_as_needed(schema), ".");
        }
        if !self.name.is_empty() {
            push!(out, self.name, " ");
        }
        out
    }

    /// The letters in the order in which they are written, with their words.
    fn words(&self) -> &'static [(u8, &'static str)] {
        match (self.what, self.column) {
            ("TABLE" | "TABLES", None) => &[
                (b'r', "SELECT"),
                (b'a', "INSERT"),
                (b'x', "REFERENCES"),
                (b'd', "DELETE"),
                (b't', "TRIGGER"),
                (b'D', "TRUNCATE"),
                (b'm', "MAINTAIN"),
                (b'w', "UPDATE"),
            ],
            ("TABLE", Some(_)) => &[
                (b'r', "SELECT"),
                (b'a', "INSERT"),
                (b'x', "REFERENCES"),
                (b'w', "UPDATE"),
            ],
            ("SEQUENCE" | "SEQUENCES", _) => &[(b'r', "SELECT"), (b'U', "USAGE"), (b'w', "UPDATE")],
            ("FUNCTION" | "FUNCTIONS" | "PROCEDURE", _) => &[(b'X', "EXECUTE")],
            ("SCHEMA" | "SCHEMAS", _) => &[(b'C', "CREATE"), (b'U', "USAGE")],
            ("DATABASE", _) => &[(b'C', "CREATE"), (b'c', "CONNECT"), (b'T', "TEMPORARY")],
            ("LARGE OBJECTS", _) => &[(b'r', "SELECT"), (b'w', "UPDATE")],
            _ => &[(b'U', "USAGE")],
        }
    }
}

/// One item of an ACL.
struct Item {
    /// Empty for everybody.
    grantee: BString,
    letters: BString,
    grantor: BString,
}

impl Item {
    fn read(item: &[u8]) -> Option<Self> {
        let (grantee, rest) = role(item)?;
        let rest = rest.strip_prefix(b"=")?;
        let (letters, grantor) = rest.split_once_str("/")?;
        let (grantor, rest) = role(grantor)?;
        rest.is_empty().then(|| Self {
            grantee,
            letters: letters.into(),
            grantor,
        })
    }

    fn grantee_sql(&self) -> BString {
        if self.grantee.is_empty() {
            "PUBLIC".into()
        } else {
            ident_as_needed(&self.grantee)
        }
    }

    /// The privileges without and with the option to grant them further, where that makes a difference. `ALL`
    /// stands for every letter of the kind.
    fn privileges(&self, on: &On<'_>, apart: bool) -> (BString, BString) {
        let (mut plain, mut with) = (vec![], vec![]);
        let words = on.words();
        for (letter, word) in words {
            let Some(at) = self.letters.find_byte(*letter) else {
                continue;
            };
            let may_grant = apart && self.letters.get(at + 1) == Some(&b'*');
            if may_grant { &mut with } else { &mut plain }.push(*word);
        }
        let list = |found: &[&str]| {
            let all = ["ALL"];
            let found = if found.len() == words.len() {
                &all
            } else {
                found
            };
            let mut out = BString::default();
            for (number, word) in found.iter().enumerate() {
                push!(out, if number > 0 { "," } else { "" }, word);
                if let Some(column) = on.column {
                    push!(out, "(", column, ")");
                }
            }
            out
        };
        (list(&plain), list(&with))
    }

    fn grant(&self, on: &On<'_>, grantor: &[u8], out: &mut BString) {
        let (plain, with) = self.privileges(on, true);
        if plain.is_empty() && with.is_empty() {
            return;
        }
        let is_others = grantor != on.owner;
        if is_others {
            push!(
                out,
                "SET SESSION AUTHORIZATION ",
                ident_as_needed(grantor),
                ";\n"
            );
        }
        for (privileges, option) in [(plain, ""), (with, " WITH GRANT OPTION")] {
            if !privileges.is_empty() {
                push!(out, on.prefix, "GRANT ", privileges, " ON ", on.target());
                push!(out, "TO ", self.grantee_sql(), option, ";\n");
            }
        }
        if is_others {
            push!(out, "RESET SESSION AUTHORIZATION;\n");
        }
    }
}

/// A role's name at the beginning of a text, and the rest: `dequoteAclUserName()`.
fn role(text: &[u8]) -> Option<(BString, &[u8])> {
    let mut name = BString::default();
    let mut at = 0;
    let mut is_quoted = false;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' if is_quoted && text.get(at + 1) == Some(&b'"') => {
                name.push(b'"');
                at += 1;
            }
            b'"' => is_quoted = !is_quoted,
            b'=' if !is_quoted => break,
            _ => name.push(byte),
        }
        at += 1;
    }
    (!is_quoted).then(|| (name, &text[at..]))
}

/// A role's name as an item has it: `quoteAclUserName()`, the rule of acl.c.
pub(super) fn item_name(role: &[u8]) -> BString {
    let is_plain = role
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if is_plain {
        role.into()
    } else {
        crate::toc::quote::ident(role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(what: &str) -> On<'_> {
        On {
            what,
            name: b"t",
            column: None,
            schema: Some(b"s"),
            owner: b"o",
            prefix: b"",
        }
    }

    fn rights(current: &str, default: &str) -> Rights {
        Rights {
            current: Some(current.into()),
            default: default.into(),
            initial: None,
        }
    }

    #[test]
    fn grants_come_out_as_they_were_made() {
        let changed = rights(
            r#"{o=arwdDxtm/o,=r/o,"\"A b\"=r*w/o",c=r/"\"A b\""}"#,
            "{o=arwdDxtm/o}",
        );
        assert_eq!(
            commands(&on("TABLE"), &changed),
            "GRANT SELECT ON TABLE s.t TO PUBLIC;\n\
             GRANT UPDATE ON TABLE s.t TO \"A b\";\n\
             GRANT SELECT ON TABLE s.t TO \"A b\" WITH GRANT OPTION;\n\
             SET SESSION AUTHORIZATION \"A b\";\nGRANT SELECT ON TABLE s.t TO c;\n\
             RESET SESSION AUTHORIZATION;\n"
        );
    }

    #[test]
    fn the_owners_own_rights_come_first_and_all_needs_every_letter() {
        let changed = rights("{x=X/o,o=X*/o}", "{=X/o,o=X/o}");
        assert_eq!(
            commands(&on("FUNCTION"), &changed),
            "REVOKE ALL ON FUNCTION s.t FROM PUBLIC;\nREVOKE ALL ON FUNCTION s.t FROM o;\n\
             GRANT ALL ON FUNCTION s.t TO o WITH GRANT OPTION;\nGRANT ALL ON FUNCTION s.t TO x;\n"
        );
        let before_17 = rights("{o=arwdDxt/o,p=arwdDxt/o}", "{o=arwdDxt/o}");
        assert_eq!(
            commands(&on("TABLE"), &before_17),
            "GRANT SELECT,INSERT,REFERENCES,DELETE,TRIGGER,TRUNCATE,UPDATE ON TABLE s.t TO p;\n"
        );
    }

    #[test]
    fn without_rights_of_its_own_an_object_says_nothing() {
        let none = Rights {
            default: "{o=U/o}".into(),
            ..Rights::default()
        };
        assert_eq!(commands(&on("TYPE"), &none), "");
        let initial = Rights {
            initial: Some("{=U/o}".into()),
            ..none
        };
        assert_eq!(
            commands(&on("TYPE"), &initial),
            "REVOKE ALL ON TYPE s.t FROM PUBLIC;\nGRANT ALL ON TYPE s.t TO o;\n"
        );
    }

    #[test]
    fn names_of_roles_are_quoted_and_read_as_the_server_does() {
        for name in ["plain_1", "A b", "a\"b", "\u{e4}", ""] {
            let item = [&item_name(name.as_bytes())[..], b"=r/"].concat();
            assert_eq!(role(&item).unwrap().0, name);
        }
        assert!(role(b"\"open=r/").is_none());
    }
}
