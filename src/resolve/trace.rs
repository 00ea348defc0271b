//! Why Routes are attached where they are.
//!
//! Written down by the Route passes while they decide, in a form that stays small: verdicts as bits, facts of listeners
//! once for all Routes. [`Trace::explain`] spells one Route out.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::attach::{Checks, listed, quoted};
use super::namespaces::{AllowedNamespaces, Labels};
use super::parent::{Origin, ParentRef};
use super::policy::namespace_of;
use super::route::RouteObject;
use super::routes::{Foothold, ParentState, Place, RouteState};
use super::state::{GatewayState, Gateways, ListenerHostname, ListenerState};
use super::sums::Holder;
use crate::api::reason::Reason;
use crate::api::{Object, Open};
use crate::plan::{ObjectName, RouteKind};
use crate::sequence::Sequence;
use crate::snapshot::Snapshot;
use crate::vocab::Hostname;

/// What was asked about every Route, parentRef and listener, and what the answers were.
///
/// # Cost
///
/// Some hundred bytes a Route; the Route objects are shared with the snapshot, not copied. Spelling one out is O(log Routes + its parents, listeners and hostnames).
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// What the listeners of each object say, in their order.
    holders: Arc<BTreeMap<Holder, Arc<[ListenerFacts]>>>,
    /// By kind, namespace and name.
    routes: Sequence<RouteRecord>,
}

/// What a listener says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListenerFacts {
    holder: Arc<str>,
    name: Box<str>,
    port: Option<u16>,
    hostname: Facts<Hostname>,
    kinds: Box<[RouteKind]>,
    namespaces: Box<str>,
}

/// A hostname of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Facts<T> {
    /// None is given.
    #[default]
    Any,
    /// This one.
    One(T),
    /// Something that is no hostname.
    Unusable(Box<str>),
}

/// What was asked about a Route.
#[derive(Clone, Debug)]
pub(super) struct RouteRecord {
    /// What the Route itself says is read from here when it is spelt out.
    object: Arc<Object>,
    /// The labels of its namespace.
    labels: Arc<str>,
    faults: Box<[Box<str>]>,
    rules: u32,
    parents: Box<[ParentRecord]>,
}

#[derive(Clone, Debug)]
struct ParentRecord {
    origin: ParentOrigin,
    is_ours: bool,
    /// Reason and message of `Accepted`, if the parent is ours and does not take the Route.
    refusal: Option<Box<(&'static str, Box<str>)>>,
    /// The same of `ResolvedRefs`, unless all references are resolved.
    unresolved: Option<Box<(&'static str, Box<str>)>>,
    /// In the order of the parent's listeners.
    checks: Box<[Checks]>,
    ports: Box<[u16]>,
}

/// Which parent is meant.
#[derive(Clone, Debug)]
enum ParentOrigin {
    /// The one at this place in the Route's list.
    Listed(usize),
    /// A default Gateway, by namespace and name.
    Default(Box<(Box<str>, Box<str>)>),
}

impl Trace {
    /// Spells out what was asked about a Route; `None` when there is none of this kind and name, or its kind is not
    /// resolved.
    ///
    /// ```
    /// use gatewright::api::Object;
    /// use gatewright::plan::RouteKind;
    /// use gatewright::resolve::{Controller, resolve};
    /// use gatewright::snapshot::Snapshot;
    ///
    /// let mut builder = Snapshot::builder();
    /// builder.add(Object::from_value(serde_json::json!({
    ///     "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
    ///     "metadata": {"namespace": "shop", "name": "cart"},
    ///     "spec": {"parentRefs": [{"name": "front"}]}
    /// }))?)?;
    /// let resolution = resolve(&builder.build(), &Controller::default());
    /// let route = resolution.trace.explain(RouteKind::Http, "shop", "cart").unwrap();
    /// assert!(!route.parents[0].is_ours);
    /// assert_eq!(route.parents[0].parent, "Gateway `shop/front`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, kind: RouteKind, namespace: &str, name: &str) -> Option<RouteTrace> {
        let place = self.routes.search(of((kind, namespace, name))).ok()?;
        self.spell_out(self.routes.at(place)?)
    }

    /// Spells all Routes out, by kind, namespace and name.
    pub fn routes(&self) -> impl Iterator<Item = RouteTrace> {
        let records = self.routes.iter();
        records.filter_map(|record| self.spell_out(record))
    }

    fn spell_out(&self, record: &RouteRecord) -> Option<RouteTrace> {
        let route = SpeltRoute {
            object: RouteObject::of(&record.object)?,
            labels: &record.labels,
        };
        let (kind, namespace, name) = identity(route.object);
        let hostnames = route.object.hostnames().iter();
        let parents = record.parents.iter();
        Some(RouteTrace {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            hostnames: hostnames.map(|name| name.as_str().to_owned()).collect(),
            rules: record.rules,
            rule_faults: record.faults.iter().map(ToString::to_string).collect(),
            parents: parents
                .filter_map(|parent| self.spell_out_parent(&route, parent))
                .collect(),
        })
    }

    fn spell_out_parent(
        &self,
        route: &SpeltRoute<'_>,
        parent: &ParentRecord,
    ) -> Option<ParentTrace> {
        let reference = parent.reference(route.object)?;
        let mut name = format!(
            "{} `{}/{}`",
            reference.kind, reference.namespace, reference.name
        );
        if let Some(section) = reference.section {
            name.push_str(&format!(", section `{section}`"));
        }
        if let Some(port) = reference.port {
            name.push_str(&format!(", port {port}"));
        }
        let (reason, message) = match parent.refusal.as_deref() {
            Some((reason, message)) => ((*reason).to_owned(), message.to_string()),
            None if parent.is_ours => ("Accepted".to_owned(), String::new()),
            None => (
                String::new(),
                "the parent is missing or not ours".to_owned(),
            ),
        };
        let facts = self.holders.get(&holder_of(&reference));
        let facts = facts.map(|facts| facts.iter()).unwrap_or_default();
        Some(ParentTrace {
            parent: name,
            is_ours: parent.is_ours,
            is_default: reference.origin == Origin::Default,
            is_accepted: reason == "Accepted",
            reason,
            message,
            unresolved: parent
                .unresolved
                .as_deref()
                .map(|(reason, message)| format!("{reason}: {message}")),
            listeners: facts
                .zip(&parent.checks)
                .map(|(listener, passed)| spell_out_listener(route, &reference, listener, *passed))
                .collect(),
            ports: parent.ports.to_vec(),
        })
    }
}

impl ParentRecord {
    /// What the Route refers to.
    fn reference<'r>(&'r self, route: RouteObject<'r>) -> Option<ParentRef<'r>> {
        Some(match &self.origin {
            ParentOrigin::Listed(place) => {
                let written = route.parents().get(*place)?;
                ParentRef::listed(*place, written, identity(route).1)
            }
            ParentOrigin::Default(gateway) => ParentRef::default_named(&gateway.0, &gateway.1),
        })
    }
}

/// The object whose listeners a reference leads to, if it leads to any.
fn holder_of(reference: &ParentRef<'_>) -> Holder {
    Holder {
        is_set: reference.kind != "Gateway",
        name: ObjectName::new(reference.namespace, reference.name),
    }
}

/// What identifies a Route.
fn identity(route: RouteObject<'_>) -> (RouteKind, &str, &str) {
    let metadata = route.metadata();
    (route.kind(), namespace_of(metadata), &metadata.name)
}

/// A Route that is being spelt out.
struct SpeltRoute<'t> {
    object: RouteObject<'t>,
    labels: &'t str,
}

impl Trace {
    /// Puts in what was asked about a Route, in place of what was asked before.
    pub(super) fn put(&mut self, record: RouteRecord) {
        let Some(route) = RouteObject::of(&record.object) else {
            return;
        };
        match self.routes.search(of(identity(route))) {
            Ok(place) => {
                if let Some(old) = self.routes.at_mut(place) {
                    *old = record;
                }
            }
            Err(place) => self.routes.insert(place, record),
        }
    }

    /// Forgets a Route.
    pub(super) fn remove(&mut self, route: RouteObject<'_>) {
        if let Ok(place) = self.routes.search(of(identity(route))) {
            self.routes.remove(place);
        }
    }

    /// Puts in what the listeners of an object say now; `None` when there is no such object of ours.
    pub(super) fn set_holder(&mut self, holder: Holder, facts: Option<Arc<[ListenerFacts]>>) {
        if self.holders.get(&holder) == facts.as_ref() {
            return;
        }
        let holders = Arc::make_mut(&mut self.holders);
        match facts {
            Some(facts) => _ = holders.insert(holder, facts),
            None => _ = holders.remove(&holder),
        }
    }

    /// The listeners that a Route is attached to, each once: what holds them, and their places there.
    pub(super) fn attached(&self, route: RouteObject<'_>) -> BTreeSet<(Holder, usize)> {
        let place = self.routes.search(of(identity(route))).ok();
        let record = place.and_then(|place| self.routes.at(place));
        let own = record.and_then(|record| RouteObject::of(&record.object));
        let mut attached = BTreeSet::new();
        for parent in record.iter().flat_map(|record| &record.parents) {
            let reference = own.and_then(|own| parent.reference(own));
            let (Some(reference), None) = (reference, &parent.refusal) else {
                continue;
            };
            let places = parent.checks.iter().enumerate();
            let places = places.filter(|(_, passed)| passed.all_passed());
            attached.extend(places.map(|(place, _)| (holder_of(&reference), place)));
        }
        attached
    }

    /// What the listeners of an object say.
    pub(super) fn holder(&self, holder: &Holder) -> Option<&Arc<[ListenerFacts]>> {
        self.holders.get(holder)
    }

    /// Every Route that was asked about.
    pub(super) fn into_records(self) -> Sequence<RouteRecord> {
        self.routes
    }
}

fn of<'n>(wanted: (RouteKind, &'n str, &'n str)) -> impl Fn(&RouteRecord) -> Ordering + 'n {
    move |record| {
        let own = RouteObject::of(&record.object).map(identity);
        own.cmp(&Some(wanted))
    }
}

/// Writes a trace, Route by Route, in their order.
pub(super) struct Recorder<'s> {
    holders: BTreeMap<Holder, Arc<[ListenerFacts]>>,
    routes: Vec<RouteRecord>,
    labels_by_namespace: HashMap<&'s str, Arc<str>>,
}

impl<'s> Recorder<'s> {
    /// A trace that knows the listeners, with room for so many Routes.
    pub(super) fn new(gateways: &Gateways<'s>, routes: usize) -> Self {
        let holders = gateways.list.iter().flat_map(holders);
        let facts = holders.map(|(holder, name, own)| {
            let facts = own.iter().map(|listener| facts(listener, &name));
            (holder, facts.collect())
        });
        Recorder {
            holders: facts.collect(),
            routes: Vec::with_capacity(routes),
            labels_by_namespace: HashMap::new(),
        }
    }

    /// Writes down what the passes found about a Route.
    pub(super) fn add(&mut self, route: &RouteState<'_, 's>, snapshot: &'s Snapshot) {
        let namespace = route.view.namespace;
        let labels = self
            .labels_by_namespace
            .entry(namespace)
            .or_insert_with(|| labels_text(snapshot.namespace_labels(namespace)).into());
        let record = record_route(route, route.view.shared.clone(), labels.clone());
        self.routes.push(record);
    }

    /// The trace.
    pub(super) fn finish(self) -> Trace {
        Trace {
            holders: Arc::new(self.holders),
            routes: self.routes.into_iter().collect(),
        }
    }
}

impl Serialize for Trace {
    /// The list of all Routes, spelt out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for route in self.routes() {
            list.serialize_element(&route)?;
        }
        list.end()
    }
}

/// What was asked about one Route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteTrace {
    /// Its kind.
    pub kind: RouteKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its hostnames as written.
    pub hostnames: Vec<String>,
    /// How many rules it has.
    pub rules: u32,
    /// What is wrong with rules, one text a rule.
    pub rule_faults: Vec<String>,
    /// Its parents: listed ones in list order, then default Gateways.
    pub parents: Vec<ParentTrace>,
}

/// What was asked about one parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParentTrace {
    /// Kind, namespace, name, section and port.
    pub parent: String,
    /// Whether it is there and ours; if not, no status entry is written for it (RT-PREF-02).
    pub is_ours: bool,
    /// Whether it is there by default, not by name (GW-DEF-02).
    pub is_default: bool,
    /// Whether the Route is accepted here.
    pub is_accepted: bool,
    /// The reason of `Accepted`; empty unless the parent is ours.
    pub reason: String,
    /// The message of `Accepted`.
    pub message: String,
    /// Reason and message of `ResolvedRefs` when it is false.
    pub unresolved: Option<String>,
    /// Every listener of the parent, in order.
    pub listeners: Vec<ListenerTrace>,
    /// The ports of a Service that the Route takes over.
    pub ports: Vec<u16>,
}

/// What was asked about one listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerTrace {
    /// Its name.
    pub listener: String,
    /// What holds it: a Gateway or a ListenerSet.
    pub holder: String,
    /// Whether the Route passed every check here.
    pub passed: bool,
    /// The checks, in the order in which they decide; those after a failed one are told as well.
    pub checks: Vec<Check>,
}

/// One question, the answer, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The question.
    pub question: Question,
    /// The answer.
    pub passed: bool,
    /// What the answer rests on.
    pub evidence: String,
}

/// What is asked about a listener (RT-ATT-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Question {
    /// Does it have the name that the parentRef asks for?
    Section,
    /// Does it have the port that the parentRef asks for?
    Port,
    /// Does it take the kind?
    Kind,
    /// Does it take the namespace?
    Namespace,
    /// Do the hostnames meet?
    Hostname,
    /// Does no Route of another kind have the hostname already (RT-XTYPE)?
    Precedence,
}

impl Question {
    /// The question in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Question::Section => "section",
            Question::Port => "port",
            Question::Kind => "kind",
            Question::Namespace => "namespace",
            Question::Hostname => "hostname",
            Question::Precedence => "precedence",
        }
    }
}

impl fmt::Display for RouteTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}/{}", self.kind, self.namespace, self.name)?;
        for fault in &self.rule_faults {
            writeln!(f, "  {fault}")?;
        }
        for parent in &self.parents {
            let how = if parent.is_default {
                " (by default)"
            } else {
                ""
            };
            match (parent.is_ours, parent.is_accepted) {
                (false, _) => writeln!(f, "  {}: {}", parent.parent, parent.message)?,
                (true, _) => writeln!(
                    f,
                    "  {}{how}: {}: {}",
                    parent.parent, parent.reason, parent.message
                )?,
            }
            if let Some(unresolved) = &parent.unresolved {
                writeln!(f, "    references: {unresolved}")?;
            }
            for listener in &parent.listeners {
                let verdict = if listener.passed { "yes" } else { "no" };
                writeln!(f, "    listener `{}`: {verdict}", listener.listener)?;
                for check in &listener.checks {
                    let mark = if check.passed { "+" } else { "-" };
                    writeln!(
                        f,
                        "      {mark} {}: {}",
                        check.question.as_str(),
                        check.evidence
                    )?;
                }
            }
        }
        Ok(())
    }
}

/// Each object of a Gateway that holds listeners, with its name for people.
fn holders<'g, 's>(
    gateway: &'g GatewayState<'s>,
) -> impl Iterator<Item = (Holder, Arc<str>, &'g [ListenerState<'s>])> {
    let (namespace, name) = (gateway.namespace, gateway.name);
    let own = (
        Holder::gateway(namespace, name),
        format!("Gateway `{namespace}/{name}`").into(),
        gateway.listeners.as_slice(),
    );
    let sets = gateway.sets.iter().map(|set| {
        (
            Holder::set(set.namespace, set.name),
            format!("ListenerSet `{}/{}`", set.namespace, set.name).into(),
            set.listeners.as_slice(),
        )
    });
    std::iter::once(own).chain(sets)
}

fn facts(listener: &ListenerState<'_>, holder: &Arc<str>) -> ListenerFacts {
    let namespaces = match &listener.namespaces {
        AllowedNamespaces::None => "no namespace".to_owned(),
        AllowedNamespaces::All => "all namespaces".to_owned(),
        AllowedNamespaces::Same(own) => format!("namespace `{own}`"),
        AllowedNamespaces::Selected(selector) => {
            let selector = serde_json::to_string(selector).unwrap_or_default();
            format!("namespaces with labels {selector}")
        }
    };
    ListenerFacts {
        holder: holder.clone(),
        name: listener.name.into(),
        port: listener.port,
        hostname: match &listener.hostname {
            ListenerHostname::Any => Facts::Any,
            ListenerHostname::Name(name) => Facts::One(name.clone()),
            ListenerHostname::Unusable(text) => Facts::Unusable((*text).into()),
        },
        kinds: listener.kinds.as_slice().into(),
        namespaces: namespaces.into(),
    }
}

fn labels_text(labels: &Labels) -> String {
    if labels.is_empty() {
        return "no labels".to_owned();
    }
    let labels = labels.iter().map(|(key, value)| format!("{key}={value}"));
    labels.collect::<Vec<_>>().join(", ")
}

fn record_route(route: &RouteState<'_, '_>, object: Arc<Object>, labels: Arc<str>) -> RouteRecord {
    let judged = route.parents.iter().find_map(|parent| match parent.place {
        Place::Nowhere => None,
        _ => route.lowered_at(parent),
    });
    let faults = judged
        .map(|lowered| lowered.faults.as_slice())
        .unwrap_or_default();
    let total = judged.map_or(0, |lowered| lowered.total.saturating_add(lowered.ignored));
    RouteRecord {
        object,
        labels,
        faults: faults
            .iter()
            .map(|fault| fault.message.as_str().into())
            .collect(),
        rules: u32::try_from(total).unwrap_or(u32::MAX),
        parents: route
            .parents
            .iter()
            .map(|parent| record_parent(route, parent))
            .collect(),
    }
}

fn record_parent(route: &RouteState<'_, '_>, parent: &ParentState<'_, '_>) -> ParentRecord {
    let is_ours = !matches!(parent.place, Place::Nowhere);
    let refusal = parent.outcome.as_ref().err().filter(|_| is_ours);
    let refusal = refusal.map(|finding| {
        let message: Box<str> = finding.message.as_ref().into();
        Box::new((finding.reason.as_str(), message))
    });
    let lowered = route.lowered_at(parent).filter(|_| is_ours);
    let unresolved = lowered.and_then(|lowered| {
        let first = lowered.failures.first()?;
        let messages = lowered.failures.iter();
        let messages = messages.map(|failure| failure.message.clone().into_owned());
        let messages: Box<str> = listed(messages).into();
        Some(Box::new((first.reason.as_str(), messages)))
    });
    let ParentRef {
        namespace,
        name,
        origin,
        ..
    } = parent.reference;
    ParentRecord {
        origin: match origin {
            Origin::Listed(place) => ParentOrigin::Listed(place),
            Origin::Default => ParentOrigin::Default(Box::new((namespace.into(), name.into()))),
        },
        is_ours,
        refusal,
        unresolved,
        checks: parent.checks.iter().map(|check| check.passed).collect(),
        ports: match &parent.outcome {
            Ok(Foothold::Ports(ports)) => ports.as_slice().into(),
            _ => Box::default(),
        },
    }
}

fn spell_out_listener(
    route: &SpeltRoute<'_>,
    parent: &ParentRef<'_>,
    listener: &ListenerFacts,
    passed: Checks,
) -> ListenerTrace {
    let mut checks = vec![
        (
            Question::Section,
            Checks::SECTION,
            section_evidence(parent, listener),
        ),
        (
            Question::Port,
            Checks::PORT,
            port_evidence(parent, listener),
        ),
        (Question::Kind, Checks::KIND, kind_evidence(route, listener)),
        (
            Question::Namespace,
            Checks::NAMESPACE,
            namespace_evidence(route, listener),
        ),
        (
            Question::Hostname,
            Checks::HOSTNAME,
            hostname_evidence(route, listener),
        ),
    ];
    if !passed.include(Checks::PRECEDENCE) {
        let evidence = "a Route of another kind takes precedence for the hostname".to_owned();
        checks.push((Question::Precedence, Checks::PRECEDENCE, evidence));
    }
    let checks: Vec<Check> = checks
        .into_iter()
        .map(|(question, bit, evidence)| Check {
            question,
            passed: passed.include(bit),
            evidence,
        })
        .collect();
    ListenerTrace {
        listener: listener.name.to_string(),
        holder: listener.holder.to_string(),
        passed: checks.iter().all(|check| check.passed),
        checks,
    }
}

fn section_evidence(parent: &ParentRef<'_>, listener: &ListenerFacts) -> String {
    match parent.section {
        None => "any listener is asked for".to_owned(),
        Some(section) => format!("`{section}` is asked for, found `{}`", listener.name),
    }
}

fn port_evidence(parent: &ParentRef<'_>, listener: &ListenerFacts) -> String {
    match (parent.port, listener.port) {
        (None, _) => "any port is asked for".to_owned(),
        (Some(wanted), Some(found)) => format!("{wanted} is asked for, found {found}"),
        (Some(wanted), None) => format!("{wanted} is asked for, the listener has none"),
    }
}

fn kind_evidence(route: &SpeltRoute<'_>, listener: &ListenerFacts) -> String {
    match &*listener.kinds {
        [] => format!("no kind is taken, the Route is a {}", route.object.kind()),
        kinds => {
            let kinds = listed(kinds.iter().map(|kind| kind.as_str().to_owned()));
            format!("taken are {kinds}, the Route is a {}", route.object.kind())
        }
    }
}

fn namespace_evidence(route: &SpeltRoute<'_>, listener: &ListenerFacts) -> String {
    format!(
        "Routes are taken from {}, the Route lies in `{}` ({})",
        listener.namespaces,
        identity(route.object).1,
        route.labels
    )
}

fn hostname_evidence(route: &SpeltRoute<'_>, listener: &ListenerFacts) -> String {
    if matches!(route.object.kind(), RouteKind::Tcp | RouteKind::Udp) {
        return "the kind has no hostnames".to_owned();
    }
    let hostnames = route.object.hostnames();
    let written = || quoted(hostnames.iter().map(Open::as_str));
    match (&listener.hostname, hostnames) {
        (Facts::Unusable(text), _) => format!("`{text}` of the listener is no usable hostname"),
        (Facts::Any, []) => "neither side limits the hostnames".to_owned(),
        (Facts::One(own), []) => format!("the Route takes every host of `{own}`"),
        (Facts::Any, _) => format!("the listener takes every host, the Route has {}", written()),
        (Facts::One(own), names) => {
            let names = names.iter().filter_map(Open::get);
            let fitting: Vec<&Hostname> =
                names.filter(|name| own.intersect(name).is_some()).collect();
            if fitting.is_empty() {
                format!("none of {} fits `{own}`", written())
            } else {
                let fitting = quoted(fitting.iter().map(|name| name.as_str()));
                format!("{fitting} of the Route fits `{own}`")
            }
        }
    }
}
