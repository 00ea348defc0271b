//! The conditions of a match in words.

use gatewright::plan::{
    GrpcMatch, HeaderMatch, HttpMatch, Matches, PathMatch, Plan, QueryMatch, Route, ValueMatch,
};

/// What a match of a Route (kind, namespace, name) asks for, as `path under /cart, header x-a is b`; empty if it asks for nothing or is not in the plan.
pub(super) fn describe(
    plan: &Plan,
    (kind, namespace, name): (&str, &str, &str),
    rule: u64,
    place: u64,
) -> String {
    let is_it = |route: &Route| {
        route.kind.as_str() == kind
            && *route.name.namespace == *namespace
            && *route.name.name == *name
    };
    let Some(route) = plan.routes().find(|route| is_it(route)) else {
        return String::new();
    };
    let Some(rule) = route.rules.iter().find(|own| u64::from(own.index) == rule) else {
        return String::new();
    };
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    match &rule.matches {
        Matches::Http(matches) => matches.get(place).map(http).unwrap_or_default(),
        Matches::Grpc(matches) => matches.get(place).map(grpc).unwrap_or_default(),
        _ => String::new(),
    }
}

fn http(own: &HttpMatch) -> String {
    let mut parts = vec![match &own.path {
        PathMatch::Exact(path) => format!("path is {path}"),
        PathMatch::Prefix(path) => format!("path under {path}"),
        PathMatch::Regex(pattern) => format!("path matches `{pattern}`"),
    }];
    parts.extend(own.method.map(|method| format!("method is {method}")));
    parts.extend(own.headers.iter().map(header));
    parts.extend(own.query.iter().map(query));
    parts.join(", ")
}

fn grpc(own: &GrpcMatch) -> String {
    let mut parts = Vec::new();
    if let Some(method) = &own.method {
        parts.extend(
            method
                .service
                .as_ref()
                .map(|v| format!("service {}", value(v))),
        );
        parts.extend(
            method
                .method
                .as_ref()
                .map(|v| format!("method {}", value(v))),
        );
    }
    parts.extend(own.headers.iter().map(header));
    if parts.is_empty() {
        parts.push("any call".to_owned());
    }
    parts.join(", ")
}

fn header(own: &HeaderMatch) -> String {
    format!("header {} {}", own.name, value(&own.value))
}

fn query(own: &QueryMatch) -> String {
    format!("query parameter {} {}", own.name, value(&own.value))
}

fn value(own: &ValueMatch) -> String {
    match own {
        ValueMatch::Exact(text) => format!("is {text}"),
        ValueMatch::Regex(pattern) => format!("matches `{pattern}`"),
    }
}
