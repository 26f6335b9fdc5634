//! The library to embed: foursee's five layers, captures and exports as input, `foursee.toml`, and the audit.
//!
//! ```no_run
//! # fn main() -> Result<(), foursee::Error> {
//! let report = foursee::Audit::new().add("exports/")?.run()?;
//! for finding in &report.findings {
//!     println!("{} {}", finding.severity.as_str(), finding.title);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! One that asks questions too opens first, and reads and parses once for the report and all of them:
//!
//! ```no_run
//! # fn main() -> Result<(), foursee::Error> {
//! let opened = foursee::Audit::new().add("exports/")?.open()?;
//! let report = opened.report();
//! for answer in opened.who_can("s3:GetObject", "arn:aws:s3:::shop-customers/emails.csv") {
//!     println!("{} {}: {}", answer.who.kind, answer.who.name, answer.confirmed);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A program that holds objects already gives them as they are: [`Audit::documents`] and
//! [`Documents::push`](foursee_core::audit::Documents::push). A layer or rule of one's own goes into
//! [`built_in`] through [`Registry::layer`](foursee_core::registry::Registry::layer) and
//! [`Registry::rule`](foursee_core::registry::Registry::rule).
//! Features: one a layer, and `archives` (gzip, zstd, tar), on by default; one layer without them is 37 crates beside
//! foursee's own. Live platforms are read by `live::Capture`, with the features `live-container`, `live-kafka`,
//! `live-kubernetes`, `live-postgres`, or `live` for all. Deliberately absent: formats (foursee-report), a clock other than
//! the one asked in [`now`].

mod audit;
pub mod config;
pub mod explain;
mod layers;
#[cfg(feature = "collect")]
pub mod live;
mod opened;
pub mod pseudonyms;
mod redact;
mod rightsize;

pub use audit::{Audit, Error, Progress};
pub use foursee_capture as capture;
pub use foursee_core as core;
pub use foursee_report as report;
pub use layers::built_in;
pub use opened::Opened;
pub use redact::{Redact, RedactError, Redacted};
pub use rightsize::Rightsized;

use foursee_core::model::Time;

/// The machine's time, for [`Audit::as_of`]. Core never asks for it.
#[must_use]
pub fn now() -> Time {
    Time(jiff::Timestamp::now().as_second())
}
