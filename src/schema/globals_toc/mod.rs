//! Globals as TOC entries: the SQL of pg_dumpall's first part, one entry an object.
//!
//! Pure. Every statement stands alone in its entry where it must (CREATE TABLESPACE cannot run in a
//! transaction); passwords are entries of their own, so that they can be left out later. `pg_restore -f` on
//! the globals folder prints it all as one script.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bstr::{BString, ByteSlice};

use super::globals::{
    GlobalsFacts, MembershipFacts, NamedGrant, RoleFacts, SharedLabel, TablespaceFacts,
};
use super::grants::statements;
use super::setting::{self, assignment};
use crate::toc::{DumpId, ObjectKind, Section, Toc, TocEntry, quote};

/// Settings of roles that no statement sets, as what the user is told.
pub fn left_out(facts: &GlobalsFacts) -> Vec<String> {
    let settings = facts.settings.iter();
    let settings = settings.filter(|(_, _, setting)| assignment(setting).is_none());
    let said = settings.map(|(name, _, setting)| setting::left_out(setting, name.as_bstr()));
    said.collect()
}

/// The entries, with `header`'s fields. `encoding` is that of the texts: of the database they were read in.
pub fn build(facts: &GlobalsFacts, header: Toc, encoding: &[u8]) -> Toc {
    let mut builder = Builder::default();
    let set_encoding = join(&[b"SET client_encoding = ", &quote::literal(encoding), b";\n"]);
    builder.setting(ObjectKind::Encoding, "ENCODING", &set_encoding);
    builder.setting(
        ObjectKind::StdStrings,
        "STDSTRINGS",
        b"SET standard_conforming_strings = 'on';\n",
    );
    for role in &facts.roles {
        builder.role(role);
    }
    for (name, quoted, password) in &facts.passwords {
        let defn = join(&[
            b"ALTER ROLE ",
            quoted,
            b" PASSWORD ",
            &quote::literal(password),
            b";\n",
        ]);
        let role = builder.roles_named(&[name]);
        builder.add(ObjectKind::RolePassword, name, defn, role);
    }
    for (name, quoted, setting) in &facts.settings {
        let Some(assignment) = assignment(setting) else {
            continue;
        };
        let defn = join(&[b"ALTER ROLE ", quoted, b" SET ", &assignment, b";\n"]);
        let role = builder.roles_named(&[name]);
        builder.add(ObjectKind::RoleSettings, name, defn, role);
    }
    for (membership, with_grantor) in in_grantable_order(&facts.memberships) {
        builder.membership(membership, with_grantor);
    }
    for tablespace in &facts.tablespaces {
        builder.tablespace(tablespace, &facts.tablespace_grants);
    }
    for grant in &facts.parameter_grants {
        builder.parameter_grant(grant);
    }
    for label in &facts.labels {
        builder.label(label);
    }
    Toc {
        entries: builder.entries,
        ..header
    }
}

/// Memberships so that every grantor has got the admin option before it grants, as 16 and newer demand of all
/// but the bootstrap superuser. Where no order does that (older servers record any superuser) the grantor is
/// left out (false), and the user who restores becomes it.
fn in_grantable_order(memberships: &[MembershipFacts]) -> Vec<(&MembershipFacts, bool)> {
    let mut may_grant: BTreeSet<(&BString, &BString)> = BTreeSet::new();
    let mut waiting: VecDeque<&MembershipFacts> = memberships.iter().collect();
    let mut order = vec![];
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|membership| {
            let grantor = membership.grantor.as_ref();
            grantor.is_none_or(|grantor| may_grant.contains(&(&membership.role, grantor)))
        });
        let Some(membership) = waiting.remove(ready.unwrap_or(0)) else {
            break;
        };
        if membership.admin {
            may_grant.insert((&membership.role, &membership.member));
        }
        order.push((membership, ready.is_some()));
    }
    order
}

fn join(parts: &[&[u8]]) -> BString {
    parts.concat().into()
}

#[derive(Default)]
struct Builder {
    entries: Vec<TocEntry>,
    roles: BTreeMap<BString, DumpId>,
}

impl Builder {
    fn add(
        &mut self,
        kind: ObjectKind,
        tag: &[u8],
        defn: BString,
        dependencies: Vec<DumpId>,
    ) -> DumpId {
        let dump_id = DumpId(i32::try_from(self.entries.len() + 1).unwrap_or(i32::MAX));
        self.entries.push(TocEntry {
            dump_id,
            tag: tag.into(),
            kind,
            section: Section::PreData,
            defn: Some(defn),
            drop_stmt: Some("".into()),
            owner: Some("".into()),
            dependencies,
            ..TocEntry::default()
        });
        dump_id
    }

    fn setting(&mut self, kind: ObjectKind, tag: &str, defn: &[u8]) {
        self.add(kind, tag.as_bytes(), defn.into(), vec![]);
    }

    /// The entries of those of the roles that are dumped; PostgreSQL's own are not.
    fn roles_named(&self, names: &[&BString]) -> Vec<DumpId> {
        names
            .iter()
            .filter_map(|&name| self.roles.get(name).copied())
            .collect()
    }

    fn role(&mut self, role: &RoleFacts) {
        let flag = |on: bool, word: &str| format!(" {}{word}", if on { "" } else { "NO" });
        let mut attributes = String::new();
        for (on, word) in [
            (role.superuser, "SUPERUSER"),
            (role.inherit, "INHERIT"),
            (role.create_role, "CREATEROLE"),
            (role.create_db, "CREATEDB"),
            (role.login, "LOGIN"),
            (role.replication, "REPLICATION"),
            (role.bypass_rls, "BYPASSRLS"),
        ] {
            attributes.push_str(&flag(on, word));
        }
        if role.connection_limit != -1 {
            attributes.push_str(&format!(" CONNECTION LIMIT {}", role.connection_limit));
        }
        let valid_until = role
            .valid_until
            .as_ref()
            .map(|until| join(&[b" VALID UNTIL ", &quote::literal(until)]))
            .unwrap_or_default();
        let defn = join(&[
            b"CREATE ROLE ",
            &role.quoted,
            b";\nALTER ROLE ",
            &role.quoted,
            b" WITH",
            attributes.as_bytes(),
            &valid_until,
            b";\n",
        ]);
        let id = self.add(ObjectKind::Role, &role.name, defn, vec![]);
        self.roles.insert(role.name.clone(), id);
        self.comment(
            "ROLE",
            (&role.name, &role.quoted),
            role.comment.as_ref(),
            id,
        );
    }

    fn comment(
        &mut self,
        kind: &str,
        (name, quoted): (&[u8], &[u8]),
        comment: Option<&BString>,
        on: DumpId,
    ) {
        let Some(comment) = comment else { return };
        let defn = join(&[
            b"COMMENT ON ",
            kind.as_bytes(),
            b" ",
            quoted,
            b" IS ",
            &quote::literal(comment),
            b";\n",
        ]);
        self.add(
            ObjectKind::Comment,
            &join(&[kind.as_bytes(), b" ", name]),
            defn,
            vec![on],
        );
    }

    fn membership(&mut self, membership: &MembershipFacts, with_grantor: bool) {
        let mut options = vec![];
        if membership.admin {
            options.push(if membership.inherit.is_some() {
                "ADMIN TRUE"
            } else {
                "ADMIN OPTION"
            });
        }
        match membership.inherit {
            Some(true) => options.push("INHERIT TRUE"),
            Some(false) => options.push("INHERIT FALSE"),
            None => {}
        }
        if membership.set == Some(false) {
            options.push("SET FALSE");
        }
        let with = if options.is_empty() {
            String::new()
        } else {
            format!(" WITH {}", options.join(", "))
        };
        let by = membership
            .grantor_quoted
            .as_ref()
            .filter(|_| with_grantor)
            .map(|grantor| join(&[b" GRANTED BY ", grantor]))
            .unwrap_or_default();
        let defn = join(&[
            b"GRANT ",
            &membership.role_quoted,
            b" TO ",
            &membership.member_quoted,
            with.as_bytes(),
            &by,
            b";\n",
        ]);
        let tag = join(&[&membership.role, b" TO ", &membership.member]);
        let mut roles = self.roles_named(&[&membership.role, &membership.member]);
        if let Some(grantor) = membership.grantor.as_ref().filter(|_| with_grantor) {
            roles.extend(self.roles_named(&[grantor]));
        }
        self.add(ObjectKind::RoleMembership, &tag, defn, roles);
    }

    fn tablespace(&mut self, tablespace: &TablespaceFacts, grants: &[NamedGrant]) {
        let (name, quoted) = (&tablespace.name, &tablespace.quoted);
        let location = quote::literal(&tablespace.location);
        let defn = join(&[
            b"CREATE TABLESPACE ",
            quoted,
            b" OWNER ",
            &tablespace.owner_quoted,
            b" LOCATION ",
            &location,
            b";\n",
        ]);
        let owner = self.roles_named(&[&tablespace.owner]);
        let id = self.add(ObjectKind::Tablespace, name, defn, owner);
        if let Some(options) = &tablespace.options {
            let defn = join(&[b"ALTER TABLESPACE ", quoted, b" SET (", options, b");\n"]);
            self.add(ObjectKind::TablespaceProperties, name, defn, vec![id]);
        }
        self.comment(
            "TABLESPACE",
            (name, quoted),
            tablespace.comment.as_ref(),
            id,
        );
        let grants: Vec<&NamedGrant> = grants.iter().filter(|grant| grant.name == *name).collect();
        if !grants.is_empty() {
            let object = join(&[b"TABLESPACE ", quoted]);
            let mut defn = join(&[
                b"REVOKE ALL ON ",
                &object,
                b" FROM ",
                &tablespace.owner_quoted,
                b";\n",
            ]);
            let grants = grants.into_iter().map(|grant| &grant.grant);
            defn.extend_from_slice(&statements(&object, &tablespace.owner_quoted, grants));
            self.add(
                ObjectKind::Acl,
                &join(&[b"TABLESPACE ", name]),
                defn,
                vec![id],
            );
        }
    }

    fn parameter_grant(&mut self, grant: &NamedGrant) {
        let object = join(&[b"PARAMETER ", &quote::ident(&grant.name)]);
        let defn = statements(&object, b"", [&grant.grant]);
        self.add(ObjectKind::ParameterAcl, &grant.name, defn.into(), vec![]);
    }

    fn label(&mut self, label: &SharedLabel) {
        let defn = join(&[
            b"SECURITY LABEL FOR ",
            &label.provider_quoted,
            b" ON ",
            &label.kind,
            b" ",
            &label.quoted,
            b" IS ",
            &quote::literal(&label.label),
            b";\n",
        ]);
        let role = self.roles_named(&[&label.name]);
        self.add(
            ObjectKind::SecurityLabel,
            &join(&[&label.kind, b" ", &label.name]),
            defn,
            role,
        );
    }
}

#[cfg(test)]
mod tests;
