//! Statements of roles, memberships and tablespaces, as they come out.

use bstr::ByteSlice;

use super::*;
use crate::schema::grants::Grant;

fn role(name: &str) -> RoleFacts {
    RoleFacts {
        name: name.into(),
        quoted: name.into(),
        inherit: true,
        connection_limit: -1,
        ..RoleFacts::default()
    }
}

fn membership(role: &str, member: &str, grantor: Option<&str>, admin: bool) -> MembershipFacts {
    MembershipFacts {
        role: role.into(),
        role_quoted: role.into(),
        member: member.into(),
        member_quoted: member.into(),
        grantor: grantor.map(BString::from),
        grantor_quoted: grantor.map(BString::from),
        admin,
        ..MembershipFacts::default()
    }
}

fn script(facts: &GlobalsFacts) -> String {
    let toc = build(facts, Toc::default(), b"UTF8");
    toc.entries
        .iter()
        .skip(2)
        .map(|entry| entry.definition().to_str_lossy().into_owned())
        .collect()
}

#[test]
fn a_role_and_its_password_are_two_entries() {
    let facts = GlobalsFacts {
        roles: vec![role("app")],
        passwords: vec![("app".into(), "app".into(), "SCRAM-SHA-256$4096:x".into())],
        ..GlobalsFacts::default()
    };
    let toc = build(&facts, Toc::default(), b"UTF8");
    assert_eq!(toc.entries[2].kind, ObjectKind::Role);
    assert!(!toc.entries[2].definition().contains_str("SCRAM"));
    assert_eq!(toc.entries[3].kind, ObjectKind::RolePassword);
    assert_eq!(toc.entries[3].dependencies, [toc.entries[2].dump_id]);
}

#[test]
fn a_grantor_has_the_admin_option_before_it_grants() {
    let facts = GlobalsFacts {
        memberships: vec![
            membership("g", "a", Some("b"), false),
            membership("g", "b", None, true),
            membership("g", "c", Some("nobody"), false),
        ],
        ..GlobalsFacts::default()
    };
    assert_eq!(
        script(&facts),
        "GRANT g TO b WITH ADMIN OPTION;\nGRANT g TO a GRANTED BY b;\nGRANT g TO c;\n"
    );
}

#[test]
fn a_grantor_without_the_option_is_left_out_and_holds_up_no_other() {
    let facts = GlobalsFacts {
        memberships: vec![
            membership("g", "a", Some("b"), false),
            membership("g", "b", Some("dba"), true),
        ],
        ..GlobalsFacts::default()
    };
    let script = script(&facts);
    assert!(
        script.contains("GRANT g TO b WITH ADMIN OPTION;\n"),
        "{script}"
    );
}

#[test]
fn newer_options_of_a_membership_are_spelled_out() {
    let newer = MembershipFacts {
        inherit: Some(false),
        set: Some(false),
        ..membership("g", "a", None, true)
    };
    let facts = GlobalsFacts {
        memberships: vec![newer],
        ..GlobalsFacts::default()
    };
    assert_eq!(
        script(&facts),
        "GRANT g TO a WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;\n"
    );
}

#[test]
fn tablespace_grants_replace_the_default_ones() {
    let tablespace = TablespaceFacts {
        name: "fast".into(),
        quoted: "fast".into(),
        owner: "app".into(),
        owner_quoted: "app".into(),
        location: "/mnt/fast".into(),
        ..TablespaceFacts::default()
    };
    let grant = |grantor: &str, grantee: &str| NamedGrant {
        name: "fast".into(),
        grant: Grant {
            grantee_quoted: grantee.into(),
            privilege: "CREATE".into(),
            grantable: grantee == "helper",
            grantor_quoted: grantor.into(),
        },
    };
    let facts = GlobalsFacts {
        tablespaces: vec![tablespace],
        tablespace_grants: vec![grant("app", "helper"), grant("helper", "")],
        ..GlobalsFacts::default()
    };
    assert_eq!(
        script(&facts),
        "CREATE TABLESPACE fast OWNER app LOCATION '/mnt/fast';\n\
         REVOKE ALL ON TABLESPACE fast FROM app;\n\
         GRANT CREATE ON TABLESPACE fast TO helper WITH GRANT OPTION;\n\
         SET SESSION AUTHORIZATION helper;\nGRANT CREATE ON TABLESPACE fast TO PUBLIC;\n\
         RESET SESSION AUTHORIZATION;\n"
    );
}
