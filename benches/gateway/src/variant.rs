//! What a route says at one time, and which answers that explains.

use crate::client::Answer;

/// Services with an endpoint each.
pub const BACKENDS: [&str; 3] = ["red", "green", "blue"];

/// A Service without endpoints.
pub const EMPTY: &str = "empty";

/// What becomes of requests for `/app/item`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// They go to a backend.
    Forward(&'static str),
    /// They go to one of two.
    Split(&'static str, &'static str),
    /// They go to a backend with a header that names the version.
    Tag(&'static str),
    /// They go to a backend under a path that names the version.
    Rewrite(&'static str),
    /// They are sent to a host that names the version.
    Redirect,
    /// The backend has no endpoints.
    Empty,
    /// The route takes another path.
    OtherPath,
    /// The route is not there.
    Gone,
}

impl Variant {
    /// One of all, by chance: mostly routes that forward.
    pub fn of(draw: u64) -> Self {
        let one = BACKENDS[(draw / 16 % 3) as usize];
        let two = BACKENDS[((draw / 16 + 1) % 3) as usize];
        match draw % 16 {
            0..=3 => Variant::Forward(one),
            4..=5 => Variant::Split(one, two),
            6..=7 => Variant::Tag(one),
            8..=9 => Variant::Rewrite(one),
            10..=11 => Variant::Redirect,
            12 => Variant::Empty,
            13 => Variant::OtherPath,
            _ => Variant::Gone,
        }
    }

    /// The manifest; `None` when there is none.
    pub fn manifest(self, route: usize, host: &str, version: u64) -> Option<String> {
        let stamp = format!(
            "{{type: ResponseHeaderModifier, responseHeaderModifier: {{set: [{{name: x-version, value: \"{version}\"}}]}}}}"
        );
        let to = |names: &[&str]| {
            let all = names
                .iter()
                .map(|name| format!("{{name: {name}, port: 80}}"));
            format!("backendRefs: [{}]", all.collect::<Vec<_>>().join(", "))
        };
        let with = |filter: &str, rest: &str| format!("filters: [{stamp}, {filter}]\n    {rest}");
        let rest = match self {
            Variant::Forward(one) => format!("filters: [{stamp}]\n    {}", to(&[one])),
            Variant::Split(one, two) => format!("filters: [{stamp}]\n    {}", to(&[one, two])),
            Variant::Tag(one) => with(
                &format!(
                    "{{type: RequestHeaderModifier, requestHeaderModifier: {{set: [{{name: x-tag, value: v{version}}}]}}}}"
                ),
                &to(&[one]),
            ),
            Variant::Rewrite(one) => with(
                &format!(
                    "{{type: URLRewrite, urlRewrite: {{path: {{type: ReplaceFullPath, replaceFullPath: /v{version}}}}}}}"
                ),
                &to(&[one]),
            ),
            Variant::Redirect => format!(
                "filters: [{{type: RequestRedirect, requestRedirect: {{hostname: v{version}.example.com, statusCode: 302}}}}]"
            ),
            Variant::Empty => to(&[EMPTY]),
            Variant::OtherPath => to(&[BACKENDS[0]]),
            Variant::Gone => return None,
        };
        let path = if self == Variant::OtherPath {
            "/other"
        } else {
            "/app"
        };
        Some(format!(
            "apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: route-{route}, namespace: bench}}
spec:
  parentRefs: [{{name: public}}]
  hostnames: [{host}]
  rules:
  - matches: [{{path: {{type: PathPrefix, value: {path}}}}}]
    {rest}
"
        ))
    }

    /// Whether this version of a route may give this answer.
    pub fn explains(self, answer: &Answer, host: &str, version: u64) -> bool {
        let served = |path: &str, tag: &str, names: &[&str]| {
            let mut bodies = names
                .iter()
                .map(|name| format!("GET {host} {path} {tag} {name}"));
            answer.status == 200
                && stamp(answer) == Some(version)
                && bodies.any(|body| body == answer.body)
        };
        match self {
            Variant::Forward(one) => served("/app/item", "-", &[one]),
            Variant::Split(one, two) => served("/app/item", "-", &[one, two]),
            Variant::Tag(one) => served("/app/item", &format!("v{version}"), &[one]),
            Variant::Rewrite(one) => served(&format!("/v{version}"), "-", &[one]),
            Variant::Redirect => {
                let location = format!("http://v{version}.example.com/app/item");
                answer.status == 302 && answer.header("location") == Some(&location)
            }
            Variant::Empty => answer.status == 503,
            Variant::OtherPath | Variant::Gone => answer.status == 404,
        }
    }
}

/// The version that an answer names, if it does.
pub fn stamp(answer: &Answer) -> Option<u64> {
    if let Some(version) = answer.header("x-version") {
        return version.parse().ok();
    }
    let location = answer.header("location")?.strip_prefix("http://v")?;
    location.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, header: (&str, &str), body: &str) -> Answer {
        Answer {
            status,
            headers: vec![(header.0.to_owned(), header.1.to_owned())],
            body: body.to_owned(),
        }
    }

    #[test]
    fn an_answer_is_explained_by_its_own_version_alone() {
        let red = answer(200, ("x-version", "7"), "GET h /app/item - red");
        assert!(Variant::Forward("red").explains(&red, "h", 7));
        assert!(Variant::Split("red", "blue").explains(&red, "h", 7));
        assert!(!Variant::Forward("red").explains(&red, "h", 8));
        assert!(!Variant::Forward("blue").explains(&red, "h", 7));
        assert!(!Variant::Tag("red").explains(&red, "h", 7));
        assert!(!Variant::Gone.explains(&red, "h", 7));
        assert_eq!(stamp(&red), Some(7));
    }

    #[test]
    fn a_redirect_names_its_version_in_the_host() {
        let sent = answer(302, ("location", "http://v9.example.com/app/item"), "");
        assert!(Variant::Redirect.explains(&sent, "h", 9));
        assert!(!Variant::Redirect.explains(&sent, "h", 8));
        assert_eq!(stamp(&sent), Some(9));
    }
}
