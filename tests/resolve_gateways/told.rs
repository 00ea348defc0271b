//! Conditions of Gateways and listeners as short texts, and the objects that they hang on.

use serde_json::{Value, json};

use crate::world::{Outcome, edit, list, object};

/// Conditions as `Type=Reason`, in order; `!` before the reason of a false one.
pub fn conditions(status: &Value) -> String {
    let told = list(&status["conditions"]).iter().map(|condition| {
        let text = |key: &str| condition[key].as_str().unwrap_or_default();
        let sign = match text("status") {
            "True" => "",
            "False" => "!",
            other => panic!("{} is {other}", text("type")),
        };
        format!("{}={sign}{}", text("type"), text("reason"))
    });
    told.collect::<Vec<_>>().join(" ")
}

/// A condition among told ones: `Reason` or `!Reason`; empty when it is not there.
pub fn reason(told: &str, wanted: &str) -> String {
    told.split(' ')
        .find_map(|one| one.strip_prefix(wanted)?.strip_prefix('='))
        .unwrap_or_default()
        .to_owned()
}

impl Outcome {
    /// The conditions of an object.
    pub fn told(&self, name: &str) -> String {
        conditions(self.status(name))
    }

    /// The status of an object; null when it gets none.
    pub fn status(&self, name: &str) -> &Value {
        self.statuses.get(name).unwrap_or(&Value::Null)
    }

    /// The status of a listener.
    pub fn listener_status(&self, holder: &str, listener: &str) -> &Value {
        let all = list(&self.status(holder)["listeners"]);
        let found = all.iter().find(|own| own["name"] == listener);
        found.unwrap_or_else(|| panic!("{holder} has no listener {listener}"))
    }

    /// The conditions of a listener.
    pub fn told_listener(&self, holder: &str, listener: &str) -> String {
        conditions(self.listener_status(holder, listener))
    }

    /// Accepted, Programmed and ResolvedRefs of a listener of `infra/edge`, by reason.
    pub fn edge(&self, listener: &str) -> String {
        self.told_listener("Gateway infra/edge", listener)
    }

    /// One condition of a listener of `infra/edge`.
    pub fn edge_reason(&self, listener: &str, wanted: &str) -> String {
        reason(&self.edge(listener), wanted)
    }

    /// The supported kinds of a listener.
    pub fn kinds(&self, holder: &str, listener: &str) -> Vec<String> {
        let kinds = &self.listener_status(holder, listener)["supportedKinds"];
        let kinds = kinds.as_array().expect("supportedKinds is written");
        kinds
            .iter()
            .map(|kind| {
                assert_eq!(kind["group"], "gateway.networking.k8s.io");
                kind["kind"].as_str().expect("kind").to_owned()
            })
            .collect()
    }

    /// The message of a condition.
    pub fn message_of(&self, status: &Value, wanted: &str) -> String {
        let found = list(&status["conditions"])
            .iter()
            .find(|condition| condition["type"] == wanted);
        found.expect("condition")["message"]
            .as_str()
            .expect("message")
            .to_owned()
    }

    /// The names of the listeners in the plan, sets as `namespace/name:listener`.
    pub fn served(&self) -> Vec<String> {
        let name = |head: &&gatewright::plan::ListenerHead| match &head.set {
            Some(set) => format!("{set}:{}", head.name),
            None => head.name.to_string(),
        };
        self.heads().iter().map(name).collect()
    }
}

/// All is well with a listener.
pub const FINE: &str = "Accepted=Accepted Programmed=Programmed ResolvedRefs=ResolvedRefs";

/// PEM of something that has the form of a certificate.
pub const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n";

/// PEM of something that has the form of a private key.
pub const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n";

/// A Secret with a certificate and its key.
pub fn secret(name: &str) -> Value {
    secret_of(name, json!({"tls.crt": CERTIFICATE, "tls.key": KEY}))
}

/// A Secret with texts.
pub fn secret_of(name: &str, texts: Value) -> Value {
    let (namespace, name) = name.split_once('/').expect("namespace/name");
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"namespace": namespace, "name": name}, "stringData": texts,
    })
}

/// A ConfigMap with texts.
pub fn config_map(name: &str, texts: Value) -> Value {
    let (namespace, name) = name.split_once('/').expect("namespace/name");
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": namespace, "name": name}, "data": texts,
    })
}

/// A ConfigMap with an authority.
pub fn authority(name: &str) -> Value {
    config_map(name, json!({"ca.crt": CERTIFICATE}))
}

/// An HTTPS listener with certificates from Secrets of its own namespace.
pub fn https(name: &str, port: u16, secrets: &[&str]) -> Value {
    let references: Vec<Value> = secrets.iter().map(|name| json!({"name": name})).collect();
    json!({
        "name": name, "port": port, "protocol": "HTTPS", "tls": {"certificateRefs": references},
        "allowedRoutes": {"namespaces": {"from": "All"}},
    })
}

/// The same for one hostname.
pub fn with_host(listener: Value, hostname: &str) -> Value {
    edit(listener, json!({"hostname": hostname}))
}

/// A ListenerSet of v1.5 for `infra/edge`.
pub fn set(name: &str, listeners: Value) -> Value {
    object(
        "v1",
        "ListenerSet",
        name,
        json!({"parentRef": {"namespace": "infra", "name": "edge"}, "listeners": listeners}),
    )
}

/// The same in the form of v1.4.
pub fn x_set(name: &str, listeners: Value) -> Value {
    edit(
        set(name, listeners),
        json!({"apiVersion": "gateway.networking.x-k8s.io/v1alpha1", "kind": "XListenerSet"}),
    )
}

/// Lets sets of all namespaces in.
pub fn open_to_sets(gateway: Value) -> Value {
    edit(
        gateway,
        json!({"spec": {"allowedListeners": {"namespaces": {"from": "All"}}}}),
    )
}

/// A grant in a namespace for one reference between kinds.
pub fn grant_for(namespace: &str, from: (&str, &str, &str), to: (&str, &str)) -> Value {
    object(
        "v1beta1",
        "ReferenceGrant",
        &format!(
            "{namespace}/{}-{}",
            from.1.to_lowercase(),
            to.1.to_lowercase()
        ),
        json!({
            "from": [{"group": from.0, "kind": from.1, "namespace": from.2}],
            "to": [{"group": to.0, "kind": to.1}],
        }),
    )
}

/// The API group.
pub const GROUP: &str = "gateway.networking.k8s.io";
