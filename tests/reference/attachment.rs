//! A slow attacher, written from the requirements one by one: it reads objects as JSON, shares no code and no types
//! with the resolver, keeps no index and asks every question anew.
//!
//! It answers, for every Route and parent, `Accepted`, `ResolvedRefs` and `PartiallyInvalid`; for every listener, how
//! many Routes count on it and under which hosts each serves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What depends on the release or on options.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// HTTPRoutes and GRPCRoutes exclude each other on one host (RT-XTYPE-03).
    pub kinds_exclude: bool,
    /// The kind and group of sets (GW-LSET-29).
    pub set: (&'static str, &'static str),
}

/// Namespace and name.
pub type Name = (String, String);

/// Kind, namespace and name of a Route.
pub type RouteKey = (String, String, String);

/// Kind, namespace and name of what holds a listener, and the listener's name.
pub type ListenerKey = (String, String, String, String);

/// One entry of `status.parents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Kind, namespace and name of the parent.
    pub parent: (String, String, String),
    /// `sectionName` and `port` as written.
    pub section: Option<String>,
    /// See [`Entry::section`].
    pub port: Option<u64>,
    /// Status and reason of `Accepted`.
    pub accepted: (bool, String),
    /// Status and reason of `ResolvedRefs`.
    pub resolved: (bool, String),
    /// Whether `PartiallyInvalid` is there.
    pub partially_invalid: bool,
}

/// Everything that the attacher says about a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Entries of our controller, in order.
    pub entries: BTreeMap<RouteKey, Vec<Entry>>,
    /// `attachedRoutes`.
    pub counts: BTreeMap<ListenerKey, u32>,
    /// The hosts under which a Route is attached to a listener, as pairwise intersections; empty for every host.
    pub served: BTreeMap<(ListenerKey, RouteKey), BTreeSet<String>>,
}

/// The controller whose objects are ours.
pub const CONTROLLER: &str = "gatewright.example/controller";

const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

/// Attaches everything in a world.
pub fn attach(world: &[Value], mode: Mode) -> Answer {
    let attacher = Attacher { world, mode };
    attacher.answer()
}

struct Attacher<'w> {
    world: &'w [Value],
    mode: Mode,
}

/// A listener that a parentRef can reach, with the object that holds it.
#[derive(Clone)]
struct Held<'w> {
    key: ListenerKey,
    listener: &'w Value,
}

/// What one parentRef comes to before Routes are compared with each other.
#[derive(Clone)]
struct Evaluated<'w> {
    entry: Entry,
    /// Listeners on which the Route is accepted, unless another Route wins there.
    listeners: Vec<Held<'w>>,
    /// Ports of the Service on which it is accepted, unless a Route of another kind wins there.
    mesh_ports: Vec<u64>,
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field).and_then(Value::as_str)
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value
        .get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn name_of(object: &Value) -> Name {
    let meta = &object["metadata"];
    (
        text(meta, "namespace").unwrap_or_default().to_owned(),
        text(meta, "name").unwrap_or_default().to_owned(),
    )
}

fn group_of(object: &Value) -> &str {
    let version = text(object, "apiVersion").unwrap_or_default();
    version.split_once('/').map_or("", |(group, _)| group)
}

fn is_route(object: &Value) -> bool {
    group_of(object) == GATEWAY_GROUP
        && matches!(
            text(object, "kind"),
            Some("HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute")
        )
}

fn route_key(route: &Value) -> RouteKey {
    let (namespace, name) = name_of(route);
    (
        text(route, "kind").unwrap_or_default().to_owned(),
        namespace,
        name,
    )
}

/// GW-STAT-13: the time, absent last; then the joined name.
fn seniority(object: &Value) -> (bool, String, String) {
    let created = text(&object["metadata"], "creationTimestamp");
    let (namespace, name) = name_of(object);
    (
        created.is_none(),
        created.unwrap_or_default().to_owned(),
        format!("{namespace}/{name}"),
    )
}

/// RT-HOST-04: the narrower of two names, if one covers the other. A wildcard covers longer names only.
fn intersection(a: &str, b: &str) -> Option<String> {
    let covers = |wide: &str, narrow: &str| {
        wide.strip_prefix('*')
            .is_some_and(|suffix| narrow.len() > suffix.len() && narrow.ends_with(suffix))
    };
    if a == b || covers(a, b) {
        Some(b.to_owned())
    } else if covers(b, a) {
        Some(a.to_owned())
    } else {
        None
    }
}

/// HOST-KEY-05: addresses are no hostnames.
fn is_address(host: &str) -> bool {
    host.split('.').count() == 4
        && host
            .split('.')
            .all(|label| label.bytes().all(|b| b.is_ascii_digit()))
}

/// RT-HOST-03: `None` when nothing is left; an empty set is every host.
fn hosts_on(route: &Value, listener: &Value) -> Option<BTreeSet<String>> {
    let kind = text(route, "kind").unwrap_or_default();
    if matches!(kind, "TCPRoute" | "UDPRoute") {
        return Some(BTreeSet::new());
    }
    let own = text(listener, "hostname").filter(|hostname| !hostname.is_empty());
    let wanted: Vec<&str> = list(&route["spec"], "hostnames")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if own.is_some_and(is_address) {
        return None;
    }
    match (own, wanted.as_slice()) {
        (None, []) => Some(BTreeSet::new()),
        (Some(own), []) => Some(BTreeSet::from([own.to_owned()])),
        (own, wanted) => {
            let hosts: BTreeSet<String> = wanted
                .iter()
                .filter(|host| !is_address(host))
                .filter_map(|host| match own {
                    Some(own) => intersection(host, own),
                    None => Some((*host).to_owned()),
                })
                .collect();
            (!hosts.is_empty()).then_some(hosts)
        }
    }
}

/// Whether two sets of hosts have a host in common; empty is every host.
fn hosts_touch(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    a.is_empty()
        || b.is_empty()
        || a.iter()
            .any(|x| b.iter().any(|y| intersection(x, y).is_some()))
}

fn selector_matches(selector: &Value, labels: &Value) -> bool {
    let label = |key: &str| labels.get(key).and_then(Value::as_str);
    let equal = selector
        .get("matchLabels")
        .and_then(Value::as_object)
        .is_none_or(|wanted| wanted.iter().all(|(k, v)| label(k) == v.as_str()));
    let expressions = list(selector, "matchExpressions").iter().all(|e| {
        let found = label(text(e, "key").unwrap_or_default());
        let values: Vec<&str> = list(e, "values").iter().filter_map(Value::as_str).collect();
        match text(e, "operator").unwrap_or_default() {
            "In" => found.is_some_and(|v| values.contains(&v)),
            "NotIn" => found.is_none_or(|v| !values.contains(&v)),
            "Exists" => found.is_some(),
            "DoesNotExist" => found.is_none(),
            other => panic!("the worlds hold no operator `{other}`"),
        }
    });
    equal && expressions
}

/// GW-KINDS-01, GW-KINDS-03: what may attach to a listener.
fn kinds_of(listener: &Value) -> Vec<String> {
    let fit: &[&str] = match text(listener, "protocol").unwrap_or_default() {
        "HTTP" | "HTTPS" => &["HTTPRoute", "GRPCRoute"],
        "TLS" => &["TLSRoute"],
        "TCP" => &["TCPRoute"],
        "UDP" => &["UDPRoute"],
        _ => &[],
    };
    let wanted = list(&listener["allowedRoutes"], "kinds");
    if wanted.is_empty() {
        return fit.iter().map(|kind| (*kind).to_owned()).collect();
    }
    wanted
        .iter()
        .filter(|kind| text(kind, "group").unwrap_or(GATEWAY_GROUP) == GATEWAY_GROUP)
        .filter_map(|kind| text(kind, "kind"))
        .filter(|kind| fit.contains(kind))
        .map(str::to_owned)
        .collect()
}

/// What is wrong with a rule of the worlds, in the order in which reasons are chosen (RT-COND-06/07).
fn rule_fault(rule: &Value) -> Option<&'static str> {
    let filters = list(rule, "filters");
    let has = |wanted: &str| filters.iter().any(|f| text(f, "type") == Some(wanted));
    if has("Bogus") {
        return Some("UnsupportedValue");
    }
    let redirect_with_backends = has("RequestRedirect") && !list(rule, "backendRefs").is_empty();
    if (has("RequestRedirect") && has("URLRewrite")) || redirect_with_backends {
        return Some("IncompatibleFilters");
    }
    None
}

impl<'w> Attacher<'w> {
    fn of_kind(&self, group: &str, kind: &str) -> Vec<&'w Value> {
        self.world
            .iter()
            .filter(|o| group_of(o) == group && text(o, "kind") == Some(kind))
            .collect()
    }

    fn find(&self, group: &str, kind: &str, namespace: &str, name: &str) -> Option<&'w Value> {
        self.of_kind(group, kind)
            .into_iter()
            .find(|o| name_of(o) == (namespace.to_owned(), name.to_owned()))
    }

    fn labels_of(&self, namespace: &str) -> Value {
        self.of_kind("", "Namespace")
            .into_iter()
            .find(|o| name_of(o).1 == namespace)
            .map_or(Value::Null, |o| o["metadata"]["labels"].clone())
    }

    /// GW-CLASS-16: only Gateways of a class of ours.
    fn is_ours(&self, gateway: &Value) -> bool {
        let class = text(&gateway["spec"], "gatewayClassName").unwrap_or_default();
        self.of_kind(GATEWAY_GROUP, "GatewayClass")
            .into_iter()
            .any(|c| {
                name_of(c).1 == class && text(&c["spec"], "controllerName") == Some(CONTROLLER)
            })
    }

    fn our_gateway(&self, namespace: &str, name: &str) -> Option<&'w Value> {
        self.find(GATEWAY_GROUP, "Gateway", namespace, name)
            .filter(|gateway| self.is_ours(gateway))
    }

    fn held(&self, holder: &'w Value) -> Vec<Held<'w>> {
        let (namespace, name) = name_of(holder);
        let kind = text(holder, "kind").unwrap_or_default();
        list(&holder["spec"], "listeners")
            .iter()
            .map(|listener| Held {
                key: (
                    kind.to_owned(),
                    namespace.clone(),
                    name.clone(),
                    text(listener, "name").unwrap_or_default().to_owned(),
                ),
                listener,
            })
            .collect()
    }

    /// GW-LSET-01/02: whether a Gateway takes a set.
    fn set_is_allowed(&self, gateway: &Value, set: &Value) -> bool {
        let namespaces = &gateway["spec"]["allowedListeners"]["namespaces"];
        let (namespace, _) = name_of(set);
        match text(namespaces, "from").unwrap_or("None") {
            "All" => true,
            "Same" => namespace == name_of(gateway).0,
            "Selector" => namespaces
                .get("selector")
                .is_some_and(|s| selector_matches(s, &self.labels_of(&namespace))),
            _ => false,
        }
    }

    /// GW-NS-01..04: whether a listener takes Routes of a namespace.
    fn namespace_is_allowed(&self, held: &Held<'_>, namespace: &str) -> bool {
        let namespaces = &held.listener["allowedRoutes"]["namespaces"];
        match text(namespaces, "from").unwrap_or("Same") {
            "All" => true,
            "Same" => held.key.1 == namespace,
            "Selector" => namespaces
                .get("selector")
                .is_some_and(|s| selector_matches(s, &self.labels_of(namespace))),
            _ => false,
        }
    }

    fn answer(&self) -> Answer {
        let routes: Vec<&'w Value> = self.world.iter().filter(|o| is_route(o)).collect();
        let mut evaluated: Vec<(&'w Value, Vec<Evaluated<'w>>)> = routes
            .iter()
            .map(|route| (*route, self.evaluate(route)))
            .collect();
        if self.mode.kinds_exclude {
            self.settle_kinds(&mut evaluated);
        }
        self.settle_mesh_kinds(&mut evaluated);

        let mut answer = Answer::default();
        for holder in self.world {
            let gateway = group_of(holder) == GATEWAY_GROUP
                && text(holder, "kind") == Some("Gateway")
                && self.is_ours(holder);
            let set = group_of(holder) == self.mode.set.0
                && text(holder, "kind") == Some(self.mode.set.1)
                && self
                    .set_parent(holder)
                    .is_some_and(|g| self.set_is_allowed(g, holder));
            if gateway || set {
                for held in self.held(holder) {
                    answer.counts.insert(held.key, 0);
                }
            }
        }
        for (route, parents) in evaluated {
            let key = route_key(route);
            // GW-COUNT-05: once per listener.
            let mut reached: BTreeMap<ListenerKey, BTreeSet<String>> = BTreeMap::new();
            for parent in &parents {
                for held in &parent.listeners {
                    let hosts = hosts_on(route, held.listener).expect("it is attached");
                    reached.insert(held.key.clone(), hosts);
                }
            }
            for (listener, hosts) in reached {
                *answer.counts.get_mut(&listener).expect("it is ours") += 1;
                answer.served.insert((listener, key.clone()), hosts);
            }
            let entries: Vec<Entry> = parents.into_iter().map(|p| p.entry).collect();
            answer.entries.insert(key, entries);
        }
        answer
    }

    fn set_parent(&self, set: &Value) -> Option<&'w Value> {
        let parent = &set["spec"]["parentRef"];
        let (own, _) = name_of(set);
        self.our_gateway(
            text(parent, "namespace").unwrap_or(&own),
            text(parent, "name").unwrap_or_default(),
        )
    }

    /// RT-STAT-01, GW-DEF-02: explicit parents in order, then default Gateways by namespace and name.
    fn evaluate(&self, route: &'w Value) -> Vec<Evaluated<'w>> {
        let explicit = list(&route["spec"], "parentRefs");
        let mut all: Vec<Evaluated<'w>> = explicit
            .iter()
            .filter_map(|parent| self.evaluate_parent(route, parent))
            .collect();
        if text(&route["spec"], "useDefaultGateways") == Some("All") {
            let (own, _) = name_of(route);
            let mut defaults: Vec<&Value> = self
                .of_kind(GATEWAY_GROUP, "Gateway")
                .into_iter()
                .filter(|g| self.is_ours(g) && text(&g["spec"], "defaultScope") == Some("All"))
                .collect();
            defaults.sort_by_key(|g| name_of(g));
            for gateway in defaults {
                let (namespace, name) = name_of(gateway);
                // GW-DEF-08: a Gateway that is named as a whole has its explicit entry only.
                let named = explicit.iter().any(|p| {
                    text(p, "group").unwrap_or(GATEWAY_GROUP) == GATEWAY_GROUP
                        && text(p, "kind").unwrap_or("Gateway") == "Gateway"
                        && text(p, "namespace").unwrap_or(&own) == namespace
                        && text(p, "name") == Some(&*name)
                        && text(p, "sectionName").is_none()
                        && p.get("port").is_none()
                });
                if !named {
                    let parent = serde_json::json!({"namespace": namespace, "name": name});
                    all.extend(self.evaluate_parent(route, &parent));
                }
            }
        }
        all
    }

    fn evaluate_parent(&self, route: &'w Value, parent: &Value) -> Option<Evaluated<'w>> {
        let (own, _) = name_of(route);
        let group = text(parent, "group").unwrap_or(GATEWAY_GROUP);
        let kind = text(parent, "kind").unwrap_or("Gateway");
        let namespace = text(parent, "namespace").unwrap_or(&own);
        let name = text(parent, "name").unwrap_or_default();
        let listeners = if (group, kind) == (GATEWAY_GROUP, "Gateway") {
            self.held(self.our_gateway(namespace, name)?)
        } else if (group, kind) == self.mode.set {
            let set = self.find(group, kind, namespace, name)?;
            let gateway = self.set_parent(set)?;
            // GW-LSET-34.
            if self.set_is_allowed(gateway, set) {
                self.held(set)
            } else {
                Vec::new()
            }
        } else if (group, kind) == ("", "Service") {
            let service = self.find("", "Service", namespace, name)?;
            return Some(self.evaluate_mesh(route, parent, service));
        } else {
            return None;
        };
        let mut entry = self.blank_entry(route, parent, kind, namespace, name, false);
        let (reason, left) = self.filter_listeners(route, parent, listeners);
        let mut evaluated = Evaluated {
            entry: entry.clone(),
            listeners: Vec::new(),
            mesh_ports: Vec::new(),
        };
        let content = self.content(route);
        entry.accepted = match (reason, content.refusal) {
            (Some(reason), _) => (false, reason.to_owned()),
            (None, Some(refusal)) => (false, refusal.to_owned()),
            (None, None) => {
                evaluated.listeners = left;
                (true, "Accepted".to_owned())
            }
        };
        entry.partially_invalid = entry.accepted.0 && content.mixed;
        evaluated.entry = entry;
        Some(evaluated)
    }

    /// RT-ATT-01, RT-ATT-05: the stages, and the reason of the one that left nothing.
    fn filter_listeners(
        &self,
        route: &Value,
        parent: &Value,
        mut left: Vec<Held<'w>>,
    ) -> (Option<&'static str>, Vec<Held<'w>>) {
        let (namespace, _) = name_of(route);
        let kind = text(route, "kind").unwrap_or_default();
        if let Some(section) = text(parent, "sectionName").filter(|s| !s.is_empty()) {
            left.retain(|held| held.key.3 == section);
        }
        if let Some(port) = parent.get("port") {
            left.retain(|held| held.listener.get("port") == Some(port));
        }
        if left.is_empty() {
            return (Some("NoMatchingParent"), left);
        }
        left.retain(|held| {
            kinds_of(held.listener).iter().any(|k| k == kind)
                && self.namespace_is_allowed(held, &namespace)
        });
        if left.is_empty() {
            return (Some("NotAllowedByListeners"), left);
        }
        left.retain(|held| hosts_on(route, held.listener).is_some());
        if left.is_empty() {
            return (Some("NoMatchingListenerHostname"), left);
        }
        (None, left)
    }

    fn blank_entry(
        &self,
        route: &Value,
        parent: &Value,
        kind: &str,
        namespace: &str,
        name: &str,
        mesh: bool,
    ) -> Entry {
        let failure = self.first_failing_ref(route, mesh);
        Entry {
            parent: (kind.to_owned(), namespace.to_owned(), name.to_owned()),
            section: text(parent, "sectionName").map(str::to_owned),
            port: parent.get("port").and_then(Value::as_u64),
            accepted: (false, String::new()),
            resolved: (
                failure.is_none(),
                failure.unwrap_or("ResolvedRefs").to_owned(),
            ),
            partially_invalid: false,
        }
    }

    fn content(&self, route: &Value) -> Content {
        let faults: Vec<Option<&str>> = list(&route["spec"], "rules")
            .iter()
            .map(rule_fault)
            .collect();
        let bad: Vec<&str> = faults.iter().filter_map(|f| *f).collect();
        let all_bad = !faults.is_empty() && bad.len() == faults.len();
        let refusal = all_bad.then(|| {
            if bad.iter().all(|fault| *fault == "IncompatibleFilters") {
                "IncompatibleFilters"
            } else {
                "UnsupportedValue"
            }
        });
        Content {
            refusal,
            mixed: !bad.is_empty() && !all_bad,
        }
    }

    /// RT-COND-11: rules in order, filters before backends.
    fn first_failing_ref(&self, route: &Value, mesh: bool) -> Option<&'static str> {
        for rule in list(&route["spec"], "rules") {
            for filter in list(rule, "filters") {
                if let Some(mirrored) = filter.get("requestMirror")
                    && let Some(reason) = self.ref_fault(route, &mirrored["backendRef"], mesh)
                {
                    return Some(reason);
                }
            }
            for backend in list(rule, "backendRefs") {
                if let Some(reason) = self.ref_fault(route, backend, mesh) {
                    return Some(reason);
                }
            }
        }
        None
    }

    /// BE-02: kind, permission, existence, port, protocol.
    fn ref_fault(&self, route: &Value, backend: &Value, mesh: bool) -> Option<&'static str> {
        let (own, _) = name_of(route);
        let route_kind = text(route, "kind").unwrap_or_default();
        let group = text(backend, "group").unwrap_or_default();
        let kind = text(backend, "kind").unwrap_or("Service");
        let namespace = text(backend, "namespace").unwrap_or(&own);
        let name = text(backend, "name").unwrap_or_default();
        if (group, kind) != ("", "Service") {
            return Some("InvalidKind");
        }
        let granted =
            mesh || namespace == own || self.is_granted(route_kind, &own, namespace, name);
        if !granted {
            return Some("RefNotPermitted");
        }
        let Some(service) = self.find("", "Service", namespace, name) else {
            return Some("BackendNotFound");
        };
        if text(&service["spec"], "type") == Some("ExternalName") {
            return Some("InvalidKind");
        }
        let Some(port) = backend.get("port") else {
            return Some("UnsupportedValue");
        };
        let ports: Vec<&Value> = list(&service["spec"], "ports")
            .iter()
            .filter(|p| p.get("port") == Some(port))
            .collect();
        if ports.is_empty() {
            return Some("BackendNotFound");
        }
        let wanted = if route_kind == "UDPRoute" {
            "UDP"
        } else {
            "TCP"
        };
        let Some(fit) = ports
            .iter()
            .find(|p| text(p, "protocol").unwrap_or("TCP") == wanted)
        else {
            return Some("UnsupportedProtocol");
        };
        let spoken = match (route_kind, text(fit, "appProtocol").unwrap_or_default()) {
            ("TLSRoute" | "TCPRoute" | "UDPRoute", _) => true,
            ("HTTPRoute", "kubernetes.io/h2c" | "kubernetes.io/ws") => true,
            ("GRPCRoute", "kubernetes.io/h2c") => true,
            (_, other) => !other.starts_with("kubernetes.io/"),
        };
        (!spoken).then_some("UnsupportedProtocol")
    }

    /// RG-01, RG-02.
    fn is_granted(&self, kind: &str, from: &str, namespace: &str, name: &str) -> bool {
        self.of_kind(GATEWAY_GROUP, "ReferenceGrant")
            .into_iter()
            .filter(|grant| name_of(grant).0 == namespace)
            .any(|grant| {
                let gives = list(&grant["spec"], "from").iter().any(|f| {
                    text(f, "group") == Some(GATEWAY_GROUP)
                        && text(f, "kind") == Some(kind)
                        && text(f, "namespace") == Some(from)
                });
                let takes = list(&grant["spec"], "to").iter().any(|t| {
                    text(t, "group").unwrap_or_default().is_empty()
                        && text(t, "kind") == Some("Service")
                        && text(t, "name").is_none_or(|n| n.is_empty() || n == name)
                });
                gives && takes
            })
    }

    /// RT-XTYPE-01..06.
    fn settle_kinds(&self, evaluated: &mut [(&'w Value, Vec<Evaluated<'w>>)]) {
        let mut listeners: BTreeSet<ListenerKey> = BTreeSet::new();
        for (_, parents) in evaluated.iter() {
            for parent in parents {
                listeners.extend(parent.listeners.iter().map(|held| held.key.clone()));
            }
        }
        for key in listeners {
            let mut contenders: Vec<(&'w Value, BTreeSet<String>)> = Vec::new();
            for (route, parents) in evaluated.iter() {
                let kind = text(route, "kind").unwrap_or_default();
                let held = parents
                    .iter()
                    .flat_map(|p| &p.listeners)
                    .find(|held| held.key == key);
                if let ("HTTPRoute" | "GRPCRoute", Some(held)) = (kind, held) {
                    let hosts = hosts_on(route, held.listener).expect("it is attached");
                    contenders.push((route, hosts));
                }
            }
            contenders.sort_by_key(|(route, _)| seniority(route));
            let mut winners: Vec<&(&'w Value, BTreeSet<String>)> = Vec::new();
            let mut losers: BTreeSet<RouteKey> = BTreeSet::new();
            for contender in &contenders {
                let blocked = winners.iter().any(|winner| {
                    text(winner.0, "kind") != text(contender.0, "kind")
                        && hosts_touch(&winner.1, &contender.1)
                });
                if blocked {
                    losers.insert(route_key(contender.0));
                } else {
                    winners.push(contender);
                }
            }
            for (route, parents) in evaluated.iter_mut() {
                if !losers.contains(&route_key(route)) {
                    continue;
                }
                for parent in parents.iter_mut() {
                    let before = parent.listeners.len();
                    parent.listeners.retain(|held| held.key != key);
                    if before > 0 && parent.listeners.is_empty() {
                        refuse_as_conflicted(&mut parent.entry);
                    }
                }
            }
        }
    }

    /// MESH-05, MESH-08.
    fn evaluate_mesh(&self, route: &Value, parent: &Value, service: &Value) -> Evaluated<'w> {
        let (namespace, name) = name_of(service);
        let mut entry = self.blank_entry(route, parent, "Service", &namespace, &name, true);
        let content = self.content(route);
        let external = text(&service["spec"], "type") == Some("ExternalName");
        let headless = text(&service["spec"], "clusterIP") == Some("None");
        let udp = text(route, "kind") == Some("UDPRoute");
        let ports: Vec<u64> = list(&service["spec"], "ports")
            .iter()
            .filter(|p| {
                text(parent, "sectionName")
                    .is_none_or(|s| s.is_empty() || text(p, "name") == Some(s))
            })
            .filter(|p| {
                parent
                    .get("port")
                    .is_none_or(|port| p.get("port") == Some(port))
            })
            .filter(|p| (text(p, "protocol").unwrap_or("TCP") == "UDP") == udp)
            .filter_map(|p| p["port"].as_u64())
            .collect();
        let mut mesh_ports = Vec::new();
        entry.accepted = if external || headless {
            (false, "UnsupportedValue".to_owned())
        } else if ports.is_empty() {
            (false, "NoMatchingParent".to_owned())
        } else if let Some(refusal) = content.refusal {
            (false, refusal.to_owned())
        } else {
            mesh_ports = ports;
            (true, "Accepted".to_owned())
        };
        entry.partially_invalid = entry.accepted.0 && content.mixed;
        Evaluated {
            entry,
            listeners: Vec::new(),
            mesh_ports,
        }
    }

    /// MESH-06, MESH-07: per Service, port and group the most specific kind stays.
    fn settle_mesh_kinds(&self, evaluated: &mut [(&'w Value, Vec<Evaluated<'w>>)]) {
        let rank = |route: &Value| match text(route, "kind").unwrap_or_default() {
            "GRPCRoute" => 0,
            "HTTPRoute" => 1,
            "TLSRoute" => 2,
            _ => 3,
        };
        let mut taken: BTreeMap<(Name, u64, Option<String>), u8> = BTreeMap::new();
        let group = |route: &Value, service: &Name| {
            let (own, _) = name_of(route);
            (own != service.0).then_some(own)
        };
        let service = |entry: &Entry| (entry.parent.1.clone(), entry.parent.2.clone());
        for (route, parents) in evaluated.iter() {
            if text(route, "kind") == Some("UDPRoute") {
                continue;
            }
            for parent in parents {
                for port in &parent.mesh_ports {
                    let service = service(&parent.entry);
                    let group = group(route, &service);
                    let best = taken.entry((service, *port, group)).or_insert(9);
                    *best = (*best).min(rank(route));
                }
            }
        }
        for (route, parents) in evaluated.iter_mut() {
            if text(route, "kind") == Some("UDPRoute") {
                continue;
            }
            for parent in parents {
                let before = parent.mesh_ports.len();
                let service = service(&parent.entry);
                let group = group(route, &service);
                parent
                    .mesh_ports
                    .retain(|port| taken[&(service.clone(), *port, group.clone())] == rank(route));
                if before > 0 && parent.mesh_ports.is_empty() {
                    refuse_as_conflicted(&mut parent.entry);
                }
            }
        }
    }
}

fn refuse_as_conflicted(entry: &mut Entry) {
    entry.accepted = (false, "Conflicted".to_owned());
    entry.partially_invalid = false;
}

struct Content {
    refusal: Option<&'static str>,
    mixed: bool,
}
