//! What a data plane needs, without Kubernetes objects.
//!
//! Stage: between resolve and router. The resolver writes a [`Plan`] from objects; fuzzers, generators, the reference
//! matcher and programs without Kubernetes write one directly. It is plain data: no lookups, no references by name that
//! could dangle, every default filled in, every grant already checked. It refuses to know statuses and manifests.
//!
//! A plan says what each listener and each mesh Service serves ([`Gateway`], [`Frontend`]), by which conditions
//! ([`Rule`], [`HttpMatch`], [`GrpcMatch`]) and with what consequence ([`Action`]: [`Filter`]s and [`Backend`]s).
//! [`check`] tells which rules cannot be served as they stand; the router isolates such rules and serves the rest.
//!
//! ```
//! use gatewright::plan::{Action, Attachment, Backend, Gateway, HttpMatch, Listener, ListenerHead, Plan, Route, Rule};
//!
//! let rule = Rule::http(0, [HttpMatch::prefix("/cart")], Action::forward([Backend::service("shop", "cart", 8080)]));
//! let route = Route::http("shop", "cart", [rule]);
//! let listener = Listener::new(ListenerHead::http("shop", "front", "web", 80), [Attachment::any_host(route)]);
//! let plan = Plan::of([Gateway::new("shop", "front", [listener])]);
//! assert_eq!(plan.gateways[0].listeners[0].routes[0].route.rules.len(), 1);
//! ```

mod action;
mod attachment;
mod backend;
mod change;
pub mod check;
mod filter;
mod gateway;
mod matches;
mod mesh;
mod route;

pub use action::{Action, Fault, Retry, Session, SessionKind, SessionLifetime, Timeouts};
pub use attachment::{Attachment, Attachments, AttachmentsIter};
pub use backend::{
    Backend, BackendFault, BackendProtocol, BackendTarget, BackendTls, RetryBudget, SubjectAltName,
    TrustAnchors,
};
pub use change::{PlanChange, RouteChange};
pub use filter::{
    AuthProtocol, Cors, ExtensionRef, ExternalAuth, Filter, HeaderEdits, Mirror, PathModifier,
    Redirect, Rewrite,
};
pub use gateway::{
    ClientValidation, ClientValidationMode, Gateway, Listener, ListenerHead, ObjectName, Plan,
    Protocol, TlsMode,
};
pub use matches::{
    GrpcMatch, GrpcMethodMatch, HeaderMatch, HttpMatch, Method, PathMatch, QueryMatch,
    UnknownMethod, ValueMatch,
};
pub use mesh::{Frontend, RouteGroup};
pub use route::{Matches, Route, RouteKind, Rule};
