//! The entries of the table of contents as they are written: numbers, comments, labels, rights.
//!
//! Entries that follow their object get numbers behind those of all objects, in the order in which they are
//! written, as in pg_dump.

use bstr::BString;

use super::acl::{self, On, Rights};
use super::model::Model;
use super::object::{Node, Parts, Side};
use super::text::sql;
use crate::toc::quote::{ident_as_needed, literal_plain};
use crate::toc::{CatalogId, DumpId, ObjectKind, Section, TocEntry};

/// The entries so far.
pub(super) struct Output<'a> {
    pub(super) model: &'a Model,
    pub(super) entries: Vec<TocEntry>,
    last_id: i32,
}

/// What comments, labels and rights are about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// The entry that they wait for.
    pub(super) id: DumpId,
    /// The row that they hang on.
    pub(super) catalog: CatalogId,
    pub(super) written: Parts,
    /// As in COMMENT ON.
    pub(super) what: &'a [u8],
    /// As SQL, without schema.
    pub(super) name: &'a [u8],
    pub(super) schema: Option<&'a [u8]>,
    pub(super) owner: &'a [u8],
}

impl<'a> Output<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        Self {
            model,
            entries: Vec::new(),
            last_id: i32::try_from(model.objects.len()).unwrap_or(i32::MAX),
        }
    }

    /// Whether this part of the object is written.
    pub(super) fn writes(&self, node: Node, part: Parts) -> bool {
        self.model.object(node).written().has(part)
    }

    /// The object as comments, labels and rights name it.
    pub(super) fn about<'n>(
        &self,
        node: Node,
        what: &'n (impl AsRef<[u8]> + ?Sized),
        name: &'n [u8],
        owner: &'n [u8],
    ) -> About<'n>
    where
        'a: 'n,
    {
        let model = self.model;
        let object = model.object(node);
        About {
            id: node.dump_id(),
            catalog: object.catalog,
            written: object.written(),
            what: what.as_ref(),
            name,
            schema: model.schema_name(object.namespace).map(|name| &name[..]),
            owner,
        }
    }

    /// The entry that creates an object, if its definition is wanted. Callers change what is unusual.
    pub(super) fn define(
        &mut self,
        node: Node,
        kind: ObjectKind,
        owner: Option<&[u8]>,
        (defn, drop): (BString, Option<BString>),
    ) -> Option<&mut TocEntry> {
        let model = self.model;
        let object = model.object(node);
        if !object.written().has(Parts::DEFINITION) {
            return None;
        }
        self.entries.push(TocEntry {
            dump_id: node.dump_id(),
            catalog_id: object.catalog,
            tag: object.name.clone(),
            kind,
            section: match object.class.side() {
                Side::Before => Section::PreData,
                Side::After | Side::ItsOwn | Side::Beside | Side::Boundary => Section::PostData,
            },
            defn: Some(defn),
            drop_stmt: drop,
            namespace: model.schema_name(object.namespace).cloned(),
            owner: owner.map(BString::from),
            ..TocEntry::default()
        });
        self.entries.last_mut()
    }

    /// An entry without an object.
    pub(super) fn extra(&mut self, entry: TocEntry) -> DumpId {
        self.last_id += 1;
        let dump_id = DumpId(self.last_id);
        self.entries.push(TocEntry { dump_id, ..entry });
        dump_id
    }

    /// The object's comment, if it has one and it is wanted.
    pub(super) fn comment(&mut self, about: &About<'_>) {
        let model = self.model;
        if about.written.has(Parts::COMMENT)
            && let Some(text) = model.comment(about.catalog, 0)
        {
            self.remark(about, text);
        }
    }

    /// A comment with this text.
    pub(super) fn remark(&mut self, about: &About<'_>, text: &[u8]) {
        let target = about.target();
        let tag = sql!(about.what, " ", about.name);
        let defn = sql!("COMMENT ON ", target, " IS ", literal_plain(text), ";\n");
        self.follow(about, ObjectKind::Comment, (tag, defn));
    }

    /// The object's security labels, if it has some and they are wanted.
    pub(super) fn labels(&mut self, about: &About<'_>) {
        let model = self.model;
        if !about.written.has(Parts::LABEL) {
            return;
        }
        let key = (about.catalog.table_oid, about.catalog.oid);
        let mut defn = BString::default();
        let labels = model.labels.get(&key).into_iter().flatten();
        for label in labels.filter(|label| label.column == 0) {
            let provider = ident_as_needed(&label.provider);
            let text = literal_plain(&label.text);
            defn.extend_from_slice(&sql!(
                "SECURITY LABEL FOR ",
                provider,
                " ON ",
                about.target()
            ));
            defn.extend_from_slice(&sql!(" IS ", text, ";\n"));
        }
        if !defn.is_empty() {
            let tag = sql!(about.what, " ", about.name);
            self.follow(about, ObjectKind::SecurityLabel, (tag, defn));
        }
    }

    /// The rights on the object, if they are not those of a new one and they are wanted. In GRANT it may have
    /// another word and another name.
    pub(super) fn rights(
        &mut self,
        about: &About<'_>,
        what: &str,
        name: &[u8],
        rights: &Rights,
    ) -> Option<DumpId> {
        if !about.written.has(Parts::RIGHTS) {
            return None;
        }
        let on = On {
            what,
            name,
            column: None,
            schema: about.schema,
            owner: about.owner,
            prefix: b"",
        };
        self.grants(about, &on, rights, None)
    }

    /// The statements of some rights as an entry, which waits for the object and for `also`.
    pub(super) fn grants(
        &mut self,
        about: &About<'_>,
        on: &On<'_>,
        rights: &Rights,
        also: Option<DumpId>,
    ) -> Option<DumpId> {
        let defn = acl::commands(on, rights);
        if defn.is_empty() {
            return None;
        }
        let tag = match on.column {
            Some(column) => sql!("COLUMN ", on.name, ".", column),
            None => sql!(on.what, " ", on.name),
        };
        let id = self.follow(about, ObjectKind::Acl, (tag, defn));
        if let (Some(also), Some(entry)) = (also, self.entries.last_mut()) {
            entry.dependencies.push(also);
        }
        Some(id)
    }

    /// An entry that goes with its object.
    pub(super) fn follow(
        &mut self,
        about: &About<'_>,
        kind: ObjectKind,
        (tag, defn): (BString, BString),
    ) -> DumpId {
        self.extra(TocEntry {
            tag,
            kind,
            section: Section::None,
            defn: Some(defn),
            namespace: about.schema.map(BString::from),
            owner: Some(about.owner.into()),
            dependencies: vec![about.id],
            ..TocEntry::default()
        })
    }
}

impl About<'_> {
    /// The object as statements name it.
    pub(super) fn target(&self) -> BString {
        match self.schema {
            Some(schema) => sql!(self.what, " ", ident_as_needed(schema), ".", self.name),
            None => sql!(self.what, " ", self.name),
        }
    }
}
