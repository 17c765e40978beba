//! Restores into real servers: everything, parts, under other names, into what is there already, and
//! from what is damaged.

mod beside;
mod chosen;
mod cleaned;
mod damaged;
mod dependants;
mod event_triggers;
mod failures;
mod forbidden;
mod foreign;
mod full_disk;
mod ground;
mod journals;
mod listed;
mod maintenance;
mod named;
mod never_replaced;
mod oracle;
mod pg_dump_archives;
mod pg_dump_in_bucket;
mod planted;
mod rehearsal;
mod replaced;
mod resume;
mod script;
mod target;
mod told;
mod transactions;
mod triggers;
mod unavailable;
mod unqualified;
mod waits;
mod whole;
