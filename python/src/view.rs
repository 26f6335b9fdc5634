//! The one macro: a frozen Python class over a serialised twin.

/// Makes a frozen Python class that holds a twin of `foursee::report::json` and reads from it.
///
/// ```text
/// view! {
///     /// Its page in Python.
///     Owner(OwnerJson), match ["name"], shown |one| one.name.clone();
///     /// Who.
///     name: &str = |_py, one| &one.name;
/// }
/// ```
///
/// becomes `struct Owner(Arc<OwnerJson>)` with a getter a field, and with `to_dict`, `__match_args__`, `__eq__`,
/// `__hash__`, `__repr__` (`Owner(TEXT)`, with what a terminal could act on made visible) and `__reduce__`.
macro_rules! view {
    (
        $(#[$doc:meta])*
        $name:ident($twin:ty), match [$($arg:literal),+], shown |$this:ident| $shown:expr;
        $($(#[$note:meta])* $field:ident: $out:ty = |$py:ident, $one:ident| $read:expr;)+
    ) => {
        $(#[$doc])*
        #[pyo3::pyclass(frozen, module = "foursee")]
        #[derive(Clone)]
        pub struct $name(pub std::sync::Arc<$twin>);

        impl From<$twin> for $name {
            fn from(twin: $twin) -> Self {
                Self(std::sync::Arc::new(twin))
            }
        }

        #[pyo3::pymethods]
        impl $name {
            /// What `case` compares by position.
            #[classattr]
            fn __match_args__(py: pyo3::Python<'_>) -> pyo3::PyResult<pyo3::Py<pyo3::types::PyTuple>> {
                Ok(pyo3::types::PyTuple::new(py, [$($arg),+])?.unbind())
            }

            $(
                $(#[$note])*
                #[getter]
                fn $field<'py>(&self, $py: pyo3::Python<'py>) -> pyo3::PyResult<$out> {
                    let $one = &*self.0;
                    Ok($read)
                }
            )+

            /// The same as dictionaries, lists, text and numbers: as in the report's JSON.
            fn to_dict<'py>(&self, py: pyo3::Python<'py>) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                $crate::python::objects(py, &*self.0)
            }

            fn __eq__(&self, other: &pyo3::Bound<'_, pyo3::PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| *other.get().0 == *self.0)
            }

            fn __hash__(&self) -> pyo3::PyResult<u64> {
                $crate::view::hash(&*self.0)
            }

            fn __repr__(&self) -> String {
                let $this = &*self.0;
                format!("{}({})", stringify!($name), foursee::report::plain(&$shown))
            }

            fn __reduce__<'py>(
                &self,
                py: pyo3::Python<'py>,
            ) -> pyo3::PyResult<(pyo3::Bound<'py, pyo3::PyAny>, (&'static str, String))> {
                let restore = py.import("foursee._foursee")?.getattr("_restore")?;
                Ok((restore, (stringify!($name), $crate::python::text(&*self.0)?)))
            }
        }
    };
}
pub(crate) use view;

use pyo3::prelude::*;
use std::hash::{DefaultHasher, Hasher};

/// Equal twins are equal as JSON.
pub fn hash(value: &impl serde::Serialize) -> PyResult<u64> {
    let mut hasher = DefaultHasher::new();
    hasher.write(crate::python::text(value)?.as_bytes());
    Ok(hasher.finish())
}
