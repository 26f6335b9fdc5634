//! The formats of a foursee report: one file a format, and the serialised twins.
