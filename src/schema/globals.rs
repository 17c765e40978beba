//! Reads roles, memberships, tablespaces and parameter grants: pg_dumpall's globals.
//!
//! Not here: the SQL they become ([`globals_toc`](super::globals_toc)).

use bstr::BString;

use super::Error;
use super::columns::{optional, text};
use super::grants::Grant;
use crate::pg::{Row, Session};

/// Parameter grants exist since this version.
const PARAMETER_ACL_SINCE: u32 = 15;

/// A role without its password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct RoleFacts {
    pub name: BString,
    pub quoted: BString,
    pub superuser: bool,
    pub inherit: bool,
    pub create_role: bool,
    pub create_db: bool,
    pub login: bool,
    pub replication: bool,
    pub bypass_rls: bool,
    pub connection_limit: i64,
    pub valid_until: Option<BString>,
    pub comment: Option<BString>,
}

/// A role is a member of another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MembershipFacts {
    pub role: BString,
    pub role_quoted: BString,
    pub member: BString,
    pub member_quoted: BString,
    /// None for the bootstrap superuser.
    pub grantor: Option<BString>,
    pub grantor_quoted: Option<BString>,
    pub admin: bool,
    /// Since 16.
    pub inherit: Option<bool>,
    /// Since 16.
    pub set: Option<bool>,
}

/// A tablespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct TablespaceFacts {
    pub name: BString,
    pub quoted: BString,
    pub owner: BString,
    pub owner_quoted: BString,
    pub location: BString,
    /// `name=value, ...`
    pub options: Option<BString>,
    pub comment: Option<BString>,
}

/// A grant on something named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct NamedGrant {
    pub name: BString,
    pub grant: Grant,
}

/// A security label on a role or a tablespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SharedLabel {
    /// `ROLE` or `TABLESPACE`.
    pub kind: BString,
    pub quoted: BString,
    pub name: BString,
    pub provider_quoted: BString,
    pub label: BString,
}

/// Whether role passwords are in the archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Passwords {
    /// All passwords were read.
    Included,
    /// Nobody asked for passwords.
    #[default]
    Excluded,
    /// The dumping role may not read them.
    Unreadable,
}

/// All globals of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GlobalsFacts {
    /// By name.
    pub roles: Vec<RoleFacts>,
    /// Role name, role as SQL, stored password.
    pub passwords: Vec<(BString, BString, BString)>,
    /// Why `passwords` is empty, if it is.
    pub passwords_state: Passwords,
    /// Role name, role as SQL, `name=value`.
    pub settings: Vec<(BString, BString, BString)>,
    /// By role and member.
    pub memberships: Vec<MembershipFacts>,
    /// By name.
    pub tablespaces: Vec<TablespaceFacts>,
    /// On tablespaces.
    pub tablespace_grants: Vec<NamedGrant>,
    /// On configuration parameters.
    pub parameter_grants: Vec<NamedGrant>,
    /// On roles and tablespaces.
    pub labels: Vec<SharedLabel>,
}

/// Reads all globals; passwords where `passwords` asks for them and the role may read them.
pub async fn read(session: &mut Session, passwords: Passwords) -> Result<GlobalsFacts, Error> {
    let mut facts = GlobalsFacts {
        roles: list(session, include_bytes!("sql/roles.sql"), role).await?,
        settings: list(session, include_bytes!("sql/role_settings.sql"), three).await?,
        memberships: list(
            session,
            include_bytes!("sql/role_memberships.sql"),
            membership,
        )
        .await?,
        tablespaces: list(session, include_bytes!("sql/tablespaces.sql"), tablespace).await?,
        tablespace_grants: list(session, include_bytes!("sql/tablespace_acl.sql"), grant).await?,
        labels: list(
            session,
            include_bytes!("sql/shared_security_labels.sql"),
            label,
        )
        .await?,
        passwords_state: passwords,
        ..GlobalsFacts::default()
    };
    if session.server_version().major() >= PARAMETER_ACL_SINCE {
        facts.parameter_grants =
            list(session, include_bytes!("sql/parameter_acl.sql"), grant).await?;
    }
    if passwords == Passwords::Included {
        if may_read_passwords(session).await? {
            facts.passwords =
                list(session, include_bytes!("sql/role_passwords.sql"), three).await?;
        } else {
            facts.passwords_state = Passwords::Unreadable;
        }
    }
    Ok(facts)
}

/// Asked beforehand, because a query that fails would end the transaction and with it the snapshot.
async fn may_read_passwords(session: &mut Session) -> Result<bool, Error> {
    let sql = b"SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')";
    let rows = session.query(sql, &[]).await?;
    rows.first().map_or(Ok(false), |row| Ok(row.bool(0)?))
}

async fn list<T>(
    session: &mut Session,
    sql: &[u8],
    each: fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    session.query(sql, &[]).await?.iter().map(each).collect()
}

fn three(row: &Row) -> Result<(BString, BString, BString), Error> {
    Ok((text(row, 0)?, text(row, 1)?, text(row, 2)?))
}

fn role(row: &Row) -> Result<RoleFacts, Error> {
    Ok(RoleFacts {
        name: text(row, 0)?,
        quoted: text(row, 1)?,
        superuser: row.bool(2)?,
        inherit: row.bool(3)?,
        create_role: row.bool(4)?,
        create_db: row.bool(5)?,
        login: row.bool(6)?,
        replication: row.bool(7)?,
        bypass_rls: row.bool(8)?,
        connection_limit: row.i64(9)?,
        valid_until: optional(row, 10),
        comment: optional(row, 11),
    })
}

fn membership(row: &Row) -> Result<MembershipFacts, Error> {
    let optional_bool = |column| row.get(column).map(|value| value == b"t");
    Ok(MembershipFacts {
        role: text(row, 0)?,
        role_quoted: text(row, 1)?,
        member: text(row, 2)?,
        member_quoted: text(row, 3)?,
        grantor: optional(row, 4),
        grantor_quoted: optional(row, 5),
        admin: row.bool(6)?,
        inherit: optional_bool(7),
        set: optional_bool(8),
    })
}

fn tablespace(row: &Row) -> Result<TablespaceFacts, Error> {
    Ok(TablespaceFacts {
        name: text(row, 0)?,
        quoted: text(row, 1)?,
        owner: text(row, 2)?,
        owner_quoted: text(row, 3)?,
        location: text(row, 4)?,
        options: optional(row, 5),
        comment: optional(row, 6),
    })
}

fn grant(row: &Row) -> Result<NamedGrant, Error> {
    Ok(NamedGrant {
        name: text(row, 0)?,
        grant: Grant {
            grantee_quoted: text(row, 1)?,
            privilege: text(row, 2)?,
            grantable: row.bool(3)?,
            grantor_quoted: text(row, 4)?,
        },
    })
}

fn label(row: &Row) -> Result<SharedLabel, Error> {
    Ok(SharedLabel {
        kind: text(row, 0)?,
        quoted: text(row, 1)?,
        name: text(row, 2)?,
        provider_quoted: text(row, 3)?,
        label: text(row, 4)?,
    })
}
