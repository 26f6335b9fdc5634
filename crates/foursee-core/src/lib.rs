//! The model, the pipeline, the graph and the judgement of foursee, and the traits that a layer implements.
//!
//! Core performs no I/O, reads no clock and knows no platform: it takes documents as text, a [`registry::Registry`] of
//! layers, a [`judge::Policy`] and an as-of time, and gives a [`report::Report`]. Equal input gives equal output.
//! It does not collect (foursee-collect-*), read files (foursee-capture) or format (foursee-report).
//!
//! Start at [`audit`]: its one function is the way of the data. Then [`layer`]: what to implement for a new platform.

pub mod audit;
pub mod conformance;
pub mod connection;
pub mod document;
pub mod estate;
pub mod finding;
pub mod graph;
pub mod judge;
pub mod layer;
pub mod link;
pub mod model;
pub mod registry;
pub mod report;
pub mod rightsize;
pub mod rules;
pub mod secret;
