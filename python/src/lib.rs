//! The extension module behind the Python package `foursee`: thin, frozen views of what the library finds.
//!
//! A view holds a report's serialised twin (`foursee::report::json`) and reads from it; tables are
//! `foursee::report::tables` as Arrow. Work runs on a thread of its own without the interpreter's lock, so that
//! other Python threads go on and Ctrl-C is heard (`work.rs`).
//! Deliberately absent: a model of Python's own, formats, and every decision: these are the library's.

mod ask;
mod capture;
mod errors;
mod html;
mod python;
mod redact;
mod report;
mod source;
mod table;
mod tables;
mod view;
mod views;
mod work;

use pyo3::prelude::*;

/// The extension module; the package `foursee` re-exports what is public.
#[pymodule]
mod _foursee {
    #[pymodule_export]
    use crate::ask::{Opened, explain, open};
    #[pymodule_export]
    use crate::capture::{Captured, Capturing, capture};
    #[pymodule_export]
    use crate::redact::{Redacted, redact};
    #[pymodule_export]
    use crate::report::{Report, audit, restore_report};
    #[pymodule_export]
    use crate::table::{Table, restore_table};
    #[pymodule_export]
    use crate::tables::Tables;
    #[pymodule_export]
    use crate::views::{
        Answer, Evidence, Finding, Gap, Hop, Named, Node, Outcome, Owner, Past, Path, Place, Scope, Summary,
        restore,
    };

    use pyo3::prelude::*;

    /// Sets what is fixed about the module.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
