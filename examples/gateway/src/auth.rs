//! Asking auth servers, in HTTP and in gRPC.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use gatewright::filter::{
    Ask, AuthAnswer, AuthKind, AuthRequest, BodyStep, CheckAnswer, CheckDenial, HeaderAppend,
    HeaderOption, Outcome,
};
use gatewright::plan::BackendProtocol;
use gatewright::router::Headers;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version};
use http_body_util::BodyExt;
use prost::Message;

use crate::body::{Error, RequestBody, full};
use crate::forward::{Context, join_cookies, send};

/// The longest that an auth server may take; its client is refused after that (FILTER-AUTH-01).
const LONGEST: Duration = Duration::from_secs(10);

/// Asks one auth server and goes on with what it says.
pub async fn ask<'a>(
    ask: Box<Ask<'a>>,
    body: &mut RequestBody,
    context: &Context<'_>,
) -> Outcome<'a> {
    let left = context.left();
    let limit = left.map_or(LONGEST, |left| left.min(LONGEST));
    let asked = tokio::time::timeout(limit, question(&ask, body, context)).await;
    match asked {
        Ok(Ok(Said::Http(parts, body))) => ask.resume(&AuthAnswer::Http {
            status: parts.status.as_u16(),
            headers: Headers::Map(&parts.headers),
            body: &body,
        }),
        Ok(Ok(Said::Grpc(response))) => resume_checked(ask, &response),
        Ok(Ok(Said::TooMuch)) => ask.refuse_body(),
        Err(_) if left.is_some_and(|left| left <= LONGEST) => ask.expired(),
        Ok(Err(_)) | Err(_) => ask.resume(&AuthAnswer::Failed),
    }
}

/// What came of a question.
enum Said {
    Http(Box<http::response::Parts>, Bytes),
    Grpc(Box<proto::CheckResponse>),
    /// The body was too large to be asked about.
    TooMuch,
}

async fn question(
    ask: &Ask<'_>,
    body: &mut RequestBody,
    context: &Context<'_>,
) -> Result<Said, Error> {
    let live = context.live;
    let Some(sent) = send_along(ask, body).await? else {
        return Ok(Said::TooMuch);
    };
    let request = ask.request(sent.len() as u64);
    let certificate = context.certificate(request.backend);
    let endpoint = live.endpoints.next(request.backend);
    let endpoint = endpoint.ok_or("the auth server has no endpoints")?;
    match request.kind {
        AuthKind::Http => {
            let out = http_question(&request, sent);
            let response = send(out, request.backend, endpoint, certificate, live).await?;
            let (parts, body) = response.into_parts();
            Ok(Said::Http(
                Box::new(parts),
                body.collect().await?.to_bytes(),
            ))
        }
        AuthKind::Grpc => {
            let mut backend = request.backend.clone();
            backend.protocol = BackendProtocol::Http2;
            let out = grpc_question(&request, sent);
            let response = send(out, &backend, endpoint, certificate, live).await?;
            Ok(Said::Grpc(Box::new(check_response(response).await?)))
        }
    }
}

/// The part of the body that goes along; `None` when it is too large.
async fn send_along(ask: &Ask<'_>, body: &mut RequestBody) -> Result<Option<Bytes>, Error> {
    let known = body.is_kept().then(|| body.start().len() as u64);
    match ask.body(known) {
        BodyStep::Leave => Ok(Some(Bytes::new())),
        BodyStep::Refuse => Ok(None),
        BodyStep::Send(length) => Ok(Some(first(body.start(), length))),
        BodyStep::Read { limit } => {
            body.keep(usize::try_from(limit).unwrap_or(usize::MAX))
                .await?;
            match ask.body_read(body.start().len() as u64) {
                BodyStep::Send(length) => Ok(Some(first(body.start(), length))),
                BodyStep::Refuse => Ok(None),
                BodyStep::Leave | BodyStep::Read { .. } => Ok(Some(Bytes::new())),
            }
        }
    }
}

fn first(bytes: &Bytes, length: u64) -> Bytes {
    bytes.slice(
        ..usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(bytes.len()),
    )
}

fn target(request: &AuthRequest<'_>) -> String {
    let mut target = request.path.clone().into_owned();
    if let Some(query) = request.query {
        target.push('?');
        target.push_str(&String::from_utf8_lossy(query));
    }
    target
}

fn http_question(request: &AuthRequest<'_>, body: Bytes) -> Request<crate::body::Body> {
    let mut out = Request::new(full(body));
    *out.method_mut() = request.method.parse().unwrap_or_default();
    let host = request
        .host
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    if request.backend.protocol == BackendProtocol::Http2 {
        *out.version_mut() = Version::HTTP_2;
        let scheme = if request.backend.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let uri = Uri::builder()
            .scheme(scheme)
            .authority(&*host)
            .path_and_query(target(request));
        *out.uri_mut() = uri.build().unwrap_or_default();
    } else {
        *out.uri_mut() = target(request).parse().unwrap_or_default();
        if let Ok(host) = HeaderValue::from_str(&host) {
            out.headers_mut().insert(http::header::HOST, host);
        }
    }
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            out.headers_mut().append(name, value);
        }
    }
    if request.backend.protocol != BackendProtocol::Http2 {
        join_cookies(out.headers_mut());
    }
    out
}

const CHECK: &str = "/envoy.service.auth.v3.Authorization/Check";

fn grpc_question(request: &AuthRequest<'_>, body: Bytes) -> Request<crate::body::Body> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut headers = std::collections::HashMap::new();
    for (name, value) in &request.headers {
        let joined: &mut String = headers.entry(name.to_string()).or_default();
        if !joined.is_empty() {
            // RFC 9113, section 8.2.3: lines of cookies are one list of another kind.
            joined.push_str(if name == "cookie" { "; " } else { "," });
        }
        joined.push_str(&text(value));
    }
    let check = proto::CheckRequest {
        attributes: Some(proto::AttributeContext {
            request: Some(proto::Request {
                http: Some(proto::HttpRequest {
                    method: request.method.to_owned(),
                    headers,
                    path: target(request),
                    host: request.host.map(text).unwrap_or_default(),
                    scheme: request.scheme.as_str().to_owned(),
                    size: body.len() as i64,
                    raw_body: body.to_vec(),
                }),
            }),
        }),
    };
    let message = check.encode_to_vec();
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.extend_from_slice(&message);
    let scheme = if request.backend.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let authority = format!(
        "{}.{}",
        request.backend.target.name.name, request.backend.target.name.namespace
    );
    let mut out = Request::new(full(framed.freeze()));
    *out.method_mut() = http::Method::POST;
    *out.version_mut() = Version::HTTP_2;
    *out.uri_mut() = Uri::builder()
        .scheme(scheme)
        .authority(authority)
        .path_and_query(CHECK)
        .build()
        .unwrap_or_default();
    out.headers_mut().insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("application/grpc"),
    );
    out.headers_mut()
        .insert(http::header::TE, HeaderValue::from_static("trailers"));
    out
}

async fn check_response(
    response: http::Response<crate::body::Body>,
) -> Result<proto::CheckResponse, Error> {
    let (parts, body) = response.into_parts();
    let collected = body.collect().await?;
    let status = |headers: &HeaderMap| headers.get("grpc-status").map(|status| status == "0");
    let fine = collected
        .trailers()
        .and_then(status)
        .or_else(|| status(&parts.headers))
        .unwrap_or(false);
    if !fine {
        return Err("the call failed".into());
    }
    let bytes = collected.to_bytes();
    match bytes.split_first_chunk::<5>() {
        Some(([0, length @ ..], message))
            if u32::from_be_bytes(*length) as usize == message.len() =>
        {
            Ok(proto::CheckResponse::decode(message)?)
        }
        _ => Err("no whole message, or a compressed one".into()),
    }
}

fn resume_checked<'a>(ask: Box<Ask<'a>>, response: &proto::CheckResponse) -> Outcome<'a> {
    let code = response.status.as_ref().map_or(0, |status| status.code);
    let empty_ok = proto::OkHttpResponse::default();
    let empty_denied = proto::DeniedHttpResponse::default();
    let ok = response.ok_response.as_ref().unwrap_or(&empty_ok);
    let denied = response.denied_response.as_ref().unwrap_or(&empty_denied);
    let headers = options(&ok.headers);
    let response_headers = options(&ok.response_headers_to_add);
    let denied_headers = options(&denied.headers);
    let removed: Vec<&str> = ok.headers_to_remove.iter().map(String::as_str).collect();
    let set: Vec<(&str, &str)> = ok
        .query_parameters_to_set
        .iter()
        .map(|p| (&*p.key, &*p.value))
        .collect();
    let unset: Vec<&str> = ok
        .query_parameters_to_remove
        .iter()
        .map(String::as_str)
        .collect();
    let status = denied
        .status
        .as_ref()
        .map_or(0, |status| u16::try_from(status.code).unwrap_or(0));
    ask.resume(&AuthAnswer::Grpc(CheckAnswer {
        code,
        headers: &headers,
        headers_to_remove: &removed,
        response_headers_to_add: &response_headers,
        query_parameters_to_set: &set,
        query_parameters_to_remove: &unset,
        denied: Some(CheckDenial {
            status,
            headers: &denied_headers,
            body: denied.body.as_bytes(),
        }),
    }))
}

fn options(headers: &[proto::HeaderValueOption]) -> Vec<HeaderOption<'_>> {
    fn option(option: &proto::HeaderValueOption) -> Option<HeaderOption<'_>> {
        let header = option.header.as_ref()?;
        let raw = !header.raw_value.is_empty();
        Some(HeaderOption {
            name: &header.key,
            value: if raw {
                &header.raw_value
            } else {
                header.value.as_bytes()
            },
            // In these messages `append` is false unless it is set, whatever 0 stands for in `append_action` elsewhere: a client
            // cannot add to the identity that the auth server names.
            append: match (option.append.as_ref(), option.append_action) {
                (Some(proto::BoolValue { value: true }), _) => HeaderAppend::AppendOrAdd,
                (None, 1) => HeaderAppend::AddIfAbsent,
                (None, 3) => HeaderAppend::OverwriteIfPresent,
                _ => HeaderAppend::OverwriteOrAdd,
            },
        })
    }
    headers.iter().filter_map(option).collect()
}

/// The part of Envoy's external authorisation protocol that is spoken here, by field number.
mod proto {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct CheckRequest {
        #[prost(message, optional, tag = "1")]
        pub attributes: Option<AttributeContext>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct AttributeContext {
        #[prost(message, optional, tag = "4")]
        pub request: Option<Request>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Request {
        #[prost(message, optional, tag = "2")]
        pub http: Option<HttpRequest>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct HttpRequest {
        #[prost(string, tag = "2")]
        pub method: String,
        #[prost(map = "string, string", tag = "3")]
        pub headers: std::collections::HashMap<String, String>,
        #[prost(string, tag = "4")]
        pub path: String,
        #[prost(string, tag = "5")]
        pub host: String,
        #[prost(string, tag = "6")]
        pub scheme: String,
        #[prost(int64, tag = "9")]
        pub size: i64,
        #[prost(bytes = "vec", tag = "12")]
        pub raw_body: Vec<u8>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct CheckResponse {
        #[prost(message, optional, tag = "1")]
        pub status: Option<Status>,
        #[prost(message, optional, tag = "2")]
        pub denied_response: Option<DeniedHttpResponse>,
        #[prost(message, optional, tag = "3")]
        pub ok_response: Option<OkHttpResponse>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Status {
        #[prost(int32, tag = "1")]
        pub code: i32,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct DeniedHttpResponse {
        #[prost(message, optional, tag = "1")]
        pub status: Option<HttpStatus>,
        #[prost(message, repeated, tag = "2")]
        pub headers: Vec<HeaderValueOption>,
        #[prost(string, tag = "3")]
        pub body: String,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct HttpStatus {
        #[prost(int32, tag = "1")]
        pub code: i32,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct OkHttpResponse {
        #[prost(message, repeated, tag = "2")]
        pub headers: Vec<HeaderValueOption>,
        #[prost(string, repeated, tag = "5")]
        pub headers_to_remove: Vec<String>,
        #[prost(message, repeated, tag = "6")]
        pub response_headers_to_add: Vec<HeaderValueOption>,
        #[prost(message, repeated, tag = "7")]
        pub query_parameters_to_set: Vec<QueryParameter>,
        #[prost(string, repeated, tag = "8")]
        pub query_parameters_to_remove: Vec<String>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct HeaderValueOption {
        #[prost(message, optional, tag = "1")]
        pub header: Option<HeaderValue>,
        #[prost(message, optional, tag = "2")]
        pub append: Option<BoolValue>,
        #[prost(int32, tag = "3")]
        pub append_action: i32,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct HeaderValue {
        #[prost(string, tag = "1")]
        pub key: String,
        #[prost(string, tag = "2")]
        pub value: String,
        #[prost(bytes = "vec", tag = "3")]
        pub raw_value: Vec<u8>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct BoolValue {
        #[prost(bool, tag = "1")]
        pub value: bool,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct QueryParameter {
        #[prost(string, tag = "1")]
        pub key: String,
        #[prost(string, tag = "2")]
        pub value: String,
    }
}
