//! A micro-benchmark of HTTP request routers on workloads shaped like Gateway API tables.
//!
//! A [`Table`] describes hosts, routes, rules and matches in neutral terms. A [`Matcher`] is built from
//! it and answers requests. The [`harness`] checks every matcher against the brute-force
//! [`reference`](mod@reference), then times them side by side against two hand-made tables that show
//! how cheap a match can be ([`floor`]).
//!
//! To measure another router, implement [`Matcher`] for it and hand it to the harness:
//!
//! ```no_run
//! use arena::{Head, Matcher, RuleId, Scope, Table};
//!
//! struct Ours;
//! impl Matcher for Ours {
//!     const NAME: &'static str = "ours";
//!     const SCOPE: Scope = Scope::Full;
//!     fn build(_table: &Table) -> Option<Self> { Some(Ours) }
//!     fn find(&self, _head: &Head<'_>) -> Option<RuleId> { None }
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     arena::cli::run(&arena::harness::Lineup::standard().with::<Ours>())
//! }
//! ```

pub mod cli;
pub mod crates_io;
pub mod floor;
pub mod gatewright;
pub mod harness;
mod head;
pub mod probes;
pub mod reference;
mod table;
pub mod workload;

pub use head::Head;
pub use table::{Entry, Match, PathMatch, Route, Rule, RuleId, Table};

/// A request router under measurement.
///
/// The harness is generic over this trait, so `find` is reached by a direct call, never through a
/// vtable.
pub trait Matcher: Sized + 'static {
    /// Name in reports and on the command line; no white space.
    const NAME: &'static str;
    /// What the matcher evaluates, hence how its answers are judged.
    const SCOPE: Scope;

    /// Builds the matcher, or `None` when it cannot express the table; it then sits out that workload.
    fn build(table: &Table) -> Option<Self>;

    /// The rule that serves the request.
    fn find(&self, head: &Head<'_>) -> Option<RuleId>;
}

/// What a [`Matcher`] evaluates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Host, path, method, headers, query and all precedence rules: every answer must be right.
    Full,
    /// Host and path only: a speed reference, differing answers are expected.
    HostAndPath,
    /// Path only: a speed reference, differing answers are expected.
    Path,
    /// Walks the request and matches nothing: its time is taken off all others.
    Null,
}

impl Scope {
    /// Short text for reports.
    pub fn label(self) -> &'static str {
        match self {
            Scope::Full => "full",
            Scope::HostAndPath => "host+path",
            Scope::Path => "path",
            Scope::Null => "null",
        }
    }
}
