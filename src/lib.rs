//! The Kubernetes Gateway API as a library.
//!
//! Data flows down this page; a module uses those above it and never one below.
//!
//! | module | stage | from | to |
//! |---|---|---|---|
//! | [`vocab`] | words that objects and plans share | text | [`vocab::Hostname`], [`vocab::Bundle`], ... |
//! | `api` | typed objects, one struct per kind | | |
//! | `manifest` | read | bytes | documents with their origin |
//! | `validate` | check | object and bundle | a report, as the API server would give it |
//! | `snapshot` | gather | objects | one immutable, indexed world |
//! | [`plan`] | what a data plane needs, without Kubernetes objects | | |
//! | `resolve` | resolve | a snapshot | a plan, statuses, a trace |
//! | [`router`] | compile, connect, match | a plan; a request head | a match, without allocation |
//! | [`filter`] | apply | a match | what the backend gets and the client sees |
//! | `lint` | lint | a resolution | findings that no API server reports |
//! | `kube` | the same types for kube-rs | | |

pub mod vocab;

#[cfg(feature = "resolve")]
pub mod api;
#[cfg(feature = "resolve")]
pub mod manifest;
#[cfg(feature = "resolve")]
pub mod validate;

#[cfg(feature = "resolve")]
pub mod snapshot;

pub mod plan;

#[cfg(feature = "resolve")]
pub mod resolve;

pub mod router;

pub mod filter;

#[cfg(feature = "resolve")]
pub mod lint;

#[cfg(feature = "kube")]
pub mod kube;
