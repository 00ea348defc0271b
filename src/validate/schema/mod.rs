//! The structure of each kind, per version and bundle.
//!
//! The tables beside this file say it, one file for each file of `api`; [`kinds`] lists the kinds, [`compile`]
//! makes a [`Node`] for one kind, version and bundle, once.

mod backend;
mod backend_tls_policy;
mod backend_traffic_policy;
mod gateway;
mod gateway_class;
mod gateway_tls;
mod grpc_route;
mod http_filter;
mod http_route;
mod listener;
mod listener_set;
mod mesh;
mod pattern;
mod reference_grant;
mod references;
mod session_persistence;
mod status;
mod tcp_route;
mod tls_route;
mod udp_route;

mod compile;
mod kinds;
mod node;
mod table;

pub(crate) use kinds::{Column, KINDS, KindTable, Scope, VersionTable, find, is_gateway_group};
pub(crate) use node::{Field, Node, Type};
pub(crate) use table::{Condition, Format, List};
