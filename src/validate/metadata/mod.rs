//! Metadata, as the API machinery reads and checks it.
//!
//! Metadata is typed: what does not fit the types cannot be read at all (`BadRequest`), what is unknown is dropped,
//! what is empty is left out. Names, labels and so on are checked afterwards.

mod names;
mod types;

pub(crate) use names::{check, check_update};
pub(crate) use types::{normal, read};
