//! Conditions of HTTPRoutes and GRPCRoutes.

use super::Unlowerable;
use crate::api::{self, GrpcRouteMatch, HttpMethod, HttpRouteMatch, PathMatchType, ValueMatchType};
use crate::plan::{
    GrpcMatch, GrpcMethodMatch, HeaderMatch, HttpMatch, Method, PathMatch, QueryMatch, ValueMatch,
};

/// A condition on an HTTP request, defaults filled in (MATCH-CAND-02).
pub(super) fn http(at: usize, written: &HttpRouteMatch) -> Result<HttpMatch, Unlowerable> {
    let value = written.path_value();
    let path = match written.path_type() {
        PathMatchType::Exact => PathMatch::Exact(value.into()),
        PathMatchType::PathPrefix => PathMatch::Prefix(value.into()),
        PathMatchType::RegularExpression => PathMatch::Regex(value.into()),
        PathMatchType::Unknown(word) => {
            return Err(unknown(format!("matches[{at}].path.type"), word));
        }
    };
    let method = match &written.method {
        None => None,
        Some(method) => Some(http_method(at, method)?),
    };
    let headers = written.headers.as_deref().unwrap_or_default();
    let query = written.query_params.as_deref().unwrap_or_default();
    let query = query.iter().enumerate().map(|(place, written)| {
        let field = || format!("matches[{at}].queryParams[{place}].type");
        Ok(QueryMatch {
            name: written.name.as_str().into(),
            value: value_match(field, written.type_(), &written.value)?,
        })
    });
    Ok(HttpMatch {
        path,
        method,
        headers: header_matches(at, headers)?,
        query: query.collect::<Result<_, Unlowerable>>()?,
    })
}

fn http_method(at: usize, written: &HttpMethod) -> Result<Method, Unlowerable> {
    let word = written.as_str();
    word.parse()
        .map_err(|_| unknown(format!("matches[{at}].method"), word))
}

/// A condition on a gRPC call; empty texts are absent ones (MATCH-GRPC-04).
pub(super) fn grpc(at: usize, written: &GrpcRouteMatch) -> Result<GrpcMatch, Unlowerable> {
    let method = match &written.method {
        None => None,
        Some(method) => {
            let part = |text: Option<&str>| match text {
                None | Some("") => Ok(None),
                Some(text) => {
                    let field = || format!("matches[{at}].method.type");
                    value_match(field, method.type_(), text).map(Some)
                }
            };
            if let ValueMatchType::Unknown(word) = method.type_() {
                return Err(unknown(format!("matches[{at}].method.type"), word));
            }
            Some(GrpcMethodMatch {
                service: part(method.service.as_deref())?,
                method: part(method.method.as_deref())?,
            })
        }
    };
    let headers = written.headers.as_deref().unwrap_or_default();
    Ok(GrpcMatch {
        method,
        headers: header_matches(at, headers)?,
    })
}

fn header_matches(
    at: usize,
    written: &[api::HeaderMatch],
) -> Result<Vec<HeaderMatch>, Unlowerable> {
    let headers = written.iter().enumerate().map(|(place, written)| {
        let field = || format!("matches[{at}].headers[{place}].type");
        Ok(HeaderMatch {
            name: written.name.as_str().into(),
            value: value_match(field, written.type_(), &written.value)?,
        })
    });
    headers.collect()
}

fn value_match(
    field: impl FnOnce() -> String,
    type_: &ValueMatchType,
    value: &str,
) -> Result<ValueMatch, Unlowerable> {
    match type_ {
        ValueMatchType::Exact => Ok(ValueMatch::Exact(value.into())),
        ValueMatchType::RegularExpression => Ok(ValueMatch::Regex(value.into())),
        ValueMatchType::Unknown(word) => Err(unknown(field(), word)),
    }
}

/// A word that nobody knows (EVAL-03).
fn unknown(field: String, word: &str) -> Unlowerable {
    (field, format!("found unknown value `{word}`"))
}
