//! The foursee command.

fn main() {}
