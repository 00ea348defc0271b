//! Faults of conditions.

use super::super::{
    GrpcMethodMatch, HeaderMatch, Matches, PathMatch, QueryMatch, RouteKind, ValueMatch,
};
use super::text::{header_name_fault, header_value_fault, path_value_fault};
use super::{RuleFault, check_pattern, unsupported};

/// Longest pattern or value for a path, a query parameter, a service or method name.
const LONGEST: usize = 1024;
/// Longest pattern for a header.
const LONGEST_HEADER: usize = 4096;

/// Checks everything but regular expressions, whose length alone is looked at.
pub(super) fn check(kind: RouteKind, matches: &Matches) -> Result<(), RuleFault> {
    let fits = match matches {
        Matches::Http(_) => kind == RouteKind::Http,
        Matches::Grpc(_) => kind == RouteKind::Grpc,
        Matches::Always => !matches!(kind, RouteKind::Http | RouteKind::Grpc),
    };
    if !fits {
        return Err(unsupported(
            "matches",
            format!("not the matches of a rule of {kind}"),
        ));
    }
    match matches {
        Matches::Http(list) => {
            for (index, one) in list.iter().enumerate() {
                let at = format_args!("matches[{index}]");
                path(&one.path).map_err(|text| unsupported(format!("{at}.path.value"), text))?;
                headers(at, &one.headers)?;
                query(at, &one.query)?;
            }
        }
        Matches::Grpc(list) => {
            for (index, one) in list.iter().enumerate() {
                let at = format_args!("matches[{index}]");
                if let Some(method) = &one.method {
                    grpc_method(at, method)?;
                }
                headers(at, &one.headers)?;
            }
        }
        Matches::Always => {}
    }
    Ok(())
}

/// Checks every regular expression (MATCH-PATH-09).
pub(super) fn patterns(matches: &Matches) -> Result<(), RuleFault> {
    let compiles = |pattern: &str, field: std::fmt::Arguments<'_>| {
        check_pattern(pattern).map_err(|error| unsupported(field.to_string(), error.to_string()))
    };
    let value = |value: &ValueMatch, field: std::fmt::Arguments<'_>| match value {
        ValueMatch::Regex(pattern) => compiles(pattern, field),
        ValueMatch::Exact(_) => Ok(()),
    };
    match matches {
        Matches::Http(list) => {
            for (index, one) in list.iter().enumerate() {
                if let PathMatch::Regex(pattern) = &one.path {
                    compiles(pattern, format_args!("matches[{index}].path.value"))?;
                }
                for (at, header) in one.headers.iter().enumerate() {
                    value(
                        &header.value,
                        format_args!("matches[{index}].headers[{at}].value"),
                    )?;
                }
                for (at, param) in one.query.iter().enumerate() {
                    value(
                        &param.value,
                        format_args!("matches[{index}].queryParams[{at}].value"),
                    )?;
                }
            }
        }
        Matches::Grpc(list) => {
            for (index, one) in list.iter().enumerate() {
                if let Some(method) = &one.method {
                    for (part, name) in [(&method.service, "service"), (&method.method, "method")] {
                        if let Some(part) = part {
                            value(part, format_args!("matches[{index}].method.{name}"))?;
                        }
                    }
                }
                for (at, header) in one.headers.iter().enumerate() {
                    value(
                        &header.value,
                        format_args!("matches[{index}].headers[{at}].value"),
                    )?;
                }
            }
        }
        Matches::Always => {}
    }
    Ok(())
}

fn path(path: &PathMatch) -> Result<(), String> {
    match path {
        PathMatch::Exact(value) | PathMatch::Prefix(value) => match path_value_fault(value) {
            Some(what) => Err(format!("`{}` {what}", shortened(value))),
            None => Ok(()),
        },
        PathMatch::Regex(pattern) => pattern_length(pattern, LONGEST),
    }
}

fn headers(at: std::fmt::Arguments<'_>, headers: &[HeaderMatch]) -> Result<(), RuleFault> {
    for (index, header) in headers.iter().enumerate() {
        if let Some(text) = header_name_fault(&header.name) {
            return Err(unsupported(format!("{at}.headers[{index}].name"), text));
        }
        let fault = match &header.value {
            ValueMatch::Exact(value) => header_value_fault(value),
            ValueMatch::Regex(pattern) => pattern_length(pattern, LONGEST_HEADER).err(),
        };
        if let Some(text) = fault {
            return Err(unsupported(format!("{at}.headers[{index}].value"), text));
        }
    }
    Ok(())
}

fn query(at: std::fmt::Arguments<'_>, params: &[QueryMatch]) -> Result<(), RuleFault> {
    for (index, param) in params.iter().enumerate() {
        if let Some(text) = header_name_fault(&param.name) {
            return Err(unsupported(format!("{at}.queryParams[{index}].name"), text));
        }
        let fault = match &param.value {
            ValueMatch::Exact(value) if value.is_empty() || value.chars().count() > LONGEST => {
                Some(format!(
                    "found a value of {} characters, expected 1 to {LONGEST}",
                    value.chars().count()
                ))
            }
            ValueMatch::Exact(_) => None,
            ValueMatch::Regex(pattern) => pattern_length(pattern, LONGEST).err(),
        };
        if let Some(text) = fault {
            return Err(unsupported(
                format!("{at}.queryParams[{index}].value"),
                text,
            ));
        }
    }
    Ok(())
}

fn grpc_method(at: std::fmt::Arguments<'_>, method: &GrpcMethodMatch) -> Result<(), RuleFault> {
    let given = |part: &Option<ValueMatch>| {
        part.as_ref()
            .is_some_and(|(ValueMatch::Exact(text) | ValueMatch::Regex(text))| !text.is_empty())
    };
    if !given(&method.service) && !given(&method.method) {
        return Err(unsupported(
            format!("{at}.method"),
            "neither a service nor a method is given",
        ));
    }
    for (part, name) in [(&method.service, "service"), (&method.method, "method")] {
        let is_name = |text: &str| match name {
            "service" => is_service_name(text),
            _ => is_identifier(text),
        };
        let fault = match part {
            Some(ValueMatch::Exact(text)) if text.chars().count() > LONGEST => {
                Some(format!("found more than {LONGEST} characters"))
            }
            Some(ValueMatch::Exact(text)) if !text.is_empty() && !is_name(text) => {
                Some(format!("`{text}` is no name of a gRPC {name}"))
            }
            Some(ValueMatch::Regex(pattern)) if !pattern.is_empty() => {
                pattern_length(pattern, LONGEST).err()
            }
            _ => None,
        };
        if let Some(text) = fault {
            return Err(unsupported(format!("{at}.method.{name}"), text));
        }
    }
    Ok(())
}

/// Dotted identifiers with an optional leading dot (MATCH-GRPC-06).
fn is_service_name(text: &str) -> bool {
    text.strip_prefix('.')
        .unwrap_or(text)
        .split('.')
        .all(is_identifier)
}

fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn pattern_length(pattern: &str, longest: usize) -> Result<(), String> {
    let length = pattern.chars().count();
    if length == 0 || length > longest {
        return Err(format!(
            "found a pattern of {length} characters, expected 1 to {longest}"
        ));
    }
    Ok(())
}

/// A value for a message, cut where it gets long.
fn shortened(value: &str) -> &str {
    match value.char_indices().nth(100) {
        Some((end, _)) => value.get(..end).unwrap_or(value),
        None => value,
    }
}
