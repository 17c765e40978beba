//! What the tests stand on: real servers, stock clients, the fixtures, and the yardstick of equality.
//!
//! Start at [`cluster::Cluster`]. The scripts beside these files do the part that `make demo` needs as
//! well: finding, fetching and starting PostgreSQL.

pub mod archive;
pub mod cluster;
pub mod equality;
pub mod eye;
pub mod faulty;
pub mod fixture_archive;
pub mod fixtures;
pub mod garage;
pub mod in_process;
pub mod peers;
pub mod pgark;
pub mod run;
pub mod s3;
pub mod tls;
