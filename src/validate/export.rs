//! Our schemas for other programs: OpenAPI v3 and whole CRDs.
//!
//! What is exported is what [`check`](super::check) itself reads, without the rules beyond the schema: those are
//! functions here, not CEL, and a CRD says so in its description. An editor that knows JSON schemas can use the output
//! as it is.

use serde_json::{Map, Value, json};

use super::schema::{
    self, Condition, Field, Format, KindTable, List, Node, Scope, Type, VersionTable,
};
use crate::vocab::Bundle;

/// The kinds that `bundle` has, by name.
///
/// ```
/// use gatewright::validate::export;
///
/// let standard = "v1.6-standard".parse()?;
/// assert!(export::kinds(standard).any(|kind| kind == "TCPRoute"));
/// assert!(!export::kinds(standard).any(|kind| kind == "XMesh"));
/// # Ok::<(), gatewright::vocab::InvalidBundle>(())
/// ```
pub fn kinds(bundle: Bundle) -> impl Iterator<Item = &'static str> {
    let here = move |table: &&KindTable| table.window().holds(bundle);
    schema::KINDS.iter().filter(here).map(|table| table.kind)
}

/// The versions of `kind` that `bundle` serves, newest first.
pub fn versions(kind: &str, bundle: Bundle) -> impl Iterator<Item = &'static str> {
    let versions = table(kind).map_or(&[][..], |table| table.versions);
    let served = versions.iter().filter(move |v| v.served.holds(bundle));
    served.map(|version| version.version)
}

/// The OpenAPI v3 schema of one version of a kind, as it stands in the CRD of `bundle`; `None` where there is none.
///
/// ```
/// use gatewright::validate::export;
///
/// let schema = export::open_api("GatewayClass", "v1", "v1.4-standard".parse()?).unwrap();
/// assert_eq!(schema["required"], serde_json::json!(["spec"]));
/// # Ok::<(), gatewright::vocab::InvalidBundle>(())
/// ```
pub fn open_api(kind: &str, version: &str, bundle: Bundle) -> Option<Value> {
    let table = table(kind)?;
    let mut versions = table.versions.iter();
    let version = versions.find(|v| v.version == version && v.listed.holds(bundle))?;
    Some(root(table, version, bundle))
}

/// The CRD of a kind in `bundle`, without rules; `None` where the bundle does not have the kind.
///
/// ```
/// use gatewright::validate::export;
///
/// let crd = export::crd("HTTPRoute", "v1.6-experimental".parse()?).unwrap();
/// assert_eq!(crd["metadata"]["name"], "httproutes.gateway.networking.k8s.io");
/// # Ok::<(), gatewright::vocab::InvalidBundle>(())
/// ```
pub fn crd(kind: &str, bundle: Bundle) -> Option<Value> {
    let table = table(kind).filter(|table| table.window().holds(bundle))?;
    let listed = table.versions.iter().filter(|v| v.listed.holds(bundle));
    let versions: Vec<Value> = listed.map(|v| version(table, v, bundle)).collect();
    let short = (!table.short.is_empty()).then(|| json!(table.short));
    let names = object([
        ("kind", Some(json!(table.kind))),
        ("listKind", Some(json!(format!("{}List", table.kind)))),
        ("plural", Some(json!(table.plural))),
        ("singular", Some(json!(table.kind.to_lowercase()))),
        ("categories", Some(json!(["gateway-api"]))),
        ("shortNames", short),
    ]);
    Some(json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": format!("{}.{}", table.plural, table.group),
            "annotations": {
                "api-approved.kubernetes.io": "unapproved, without the rules of the published definition",
                "gateway.networking.k8s.io/bundle-version": bundle.release.patch(),
                "gateway.networking.k8s.io/channel": bundle.channel.as_str(),
            },
        },
        "spec": {
            "group": table.group,
            "names": names,
            "scope": match table.scope {
                Scope::Namespaced => "Namespaced",
                Scope::Cluster => "Cluster",
            },
            "versions": versions,
        },
    }))
}

fn table(kind: &str) -> Option<&'static KindTable> {
    schema::KINDS.iter().find(|table| table.kind == kind)
}

fn version(table: &'static KindTable, version: &VersionTable, bundle: Bundle) -> Value {
    let deprecated = version.deprecated.holds(bundle);
    let newest = table.versions.first().map_or("", |version| version.version);
    let warning = || {
        json!(format!(
            "{} in version {} is deprecated: use version {newest}",
            table.kind, version.version
        ))
    };
    let columns = || table.columns.iter().map(column).collect();
    let subresources = if version.has_status() {
        json!({"status": {}})
    } else {
        json!({})
    };
    object([
        ("name", Some(json!(version.version))),
        ("served", Some(json!(version.served.holds(bundle)))),
        ("storage", Some(json!(version.stored.holds(bundle)))),
        (
            "schema",
            Some(json!({"openAPIV3Schema": root(table, version, bundle)})),
        ),
        ("deprecated", deprecated.then_some(Value::Bool(true))),
        ("deprecationWarning", deprecated.then(warning)),
        (
            "additionalPrinterColumns",
            version.has_columns.then(columns),
        ),
        ("subresources", Some(subresources)),
    ])
}

fn column(column: &schema::Column) -> Value {
    let of_time = column.path == ".metadata.creationTimestamp";
    let priority = (column.priority != 0).then(|| json!(column.priority));
    object([
        ("name", Some(json!(column.name))),
        ("jsonPath", Some(json!(column.path))),
        ("type", Some(json!(if of_time { "date" } else { "string" }))),
        ("priority", priority),
    ])
}

/// An object of the fields that have a value.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let fields = fields.into_iter();
    let given = fields.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect())
}

fn root(table: &KindTable, version: &VersionTable, bundle: Bundle) -> Value {
    let mut out = node(&version.compile(table, bundle));
    out.insert(
        "description".to_owned(),
        Value::from(format!(
            "{} of Gateway API {bundle}. This is its structure; the rules beyond it are left out.",
            table.kind
        )),
    );
    Value::Object(out)
}

fn node(node: &Node) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("type", json!(node.ty.as_str()));
    if let Some(format) = node.format {
        put("format", json!(format.as_str()));
    }
    let (least, most) = match node.ty {
        Type::Text => ("minLength", "maxLength"),
        Type::Integer => ("minimum", "maximum"),
        Type::List => ("minItems", "maxItems"),
        Type::Object | Type::Boolean => ("minProperties", "maxProperties"),
    };
    if let Some(limit) = node.least {
        put(least, json!(limit));
    }
    if let Some(limit) = node.most {
        put(most, json!(limit));
    }
    if let Some(pattern) = node.pattern {
        put("pattern", json!(pattern.as_str()));
    }
    if !node.choices.is_empty() {
        put("enum", json!(node.choices));
    }
    if !node.codes.is_empty() {
        put("enum", json!(node.codes));
    }
    match node.list {
        Some(List::Atomic) => put("x-kubernetes-list-type", json!("atomic")),
        Some(List::Set) => put("x-kubernetes-list-type", json!("set")),
        Some(List::Map(keys)) => {
            put("x-kubernetes-list-type", json!("map"));
            put("x-kubernetes-list-map-keys", json!(keys));
        }
        None => {}
    }
    if node.is_atomic() {
        put("x-kubernetes-map-type", json!("atomic"));
    }
    if let Some(Condition::AddressOfType) = node.condition {
        put("oneOf", address_of_type());
    }
    if let Some(of) = &node.items {
        put("items", Value::Object(self::node(of)));
    }
    if let Some(of) = &node.values {
        put("additionalProperties", Value::Object(self::node(of)));
    }
    if !node.fields.is_empty() {
        let fields = node.fields.iter();
        let properties = fields.map(|field| (field.name.to_owned(), property(field)));
        put("properties", Value::Object(properties.collect()));
    }
    let required = node.fields.iter().filter(|field| field.required);
    let required: Vec<&str> = required.map(|field| field.name).collect();
    if !required.is_empty() {
        put("required", json!(required));
    }
    out
}

fn property(field: &Field) -> Value {
    let mut out = node(&field.node);
    if let Some(default) = &field.default {
        out.insert("default".to_owned(), default.clone());
    }
    Value::Object(out)
}

fn address_of_type() -> Value {
    let is_address = json!({"enum": ["IPAddress"]});
    let formats = json!([{"format": "ipv4"}, {"format": "ipv6"}]);
    json!([
        {"properties": {"type": is_address, "value": {"anyOf": formats}}},
        {"properties": {"type": {"not": is_address}}},
    ])
}

impl Format {
    /// The format as the schema writes it.
    const fn as_str(self) -> &'static str {
        match self {
            Format::DateTime => "date-time",
            Format::Int32 => "int32",
            Format::Int64 => "int64",
        }
    }
}
