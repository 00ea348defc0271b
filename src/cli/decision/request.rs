//! A line of `route --requests`: one request in words.

use std::borrow::Cow;

use gatewright::router::{
    BadRequest, Connection, ConnectionProtocol, Headers, RawHead, RequestHead, Target, Version,
};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One request, as a line or a command line says it. Keys that are not known are ignored.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(in crate::cli) struct RequestLine {
    /// Echoed.
    pub(in crate::cli) id: Value,
    /// `namespace/name` of the Gateway; `None` with exactly one.
    pub(in crate::cli) gateway: Option<String>,
    /// `namespace/name` of the Service that is addressed in a mesh.
    pub(in crate::cli) service: Option<String>,
    /// Where the client lives; `None` in the namespace of the Service.
    pub(in crate::cli) client_namespace: Option<String>,
    /// The port that is connected to; `None` that of the scheme.
    pub(in crate::cli) port: Option<u16>,
    /// In clear or over TLS.
    pub(in crate::cli) scheme: UrlScheme,
    /// The server name: `None` that of `host`, `Some(None)` a handshake without one.
    #[serde(deserialize_with = "present")]
    pub(in crate::cli) sni: Option<Option<String>>,
    /// What is spoken.
    pub(in crate::cli) protocol: Spoken,
    /// The method; `None` is `GET`, for a gRPC call `POST`.
    pub(in crate::cli) method: Option<String>,
    /// The host as received, with its port if it has one.
    pub(in crate::cli) host: Option<String>,
    /// The path with its query.
    pub(in crate::cli) path: String,
    /// Header lines in order.
    pub(in crate::cli) headers: Vec<(String, String)>,
    /// 0 to 1.
    pub(in crate::cli) draw: f64,
}

impl Default for RequestLine {
    fn default() -> Self {
        RequestLine {
            id: Value::Null,
            gateway: None,
            service: None,
            client_namespace: None,
            port: None,
            scheme: UrlScheme::Http,
            sni: None,
            protocol: Spoken::Http,
            method: None,
            host: None,
            path: "/".to_owned(),
            headers: Vec::new(),
            draw: 0.0,
        }
    }
}

/// How a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum UrlScheme {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Spoken {
    /// HTTP/1.1.
    Http,
    /// gRPC, that is HTTP/2.
    Grpc,
    /// A stream inside TLS.
    Tls,
    /// A stream.
    Tcp,
    /// Datagrams.
    Udp,
}

/// A key that is there, even with null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

impl RequestLine {
    /// Reads a line.
    pub(in crate::cli) fn parse(line: &str) -> serde_json::Result<Self> {
        // A list would be read as the fields in order.
        if line.trim_start().starts_with('[') {
            return Err(serde::de::Error::custom("found a list, expected an object"));
        }
        serde_json::from_str(line)
    }

    /// What the client connects to; `None` when a name is no `namespace/name`, which nothing can have.
    pub(in crate::cli) fn connection(&self) -> Option<Connection<'_>> {
        let target = match (&self.service, &self.gateway) {
            (Some(service), _) => {
                let (namespace, name) = service.split_once('/')?;
                Target::Service {
                    namespace,
                    name,
                    client_namespace: self.client_namespace.as_deref().unwrap_or(namespace),
                }
            }
            (None, Some(gateway)) => {
                let (namespace, name) = gateway.split_once('/')?;
                Target::Gateway { namespace, name }
            }
            (None, None) => Target::Only,
        };
        let protocol = match (self.protocol, self.scheme) {
            (Spoken::Http | Spoken::Grpc, UrlScheme::Http) => ConnectionProtocol::Http,
            (Spoken::Http | Spoken::Grpc, UrlScheme::Https) => ConnectionProtocol::Https,
            (Spoken::Tls, _) => ConnectionProtocol::Tls,
            (Spoken::Tcp, _) => ConnectionProtocol::Tcp,
            (Spoken::Udp, _) => ConnectionProtocol::Udp,
        };
        let is_tls = matches!(
            protocol,
            ConnectionProtocol::Https | ConnectionProtocol::Tls
        );
        Some(Connection {
            target,
            port: self.port(),
            protocol,
            sni: self.server_name().filter(|_| is_tls).map(str::as_bytes),
        })
    }

    /// The port that is connected to.
    pub(super) fn port(&self) -> u16 {
        self.port.unwrap_or(match (self.scheme, self.protocol) {
            (UrlScheme::Https, _) | (_, Spoken::Tls) => 443,
            (UrlScheme::Http, _) => 80,
        })
    }

    fn server_name(&self) -> Option<&str> {
        match &self.sni {
            Some(name) => name.as_deref(),
            None => self.host.as_deref().map(without_port),
        }
    }

    pub(super) fn method(&self) -> &str {
        match (&self.method, self.protocol) {
            (Some(method), _) => method,
            (None, Spoken::Grpc) => "POST",
            (None, _) => "GET",
        }
    }

    /// The header lines as they travel: with `Host` in HTTP/1.1, with the content type of a gRPC call.
    ///
    /// # Errors
    ///
    /// When a `host` line says something else than `host`.
    pub(in crate::cli) fn lines(&self) -> Result<Vec<(&str, &[u8])>, BadRequest> {
        let mut lines: Vec<(&str, &[u8])> = Vec::with_capacity(self.headers.len() + 1);
        for (name, value) in &self.headers {
            if name.eq_ignore_ascii_case("host")
                && let Some(host) = &self.host
            {
                if !host.eq_ignore_ascii_case(value) {
                    return Err(BadRequest::ConflictingHosts);
                }
                continue;
            }
            lines.push((name, value.as_bytes()));
        }
        match (self.protocol, &self.host) {
            (Spoken::Grpc, _) => {
                if !lines
                    .iter()
                    .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
                {
                    lines.push(("content-type", b"application/grpc"));
                }
            }
            (_, Some(host)) => lines.push(("host", host.as_bytes())),
            (_, None) => {}
        }
        Ok(lines)
    }

    /// The head of the request over these lines.
    pub(in crate::cli) fn head<'l>(
        &'l self,
        lines: &'l [(&'l str, &'l [u8])],
    ) -> Result<RequestHead<'l>, BadRequest> {
        RequestHead::from_raw(RawHead {
            version: match self.protocol {
                Spoken::Grpc => Version::Http2,
                _ => Version::Http11,
            },
            method: self.method(),
            target: self.path.as_bytes(),
            authority: match self.protocol {
                Spoken::Grpc => self.host.as_deref().map(str::as_bytes),
                _ => None,
            },
            headers: Headers::Lines(lines),
        })
    }

    /// Path and query, for a request that nobody looks at.
    pub(super) fn target(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.path)
    }
}

/// A host without its port.
fn without_port(host: &str) -> &str {
    match host.rfind(']') {
        Some(_) => host,
        None => host.split(':').next().unwrap_or(host),
    }
}
