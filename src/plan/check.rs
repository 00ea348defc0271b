//! Which rules cannot be served as they stand (under construction).
