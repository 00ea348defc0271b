//! From a plan to answers: which listener, Route, rule and match a request gets.
//!
//! Stage: compile, connect, match. `Router::compile` turns a [`Plan`](crate::plan::Plan) into an immutable table,
//! `Router::accept` chooses what a connection speaks to, `Listener::find` matches one request head without
//! allocating. The stage refuses to know what happens to a matched request: that is [`filter`](crate::filter).

mod head;
mod matched;

pub use head::{BadRequest, Headers, RequestHead, Version};
pub use matched::{Match, MatchParts, RouteId, Scheme};
