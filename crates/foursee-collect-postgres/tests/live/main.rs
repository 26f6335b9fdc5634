//! The collector against real servers: PostgreSQL 15 and 18.
//!
//! | file | asserts |
//! | --- | --- |
//! | `equal.rs` | captured live and exported by psql, a cluster is the same; and nothing else was sent |
//! | `privilege.rs` | a login with CONNECT is enough, and each permission that is taken away shows |
//! | `login.rs` | addresses, TLS, credentials, and that no password stands in what is said |
//! | `terms.rs` | deadline, cancelling, locks, size, sessions |
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: what is not as it should be ends it"
)]

mod common;
mod equal;
mod login;
mod privilege;
mod schema;
mod terms;
