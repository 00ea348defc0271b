//! An API server in memory, for tests of programs on kube.
//!
//! [`Cluster`] serves the kinds of one bundle of Gateway API under the versions that the bundle serves, the core kinds, and
//! whatever is added by [`Cluster::serve`]: get, list, watch, and server-side apply of statuses. It can go away and come
//! back. It neither validates nor fills in defaults.

mod apply;
mod path;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use gatewright::api::ApiVersion;
use gatewright::vocab::Bundle;
use http::{Request, Response, StatusCode};
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use kube::client::Body;
use serde_json::{Value, json};
use tokio::sync::watch;

use path::Path;

/// What the server answers.
pub type Answer = Response<UnsyncBoxBody<Bytes, std::convert::Infallible>>;

/// A cluster with one bundle. Clones are the same cluster.
#[derive(Clone)]
pub struct Cluster {
    state: Arc<Mutex<State>>,
    changes: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    kinds: Vec<ServedKind>,
    objects: BTreeMap<Place, Stored>,
    events: Vec<Event>,
    revision: u64,
    /// Watches that began under an older number end.
    epoch: u64,
    /// Watches from before this revision are told that it is gone.
    oldest: u64,
    is_down: bool,
    requests: Vec<Seen>,
    /// Statuses that others write right before the next write of an object.
    overtakes: Vec<(Place, Value)>,
}

#[derive(Clone)]
struct ServedKind {
    group: String,
    version: String,
    kind: String,
    plural: String,
}

/// Group, plural, namespace (empty for none), name.
type Place = (String, String, String, String);

struct Stored {
    value: Value,
    owned: apply::Owned,
}

struct Event {
    revision: u64,
    place: Place,
    type_: &'static str,
    object: Value,
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query.
    pub query: String,
    /// The content type, empty if there was none.
    pub content_type: String,
    /// The body; null if there was none.
    pub body: Value,
    /// The status of the answer.
    pub status: u16,
}

impl Cluster {
    /// An empty cluster with the CRDs of a bundle.
    pub fn new(bundle: Bundle) -> Self {
        let kinds = ApiVersion::ALL
            .iter()
            .filter(|row| row.served.holds(bundle))
            .map(|row| ServedKind {
                group: row.group.to_owned(),
                version: row.version.to_owned(),
                kind: row.name.to_owned(),
                plural: row.plural.to_owned(),
            })
            .collect();
        Cluster {
            state: Arc::new(Mutex::new(State {
                kinds,
                ..State::default()
            })),
            changes: watch::Sender::new(()),
        }
    }

    /// Serves one more kind.
    pub fn serve(&self, api_version: &str, kind: &str, plural: &str) {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        self.state().kinds.push(ServedKind {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
        });
    }

    /// A client of the cluster.
    pub fn client(&self) -> kube::Client {
        let cluster = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let cluster = cluster.clone();
            async move { cluster.answer(request).await }
        });
        kube::Client::new(service, "default")
    }

    /// Makes an object, or replaces its spec and labels. Revision, generation and age are filled in.
    pub fn put(&self, mut object: Value) {
        let place = self.place_of(&object);
        let mut state = self.state();
        state.revision += 1;
        let revision = state.revision;
        let old = state.objects.remove(&place);
        let old_value = old.as_ref().map_or(&Value::Null, |old| &old.value);
        let generation = old_value["metadata"]["generation"].as_u64().unwrap_or(0)
            + u64::from(old_value["spec"] != object["spec"] || old_value.is_null());
        let metadata = &mut object["metadata"];
        metadata["resourceVersion"] = json!(revision.to_string());
        metadata["generation"] = json!(generation);
        for (field, new) in [
            ("uid", json!(format!("uid-{revision}"))),
            (
                "creationTimestamp",
                json!(format!(
                    "2026-01-01T00:{:02}:{:02}Z",
                    revision / 60,
                    revision % 60
                )),
            ),
        ] {
            if !old_value.is_null() {
                metadata[field] = old_value["metadata"][field].clone();
            } else if metadata[field].is_null() {
                metadata[field] = new;
            }
        }
        if object.get("status").is_none() && !old_value["status"].is_null() {
            object["status"] = old_value["status"].clone();
        }
        let type_ = if old.is_some() { "MODIFIED" } else { "ADDED" };
        let owned = old.map(|old| old.owned).unwrap_or_default();
        state.store(
            place,
            Stored {
                value: object,
                owned,
            },
            type_,
        );
        self.changes.send_replace(());
    }

    /// Deletes an object.
    pub fn delete(&self, object: &Value) {
        let place = self.place_of(object);
        let mut state = self.state();
        if let Some(mut old) = state.objects.remove(&place) {
            state.revision += 1;
            let revision = state.revision;
            old.value["metadata"]["resourceVersion"] = json!(revision.to_string());
            state.events.push(Event {
                revision,
                place,
                type_: "DELETED",
                object: old.value,
            });
        }
        self.changes.send_replace(());
    }

    /// An object as the cluster keeps it, found by `kind`, namespace (empty for none) and name.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let state = self.state();
        let plural = &state
            .kinds
            .iter()
            .find(|served| served.kind == kind)?
            .plural;
        state
            .objects
            .iter()
            .find(|((_, p, ns, n), _)| p == plural && ns == namespace && n == name)
            .map(|(_, stored)| stored.value.clone())
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Seen> {
        self.state().requests.clone()
    }

    /// Has another manager write the status of an object right before the next write of it arrives.
    pub fn overtake(&self, object: &Value, status: Value) {
        let place = self.place_of(object);
        self.state().overtakes.push((place, status));
    }

    /// Ends all watches; clients may take them up where they were.
    pub fn break_watches(&self) {
        self.state().epoch += 1;
        self.changes.send_replace(());
    }

    /// Goes away: watches end, requests fail.
    pub fn go_down(&self) {
        let mut state = self.state();
        state.is_down = true;
        state.epoch += 1;
        self.changes.send_replace(());
    }

    /// Comes back. What watches missed is gone, so that clients have to list again.
    pub fn come_back(&self) {
        let mut state = self.state();
        state.is_down = false;
        state.oldest = state.revision;
        state.events.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no test panics while it holds the state")
    }

    fn place_of(&self, object: &Value) -> Place {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let api_version = text(&object["apiVersion"]);
        let kind = text(&object["kind"]);
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let state = self.state();
        let served = state
            .kinds
            .iter()
            .find(|served| served.group == group && served.kind == kind)
            .unwrap_or_else(|| panic!("the cluster does not serve {api_version} {kind}"));
        let metadata = &object["metadata"];
        (
            served.group.clone(),
            served.plural.clone(),
            text(&metadata["namespace"]),
            text(&metadata["name"]),
        )
    }

    /// Answers a request, of a client in this process or of a connection. An error stands for a server that is away.
    pub async fn answer<B>(&self, request: Request<B>) -> Result<Answer, std::io::Error>
    where
        B: http_body::Body,
    {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes());
        let body = body
            .ok()
            .and_then(|body| serde_json::from_slice(&body).ok())
            .unwrap_or(Value::Null);
        let query = head.uri.query().unwrap_or_default().to_owned();
        let content_type = head.headers.get("content-type");
        let mut seen = Seen {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query,
            content_type: content_type
                .map(|v| v.to_str().unwrap_or_default().to_owned())
                .unwrap_or_default(),
            body,
            status: 0,
        };
        if self.state().is_down {
            return Err(std::io::Error::other("connection refused"));
        }
        let answer = self.serve_request(&seen);
        seen.status = answer.status().as_u16();
        self.state().requests.push(seen);
        Ok(answer)
    }

    fn serve_request(&self, seen: &Seen) -> Answer {
        let mut state = self.state();
        let Some(path) = Path::parse(&seen.path) else {
            return status(StatusCode::NOT_FOUND, "NotFound", "no such path");
        };
        let served = state.kinds.iter().find(|served| {
            (&*served.group, &*served.version, &*served.plural)
                == (path.group, path.version, path.plural)
        });
        let Some(served) = served.cloned() else {
            return status(
                StatusCode::NOT_FOUND,
                "NotFound",
                "the server does not serve this version",
            );
        };
        let parameter = |name: &str| {
            seen.query
                .split('&')
                .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
                .map(|(_, value)| value)
        };
        let place = path.place();
        match (&*seen.method, place) {
            ("GET", None) if parameter("watch") == Some("true") => {
                let from = parameter("resourceVersion")
                    .and_then(|r| r.parse().ok())
                    .unwrap_or(0);
                if from < state.oldest {
                    // An event, as the API server does; an answer of status 410 is not what clients expect.
                    let expired =
                        status_object(StatusCode::GONE, "Expired", "too old resource version");
                    let event = format!(
                        "{}
",
                        json!({"type": "ERROR", "object": expired})
                    );
                    return stream_answer(stream::iter([event]));
                }
                let epoch = state.epoch;
                drop(state);
                watch_answer(
                    self.clone(),
                    served,
                    path.namespace.map(str::to_owned),
                    from,
                    epoch,
                )
            }
            ("GET", None) => {
                let items: Vec<Value> = state
                    .objects
                    .iter()
                    .filter(|(place, _)| {
                        served.has(place) && path.namespace.is_none_or(|ns| ns == place.2)
                    })
                    .map(|(_, stored)| served.dress(&stored.value))
                    .collect();
                let list = json!({
                    "apiVersion": served.api_version(), "kind": format!("{}List", served.kind),
                    "metadata": {"resourceVersion": state.revision.to_string()}, "items": items
                });
                answer(StatusCode::OK, &list)
            }
            ("GET", Some(place)) => match state.objects.get(&place) {
                Some(stored) => answer(StatusCode::OK, &served.dress(&stored.value)),
                None => status(StatusCode::NOT_FOUND, "NotFound", "no such object"),
            },
            ("PATCH", Some(place)) if path.subresource == Some("status") => {
                if seen.content_type != "application/apply-patch+yaml" {
                    return status(
                        StatusCode::UNSUPPORTED_MEDIA_TYPE,
                        "UnsupportedMediaType",
                        "apply only",
                    );
                }
                let Some(manager) = parameter("fieldManager") else {
                    return status(
                        StatusCode::BAD_REQUEST,
                        "BadRequest",
                        "fieldManager is required",
                    );
                };
                if seen.body["apiVersion"] != json!(served.api_version())
                    || seen.body["kind"] != json!(served.kind)
                {
                    return status(
                        StatusCode::BAD_REQUEST,
                        "BadRequest",
                        "the body is of another kind",
                    );
                }
                let Some(mut stored) = state.objects.remove(&place) else {
                    return status(StatusCode::NOT_FOUND, "NotFound", "no such object");
                };
                state.overtaken(&place, &mut stored);
                let force = parameter("force") == Some("true");
                match apply::apply(
                    &mut stored.value,
                    &mut stored.owned,
                    &seen.body,
                    manager,
                    force,
                ) {
                    Err(conflict) => {
                        state.objects.insert(place, stored);
                        drop(state);
                        self.changes.send_replace(());
                        status(StatusCode::CONFLICT, "Conflict", &conflict)
                    }
                    Ok(false) => {
                        let dressed = served.dress(&stored.value);
                        state.objects.insert(place, stored);
                        answer(StatusCode::OK, &dressed)
                    }
                    Ok(true) => {
                        state.revision += 1;
                        stored.value["metadata"]["resourceVersion"] =
                            json!(state.revision.to_string());
                        let dressed = served.dress(&stored.value);
                        state.store(place, stored, "MODIFIED");
                        drop(state);
                        self.changes.send_replace(());
                        answer(StatusCode::OK, &dressed)
                    }
                }
            }
            _ => status(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "not in this mock",
            ),
        }
    }
}

impl State {
    fn overtaken(&mut self, place: &Place, stored: &mut Stored) {
        let first = self.overtakes.iter().position(|(own, _)| own == place);
        let Some((_, status)) = first.map(|first| self.overtakes.remove(first)) else {
            return;
        };
        self.revision += 1;
        stored.value["status"] = status;
        stored.value["metadata"]["resourceVersion"] = json!(self.revision.to_string());
        self.events.push(Event {
            revision: self.revision,
            place: place.clone(),
            type_: "MODIFIED",
            object: stored.value.clone(),
        });
    }

    fn store(&mut self, place: Place, stored: Stored, type_: &'static str) {
        self.events.push(Event {
            revision: self.revision,
            place: place.clone(),
            type_,
            object: stored.value.clone(),
        });
        self.objects.insert(place, stored);
    }
}

impl ServedKind {
    fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    fn has(&self, place: &Place) -> bool {
        self.group == place.0 && self.plural == place.1
    }

    /// The object in this version.
    fn dress(&self, object: &Value) -> Value {
        let mut object = object.clone();
        object["apiVersion"] = json!(self.api_version());
        object["kind"] = json!(self.kind);
        object
    }
}

fn watch_answer(
    cluster: Cluster,
    served: ServedKind,
    namespace: Option<String>,
    from: u64,
    epoch: u64,
) -> Answer {
    let changes = cluster.changes.subscribe();
    let lines = stream::unfold((from, changes), move |(last, mut changes)| {
        let (cluster, served, namespace) = (cluster.clone(), served.clone(), namespace.clone());
        async move {
            loop {
                changes.borrow_and_update();
                let (lines, newest) = {
                    let state = cluster.state();
                    if state.epoch != epoch {
                        return None;
                    }
                    let of_this_watch = |event: &&Event| {
                        event.revision > last
                            && served.has(&event.place)
                            && namespace.as_ref().is_none_or(|ns| *ns == event.place.2)
                    };
                    let lines: String = state
                        .events
                        .iter()
                        .filter(of_this_watch)
                        .map(|event| {
                            format!(
                                "{}\n",
                                json!({"type": event.type_, "object": served.dress(&event.object)})
                            )
                        })
                        .collect();
                    (lines, state.revision)
                };
                if !lines.is_empty() {
                    return Some((lines, (newest, changes)));
                }
                changes.changed().await.ok()?;
            }
        }
    });
    stream_answer(lines)
}

fn stream_answer(lines: impl Stream<Item = String> + Send + 'static) -> Answer {
    let frames = lines.map(|line| Ok(http_body::Frame::data(Bytes::from(line))));
    Response::new(StreamBody::new(frames).boxed_unsync())
}

fn answer(code: StatusCode, value: &Value) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())).boxed_unsync());
    *response.status_mut() = code;
    response
}

fn status(code: StatusCode, reason: &str, message: &str) -> Answer {
    answer(code, &status_object(code, reason, message))
}

fn status_object(code: StatusCode, reason: &str, message: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
        "code": code.as_u16(), "reason": reason, "message": message
    })
}
