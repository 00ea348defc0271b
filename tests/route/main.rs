//! Which rule takes a request: the worked examples of the specification, one fact for each precedence step, and the cases
//! in which other implementations went wrong. Each is asked of the router and of the reference.

#[path = "../reference/asked.rs"]
mod asked;
mod examples;
mod facts;
mod hostile;
#[path = "../reference/matching.rs"]
mod matching;
#[path = "../reference/plans.rs"]
mod plans;
mod probes;
#[path = "../reference/worlds_in_words.rs"]
mod worlds_in_words;
