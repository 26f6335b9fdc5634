//! The collector of a container engine (Docker's API) .
