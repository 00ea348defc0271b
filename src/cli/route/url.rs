//! One request from a URL, as a client that opens it would send it.

use serde_json::{Value, json};

/// What the options of the command line add to a URL.
#[derive(Debug, Default)]
pub(super) struct Extras<'a> {
    pub(super) gateway: Option<&'a str>,
    pub(super) service: Option<&'a str>,
    pub(super) client_namespace: Option<&'a str>,
    pub(super) port: Option<u16>,
    pub(super) method: Option<&'a str>,
    /// `name: value`, in order.
    pub(super) headers: &'a [String],
    pub(super) draw: Option<f64>,
}

/// The request in the form of the contract of `--requests`.
///
/// Schemes are `http`, `https`, `grpc` and `grpcs` (gRPC in clear and over TLS), `tls`, `tcp` and `udp`.
///
/// # Errors
///
/// What is wrong with the URL or a header.
pub(super) fn request(url: &str, extras: &Extras<'_>) -> Result<Value, String> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or_else(|| format!("`{url}` is no URL: expected `https://host/path`"))?;
    let scheme = scheme.to_ascii_lowercase();
    let (over_tls, protocol, default_port) = match scheme.as_str() {
        "http" => (false, "http", Some(80)),
        "https" => (true, "http", Some(443)),
        "grpc" => (false, "grpc", Some(80)),
        "grpcs" => (true, "grpc", Some(443)),
        "tls" => (true, "tls", Some(443)),
        "tcp" => (false, "tcp", None),
        "udp" => (false, "udp", None),
        _ => {
            return Err(format!(
                "unknown scheme `{scheme}`: expected `http`, `https`, `grpc`, `grpcs`, `tls`, `tcp` or `udp`"
            ));
        }
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
    // What stands before `@` is for the client alone.
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (name, url_port) = split_port(authority)?;
    let target = target.split('#').next().unwrap_or_default();
    let path = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("/{target}")
    };

    // A client leaves the default port out of the host.
    let mut host = match url_port {
        Some(port) if Some(port) != default_port => format!("{name}:{port}"),
        _ => name.to_owned(),
    };
    let mut headers = Vec::new();
    for line in extras.headers {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("`{line}` is no header: expected `name: value`"))?;
        let (name, value) = (name.trim(), value.trim());
        if name.eq_ignore_ascii_case("host") {
            value.clone_into(&mut host);
        } else {
            headers.push([name, value]);
        }
    }
    let mut request = json!({
        "gateway": extras.gateway,
        "service": extras.service,
        "client_namespace": extras.client_namespace,
        "port": extras.port.or(url_port).or(default_port),
        "scheme": if over_tls { "https" } else { "http" },
        "protocol": protocol,
        "host": host,
        "path": encoded(&path),
        "headers": headers,
    });
    if let Some(fields) = request.as_object_mut() {
        if over_tls && !is_address(name) {
            fields.insert("sni".to_owned(), json!(name));
        }
        if let Some(method) = extras.method {
            fields.insert("method".to_owned(), json!(method));
        }
        if let Some(draw) = extras.draw {
            fields.insert("draw".to_owned(), json!(draw));
        }
    }
    Ok(request)
}

/// Host and port of an authority.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    let after_address = authority.rfind(']').map_or(0, |at| at + 1);
    let tail = authority.get(after_address..).unwrap_or_default();
    let Some((_, port)) = tail.rsplit_once(':') else {
        return Ok((authority, None));
    };
    let name_end = authority.len() - port.len() - 1;
    let name = authority.get(..name_end).unwrap_or_default();
    if port.is_empty() {
        return Ok((name, None));
    }
    let port = port
        .parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| format!("`{port}` is no port: expected 1 to 65535"))?;
    Ok((name, Some(port)))
}

fn is_address(name: &str) -> bool {
    name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok()
}

/// The target with what a client would not send as it is percent-encoded.
fn encoded(target: &str) -> String {
    let mut encoded = String::with_capacity(target.len());
    for byte in target.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>`{}|^\\".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Value {
        request(url, &Extras::default()).unwrap()
    }

    #[test]
    fn a_url_is_what_a_client_would_send() {
        let request = of("https://me@Shop.example.com/cart/42?a=b#top");
        assert_eq!(request["host"], "Shop.example.com");
        assert_eq!(request["sni"], "Shop.example.com");
        assert_eq!(request["port"], 443);
        assert_eq!(request["scheme"], "https");
        assert_eq!(request["path"], "/cart/42?a=b");

        let request = of("http://shop.example.com:8080?x=é y");
        assert_eq!(request["host"], "shop.example.com:8080");
        assert_eq!(request["port"], 8080);
        assert_eq!(request["path"], "/?x=%C3%A9%20y");
        assert_eq!(request.get("sni"), None);

        let request = of("https://[::1]:443/");
        assert_eq!(request["host"], "[::1]");
        assert_eq!(request.get("sni"), None);
        assert_eq!(of("grpcs://a.test/s/M")["protocol"], "grpc");
        assert_eq!(of("tcp://a.test:5432")["port"], 5432);
    }

    #[test]
    fn options_add_to_the_url() {
        let extras = Extras {
            port: Some(8443),
            method: Some("POST"),
            headers: &["X-A: b: c".to_owned(), "Host: other.test".to_owned()],
            ..Extras::default()
        };
        let request = request("https://a.test/", &extras).unwrap();
        assert_eq!(request["port"], 8443);
        assert_eq!(request["method"], "POST");
        assert_eq!(request["headers"], json!([["X-A", "b: c"]]));
        assert_eq!(
            (&request["host"], &request["sni"]),
            (&json!("other.test"), &json!("a.test"))
        );
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for wrong in [
            "shop.example.com",
            "ftp://a.test/",
            "http://a.test:0/",
            "http://a.test:x/",
        ] {
            assert!(request(wrong, &Extras::default()).is_err(), "{wrong}");
        }
    }
}
