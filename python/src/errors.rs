//! The exceptions: written in Python (`foursee/exceptions.py`), raised from here.

use pyo3::PyErr;

pyo3::import_exception!(foursee.exceptions, FourseeError);
pyo3::import_exception!(foursee.exceptions, ConfigError);
pyo3::import_exception!(foursee.exceptions, InputError);
pyo3::import_exception!(foursee.exceptions, QuestionError);

/// Why an audit cannot begin, as the exception that says so.
pub fn of_audit(error: &foursee::Error) -> PyErr {
    let text = error.to_string();
    match error {
        foursee::Error::Config { .. } => ConfigError::new_err(text),
        foursee::Error::NoSuchPath(_) | foursee::Error::Read { .. } => InputError::new_err(text),
        _ => FourseeError::new_err(text),
    }
}
