//! Requests that meet a match and as little else as possible.

use super::Witness;
use crate::plan::{
    GrpcMatch, HttpMatch, ListenerHead, Matches, ObjectName, PathMatch, Protocol, ValueMatch,
};
use crate::router::{
    Accepted, BadRequest, Connection, ConnectionProtocol, Headers, Listener, RawHead, RequestHead,
    Router, Target, Version,
};
use crate::vocab::Hostname;

/// A path element, host label and the like that no manifest has for a reason.
const UNUSUAL: &str = "lint-sample";

/// Methods to try, the usual ones first.
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "PATCH"];

/// Where requests come in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Door<'p> {
    /// A listener of a Gateway.
    Listener(&'p ListenerHead),
    /// A port of a Service in a mesh, for clients of a namespace.
    Service {
        name: &'p ObjectName,
        port: u16,
        client: &'p str,
    },
}

impl Door<'_> {
    fn is_tls(self) -> bool {
        matches!(self, Door::Listener(head) if head.protocol == Protocol::Https)
    }

    fn port(self) -> u16 {
        match self {
            Door::Listener(head) => head.port,
            Door::Service { port, .. } => port,
        }
    }
}

/// Hosts that stand for all that reach a Route: one for each of its hostnames, which play no role in a mesh (MESH-RT-03).
pub(super) fn hosts(door: Door<'_>, hostnames: &[Hostname]) -> Vec<String> {
    let own = match door {
        Door::Listener(head) => head.hostname.as_ref(),
        Door::Service { name, .. } => return vec![format!("{}.{}", name.name, name.namespace)],
    };
    if hostnames.is_empty() {
        return vec![own.map_or_else(|| format!("{UNUSUAL}.example"), host)];
    }
    let narrowed = hostnames.iter().map(|hostname| match own {
        Some(own) => own.intersect(hostname).unwrap_or(hostname),
        None => hostname,
    });
    narrowed.map(host).collect()
}

fn host(hostname: &Hostname) -> String {
    match hostname.suffix() {
        Some(suffix) => format!("{UNUSUAL}.{}", suffix.trim_start_matches('.')),
        None => hostname.as_str().to_owned(),
    }
}

/// Requests that meet the match at `place` on this host, by different methods where it asks for none. Empty where
/// none can be made up, as for most regular expressions.
pub(super) fn requests(
    door: Door<'_>,
    matches: &Matches,
    place: usize,
    host: &str,
) -> Vec<Witness> {
    let is_tls = door.is_tls();
    let made = match matches {
        Matches::Http(matches) => matches.get(place).and_then(http),
        Matches::Grpc(matches) => matches.get(place).and_then(grpc),
        Matches::Always => None,
    };
    let Some(made) = made else {
        return Vec::new();
    };
    let scheme = match (made.is_grpc, is_tls) {
        (false, false) => "http",
        (false, true) => "https",
        (true, false) => "grpc",
        (true, true) => "grpcs",
    };
    made.methods
        .into_iter()
        .map(|method| Witness {
            scheme,
            method,
            host: host.to_owned(),
            port: door.port(),
            path: made.path.clone(),
            headers: made.headers.clone(),
        })
        .collect()
}

struct Made {
    methods: Vec<String>,
    path: String,
    headers: Vec<(String, String)>,
    is_grpc: bool,
}

fn http(own: &HttpMatch) -> Option<Made> {
    let mut path = match &own.path {
        PathMatch::Exact(path) => path.to_string(),
        PathMatch::Prefix(prefix) => format!("{}/{UNUSUAL}", prefix.trim_end_matches('/')),
        PathMatch::Regex(pattern) => literal(pattern)?,
    };
    for (place, parameter) in own.query.iter().enumerate() {
        let value = encoded(&value(&parameter.value)?);
        path.push(if place == 0 { '?' } else { '&' });
        path += &format!("{}={value}", encoded(&parameter.name));
    }
    Some(Made {
        methods: match own.method {
            Some(method) => vec![method.as_str().to_owned()],
            None => METHODS.map(str::to_owned).to_vec(),
        },
        path,
        headers: headers(own.headers.iter().map(|h| (&*h.name, &h.value)))?,
        is_grpc: false,
    })
}

fn grpc(own: &GrpcMatch) -> Option<Made> {
    let call = own.method.as_ref();
    let part = |side: Option<&ValueMatch>, otherwise: &str| match side {
        Some(side) => value(side),
        None => Some(otherwise.to_owned()),
    };
    let service = part(call.and_then(|c| c.service.as_ref()), "lint.sample.Service")?;
    let method = part(call.and_then(|c| c.method.as_ref()), "LintSample")?;
    Some(Made {
        methods: vec!["POST".to_owned()],
        path: format!("/{service}/{method}"),
        headers: headers(own.headers.iter().map(|h| (&*h.name, &h.value)))?,
        is_grpc: true,
    })
}

fn headers<'m>(
    own: impl Iterator<Item = (&'m str, &'m ValueMatch)>,
) -> Option<Vec<(String, String)>> {
    own.map(|(name, own)| Some((name.to_owned(), value(own)?)))
        .collect()
}

fn value(own: &ValueMatch) -> Option<String> {
    match own {
        ValueMatch::Exact(text) => Some(text.to_string()),
        ValueMatch::Regex(pattern) => literal(pattern),
    }
}

/// What a regular expression without operators matches.
fn literal(pattern: &str) -> Option<String> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_~%=, :".contains(c);
    (!pattern.is_empty() && pattern.chars().all(is_plain)).then(|| pattern.to_owned())
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
    }
    encoded
}

/// What a witness is sent to.
pub(super) fn connect<'r>(
    router: &'r Router,
    door: Door<'_>,
    witness: &Witness,
) -> Option<Listener<'r>> {
    let is_tls = door.is_tls();
    let connection = Connection {
        target: match door {
            Door::Listener(head) => Target::Gateway {
                namespace: &head.gateway.namespace,
                name: &head.gateway.name,
            },
            Door::Service { name, client, .. } => Target::Service {
                namespace: &name.namespace,
                name: &name.name,
                client_namespace: client,
            },
        },
        port: door.port(),
        protocol: if is_tls {
            ConnectionProtocol::Https
        } else {
            ConnectionProtocol::Http
        },
        sni: is_tls.then_some(witness.host.as_bytes()),
    };
    match router.accept(&connection) {
        Accepted::Http(listener) => Some(listener),
        _ => None,
    }
}

/// Runs `look` on the head of a witness.
///
/// # Errors
///
/// It is no request that HTTP allows.
pub(super) fn with_head<T>(
    witness: &Witness,
    look: impl FnOnce(&RequestHead<'_>) -> T,
) -> Result<T, BadRequest> {
    let is_grpc = witness.scheme.starts_with("grpc");
    let mut lines: Vec<(&str, &[u8])> = witness
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    if is_grpc {
        lines.push(("content-type", b"application/grpc"));
    } else {
        lines.push(("host", witness.host.as_bytes()));
    }
    let head = RequestHead::from_raw(RawHead {
        version: if is_grpc {
            Version::Http2
        } else {
            Version::Http11
        },
        method: &witness.method,
        target: witness.path.as_bytes(),
        authority: is_grpc.then_some(witness.host.as_bytes()),
        headers: Headers::Lines(&lines),
    })?;
    Ok(look(&head))
}
