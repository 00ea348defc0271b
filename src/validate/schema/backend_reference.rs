//! References to backends.

use super::grpc_filter::GRPC_ROUTE_FILTER;
use super::http_filter::HTTP_ROUTE_FILTER;
use super::pattern::{DNS_LABEL, GROUP, KIND};
use super::table::{Struct, atomic, fields, int32, object, optional, required, text};

pub(super) static BACKEND_OBJECT_REFERENCE: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Service"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
]);

pub(super) static BACKEND_REF: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Service"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
    optional("weight", int32().least(0).most(1_000_000)).or_number(1),
]);

pub(super) static HTTP_BACKEND_REF: Struct = fields(&[
    optional("filters", atomic(&object(&HTTP_ROUTE_FILTER)).most(16)),
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Service"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
    optional("weight", int32().least(0).most(1_000_000)).or_number(1),
]);

pub(super) static GRPC_BACKEND_REF: Struct = fields(&[
    optional("filters", atomic(&object(&GRPC_ROUTE_FILTER)).most(16)),
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Service"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
    optional("weight", int32().least(0).most(1_000_000)).or_number(1),
]);
