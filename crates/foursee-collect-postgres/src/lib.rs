//! The collector of a PostgreSQL cluster .
