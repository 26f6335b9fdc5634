//! What this organisation chose.
