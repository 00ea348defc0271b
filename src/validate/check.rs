//! The entrances: what an API server would answer to an object.

use serde_json::Value;

use super::path::Path;
use super::report::{ErrorKind, Report, UnknownField, Violation};
use super::schema::{self, KindTable, Node};
use super::sight::Sight;
use super::structure::Walk;
use super::view::View;
use super::{defaulting, enforce, keys, message, metadata, unknown};
use crate::vocab::{Bundle, Window};

/// How an object is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sent {
    /// To the object itself: its status is ignored.
    #[default]
    Object,
    /// To the subresource `status`: all but its status is ignored.
    Status,
}

/// What an API server with the CRDs of `bundle` answers to a new object.
///
/// # Cost
///
/// Linear in the size of the object. A valid object without unknown fields costs one allocation, the list of its
/// fields (more than 16 items of a list with keys cost another); the first object of a kind and version compiles
/// their schema.
///
/// # Examples
///
/// ```
/// use gatewright::validate::check;
/// use gatewright::vocab::Bundle;
///
/// let class = serde_json::json!({
///     "apiVersion": "gateway.networking.k8s.io/v1",
///     "kind": "GatewayClass",
///     "metadata": {"name": "edge"},
///     "spec": {"controllerName": "example.com"},
/// });
/// let report = check(&class, Bundle::default());
/// assert!(!report.accepted);
/// assert_eq!(report.violations[0].path, "spec.controllerName");
/// ```
pub fn check(object: &Value, bundle: Bundle) -> Report {
    check_sent(object, None, Sent::Object, bundle)
}

/// What an API server answers to an update of the stored object `old`.
///
/// What did not change is mostly forgiven, and rules that compare with the old object are asked.
pub fn check_update(object: &Value, old: &Value, bundle: Bundle) -> Report {
    check_sent(object, Some(old), Sent::Object, bundle)
}

/// What an API server answers to an object that is sent in one of all ways.
///
/// With [`Sent::Status`], `old` is the stored object; without it, the object is taken to be stored as it is, without
/// a status.
pub fn check_sent(object: &Value, old: Option<&Value>, sent: Sent, bundle: Bundle) -> Report {
    let schema = match find(object, bundle) {
        Ok((kind, schema)) => (kind, schema),
        Err(report) => return report,
    };
    Check {
        object,
        old,
        kind: schema.0,
        schema: schema.1,
        nowhere: match sent {
            Sent::Object => "<nil>",
            Sent::Status => "status",
        },
    }
    .run(sent)
}

/// The object as the API server keeps it: unknown fields and nulls dropped, defaults filled in.
///
/// An object that the bundle does not know, or whose metadata cannot be read, comes back as it is.
pub fn default_and_prune(object: &Value, bundle: Bundle) -> Value {
    let Ok((_, schema)) = find(object, bundle) else {
        return object.clone();
    };
    let metadata = object.get("metadata").unwrap_or(&Value::Null);
    if metadata::read(metadata, &mut Vec::new()).is_err() {
        return object.clone();
    }
    defaulting::whole(object, schema)
}

/// The kind and schema of an object, or the report that says why there is none.
fn find(object: &Value, bundle: Bundle) -> Result<(&'static KindTable, &'static Node), Report> {
    let text = |name: &str| match object.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        None | Some(Value::Null) => Ok(""),
        Some(other) => {
            let shown = message::shown(other);
            Err(refused(
                ErrorKind::BadRequest,
                "",
                format!("{name}: {shown} is not a string"),
            ))
        }
    };
    if !object.is_object() {
        let message = format!("{} is not an object", message::shown(object));
        return Err(refused(ErrorKind::BadRequest, "", message));
    }
    let (api_version, kind) = (text("apiVersion")?, text("kind")?);
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    if version.contains('/') {
        let message = format!("`{api_version}` is not `group/version`");
        return Err(refused(ErrorKind::NoSuchKind, "apiVersion", message));
    }
    if !schema::is_gateway_group(group) {
        let message = format!("`{api_version}` is no part of Gateway API: not checked");
        let mut report = refused(ErrorKind::NoSuchKind, "kind", message);
        report.checked = false;
        return Err(report);
    }
    let table = schema::find(group, kind).filter(|table| table.window().holds(bundle));
    let Some(table) = table else {
        return Err(no_such_kind(group, kind, bundle));
    };
    match table.compiled(version, bundle) {
        Some(schema) => Ok((table, schema)),
        None => Err(no_such_version(table, version, bundle)),
    }
}

fn no_such_kind(group: &str, kind: &str, bundle: Bundle) -> Report {
    let mut message = format!("{bundle} has no kind `{kind}` in `{group}`");
    match schema::find(group, kind) {
        Some(table) => {
            let when = message::when(table.window()).unwrap_or_default();
            message.push_str(&format!("; it exists {when}"));
        }
        None => {
            let kinds = schema::KINDS.iter();
            let here = kinds.filter(|table| table.window().holds(bundle));
            if let Some(near) = message::nearest(kind, here.map(|table| table.kind)) {
                message.push_str(&format!("; did you mean `{near}`?"));
            }
        }
    }
    refused(ErrorKind::NoSuchKind, "kind", message)
}

fn no_such_version(table: &KindTable, version: &str, bundle: Bundle) -> Report {
    let served = table.versions.iter().filter(|v| v.served.holds(bundle));
    let served: Vec<&str> = served.map(|v| v.version).collect();
    let mut message = format!(
        "{bundle} does not serve {} in version `{version}`; use {}",
        table.kind,
        message::choice(&served)
    );
    let elsewhere = table.versions.iter().find(|v| v.version == version);
    if let Some(elsewhere) = elsewhere.filter(|v| v.served != Window::NEVER) {
        let when = message::when(elsewhere.served).unwrap_or_default();
        message.push_str(&format!("; it is served {when}"));
    }
    refused(ErrorKind::NoSuchVersion, "apiVersion", message)
}

/// A report of the one thing that stands before all others.
fn refused(kind: ErrorKind, path: &str, message: String) -> Report {
    Report::refused(Violation {
        path: path.to_owned(),
        kind,
        rule: "request",
        message,
    })
}

struct Check<'v> {
    object: &'v Value,
    old: Option<&'v Value>,
    kind: &'static KindTable,
    schema: &'static Node,
    nowhere: &'static str,
}

impl Check<'_> {
    fn run(&self, sent: Sent) -> Report {
        let mut walk = Walk::new(self.nowhere);
        let mut unknown = Vec::new();
        let metadata = self.object.get("metadata").unwrap_or(&Value::Null);
        if let Err(unreadable) = metadata::read(metadata, &mut unknown) {
            return refused(ErrorKind::BadRequest, "", unreadable.message);
        }
        let sight = Sight::of(self.object, self.schema);
        if sight.has_strangers() {
            self.unknown_fields(&mut unknown);
        }
        let old = self.old.map(|old| Sight::of(old, self.schema));
        let (new, old) = (sight.view(), old.as_ref().map(Sight::view));
        match (sent, old) {
            (Sent::Object, None) => {
                metadata::check(metadata, self.kind.scope, &mut walk);
                self.part("spec", new, None, &mut walk);
                self.rest(&[("spec", new, None)], &mut walk);
            }
            (Sent::Object, Some(old)) => {
                let old_metadata = old.raw().get("metadata").unwrap_or(&Value::Null);
                metadata::check_update(metadata, old_metadata, &mut walk);
                self.part("spec", new, Some(old), &mut walk);
                // The status stays the old one.
                let parts = [("spec", new, Some(old)), ("status", old, Some(old))];
                self.rest(&parts, &mut walk);
            }
            (Sent::Status, old) => {
                if new.has("status") {
                    self.part("status", new, old, &mut walk);
                }
                // The spec stays the old one.
                let spec = old.unwrap_or(new);
                let parts = [("spec", spec, Some(spec)), ("status", new, old)];
                self.rest(&parts, &mut walk);
            }
        }
        Report {
            checked: true,
            accepted: walk.violations.is_empty(),
            violations: walk.violations,
            unknown_fields: unknown,
        }
    }

    /// Walks one of the two large parts of the object.
    fn part(&self, name: &str, new: View<'_>, old: Option<View<'_>>, walk: &mut Walk) {
        let Some(field) = self.schema.field(name) else {
            return;
        };
        let path = Path::Root;
        let path = path.field(name);
        match new.field(name) {
            Some(part) => {
                let old = old.and_then(|old| old.field(name));
                walk.value(part, path, old);
            }
            None if field.required => walk.required(path),
            None => {}
        }
    }

    /// Keys of lists, then rules, of the object that would be stored: its parts, each with its old self.
    fn rest(&self, parts: &[(&str, View<'_>, Option<View<'_>>)], walk: &mut Walk) {
        let before = walk.violations.len();
        for (name, new, _) in parts {
            if let Some(part) = new.field(name) {
                keys::check(part, Path::Root.field(name), walk);
            }
        }
        let had_repeats = |(name, _, old): &(&str, View<'_>, Option<View<'_>>)| {
            old.and_then(|old| old.field(name)).is_some_and(has_repeats)
        };
        if walk.violations.len() > before && parts.iter().any(had_repeats) {
            walk.violations.truncate(before);
        }
        if !self.schema.rules_below {
            return;
        }
        if walk
            .violations
            .iter()
            .any(|violation| is_blocking(violation.kind))
        {
            walk.violations.push(Violation {
                path: "<nil>".to_owned(),
                kind: ErrorKind::FieldValueInvalid,
                rule: "unchecked",
                message: "some rules are not checked before the other errors are corrected"
                    .to_owned(),
            });
            return;
        }
        for (name, new, old) in parts {
            if let Some(part) = new.field(name) {
                let old = old.and_then(|old| old.field(name));
                let past = enforce::Past::of(part, old);
                enforce::check(part, Path::Root.field(name), past, &mut walk.violations);
            }
        }
    }

    fn unknown_fields(&self, into: &mut Vec<UnknownField>) {
        for (name, value) in self.object.as_object().into_iter().flatten() {
            match (name.as_str(), self.schema.field(name)) {
                // Metadata has types of its own.
                ("apiVersion" | "kind" | "metadata", _) => {}
                (_, Some(field)) => {
                    unknown::below(value, &field.node, Path::Root.field(name), into);
                }
                (_, None) => unknown::field(name, self.schema, Path::Root, into),
            }
        }
    }
}

/// Whether an old object has repeated keys: then the new one may, too.
fn has_repeats(old: View<'_>) -> bool {
    let mut walk = Walk::new("");
    keys::check(old, Path::Root, &mut walk);
    !walk.violations.is_empty()
}

/// Whether rules are not asked after an error of this type.
fn is_blocking(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::FieldValueNotSupported
            | ErrorKind::FieldValueRequired
            | ErrorKind::FieldValueTooLong
            | ErrorKind::FieldValueTooMany
            | ErrorKind::FieldValueTypeInvalid
    )
}
