//! What an audit found, before it has a format.
