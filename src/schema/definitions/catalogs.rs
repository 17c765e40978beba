//! The OIDs of the catalogs whose rows are objects, from PostgreSQL's `catalog/*.dat` and `pg_*.h`. They have
//! never changed.

pub(super) const PG_STATISTIC_EXT: u32 = 3381;
pub(super) const PG_TYPE: u32 = 1247;
pub(super) const PG_PROC: u32 = 1255;
pub(super) const PG_CLASS: u32 = 1259;
pub(super) const PG_EXTENSION: u32 = 3079;
pub(super) const PG_NAMESPACE: u32 = 2615;
pub(super) const PG_OPERATOR: u32 = 2617;
pub(super) const PG_OPCLASS: u32 = 2616;
pub(super) const PG_OPFAMILY: u32 = 2753;
pub(super) const PG_COLLATION: u32 = 3456;
pub(super) const PG_PUBLICATION: u32 = 6104;

/// The first OID that users' objects have: `FirstNormalObjectId` in `access/transam.h`.
pub(super) const FIRST_USER_OID: u32 = 16_384;
/// The role that owns the database's schema `public` from server 15 on: `ROLE_PG_DATABASE_OWNER`.
pub(super) const PG_DATABASE_OWNER: u32 = 6171;
