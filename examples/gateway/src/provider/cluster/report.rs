//! What people are told about a cluster: once when something begins to fail, once when it is well again.

use std::fmt::Display;

/// Whether something fails.
#[derive(Debug)]
pub struct Health {
    what: String,
    failing: Option<String>,
}

impl Health {
    /// The health of something that is named so in messages.
    pub fn of(what: impl Into<String>) -> Self {
        Health {
            what: what.into(),
            failing: None,
        }
    }

    /// It failed.
    pub fn bad(&mut self, why: &dyn Display) {
        let why = why.to_string();
        if self.failing.as_ref() != Some(&why) {
            eprintln!("{}: {why}", self.what);
            self.failing = Some(why);
        }
    }

    /// It went well.
    pub fn good(&mut self) {
        if self.failing.take().is_some() {
            eprintln!("{}: well again", self.what);
        }
    }
}
