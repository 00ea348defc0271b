//! Filters of HTTPRoutes and GRPCRoutes.

use std::sync::Arc;

use super::{Lowering, Unlowerable};
use crate::api::{
    self, BackendObjectReference, ExternalAuthProtocol, Fraction, GrpcRouteFilter,
    GrpcRouteFilterType, HeaderModifier, HttpPathModifier, HttpRouteFilter, HttpRouteFilterType,
    LocalObjectReference, Open, PathModifierType, RequestMirror, RequestRedirect, UrlRewrite,
};
use crate::plan::{
    AuthProtocol, BackendProtocol, Cors, ExtensionRef, ExternalAuth, Filter, HeaderEdits, Mirror,
    ObjectName, PathModifier, Redirect, Rewrite,
};
use crate::resolve::backend::BackendQuery;
use crate::resolve::status::{Finding, RouteResolvedRefs};
use crate::vocab::Release;

/// Which list a filter stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// That of the rule.
    Rule,
    /// That of a backend.
    Backend,
}

/// Lowers a filter of an HTTPRoute. References in it are resolved even when the filter itself cannot be lowered.
pub(super) fn http<'s>(
    lowering: &mut Lowering<'_, 's>,
    field: &str,
    filter: &'s HttpRouteFilter,
    level: Level,
) -> Result<Filter, Unlowerable> {
    use HttpRouteFilterType as Type;
    let others = [
        filter.request_header_modifier.is_some(),
        filter.response_header_modifier.is_some(),
        filter.request_mirror.is_some(),
        filter.request_redirect.is_some(),
        filter.url_rewrite.is_some(),
        filter.cors.is_some(),
        filter.external_auth.is_some(),
        filter.extension_ref.is_some(),
    ];
    let alone = || only_one(field, filter.type_.as_str(), others.into_iter());
    match &filter.type_ {
        Type::RequestHeaderModifier => {
            let modifier = present(
                field,
                "requestHeaderModifier",
                &filter.request_header_modifier,
            )?;
            alone()?;
            if level == Level::Backend {
                lowering.need(
                    || field.to_owned(),
                    "HTTPRouteBackendRequestHeaderModification",
                    Some("MeshHTTPRouteBackendRequestHeaderModification"),
                )?;
            }
            Ok(Filter::RequestHeaders(header_edits(modifier)))
        }
        Type::ResponseHeaderModifier => {
            let modifier = present(
                field,
                "responseHeaderModifier",
                &filter.response_header_modifier,
            )?;
            alone()?;
            lowering.need(
                || field.to_owned(),
                "HTTPRouteResponseHeaderModification",
                None,
            )?;
            Ok(Filter::ResponseHeaders(header_edits(modifier)))
        }
        Type::RequestRedirect => {
            let written = present(field, "requestRedirect", &filter.request_redirect)?;
            alone()?;
            redirect(lowering, &format!("{field}.requestRedirect"), written).map(Filter::Redirect)
        }
        Type::UrlRewrite => {
            let written = present(field, "urlRewrite", &filter.url_rewrite)?;
            alone()?;
            rewrite(lowering, &format!("{field}.urlRewrite"), written).map(Filter::Rewrite)
        }
        Type::RequestMirror => {
            let written = present(field, "requestMirror", &filter.request_mirror)?;
            let mirror = mirror(lowering, &format!("{field}.requestMirror"), written);
            alone()?;
            lowering.need(|| field.to_owned(), "HTTPRouteRequestMirror", None)?;
            mirror.map(Filter::Mirror)
        }
        Type::Cors => {
            let written = present(field, "cors", &filter.cors)?;
            alone()?;
            let since_1_5 = lowering.controller.release() >= Release::V1_5;
            if !since_1_5 && !lowering.controller.is_experimental() {
                return Err(unknown_type(field, filter.type_.as_str()));
            }
            lowering.need(|| field.to_owned(), "HTTPRouteCORS", None)?;
            cors(&format!("{field}.cors"), written).map(Filter::Cors)
        }
        Type::ExternalAuth => {
            let written = present(field, "externalAuth", &filter.external_auth)?;
            let auth = external_auth(lowering, &format!("{field}.externalAuth"), written);
            alone()?;
            if !lowering.controller.is_experimental() {
                return Err(unknown_type(field, filter.type_.as_str()));
            }
            auth.map(Filter::ExternalAuth)
        }
        Type::ExtensionRef => {
            let written = present(field, "extensionRef", &filter.extension_ref)?;
            let extension = extension(lowering, written);
            alone()?;
            Ok(Filter::Extension(extension))
        }
        Type::Unknown(word) => Err(unknown_type(field, word)),
    }
}

/// Lowers a filter of a GRPCRoute (MATCH-GRPC-17).
pub(super) fn grpc<'s>(
    lowering: &mut Lowering<'_, 's>,
    field: &str,
    filter: &'s GrpcRouteFilter,
) -> Result<Filter, Unlowerable> {
    use GrpcRouteFilterType as Type;
    let others = [
        filter.request_header_modifier.is_some(),
        filter.response_header_modifier.is_some(),
        filter.request_mirror.is_some(),
        filter.extension_ref.is_some(),
    ];
    let alone = || only_one(field, filter.type_.as_str(), others.into_iter());
    match &filter.type_ {
        Type::RequestHeaderModifier => {
            let modifier = present(
                field,
                "requestHeaderModifier",
                &filter.request_header_modifier,
            )?;
            alone()?;
            Ok(Filter::RequestHeaders(header_edits(modifier)))
        }
        Type::ResponseHeaderModifier => {
            let modifier = present(
                field,
                "responseHeaderModifier",
                &filter.response_header_modifier,
            )?;
            alone()?;
            Ok(Filter::ResponseHeaders(header_edits(modifier)))
        }
        Type::RequestMirror => {
            let written = present(field, "requestMirror", &filter.request_mirror)?;
            let mirror = mirror(lowering, &format!("{field}.requestMirror"), written);
            alone()?;
            mirror.map(Filter::Mirror)
        }
        Type::ExtensionRef => {
            let written = present(field, "extensionRef", &filter.extension_ref)?;
            let extension = extension(lowering, written);
            alone()?;
            Ok(Filter::Extension(extension))
        }
        Type::Unknown(word) => Err(unknown_type(field, word)),
    }
}

/// The field that a filter's type names (FILTER-GEN-07).
fn present<'f, T>(field: &str, name: &str, value: &'f Option<T>) -> Result<&'f T, Unlowerable> {
    value.as_ref().ok_or_else(|| {
        (
            format!("{field}.{name}"),
            "absent, but the type asks for it".to_owned(),
        )
    })
}

/// No other field may be there (FILTER-GEN-07).
fn only_one(
    field: &str,
    type_: &str,
    present: impl Iterator<Item = bool>,
) -> Result<(), Unlowerable> {
    if present.filter(|present| *present).count() > 1 {
        let text = format!("type `{type_}` excludes the fields of other types");
        return Err((field.to_owned(), text));
    }
    Ok(())
}

/// A type that nobody knows, or that the channel does not have (EVAL-03, FILTER-GEN-11).
fn unknown_type(field: &str, word: &str) -> Unlowerable {
    (
        format!("{field}.type"),
        format!("found unknown value `{word}`"),
    )
}

fn header_edits(written: &HeaderModifier) -> HeaderEdits {
    let pairs = |headers: &Option<Vec<api::Header>>| {
        let headers = headers.as_deref().unwrap_or_default().iter();
        let pair =
            |header: &api::Header| (header.name.as_str().into(), header.value.as_str().into());
        headers.map(pair).collect()
    };
    HeaderEdits {
        set: pairs(&written.set),
        add: pairs(&written.add),
        remove: texts(&written.remove),
    }
}

fn texts(written: &Option<Vec<String>>) -> Vec<Box<str>> {
    let texts = written.as_deref().unwrap_or_default().iter();
    texts.map(|text| text.as_str().into()).collect()
}

fn redirect(
    lowering: &Lowering<'_, '_>,
    field: &str,
    written: &RequestRedirect,
) -> Result<Redirect, Unlowerable> {
    let need = |wanted: bool, part: &str, gateway, mesh| {
        if wanted {
            lowering.need(|| format!("{field}.{part}"), gateway, mesh)
        } else {
            Ok(())
        }
    };
    need(
        written.scheme.is_some(),
        "scheme",
        "HTTPRouteSchemeRedirect",
        Some("MeshHTTPRouteSchemeRedirect"),
    )?;
    need(
        written.port.is_some(),
        "port",
        "HTTPRoutePortRedirect",
        Some("MeshHTTPRouteRedirectPort"),
    )?;
    need(
        written.path.is_some(),
        "path",
        "HTTPRoutePathRedirect",
        Some("MeshHTTPRouteRedirectPath"),
    )?;
    let status = written.status_code();
    for (code, feature) in [
        (303, "HTTPRoute303RedirectStatusCode"),
        (307, "HTTPRoute307RedirectStatusCode"),
        (308, "HTTPRoute308RedirectStatusCode"),
    ] {
        need(status == code, "statusCode", feature, None)?;
    }
    let port = written.port.map(|port| {
        u16::try_from(port).map_err(|_| {
            let text = format!("found {port}, expected 1 to 65535");
            (format!("{field}.port"), text)
        })
    });
    Ok(Redirect {
        scheme: written.scheme.as_ref().map(|s| s.as_str().into()),
        hostname: written.hostname.as_ref().map(|h| h.as_str().into()),
        port: port.transpose()?,
        path: path_modifier(field, written.path.as_ref())?,
        // What is no status at all is refused with the other numbers (FILTER-REDIR-01).
        status: u16::try_from(status).unwrap_or_default(),
    })
}

fn rewrite(
    lowering: &Lowering<'_, '_>,
    field: &str,
    written: &UrlRewrite,
) -> Result<Rewrite, Unlowerable> {
    if written.hostname.is_some() {
        lowering.need(|| format!("{field}.hostname"), "HTTPRouteHostRewrite", None)?;
    }
    if written.path.is_some() {
        lowering.need(
            || format!("{field}.path"),
            "HTTPRoutePathRewrite",
            Some("MeshHTTPRouteRewritePath"),
        )?;
    }
    Ok(Rewrite {
        hostname: written.hostname.as_ref().map(|h| h.as_str().into()),
        path: path_modifier(field, written.path.as_ref())?,
    })
}

/// The field that the type names must be there, and no other (FILTER-REDIR-09).
fn path_modifier(
    field: &str,
    written: Option<&HttpPathModifier>,
) -> Result<Option<PathModifier>, Unlowerable> {
    let Some(written) = written else {
        return Ok(None);
    };
    let full = written.replace_full_path.as_deref();
    let prefix = written.replace_prefix_match.as_deref();
    match (&written.type_, full, prefix) {
        (PathModifierType::ReplaceFullPath, Some(value), None) => {
            Ok(Some(PathModifier::ReplaceFullPath(value.into())))
        }
        (PathModifierType::ReplacePrefixMatch, None, Some(value)) => {
            Ok(Some(PathModifier::ReplacePrefixMatch(value.into())))
        }
        (PathModifierType::Unknown(word), ..) => Err((
            format!("{field}.path.type"),
            format!("found unknown value `{word}`"),
        )),
        (type_, ..) => Err((
            format!("{field}.path"),
            format!("type `{type_}` asks for its own field and excludes the other"),
        )),
    }
}

/// The backend is resolved first, so that it counts even when the share makes no sense (RT-COND-11/12).
fn mirror<'s>(
    lowering: &mut Lowering<'_, 's>,
    field: &str,
    written: &'s RequestMirror,
) -> Result<Mirror, Unlowerable> {
    let backend = Arc::new(lowering.resolve(query(&written.backend_ref)));
    let (numerator, denominator) = match (written.percent, &written.fraction) {
        (None, None) => (100, 100),
        (Some(percent), None) => share(field, percent, 100)?,
        (None, Some(fraction)) => {
            share(field, fraction.numerator, Fraction::denominator(fraction))?
        }
        (Some(_), Some(_)) => {
            let text = "`percent` and `fraction` exclude each other".to_owned();
            return Err((field.to_owned(), text));
        }
    };
    if written.percent.is_some() || written.fraction.is_some() {
        lowering.need(
            || field.to_owned(),
            "HTTPRouteRequestPercentageMirror",
            None,
        )?;
    }
    Ok(Mirror {
        backend,
        numerator,
        denominator,
    })
}

/// A share of requests; its upper bound is checked with the rest of the rule (FILTER-MIRROR-03).
fn share(field: &str, numerator: i32, denominator: i32) -> Result<(u32, u32), Unlowerable> {
    match (u32::try_from(numerator), u32::try_from(denominator)) {
        (Ok(numerator), Ok(denominator)) => Ok((numerator, denominator)),
        _ => Err((
            field.to_owned(),
            format!("found {numerator}/{denominator}, expected a share of at most 1"),
        )),
    }
}

/// Methods and origins are checked with the rest of the rule.
fn cors(field: &str, written: &api::Cors) -> Result<Cors, Unlowerable> {
    let max_age = written.max_age();
    let methods = written.allow_methods.as_deref().unwrap_or_default().iter();
    Ok(Cors {
        allow_origins: texts(&written.allow_origins),
        allow_credentials: written.allow_credentials.unwrap_or(false),
        allow_methods: methods.map(|method| method.as_str().into()).collect(),
        allow_headers: texts(&written.allow_headers),
        expose_headers: texts(&written.expose_headers),
        max_age: u32::try_from(max_age).map_err(|_| {
            let text = format!("found {max_age}, expected a number of seconds");
            (format!("{field}.maxAge"), text)
        })?,
    })
}

/// The backend is resolved first, so that it counts whatever else is wrong.
fn external_auth<'s>(
    lowering: &mut Lowering<'_, 's>,
    field: &str,
    written: &'s api::ExternalAuth,
) -> Result<ExternalAuth, Unlowerable> {
    let mut backend = lowering.resolve(query(&written.backend_ref));
    let protocol = match (&written.protocol, &written.http, &written.grpc) {
        // A stanza that is absent is an empty one (FILTER-AUTH-02).
        (ExternalAuthProtocol::Http, http, None) => {
            let http = http.clone().unwrap_or_default();
            AuthProtocol::Http {
                path: http.path.unwrap_or_default().into(),
                allowed_headers: texts(&http.allowed_headers),
                allowed_response_headers: texts(&http.allowed_response_headers),
            }
        }
        (ExternalAuthProtocol::Grpc, None, grpc) => {
            backend.protocol = BackendProtocol::Http2;
            AuthProtocol::Grpc {
                allowed_headers: texts(&grpc.clone().unwrap_or_default().allowed_headers),
            }
        }
        (ExternalAuthProtocol::Unknown(word), ..) => {
            let text = format!("found unknown value `{word}`");
            return Err((format!("{field}.protocol"), text));
        }
        (protocol, ..) => {
            let text = format!("protocol `{protocol}` excludes the settings of the other");
            return Err((field.to_owned(), text));
        }
    };
    let max_body = written.forward_body.as_ref().and_then(|body| body.max_size);
    let max_body = max_body.unwrap_or_default();
    Ok(ExternalAuth {
        protocol,
        backend: Arc::new(backend),
        max_body: u16::try_from(max_body).map_err(|_| {
            let text = format!("found {max_body}, expected 0 to 65535");
            (format!("{field}.forwardBody.maxSize"), text)
        })?,
    })
}

/// A filter that only the caller knows: of a kind that the controller takes, and there (RT-COND-12, FILTER-EXT-01).
fn extension(lowering: &mut Lowering<'_, '_>, written: &LocalObjectReference) -> ExtensionRef {
    let LocalObjectReference { group, kind, name } = written;
    let namespace = lowering.namespace;
    let failure = if !lowering.controller.takes_extension(group, kind) {
        let message = format!("kind `{kind}` of group `{group}` is no supported filter");
        Some((RouteResolvedRefs::InvalidKind, message))
    } else {
        let snapshot = lowering.backends.snapshot;
        let missing = snapshot.find(group, kind, Some(namespace), name).is_none();
        missing.then(|| {
            let message = format!("{kind} `{namespace}/{name}` does not exist");
            (RouteResolvedRefs::BackendNotFound, message)
        })
    };
    let resolved = failure.is_none();
    let failure = failure.map(|(reason, message)| Finding::new(reason, message));
    lowering.lowered.failures.extend(failure);
    ExtensionRef {
        group: group.as_str().into(),
        kind: kind.as_str().into(),
        name: ObjectName::new(namespace, name.as_str()),
        resolved,
    }
}

fn query(reference: &BackendObjectReference) -> BackendQuery<'_> {
    BackendQuery {
        group: reference.group(),
        kind: reference.kind(),
        namespace: reference.namespace.as_deref(),
        name: &reference.name,
        port: reference.port,
    }
}

/// Whether a filter asks for more than one mirror where only one is supported.
pub(super) fn too_many_mirrors(lowering: &Lowering<'_, '_>, filters: &[Filter]) -> bool {
    let mirrors = filters.iter().filter(|f| matches!(f, Filter::Mirror(_)));
    mirrors.count() > 1 && !lowering.supports("HTTPRouteRequestMultipleMirrors", None)
}

/// The text of an open value, for lists of names.
pub(super) fn name_of(name: &Option<Open<crate::vocab::SectionName>>) -> Option<&str> {
    name.as_ref().map(Open::as_str)
}
