//! The words in which the [table](super::table) states the facts about a kind of object.

/// The facts about every entry of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindFacts {
    /// What sort of thing it is.
    pub family: Family,
    /// How ALTER .. OWNER TO names it (`_getObjectDescription` in `pg_backup_archiver.c`).
    pub owner: OwnerName,
    /// When it is restored (`_tocEntryRestorePass` there).
    pub pass: Pass,
    /// Whether it can share a transaction with other entries. An entry cannot that must come alone, fires
    /// something, or takes locks by the thousand.
    pub shares_transaction: bool,
    /// Whether it shuts others out of its tables after the rows are there: most of that is some ALTER TABLE.
    pub locks_exclusively: bool,
    /// The option that names it.
    pub named_by: Option<NamedBy>,
    /// The entry that it belongs to, and goes with.
    pub belongs_to: BelongsTo,
    /// Whether its definition is data (`-a`, `-s`).
    pub is_data: bool,
    /// Where its SQL names roles.
    pub roles: RoleWords,
    /// The first major version that knows it; zero where all do that pgark restores into.
    pub since_major: u32,
}

/// What sort of thing an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// What a session is told before anything else.
    Setting,
    /// The database itself.
    Database,
    /// Roles, tablespaces and grants on parameters: objects of the server.
    Global,
    /// Relations with rows.
    Table,
    /// Views of both sorts.
    View,
    /// Sequences.
    Sequence,
    /// Rows, values and the results computed from rows.
    Rows,
    /// Large objects.
    LargeObject,
    /// Functions, procedures and aggregates.
    Routine,
    /// Constraints of tables and domains.
    Constraint,
    /// An entry about another object, which goes with it.
    Remark,
    /// Entries that set statistics.
    Statistics,
    /// Publications and their members.
    Publication,
    /// Every other object.
    Other,
}

/// How ALTER .. OWNER TO names an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerName {
    /// The object has no owner of its own.
    None,
    /// By kind, schema and tag.
    Tag,
    /// As its DROP command does: the tag holds the arguments without quotes.
    Drop,
    /// `LARGE OBJECT` and the tag.
    LargeObject,
}

/// The passes of pg_restore, and ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// With all others.
    Main,
    /// Rights, after everything else is there.
    Acl,
    /// After the rights: it reads the tables that they guard.
    PostAcl,
    /// Last of all: it would see the rest of the restore.
    Last,
}

/// The options of restore that name objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// `-t`
    Table,
    /// `-I`
    Index,
    /// `-P`
    Function,
    /// `-T`
    Trigger,
}

/// Which of the entries that an entry depends on is the one that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BelongsTo {
    /// None.
    Nothing,
    /// The relation, which is no sequence.
    Relation,
    /// The relation or domain whose name is in its tag.
    Namesake,
    /// The table.
    Table,
    /// The sequence.
    Sequence,
    /// The table that is not the partition whose name is its tag.
    TableAbove,
}

/// Where SQL names roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleWords {
    /// Behind these words.
    After(&'static [&'static str]),
    /// In the list behind TO.
    PolicyList,
}
