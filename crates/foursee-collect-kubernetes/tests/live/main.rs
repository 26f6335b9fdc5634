//! The collector against a server of the tests' own that answers as it is told, and against a real API server
//! (tests/servers/kubernetes).

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be set up is a failed test that says so"
)]

mod failures;
mod fake;
mod listings;
mod logins;
mod real;
mod second_reader;
