//! The structure of each kind, per version and bundle.
//!
//! The tables beside this file say it, one file for each file of `api`; [`kinds`] lists the kinds, [`compile`]
//! makes a [`Node`] for one kind, version and bundle, once.

mod backend_reference;
mod backend_tls_policy;
mod backend_traffic_policy;
mod condition;
mod cors;
mod external_auth;
mod external_backend;
mod gateway;
mod gateway_class;
mod gateway_tls;
mod grpc_filter;
mod grpc_match;
mod grpc_route;
mod header_modifier;
mod http_filter;
mod http_match;
mod http_route;
mod label_selector;
mod listener;
mod listener_set;
mod mesh;
mod object_reference;
mod parent_reference;
mod pattern;
mod policy;
mod reference_grant;
mod request_mirror;
mod route;
mod session_persistence;
mod tcp_route;
mod tls_route;
mod udp_route;

mod compile;
mod kinds;
mod node;
mod table;

pub(crate) use kinds::{Column, KINDS, KindTable, Scope, VersionTable, find, is_gateway_group};
pub(crate) use node::{Field, Node, Type};
pub(crate) use pattern::{Known as KnownPattern, known as known_pattern};
pub(crate) use table::{Condition, Format, List};
