//! One test of the suite: the steps in order, against a running gateway.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::client::{Asked, Connection, call};
use crate::expect::{Answer, Expectation, Server};
use crate::gateway::{Gateway, Settings};
use crate::handshake;
use crate::json::{Outcome, ensure, list, text};
use crate::mesh::{Destination, Mesh};
use crate::pods::{Pods, deployment};
use crate::status::Statuses;
use crate::stream;
use crate::world::{Suite, World};

/// A network that loses a step once may not lose it again: then it must hold so often in a row.
const AGAIN: usize = 3;

/// Shares of random draws: each try fails by chance in some percent of all runs, so there are several.
const DRAWS: usize = 8;

/// No single step takes longer, on the busiest of machines.
const LONGEST: Duration = Duration::from_secs(300);

/// How long copies of requests may be under way.
const UNDER_WAY: Duration = Duration::from_secs(20);

/// What became of a step.
pub struct Done {
    pub id: i64,
    pub kind: String,
    pub is_traffic: bool,
    pub outcome: Outcome,
    /// How many requests or connections it took.
    pub sent: usize,
    /// Why it did not hold at first.
    pub hiccup: Option<String>,
}

/// A test under way.
pub struct Replay<'t> {
    suite: &'t Suite,
    test: &'t Value,
    bundle: &'t str,
    world: World,
    pods: Pods<'t>,
    gateway: Gateway,
    mesh: Arc<Mesh>,
    sent: usize,
    hiccup: Option<String>,
}

impl<'t> Replay<'t> {
    pub async fn start(suite: &'t Suite, test: &'t Value, settings: &Settings<'t>) -> Self {
        let world = suite.world(test);
        let mut pods = Pods::new(suite, settings.part);
        pods.follow(&world).await;
        let gateway = Gateway::start(settings, &objects(&world, &pods)).await;
        Replay {
            suite,
            test,
            bundle: settings.bundle,
            mesh: Arc::new(Mesh::of(&world, &pods, settings.bundle)),
            world,
            pods,
            gateway,
            sent: 0,
            hiccup: None,
        }
    }

    /// Runs all steps. State changes are not among what is answered.
    pub async fn run(mut self) -> Vec<Done> {
        let mut done = Vec::new();
        for step in list(&self.test["steps"]) {
            let before = self.world.objects.clone();
            if self.suite.change(&mut self.world, step) {
                if self.world.objects != before {
                    self.change().await;
                }
                continue;
            }
            (self.sent, self.hiccup) = (0, None);
            let checked = tokio::time::timeout(LONGEST, self.check(step)).await;
            let mut outcome = checked.unwrap_or_else(|_| Err(String::from("it does not end")));
            if outcome.is_err() && !self.gateway.errors().is_empty() {
                outcome = outcome.map_err(|why| format!("{why}; {}", self.gateway.errors()));
            }
            done.push(Done {
                id: step["id"].as_i64().unwrap_or(0),
                kind: text(&step["kind"]).to_owned(),
                is_traffic: is_traffic(step),
                outcome,
                sent: self.sent,
                hiccup: self.hiccup.take(),
            });
        }
        done
    }

    async fn change(&mut self) {
        self.pods.follow(&self.world).await;
        self.gateway.apply(&objects(&self.world, &self.pods)).await;
        self.mesh = Arc::new(Mesh::of(&self.world, &self.pods, self.bundle));
    }

    async fn check(&mut self, step: &Value) -> Outcome {
        match text(&step["kind"]) {
            "weights" => self.drawn(step).await,
            "mirror" => self.mirrored(step).await,
            "infrastructure_metadata" => Err(String::from("nothing is generated")),
            _ if is_traffic(step) => self.steady(step).await,
            _ => self.status(step),
        }
    }

    fn status(&self, step: &Value) -> Outcome {
        let statuses = Statuses {
            world: &self.world,
            entries: self.gateway.statuses(),
            parents_in_order: self.suite.release == "v1.4.1",
        };
        statuses.check(step)
    }

    /// A step that must hold at once, or after a first failure several times in a row.
    async fn steady(&mut self, step: &Value) -> Outcome {
        let Err(first) = self.once(step).await else {
            return Ok(());
        };
        for _ in 0..AGAIN {
            self.once(step)
                .await
                .map_err(|why| format!("{why} (at first: {first})"))?;
        }
        self.hiccup = Some(first);
        Ok(())
    }

    async fn once(&mut self, step: &Value) -> Outcome {
        match text(&step["kind"]) {
            "request" | "tls_request" if step["request"].is_null() => self.only_tls(step).await,
            "request" | "tls_request" => {
                self.request(step).await?;
                // The suite's client takes either version of HTTP: what is right for one is for the other.
                if step["request"]["protocol"] == "HTTPS" {
                    let mut step = step.clone();
                    step["request"]["protocol"] = json!("H2");
                    self.request(&step).await?;
                }
                Ok(())
            }
            "mesh_request" => self.mesh_request(step).await,
            "grpc_request" => self.grpc(step).await,
            "tcp_request" => self.lines(step).await,
            "tcp_connect" => {
                self.sent += 1;
                let connected = self.tcp(step).await;
                connected.map(|_| ()).map_err(|why| why.to_string())
            }
            "udp_request" => self.datagrams(step).await,
            "websocket_request" => {
                self.sent += 1;
                let stream = self.tcp(step).await.map_err(|why| why.to_string())?;
                let path = text(&step["request"]["path"]);
                let upgraded = stream::websocket(stream, path, &self.authority(step)).await;
                upgraded.map_err(|why| why.to_string())
            }
            "backend_header_consistency" => self.header_names_backend(step).await,
            other => Err(format!("unknown kind of step `{other}`")),
        }
    }

    /// The address of the Gateway, and the port with the offset of this run.
    fn endpoint(&self, step: &Value) -> io::Result<(String, u16)> {
        let gateway = text(&step["gateway"]);
        let address = self.gateway.address(gateway).ok_or_else(|| {
            io::Error::other(format!("Gateway {gateway} has no address in its status"))
        })?;
        let port = step["listener_port"].as_u64().unwrap_or(80) as u16;
        Ok((address, port + self.gateway.offset))
    }

    async fn tcp(&self, step: &Value) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.endpoint(step)?).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// The Host of requests that name none: the Gateway's address, with the port unless it is the default.
    fn authority(&self, step: &Value) -> String {
        let address = self.gateway.address(text(&step["gateway"]));
        let address = address.unwrap_or_default();
        let default = if step["scheme"] == "https" { 443 } else { 80 };
        match step["listener_port"].as_u64() {
            Some(port) if port != default => format!("{address}:{port}"),
            _ => address,
        }
    }

    fn expectation<'s>(&'s self, step: &'s Value) -> Expectation<'s> {
        Expectation {
            test: self.test,
            step,
        }
    }

    /// A connection as the step wants it. HTTPS clients offer HTTP/1.1, those of `H2` offer `h2` alone.
    async fn connection(&self, step: &Value) -> io::Result<Connection> {
        let protocol = text(&step["request"]["protocol"]);
        let is_http2 = protocol == "H2" || protocol == "H2C_PRIOR_KNOWLEDGE";
        let stream = self.tcp(step).await?;
        if step["tls"].is_null() {
            return Connection::open(stream, is_http2).await;
        }
        let alpn: &[&[u8]] = if is_http2 { &[b"h2"] } else { &[b"http/1.1"] };
        let client = handshake::Client::of(&step["tls"], alpn);
        let (stream, asked) = client.connect(self.suite, stream).await?;
        if step["tls"]["server_must_request_client_certificate"] == true && !asked {
            return Err(io::Error::other("no client certificate was asked for"));
        }
        if stream.get_ref().1.alpn_protocol() != Some(alpn[0]) {
            return Err(io::Error::other("another protocol was chosen"));
        }
        Connection::open(stream, is_http2).await
    }

    async fn request(&mut self, step: &Value) -> Outcome {
        // The counter of failed tries starts anew.
        let uuid = "00000000-0000-4000-8000-000000000001";
        let fresh = format!("{:032x}", fastrand::u128(..));
        let is_counted = text(&step["request"]["path"]).starts_with("/retry/");
        let step = &if is_counted {
            serde_json::from_str(&step.to_string().replace(uuid, &fresh)).expect("JSON")
        } else {
            step.clone()
        };
        self.pods.forget();
        let mut connection = self.connection(step).await;
        let authority = self.authority(step);
        let asked = Asked {
            step,
            path: None,
            scheme: step["scheme"].as_str().unwrap_or("http"),
            authority: &authority,
        };
        for _ in 0..step["repeat"].as_u64().unwrap_or(1) {
            self.sent += 1;
            let answer = match &mut connection {
                Ok(connection) => connection.ask(self.suite, &asked).await,
                Err(why) => Err(io::Error::other(why.to_string())),
            };
            self.holds(step, answer)?;
        }
        Ok(())
    }

    fn holds(&self, step: &Value, answer: io::Result<Answer>) -> Outcome {
        let (answer, why) = match answer {
            Ok(answer) => (answer, String::new()),
            Err(why) => (failed(), why.to_string()),
        };
        self.expectation(step)
            .http(&step["expect"], &answer)
            .map_err(|miss| format!("{miss} {why}").trim_end().to_owned())
    }

    /// Only the handshake counts. Any certificate would do, so that a failure is the gateway's.
    async fn only_tls(&mut self, step: &Value) -> Outcome {
        self.sent += 1;
        let stream = self.tcp(step).await;
        let client = handshake::Client::of(&step["tls"], &[]);
        let shaken = match stream {
            Ok(stream) => client.connect(self.suite, stream).await.map(|_| ()),
            Err(why) => Err(why),
        };
        let wants_failure = step["expect"]["connection_failure"] == true;
        ensure(shaken.is_err() == wants_failure, || format!("{shaken:?}"))
    }

    async fn mesh_request(&mut self, step: &Value) -> Outcome {
        self.sent += 1;
        let answer = self.ask_mesh(step).await;
        self.holds(step, answer)
    }

    async fn ask_mesh(&self, step: &Value) -> io::Result<Answer> {
        let mut connection = self.mesh_connection(step).await?;
        let asked = Asked {
            step,
            path: None,
            scheme: "http",
            authority: "",
        };
        connection.ask(self.suite, &asked).await
    }

    async fn mesh_connection(&self, step: &Value) -> io::Result<Connection> {
        let port = step["destination_port"].as_u64().unwrap_or(80) as u16;
        let pod = &step["destination_pod"];
        let stream = if pod.is_null() {
            let (namespace, service) = text(&step["destination_service"])
                .split_once('/')
                .ok_or(io::ErrorKind::InvalidInput)?;
            let destination = Destination {
                client_namespace: text(&step["from"]["namespace"]).to_owned(),
                namespace: namespace.to_owned(),
                service: service.to_owned(),
                port,
            };
            self.mesh.connect(destination).await?
        } else {
            // Rules of Services have no say in what goes to a pod.
            let (namespace, selector) = (text(&pod["namespace"]), text(&pod["pod_selector"]));
            let address = self.pods.by_selector(namespace, selector);
            TcpStream::connect((address.ok_or(io::ErrorKind::NotFound)?, port)).await?
        };
        Connection::open(stream, false).await
    }

    async fn grpc(&mut self, step: &Value) -> Outcome {
        self.sent += 1;
        let authority = self.authority(step);
        let called = async {
            let mut connection = Connection::open(self.tcp(step).await?, true).await?;
            call(&mut connection, &step["request"], &authority).await
        };
        let called = called.await.map_err(|why: io::Error| why.to_string())?;
        let expect = &step["expect"];
        let code = expect["grpc_code"].as_i64().unwrap_or(0);
        ensure(called.code == code, || {
            format!("code {}, expected {code}", called.code)
        })?;
        if code != 0 {
            return Ok(());
        }
        let reply = called.reply.ok_or("no message")?;
        ensure(reply.method == text(&step["request"]["path"]), || {
            format!("method {}", reply.method)
        })?;
        self.is_from(step, &reply.namespace, &reply.pod)
    }

    fn is_from(&self, step: &Value, namespace: &str, pod: &str) -> Outcome {
        let expect = &step["expect"];
        let server = Server::Pod {
            namespace: namespace.to_owned(),
            deployment: deployment(pod),
        };
        let fits = match expect["backend"].as_str() {
            Some(workload) => {
                let expectation = self.expectation(step);
                expectation.is_behind(workload, &expect["namespace"], &server)
            }
            None => expect["namespace"]
                .as_str()
                .is_none_or(|want| want == namespace),
        };
        ensure(fits, || format!("served by {namespace}/{pod}"))
    }

    async fn lines(&mut self, step: &Value) -> Outcome {
        for _ in 0..step["repeat"].as_u64().unwrap_or(1) {
            self.sent += 1;
            let report = self.one_line(step).await.map_err(|why| why.to_string())?;
            let expect = &step["expect"];
            self.is_from(step, text(&report["namespace"]), text(&report["pod"]))?;
            let tls = &report["tls"];
            if let Some(sees) = expect["backend_sees_tls"].as_bool() {
                ensure(tls.is_object() == sees, || format!("TLS {tls}"))?;
            }
            if let Some(sni) = expect["backend_sni"].as_str() {
                ensure(tls["serverName"] == sni, || format!("TLS {tls}"))?;
            }
        }
        Ok(())
    }

    async fn one_line(&self, step: &Value) -> io::Result<Value> {
        let tcp = self.tcp(step).await?;
        if step["client_tls"] != true {
            return stream::line(tcp).await;
        }
        let client = handshake::Client {
            server_name: text(&step["sni"]),
            trust: step["trust"].as_str(),
            certificate: None,
            alpn: &[],
        };
        stream::line(client.connect(self.suite, tcp).await?.0).await
    }

    async fn datagrams(&mut self, step: &Value) -> Outcome {
        let (address, port) = self.endpoint(step).map_err(|why| why.to_string())?;
        for _ in 0..step["repeat"].as_u64().unwrap_or(1) {
            self.sent += 1;
            let answer = stream::datagram((&address, port), text(&step["payload"])).await;
            let answer = answer.map_err(|why| why.to_string())?;
            let expect = &step["expect"];
            if expect["any_response"] == true {
                continue;
            }
            let report: Value = serde_json::from_slice(&answer).map_err(|why| why.to_string())?;
            self.is_from(step, text(&report["namespace"]), text(&report["pod"]))?;
            if let Some(service) = expect["backend_service"].as_str() {
                ensure(report["service"] == service, || format!("{report}"))?;
            }
        }
        Ok(())
    }

    /// A filter of each backendRef writes the name of its backend: no request may carry that of another.
    async fn header_names_backend(&mut self, step: &Value) -> Outcome {
        let header = text(&step["expect"]["header"]).to_owned();
        let mut connection = self.connection(step).await.map_err(|why| why.to_string())?;
        let authority = self.authority(step);
        let asked = Asked {
            step,
            path: None,
            scheme: "http",
            authority: &authority,
        };
        for _ in 0..step["repeat"].as_u64().unwrap_or(1) {
            self.sent += 1;
            let answer = connection.ask(self.suite, &asked).await;
            let seen = answer.map_err(|why| why.to_string())?.seen;
            let seen = seen.ok_or("no backend was asked")?;
            let Server::Pod { deployment, .. } = &seen.server else {
                return Err(String::from("a pod"));
            };
            let values: Vec<&Value> = list(&seen.request["headers"])
                .iter()
                .filter(|line| text(&line[0]).eq_ignore_ascii_case(&header))
                .map(|line| &line[1])
                .collect();
            ensure(values == [&json!(deployment)], || {
                format!("{header} {values:?} at {deployment}")
            })?;
        }
        Ok(())
    }

    /// Shares of backends, by chance: one try of several must be within the tolerance.
    async fn drawn(&mut self, step: &Value) -> Outcome {
        let mut last = Ok(());
        for _ in 0..DRAWS {
            let total = step["total_requests"].as_u64().unwrap_or(500) as usize;
            let served = self
                .serve(step, total)
                .await
                .map_err(|why| why.to_string())?;
            let by = |workload: &str| served.iter().filter(|own| *own == workload).count();
            last = self.expectation(step).weights(by, total);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// The Deployments that serve so many requests.
    async fn serve(&mut self, step: &Value, total: usize) -> io::Result<Vec<String>> {
        self.sent += total;
        let mut served = Vec::with_capacity(total);
        let authority = self.authority(step);
        let pod = |report: &Value| deployment(text(&report["pod"]));
        match text(&step["protocol"]) {
            "TCP" => {
                for _ in 0..total {
                    served.push(pod(&self.one_line(step).await?));
                }
            }
            "UDP" => {
                let (address, port) = self.endpoint(step)?;
                for _ in 0..total {
                    let answer = stream::datagram((&address, port), "share").await?;
                    let report = serde_json::from_slice(&answer).map_err(io::Error::other)?;
                    served.push(pod(&report));
                }
            }
            "GRPC" => {
                let mut connection = Connection::open(self.tcp(step).await?, true).await?;
                for _ in 0..total {
                    let called = call(&mut connection, &step["request"], &authority).await?;
                    let reply = called
                        .reply
                        .ok_or_else(|| io::Error::other(format!("code {}", called.code)))?;
                    served.push(deployment(&reply.pod));
                }
            }
            _ => {
                let mut connection = if step["gateway"].is_null() {
                    self.mesh_connection(step).await?
                } else {
                    self.connection(step).await?
                };
                let asked = Asked {
                    step,
                    path: None,
                    scheme: "http",
                    authority: &authority,
                };
                for _ in 0..total {
                    let answer = connection.ask(self.suite, &asked).await?;
                    let seen = answer
                        .seen
                        .ok_or_else(|| io::Error::other(format!("status {}", answer.status)))?;
                    if let Server::Pod { deployment, .. } = seen.server {
                        served.push(deployment);
                    }
                }
            }
        }
        Ok(served)
    }

    /// Sends the requests of this path and counts their copies. Where copies are drawn, one try of several must be within the
    /// tolerance.
    async fn mirrored(&mut self, step: &Value) -> Outcome {
        let path = text(&step["path"]);
        let request = list(&self.test["steps"])
            .iter()
            .find(|own| own["kind"] == "request" && own["request"]["path"] == path)
            .ok_or("no request with this path")?;
        let total = request["repeat"].as_u64().unwrap_or(1) as usize;
        let mut last = Ok(());
        for _ in 0..DRAWS {
            self.request(request).await?;
            last = self.copies(step, total).await;
            if last.is_ok() || total == 1 {
                break;
            }
        }
        last
    }

    /// Waits until the copies are there.
    async fn copies(&self, step: &Value, total: usize) -> Outcome {
        let until = tokio::time::Instant::now() + UNDER_WAY;
        let path = text(&step["path"]);
        loop {
            let counted: Outcome = list(&step["mirrored_to"]).iter().try_for_each(|mirror| {
                let workload = text(&mirror["backend"]);
                let arrived = self.pods.arrived(workload, path);
                let (least, most) = bounds(step, mirror, total);
                ensure((least..=most).contains(&(arrived as f64)), || {
                    format!("{workload} got {arrived} copies of {total}, not {least} to {most}")
                })
            });
            if counted.is_ok() || tokio::time::Instant::now() > until {
                return counted;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// How many copies may arrive.
fn bounds(step: &Value, mirror: &Value, total: usize) -> (f64, f64) {
    let total = total as f64;
    let Some(percent) = mirror["percent"].as_f64() else {
        return (total, total);
    };
    let share = percent / 100.;
    let expected = total * share;
    let slack = if text(&step["tolerance"]).contains("standard deviations") {
        3. * (total * share * (1. - share)).sqrt()
    } else {
        expected * 0.15
    };
    (expected - slack, expected + slack)
}

fn failed() -> Answer {
    Answer {
        status: 0,
        headers: Vec::new(),
        location: None,
        seen: None,
    }
}

fn is_traffic(step: &Value) -> bool {
    let kind = text(&step["kind"]);
    kind.ends_with("_request")
        || [
            "request",
            "weights",
            "mirror",
            "tcp_connect",
            "backend_header_consistency",
        ]
        .contains(&kind)
}

/// The world as a cluster would show it, with EndpointSlices that lead to the pods.
fn objects(world: &World, pods: &Pods<'_>) -> Vec<Value> {
    let mut objects = world.objects.clone();
    for slice in objects.iter_mut().filter(|o| o["kind"] == "EndpointSlice") {
        pods.fill_in(slice);
    }
    objects.extend(pods.slices(world));
    objects
}
