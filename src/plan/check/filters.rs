//! Faults of filters, backends and the rest of an action.

use std::fmt::Arguments;

use super::super::{
    Action, AuthProtocol, Cors, ExternalAuth, Filter, HeaderEdits, HttpMatch, Matches, Method,
    Mirror, PathMatch, PathModifier, Redirect, Rewrite, RouteKind, Rule,
};
use super::origin::OriginPattern;
use super::text::{
    has_control, header_name_fault, header_value_fault, is_precise_hostname, is_token,
    sanitised_auth_path,
};
use super::{RuleFault, incompatible, unsupported};
use crate::vocab::{Release, is_hop_by_hop};

/// Most entries of one list in a header filter (FILTER-HDR-09).
const MOST_EDITS: usize = 16;
/// Most entries of a list of an ExternalAuth filter (FILTER-AUTH-19).
const MOST_AUTH_HEADERS: usize = 64;
/// Largest weight of a backend (BACKEND-WEIGHT-05).
const LARGEST_WEIGHT: u32 = 1_000_000;

/// Checks the action of a rule, but for its ExternalAuth filters, whose faults leave the rule in place.
pub(super) fn action(kind: RouteKind, rule: &Rule, release: Release) -> Result<(), RuleFault> {
    let action = &*rule.action;
    for (index, backend) in action.backends.iter().enumerate() {
        if backend.weight > LARGEST_WEIGHT {
            return Err(unsupported(
                format!("backendRefs[{index}].weight"),
                format!("found {}, expected 0 to {LARGEST_WEIGHT}", backend.weight),
            ));
        }
    }
    if !matches!(kind, RouteKind::Http | RouteKind::Grpc) {
        return Ok(());
    }
    let list = List {
        kind,
        rule,
        release,
    };
    list.check(format_args!("filters"), &action.filters)?;
    for (index, backend) in action.backends.iter().enumerate() {
        list.check(
            format_args!("backendRefs[{index}].filters"),
            &backend.filters,
        )?;
    }
    across_levels(action)?;
    retry(action)?;
    session_name(action)
}

/// Finds what is wrong with the ExternalAuth filters of a rule in themselves: where they stand and what they say. The
/// backend that is asked is no part of it (RT-COND-09).
pub(super) fn auth_fault(kind: RouteKind, action: &Action) -> Option<RuleFault> {
    let mut seen = false;
    for (index, filter) in action.filters.iter().enumerate() {
        let Filter::ExternalAuth(auth) = filter else {
            continue;
        };
        if kind != RouteKind::Http {
            return Some(unsupported(
                format!("filters[{index}].type"),
                format!("`ExternalAuth` is no filter of {kind}"),
            ));
        }
        if std::mem::replace(&mut seen, true) {
            return Some(unsupported(
                format!("filters[{index}].type"),
                "`ExternalAuth` is there already",
            ));
        }
        if !auth_is_sound(auth) {
            return Some(unsupported(
                format!("filters[{index}].externalAuth"),
                "found a path that could not be asked for, a malformed header name, or more than 64 header names",
            ));
        }
    }
    for (at, backend) in action.backends.iter().enumerate() {
        for (index, filter) in backend.filters.iter().enumerate() {
            if matches!(filter, Filter::ExternalAuth(_)) {
                return Some(unsupported(
                    format!("backendRefs[{at}].filters[{index}].type"),
                    "`ExternalAuth` is no filter of a backend",
                ));
            }
        }
    }
    None
}

/// Whether an ExternalAuth filter says nothing unusable (FILTER-AUTH-08/19).
pub(super) fn auth_is_sound(auth: &ExternalAuth) -> bool {
    let names_are_sound = |names: &[Box<str>]| {
        names.len() <= MOST_AUTH_HEADERS
            && names
                .iter()
                .all(|name| name.len() <= 256 && is_token(name.as_bytes()))
    };
    match &auth.protocol {
        AuthProtocol::Http {
            path,
            allowed_headers,
            allowed_response_headers,
        } => {
            sanitised_auth_path(path).is_some()
                && names_are_sound(allowed_headers)
                && names_are_sound(allowed_response_headers)
        }
        AuthProtocol::Grpc { allowed_headers } => names_are_sound(allowed_headers),
    }
}

/// What the filters of one list are checked against.
struct List<'a> {
    kind: RouteKind,
    rule: &'a Rule,
    release: Release,
}

impl List<'_> {
    fn check(&self, at: Arguments<'_>, filters: &[Filter]) -> Result<(), RuleFault> {
        let mut seen = [false; 5];
        for (index, filter) in filters.iter().enumerate() {
            let name = type_name(filter);
            if self.kind == RouteKind::Grpc
                && matches!(
                    filter,
                    Filter::Redirect(_) | Filter::Rewrite(_) | Filter::Cors(_)
                )
            {
                // MATCH-GRPC-17
                return Err(unsupported(
                    format!("{at}[{index}].type"),
                    format!("`{name}` is no filter of {}", self.kind),
                ));
            }
            // FILTER-GEN-04
            let slot = match filter {
                Filter::RequestHeaders(_) => seen.first_mut(),
                Filter::ResponseHeaders(_) => seen.get_mut(1),
                Filter::Redirect(_) => seen.get_mut(2),
                Filter::Rewrite(_) => seen.get_mut(3),
                Filter::Cors(_) => seen.get_mut(4),
                Filter::Mirror(_) | Filter::Extension(_) | Filter::ExternalAuth(_) => None,
            };
            if slot.is_some_and(|seen| std::mem::replace(seen, true)) {
                return Err(unsupported(
                    format!("{at}[{index}].type"),
                    format!("`{name}` is there already"),
                ));
            }
            self.filter(format_args!("{at}[{index}]"), filter)?;
        }
        // FILTER-GEN-05
        if let [_, _, true, true, _] = seen {
            return Err(incompatible(
                at.to_string(),
                "`RequestRedirect` cannot join `URLRewrite`",
            ));
        }
        // FILTER-HDR-07
        let sets_host = filters.iter().any(|filter| match filter {
            Filter::RequestHeaders(edits) => edits
                .set
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("host")),
            _ => false,
        });
        let rewrites_host = filters.iter().any(|filter| {
            matches!(
                filter,
                Filter::Rewrite(Rewrite {
                    hostname: Some(_),
                    ..
                })
            )
        });
        if sets_host && rewrites_host {
            return Err(unsupported(
                at.to_string(),
                "`Host` is set by a `RequestHeaderModifier` and by a `URLRewrite`",
            ));
        }
        Ok(())
    }

    fn filter(&self, at: Arguments<'_>, filter: &Filter) -> Result<(), RuleFault> {
        match filter {
            Filter::RequestHeaders(edits) => {
                header_edits(format_args!("{at}.requestHeaderModifier"), edits, true)
            }
            Filter::ResponseHeaders(edits) => {
                header_edits(format_args!("{at}.responseHeaderModifier"), edits, false)
            }
            Filter::Redirect(redirect) => {
                self.redirect(format_args!("{at}.requestRedirect"), redirect)
            }
            Filter::Rewrite(rewrite) => self.rewrite(format_args!("{at}.urlRewrite"), rewrite),
            Filter::Mirror(one) => mirror(format_args!("{at}.requestMirror"), one),
            Filter::Cors(one) => cors(format_args!("{at}.cors"), one, self.release),
            Filter::ExternalAuth(_) | Filter::Extension(_) => Ok(()),
        }
    }

    fn redirect(&self, at: Arguments<'_>, redirect: &Redirect) -> Result<(), RuleFault> {
        // FILTER-REDIR-01
        let known: &[u16] = match self.release {
            Release::V1_4 => &[301, 302],
            Release::V1_5 | Release::V1_6 => &[301, 302, 303, 307, 308],
        };
        if !known.contains(&redirect.status) {
            return Err(unsupported(
                format!("{at}.statusCode"),
                format!("found {}, expected one of {known:?}", redirect.status),
            ));
        }
        if let Some(scheme) = redirect.scheme.as_deref()
            && !matches!(scheme, "http" | "https")
        {
            return Err(unsupported(
                format!("{at}.scheme"),
                format!("found `{scheme}`, expected `http` or `https`"),
            ));
        }
        if redirect.port == Some(0) {
            return Err(unsupported(
                format!("{at}.port"),
                "found 0, expected 1 to 65535",
            ));
        }
        hostname(at, redirect.hostname.as_deref())?;
        self.path_modifier(at, redirect.path.as_ref())
    }

    fn rewrite(&self, at: Arguments<'_>, rewrite: &Rewrite) -> Result<(), RuleFault> {
        hostname(at, rewrite.hostname.as_deref())?;
        self.path_modifier(at, rewrite.path.as_ref())
    }

    fn path_modifier(
        &self,
        at: Arguments<'_>,
        modifier: Option<&PathModifier>,
    ) -> Result<(), RuleFault> {
        let (field, value) = match modifier {
            None => return Ok(()),
            Some(PathModifier::ReplaceFullPath(value)) => ("replaceFullPath", value),
            Some(PathModifier::ReplacePrefixMatch(value)) => {
                // FILTER-REDIR-10
                if !is_one_prefix(&self.rule.matches) {
                    return Err(unsupported(
                        format!("{at}.path"),
                        "`ReplacePrefixMatch` needs a rule with exactly one match, of type `PathPrefix`",
                    ));
                }
                ("replacePrefixMatch", value)
            }
        };
        // FILTER-REDIR-09
        let forbidden = |byte: u8| byte <= b' ' || byte == 0x7f || matches!(byte, b'?' | b'#');
        if value.bytes().any(forbidden) {
            return Err(unsupported(
                format!("{at}.path.{field}"),
                "the value holds a `?`, a `#`, a space or a control character",
            ));
        }
        if value.chars().count() > 1024 {
            return Err(unsupported(
                format!("{at}.path.{field}"),
                "the value has more than 1024 characters",
            ));
        }
        Ok(())
    }
}

/// Whether a rule has exactly one match, and that asks for a prefix.
fn is_one_prefix(matches: &Matches) -> bool {
    match matches {
        Matches::Http(list) => match list.as_slice() {
            // Nothing written asks for the prefix `/` (MATCH-CAND-02).
            [] => true,
            [HttpMatch { path, .. }] => matches!(path, PathMatch::Prefix(_)),
            _ => false,
        },
        Matches::Grpc(_) | Matches::Always => false,
    }
}

/// The type of a filter as objects write it.
fn type_name(filter: &Filter) -> &'static str {
    match filter {
        Filter::RequestHeaders(_) => "RequestHeaderModifier",
        Filter::ResponseHeaders(_) => "ResponseHeaderModifier",
        Filter::Redirect(_) => "RequestRedirect",
        Filter::Rewrite(_) => "URLRewrite",
        Filter::Mirror(_) => "RequestMirror",
        Filter::Cors(_) => "CORS",
        Filter::ExternalAuth(_) => "ExternalAuth",
        Filter::Extension(_) => "ExtensionRef",
    }
}

/// FILTER-HDR-05/07/09, SAFE-HDR-01.
fn header_edits(at: Arguments<'_>, edits: &HeaderEdits, of_request: bool) -> Result<(), RuleFault> {
    let set = edits
        .set
        .iter()
        .map(|(name, value)| (&**name, Some(&**value)));
    let add = edits
        .add
        .iter()
        .map(|(name, value)| (&**name, Some(&**value)));
    let remove = edits.remove.iter().map(|name| (&**name, None));
    for (list, length) in [
        ("set", edits.set.len()),
        ("add", edits.add.len()),
        ("remove", edits.remove.len()),
    ] {
        if length > MOST_EDITS {
            return Err(unsupported(
                format!("{at}.{list}"),
                format!("found {length} entries, expected at most {MOST_EDITS}"),
            ));
        }
    }
    let entries = set
        .enumerate()
        .map(|entry| ("set", entry))
        .chain(add.enumerate().map(|entry| ("add", entry)))
        .chain(remove.enumerate().map(|entry| ("remove", entry)));
    let mut names: Vec<&str> = Vec::new();
    for (list, (index, (name, value))) in entries {
        let field = format!("{at}.{list}[{index}]");
        if let Some(text) = header_name_fault(name) {
            return Err(unsupported(field, text));
        }
        if is_forbidden(name) || (of_request && list != "set" && name.eq_ignore_ascii_case("host"))
        {
            return Err(unsupported(field, format!("`{name}` may not be edited")));
        }
        if names
            .iter()
            .any(|earlier| earlier.eq_ignore_ascii_case(name))
        {
            return Err(unsupported(field, format!("`{name}` is edited already")));
        }
        names.push(name);
        if let Some(text) = value.and_then(header_value_fault) {
            return Err(unsupported(format!("{field}.value"), text));
        }
    }
    Ok(())
}

/// Headers of framing and of the connection, which no filter may touch (FILTER-HDR-07).
fn is_forbidden(name: &str) -> bool {
    is_hop_by_hop(name) || name.eq_ignore_ascii_case("content-length")
}

/// FILTER-REDIR-04, FILTER-REWRITE-01.
fn hostname(at: Arguments<'_>, hostname: Option<&str>) -> Result<(), RuleFault> {
    match hostname {
        Some(name) if !is_precise_hostname(name) => Err(unsupported(
            format!("{at}.hostname"),
            "found no hostname of 1 to 253 characters in lower case without wildcard",
        )),
        _ => Ok(()),
    }
}

/// FILTER-MIRROR-03.
fn mirror(at: Arguments<'_>, mirror: &Mirror) -> Result<(), RuleFault> {
    if mirror.denominator == 0 || mirror.numerator > mirror.denominator {
        return Err(unsupported(
            format!("{at}.fraction"),
            format!(
                "found {}/{}, expected a share of at most 1",
                mirror.numerator, mirror.denominator
            ),
        ));
    }
    Ok(())
}

/// FILTER-CORS-08/09, SAFE-HDR-01.
fn cors(at: Arguments<'_>, cors: &Cors, release: Release) -> Result<(), RuleFault> {
    for (index, origin) in cors.allow_origins.iter().enumerate() {
        if OriginPattern::parse(origin).is_none() {
            return Err(unsupported(
                format!("{at}.allowOrigins[{index}]"),
                "expected `*`, or `http://` or `https://` with a host, of which `*` may be all or the first label, and \
                 perhaps a port",
            ));
        }
    }
    for (index, method) in cors.allow_methods.iter().enumerate() {
        if &**method != "*" && method.parse::<Method>().is_err() {
            return Err(unsupported(
                format!("{at}.allowMethods[{index}]"),
                "expected `*` or a method that matches can ask for",
            ));
        }
    }
    for (list, names) in [
        ("allowHeaders", &cors.allow_headers),
        ("exposeHeaders", &cors.expose_headers),
    ] {
        for (index, name) in names.iter().enumerate() {
            if let Some(text) = header_name_fault(name) {
                return Err(unsupported(format!("{at}.{list}[{index}]"), text));
            }
        }
    }
    let alone = [
        ("allowOrigins", &cors.allow_origins, true),
        ("allowMethods", &cors.allow_methods, true),
        (
            "allowHeaders",
            &cors.allow_headers,
            release >= Release::V1_5,
        ),
    ];
    for (list, values, applies) in alone {
        if applies && values.len() > 1 && values.iter().any(|value| &**value == "*") {
            return Err(unsupported(
                format!("{at}.{list}"),
                "`*` cannot stand beside other values",
            ));
        }
    }
    Ok(())
}

/// FILTER-GEN-05/06 where two lists are concerned.
fn across_levels(action: &Action) -> Result<(), RuleFault> {
    let redirects = |filter: &Filter| matches!(filter, Filter::Redirect(_));
    let rewrites = |filter: &Filter| matches!(filter, Filter::Rewrite(_));
    if action.filters.iter().any(redirects) && !action.backends.is_empty() {
        return Err(incompatible(
            "backendRefs",
            "a rule with `RequestRedirect` cannot have backends",
        ));
    }
    if action.filters.iter().any(rewrites) {
        for (index, backend) in action.backends.iter().enumerate() {
            if backend.filters.iter().any(redirects) {
                return Err(incompatible(
                    format!("backendRefs[{index}].filters"),
                    "`RequestRedirect` cannot join the `URLRewrite` of the rule",
                ));
            }
        }
    }
    Ok(())
}

/// BACKEND-RETRY-02.
fn retry(action: &Action) -> Result<(), RuleFault> {
    let codes = action.retry.iter().flat_map(|retry| &retry.codes);
    for (index, code) in codes.enumerate() {
        if !(400..=599).contains(code) {
            return Err(unsupported(
                format!("retry.codes[{index}]"),
                format!("found {code}, expected 400 to 599"),
            ));
        }
    }
    Ok(())
}

/// The name of a session becomes the name of a cookie or a header (SAFE-HDR-01).
fn session_name(action: &Action) -> Result<(), RuleFault> {
    let name = action
        .session
        .as_ref()
        .and_then(|session| session.name.as_deref());
    match name {
        Some(name) if has_control(name) || !is_token(name.as_bytes()) => Err(unsupported(
            "sessionPersistence.sessionName",
            format!("`{}` is no name of a cookie or header", name.escape_debug()),
        )),
        _ => Ok(()),
    }
}
