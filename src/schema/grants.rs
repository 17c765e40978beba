//! Grants as statements, for the objects whose grants pg_dump does not write for us: large objects,
//! tablespaces, parameters.
//!
//! Pure. As in `buildACLCommands()` of PostgreSQL's `dumputils.c`, the grantor is kept: a session becomes the
//! grantor before a GRANT of another role than the owner, because GRANT has no clause for it.

use bstr::BString;

/// A privilege that somebody has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Grant {
    /// As SQL; empty for PUBLIC.
    pub grantee_quoted: BString,
    pub privilege: BString,
    pub grantable: bool,
    /// As SQL; empty where no grantor has to be named.
    pub grantor_quoted: BString,
}

/// The statements that grant on `object`, for instance `TABLESPACE fast`, which belongs to `owner`. `grants`
/// stand in the order in which they were granted.
pub(super) fn statements<'a>(
    object: &[u8],
    owner: &[u8],
    grants: impl IntoIterator<Item = &'a Grant>,
) -> Vec<u8> {
    let mut sql = vec![];
    let mut now_as: &[u8] = b"";
    for grant in grants {
        let grantor: &[u8] = if grant.grantor_quoted == owner {
            b""
        } else {
            &grant.grantor_quoted
        };
        if grantor != now_as {
            sql.extend(leave(now_as));
            if !grantor.is_empty() {
                sql.extend([b"SET SESSION AUTHORIZATION ", grantor, b";\n"].concat());
            }
            now_as = grantor;
        }
        let grantee: &[u8] = if grant.grantee_quoted.is_empty() {
            b"PUBLIC"
        } else {
            &grant.grantee_quoted
        };
        let option: &[u8] = if grant.grantable {
            b" WITH GRANT OPTION;\n"
        } else {
            b";\n"
        };
        let parts = [
            b"GRANT ",
            &grant.privilege[..],
            b" ON ",
            object,
            b" TO ",
            grantee,
            option,
        ];
        sql.extend(parts.concat());
    }
    sql.extend(leave(now_as));
    sql
}

fn leave(now_as: &[u8]) -> &'static [u8] {
    if now_as.is_empty() {
        b""
    } else {
        b"RESET SESSION AUTHORIZATION;\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(grantor: &str, grantee: &str, grantable: bool) -> Grant {
        Grant {
            grantee_quoted: grantee.into(),
            privilege: "SELECT".into(),
            grantable,
            grantor_quoted: grantor.into(),
        }
    }

    fn sql(grants: &[Grant]) -> String {
        let sql = statements(b"LARGE OBJECT 5", b"o", grants);
        BString::from(sql).to_string()
    }

    #[test]
    fn who_granted_grants_again() {
        let grants = [
            grant("o", "a", true),
            grant("a", "b", false),
            grant("a", "", false),
            grant("\"B\"", "c", false),
            grant("o", "d", false),
        ];
        assert_eq!(
            sql(&grants),
            "GRANT SELECT ON LARGE OBJECT 5 TO a WITH GRANT OPTION;\n\
             SET SESSION AUTHORIZATION a;\n\
             GRANT SELECT ON LARGE OBJECT 5 TO b;\n\
             GRANT SELECT ON LARGE OBJECT 5 TO PUBLIC;\n\
             RESET SESSION AUTHORIZATION;\n\
             SET SESSION AUTHORIZATION \"B\";\n\
             GRANT SELECT ON LARGE OBJECT 5 TO c;\n\
             RESET SESSION AUTHORIZATION;\n\
             GRANT SELECT ON LARGE OBJECT 5 TO d;\n"
        );
    }

    #[test]
    fn without_another_grantor_nobody_becomes_anybody() {
        let grants = [grant("o", "a", false), grant("", "b", false)];
        assert!(!sql(&grants).contains("AUTHORIZATION"));
        assert_eq!(sql(&[]), "");
    }
}
