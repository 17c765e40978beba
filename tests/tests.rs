//! The one test binary: a line per topic.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails, and its modules are nobody's API"
)]

// What the tests stand on: servers, stock clients, fixtures, equality.
#[allow(dead_code, reason = "a helper is there before its first test")]
mod support;

// Servers start, answer, and are gone afterwards.
mod clusters;

// Connections as libpq makes them.
mod connections;

// pg_dump's own formats: every pg_dump and pg_restore at hand, and the crate libpgdump.
mod pgdump_formats;

// pg_dump's archives, inspected and verified.
mod pgdump_archives;

// Damaged archives, one for each kind of damage.
mod malformed;

// Archives in an object store.
mod stores;

// Archives behind a signed URL.
mod presigned;

// Stores that fail, over whole dumps and restores.
mod faults;

// Archives behind a URL, on a server that breaks off.
mod web;

// What reading an archive costs.
mod requests;

// One behaviour of memory, disk and object stores.
mod places;

// Servers that send requests on, and secrets in what is printed.
mod redirects;

// Files that are no archive.
mod strangers;

// No faster than told.
mod bandwidth;

// The static program on a host that has nothing, no network either.
mod empty_host;

// What README and docs tell people to type.
mod documents;

// Archives in a pipe.
mod pipes;

// Archives in a replicated store that loses nodes.
mod garage;

// What goes wrong for a user, and what they are told.
mod bad_input;

// Dump, verify, restore: equal to the source, in every version and into every newer one.
mod roundtrip;

// Servers held against archives.
mod compare;

// Archives of newer servers in older ones.
mod older_targets;

// What the newest version brought.
mod newest;

// What the planner knows.
mod statistics;

// Who is told of the end.
mod aftermath;

// Rows and definitions out of an archive.
mod looked_into;

// Dumps while others change what is dumped.
mod consistency;

// Standbys, to dump from.
mod standby;

// Definitions that change while a dump begins, sessions that there is no room for, --role.
mod beside_changes;

// Who granted what.
mod grantors;

// The file that a dump writes before its archive has a name, and who may read what is written.
mod partial_files;

// Killed and interrupted, at any time.
mod interrupts;

// Bytes that are no UTF-8, in rows and in names.
mod encodings;

// Large objects, many and large.
mod large_objects;

// Tables at the edges of what there is.
mod extremes;

// What dump writes is recovered without pgark.
mod no_lock_in;

// All databases of a server, and the way back.
mod all_databases;

// What dump's filters choose, held against pg_dump's.
mod filters;

// Golden archives of every format version, and the system's own tar and sha256sum.
mod archives;

// What a database's owner plants, and nobody runs.
mod planted;

// Settings of databases and roles.
mod settings;

// Connections that are cut in the middle.
mod half_closed;

// House rules: layers, prints, openings, lengths.
mod tidy;

// The program as a user meets it, as far as that needs no server.
mod cli;

// Restores into real servers.
mod restore;

// Stock tools copy the fixtures without loss, and the yardstick of equality measures.
mod fixtures;

// Definitions from the catalogs, beside pg_dump's.
mod definitions;
