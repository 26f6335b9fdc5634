//! Reads a live PostgreSQL cluster: every database that allows it, each by the published script, in one read-only
//! transaction.
//!
//! ```no_run
//! # use foursee_capture::CollectError;
//! # fn main() -> Result<(), CollectError> {
//! let cluster = foursee_collect_postgres::collector(Some("postgresql://foursee@db.shop/"))?;
//! assert_eq!(cluster.target(), "db.shop:5432");
//! # Ok(())
//! # }
//! ```
//!
//! # What it does on the server
//!
//! It logs in to the database that the target names, else to `postgres`, else to `template1`, and runs the script that
//! the PostgreSQL layer publishes (`foursee_postgres::CAPTURE`) as psql would: the document is the same to the byte.
//! That document lists the databases; each is then read the same way, at the same address, several at a time. Nothing
//! else is sent: what reads the cluster is what its owner can read beforehand. The script begins a read-only,
//! repeatable-read transaction and sets `statement_timeout` and `lock_timeout`.
//!
//! A login with CONNECT reads nearly everything; [`PERMISSIONS`] says what each permission is for. What is refused is
//! a gap: in the document for a part of a database, in the sink for a whole one.
//!
//! # Where it logs in
//!
//! As libpq: connection URLs and lists, `PGHOST` and its kin, `pg_service.conf`, `.pgpass` (used only if nobody else
//! may read it), client certificates, sockets, several hosts with `target_session_attrs`. Three things differ:
//!
//! - `sslmode`, where it is not said, is `verify-full` for other machines and `prefer` for this one;
//! - without `sslrootcert` and `~/.postgresql/root.crt`, the machine's CAs are trusted;
//! - Kerberos, LDAP, encrypted keys, revocation lists and `require_auth` are not there: asking for them is an error.
//!
//! # Limits
//!
//! 1 GiB a database ([`Cluster::largest`]), counted as it arrives; the time of [`Terms`](foursee_capture::Terms). It
//! speaks to PostgreSQL 13 to 18; of a later one the layer says what it cannot know.

mod cluster;
mod connect;
mod gaps;
mod listing;
mod permissions;
mod script;
mod settings;
mod tls;

pub use cluster::Cluster;
pub use permissions::PERMISSIONS;

use foursee_capture::{CollectError, Collector};

/// The layer that reads the documents.
const LAYER: &str = "postgres";

/// The cluster that a target names: a connection URL, a list of `key=value`, or the name of a service. Without one, what
/// libpq's environment and files say. Nothing is connected to yet.
///
/// # Errors
///
/// [`CollectError::Settings`] where that cannot be followed.
pub fn collector(target: Option<&str>) -> Result<Box<dyn Collector>, CollectError> {
    Ok(Box::new(Cluster::new(target)?))
}
