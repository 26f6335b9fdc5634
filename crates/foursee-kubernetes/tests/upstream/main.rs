//! This crate's authorizers against Kubernetes' own: its packages, compiled into a program that answers on standard
//! input (the oracle), and a running API server. tests/servers/kubernetes/install builds both.
//!
//! The seeds that decide everything are printed with the counts; a disagreement is printed with both answers and the
//! world that it was found in. `FOURSEE_UPSTREAM=full` asks the numbers of issue 10 (1,000,000 decisions and so on)
//! instead of a share of them; `FOURSEE_UPSTREAM_SEED` takes another sample.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod ask;
mod bootstrap;
mod compare;
mod node;
mod pods;
mod rbac;
mod request;
mod sample;
mod server;
mod usage;
mod world;
