//! Why Routes are attached where they are (under construction).

/// For each parent of each Route, every check with its evidence.
#[derive(Clone, Debug, Default)]
pub struct Trace {}
