//! Outcomes as data: for logs, tests and other programs.
//!
//! Bytes are written as text, what is not UTF-8 in it replaced. A question is written as what is asked.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::auth::Ask;
use super::changes::{HeaderChanges, HeaderLine};
use super::request::OutgoingRequest;
use super::session::StickySession;
use crate::router::Scheme;

pub(super) fn text<S: Serializer>(
    bytes: &impl AsRef<[u8]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes.as_ref()))
}

pub(super) fn optional_text<S: Serializer>(
    bytes: &Option<&[u8]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    bytes.map(String::from_utf8_lossy).serialize(serializer)
}

pub(super) fn lines<S: Serializer>(
    lines: &[HeaderLine<'_>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(
        lines
            .iter()
            .map(|(name, value)| (name, String::from_utf8_lossy(value))),
    )
}

pub(super) fn scheme<S: Serializer>(scheme: &Scheme, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(scheme.as_str())
}

impl Serialize for HeaderChanges<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lossy = |(name, value)| (name, String::from_utf8_lossy(value));
        let mut out = serializer.serialize_struct("HeaderChanges", 3)?;
        out.serialize_field("remove", &self.removed().collect::<Vec<_>>())?;
        out.serialize_field("set", &self.set().map(lossy).collect::<Vec<_>>())?;
        out.serialize_field("add", &self.added().map(lossy).collect::<Vec<_>>())?;
        out.end()
    }
}

impl Serialize for OutgoingRequest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lossy = |bytes: &Option<Cow<'_, [u8]>>| {
            bytes
                .as_deref()
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        let headers: Vec<_> = self
            .lines()
            .map(|(name, value)| (name, String::from_utf8_lossy(value)))
            .collect();
        let mut out = serializer.serialize_struct("OutgoingRequest", 6)?;
        out.serialize_field("method", self.method)?;
        out.serialize_field("scheme", self.scheme.as_str())?;
        out.serialize_field("host", &lossy(&self.host))?;
        out.serialize_field("path", &self.path)?;
        out.serialize_field("query", &lossy(&self.query))?;
        out.serialize_field("headers", &headers)?;
        out.end()
    }
}

impl Serialize for StickySession<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("StickySession", 3)?;
        out.serialize_field("config", self.config)?;
        out.serialize_field("name", &self.name)?;
        out.serialize_field("kept", &self.endpoint.is_some())?;
        out.end()
    }
}

impl Serialize for Ask<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Ask", 2)?;
        out.serialize_field("request", &self.request(0))?;
        out.serialize_field("mirrors", self.mirrors())?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::filter::{Draw, apply};
    use crate::plan::{Action, Backend, Filter, HeaderEdits, ObjectName, Redirect, RouteKind};
    use crate::router::{Headers, Match, MatchParts, RequestHead, RouteId, Scheme, Version};

    fn serialised(action: &Action) -> serde_json::Value {
        let route = ObjectName::new("shop", "cart");
        let matched = Match::new(MatchParts {
            listener: None,
            port: 80,
            scheme: Scheme::Http,
            route: RouteId {
                kind: RouteKind::Http,
                name: &route,
            },
            hostname: None,
            rule_index: 0,
            rule_name: None,
            match_index: 0,
            prefix: Some(""),
            regex: None,
            path: "/p".into(),
            is_grpc: false,
            action,
        });
        let head = RequestHead {
            version: Version::Http11,
            method: "GET",
            host: Some(b"a.test"),
            path: b"/p",
            query: Some(b"q"),
            headers: Headers::Lines(&[("x", b"\xff")]),
        };
        serde_json::to_value(apply(&matched, &head, Draw::of(0))).unwrap()
    }

    #[test]
    fn outcomes_are_data() {
        let edits = HeaderEdits {
            set: vec![("y".into(), "1".into())],
            ..HeaderEdits::default()
        };
        let action = Action::forward([Backend::service("shop", "cart", 80)])
            .with_filters([Filter::RequestHeaders(edits)]);
        let forward = serialised(&action);
        assert_eq!(forward["outcome"], "forward");
        assert_eq!(forward["backend"]["target"]["name"]["name"], "cart");
        let request = json!({
            "method": "GET", "scheme": "http", "host": "a.test", "path": "/p", "query": "q",
            "headers": [["x", "\u{fffd}"], ["y", "1"]],
        });
        assert_eq!(forward["request"], request);
        let redirect =
            serialised(&Action::default().with_filters([Filter::Redirect(Redirect::default())]));
        assert_eq!(
            (&redirect["outcome"], &redirect["location"]),
            (&json!("redirect"), &json!("http://a.test/p?q"))
        );
        let error = serialised(&Action::default());
        assert_eq!(
            (&error["outcome"], &error["reason"], &error["body"]),
            (&json!("respond"), &json!("NoBackends"), &json!(""))
        );
    }
}
