//! From a plan to answers: which listener, Route, rule and match a request gets.
//!
//! Stage: compile, connect, match. [`Router::compile`] turns a [`Plan`](crate::plan::Plan) into an immutable table,
//! [`Router::accept`] chooses what a connection speaks to, [`Listener::find`] matches one request head without
//! allocating, [`Listener::explain`] says why. The stage refuses to know what happens to a matched request: that is
//! [`filter`](crate::filter).

mod accept;
mod authority;
mod bytes;
mod compile;
mod conditions;
mod connection;
mod doors;
mod explain;
mod find;
mod head;
mod host;
mod isolated;
mod lists;
mod matched;
mod names;
mod options;
mod path;
mod paths;
mod pattern;
mod pool;
mod query;
mod rank;
mod regexes;
mod route;
mod source;
mod table;
mod update;

pub use crate::plan::RouteChange;
pub use compile::Router;
pub use conditions::Unmet;
pub use connection::{Accepted, Connection, ConnectionProtocol, Refusal, StreamMatch, Target};
pub use explain::{Considered, Explanation};
pub use find::{Listener, NoMatch, Scratch, Why};
pub use head::{BadRequest, Headers, RawHead, RequestHead, Version};
pub use isolated::{Isolated, Unservable};
pub use matched::{Match, MatchParts, RouteId, Scheme};
pub use options::{
    EscapedSlashes, GrpcDetection, Limits, Normalize, Options, QueryDecoding, RegexRank,
};
pub use pattern::InvalidRegex;
pub use rank::PrecedenceKey;
