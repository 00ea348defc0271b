//! Whether decisions meet a step's expectation: the backend's answer is what its echo would send, the client's is what
//! the decision makes of it.

use serde_json::{Value, json};

use super::expect::{Answer, Expectation, Seen, Server};
use super::json::{Outcome, ensure, list, text};

/// How many evenly spread draws stand for the suite's hundreds of requests.
const DRAWS: u32 = 200;

/// The request lines (contract of `route --requests`) that a traffic step asks.
pub fn requests(step: &Value) -> Vec<Value> {
    let mut line = json!({"id": step["id"]});
    if let Some(gateway) = step["gateway"].as_str() {
        line["gateway"] = json!(gateway);
        line["port"] = step["listener_port"].clone();
    }
    if let Some(service) = step["destination_service"].as_str() {
        line["service"] = json!(service);
        line["client_namespace"] = step["from"]["namespace"].clone();
        line["port"] = step["destination_port"].clone();
    }
    let port = line["port"].as_u64().unwrap_or(80);
    let request = &step["request"];
    let kind = match text(&step["kind"]) {
        "weights" if step["protocol"] == "GRPC" => "grpc_request",
        "weights" if step["protocol"] == "TCP" => "tcp_request",
        "weights" if step["protocol"] == "UDP" => "udp_request",
        "weights" => "request",
        other => other,
    };
    match kind {
        "grpc_request" => {
            line["protocol"] = json!("grpc");
            line["path"] = request["path"].clone();
            line["host"] = authority(&request["authority"], port, "http");
            line["headers"] = headers(&request["metadata"]);
        }
        "tcp_request" => {
            line["protocol"] = json!(if step["client_tls"] == true {
                "tls"
            } else {
                "tcp"
            });
            line["sni"] = step["sni"].clone();
        }
        "udp_request" => line["protocol"] = json!("udp"),
        "tls_request" => {
            line["protocol"] = json!("tls");
            line["sni"] = step["sni"].clone();
        }
        _ => {
            let scheme = step["scheme"].as_str().unwrap_or("http");
            line["scheme"] = json!(scheme);
            if scheme == "https" {
                line["sni"] = step["sni"].clone();
            }
            line["method"] = json!(
                request["method"]
                    .as_str()
                    .filter(|m| !m.is_empty())
                    .unwrap_or("GET")
            );
            line["path"] = request["path"].clone();
            line["host"] = authority(&request["host"], port, scheme);
            line["headers"] = headers(&request["headers"]);
        }
    }
    if step["kind"] != "weights" {
        return vec![line];
    }
    let drawn = |n: u32| {
        let mut line = line.clone();
        line["draw"] = json!((f64::from(n) + 0.5) / f64::from(DRAWS));
        line
    };
    (0..DRAWS).map(drawn).collect()
}

/// A request without host goes to the Gateway's address, here one of the documentation range.
fn authority(host: &Value, port: u64, scheme: &str) -> Value {
    let default = if scheme == "https" { 443 } else { 80 };
    match host.as_str() {
        Some(host) => json!(host),
        None if port == default => json!("192.0.2.1"),
        None => json!(format!("192.0.2.1:{port}")),
    }
}

fn headers(headers: &Value) -> Value {
    let lines = headers.as_object().into_iter().flatten();
    lines.map(|(name, value)| json!([name, value])).collect()
}

/// One traffic step of a test.
pub struct Traffic<'t> {
    pub test: &'t Value,
    pub step: &'t Value,
}

impl Traffic<'_> {
    /// Checks the decisions against the step.
    pub fn check(&self, decisions: &[Value]) -> Outcome {
        if self.step["kind"] == "weights" {
            return self.weights(decisions);
        }
        let decision = decisions.first().ok_or("no decision")?;
        let expect = &self.step["expect"];
        let checked = match text(&self.step["kind"]) {
            "grpc_request" => self.grpc(expect, decision),
            "tcp_request" | "udp_request" => self.stream(expect, decision),
            "tls_request" => self.tls(expect, decision),
            _ => self.http(expect, decision),
        };
        checked.map_err(|why| format!("{why}; decision {decision}"))
    }

    fn expectation(&self) -> Expectation<'_> {
        Expectation {
            test: self.test,
            step: self.step,
        }
    }

    fn grpc(&self, expect: &Value, decision: &Value) -> Outcome {
        let code = expect["grpc_code"].as_i64().unwrap_or(0);
        if code == 0 {
            is_forward(decision)?;
            return self.expectation().backend(expect, &seen(decision));
        }
        ensure(decision["grpc_status"] == code, || {
            format!("grpc_status {}, expected {code}", decision["grpc_status"])
        })
    }

    fn stream(&self, expect: &Value, decision: &Value) -> Outcome {
        is_forward(decision)?;
        if let Some(service) = expect["backend_service"].as_str() {
            return ensure(decision["backend"]["name"] == service, || {
                format!("backend {}", decision["backend"])
            });
        }
        self.expectation().backend(expect, &seen(decision))
    }

    fn tls(&self, expect: &Value, decision: &Value) -> Outcome {
        if expect["connection_failure"] == true {
            return ensure(decision["outcome"] == "reset", || {
                format!("outcome {}", decision["outcome"])
            });
        }
        is_forward(decision)?;
        self.expectation().backend(expect, &seen(decision))
    }

    fn http(&self, expect: &Value, decision: &Value) -> Outcome {
        let is_forward = decision["outcome"] == "forward";
        let answer = Answer {
            status: self.status(decision),
            headers: self.response(decision),
            location: decision["location"].as_str().map(str::to_owned),
            seen: is_forward.then(|| seen(decision)),
        };
        self.expectation().http(expect, &answer)?;
        for mirror in list(&expect["mirrored_to"]) {
            let reached = list(&decision["mirrors"]).iter().any(|own| {
                let workload = text(&mirror["backend"]);
                let server = server(&own["backend"]);
                self.expectation()
                    .is_behind(workload, &mirror["namespace"], &server)
                    && match mirror["percent"].as_f64() {
                        Some(percent) => {
                            let share = own["numerator"].as_f64().unwrap_or(0.)
                                / own["denominator"].as_f64().unwrap_or(1.);
                            (share * 100. - percent).abs() < 1e-9
                        }
                        None => true,
                    }
            });
            ensure(reached, || format!("not mirrored to {mirror}"))?;
        }
        Ok(())
    }

    /// The status that the client sees: the backend answers 200, or what its path asks for, unless time runs out.
    fn status(&self, decision: &Value) -> i64 {
        match text(&decision["outcome"]) {
            "forward" => {
                let path = text(&decision["request"]["path"]);
                if let Some(code) = path.strip_prefix("/status/") {
                    return code
                        .split('?')
                        .next()
                        .and_then(|code| code.parse().ok())
                        .unwrap_or(200);
                }
                let delay = path
                    .split_once("delay=")
                    .and_then(|(_, delay)| millis(delay))
                    .unwrap_or(0);
                let runs_out = |limit: &Value| {
                    limit
                        .as_str()
                        .and_then(millis)
                        .is_some_and(|limit| limit > 0 && limit < delay)
                };
                if runs_out(&decision["timeouts"]["request"])
                    || runs_out(&decision["timeouts"]["backendRequest"])
                {
                    return 504;
                }
                200
            }
            "reset" => 0,
            _ => decision["status"].as_i64().unwrap_or(0),
        }
    }

    /// The header lines that the client gets: what the backend was told to set, and what the decision makes of it.
    fn response(&self, decision: &Value) -> Vec<(String, String)> {
        let mut lines: Vec<(String, String)> = Vec::new();
        if decision["outcome"] == "forward" {
            let set = self.step["backend_sets_response_headers"].as_object();
            for (name, value) in set.into_iter().flatten() {
                lines.push((name.to_lowercase(), text(value).to_owned()));
            }
        }
        apply_edits(&mut lines, &decision["response_headers"]);
        lines
    }

    fn weights(&self, decisions: &[Value]) -> Outcome {
        let served = |workload: &str| {
            let got = decisions.iter().filter(|decision| {
                let server = server(&decision["backend"]);
                decision["outcome"] == "forward"
                    && self
                        .expectation()
                        .is_behind(workload, &Value::Null, &server)
            });
            got.count()
        };
        self.expectation().weights(served, decisions.len())
    }
}

/// What the backend of a decision sees.
fn seen(decision: &Value) -> Seen {
    let tls = &decision["backend_tls"];
    Seen {
        server: server(&decision["backend"]),
        request: decision["request"].clone(),
        sni: tls["hostname"].as_str().map(str::to_owned),
        client_certificate: Some(tls["client_certificate"].to_string()),
    }
}

fn server(backend: &Value) -> Server {
    Server::Service {
        namespace: text(&backend["namespace"]).to_owned(),
        name: text(&backend["name"]).to_owned(),
    }
}

/// Remove, set, add, in this order (contract of the decision).
fn apply_edits(lines: &mut Vec<(String, String)>, edits: &Value) {
    let pairs = |list: &Value| -> Vec<(String, String)> {
        match list {
            Value::Object(fields) => fields
                .iter()
                .map(|(n, v)| (n.to_lowercase(), text(v).to_owned()))
                .collect(),
            other => {
                let pair =
                    |pair: &Value| (text(&pair[0]).to_lowercase(), text(&pair[1]).to_owned());
                other.as_array().into_iter().flatten().map(pair).collect()
            }
        }
    };
    for name in list(&edits["remove"]) {
        lines.retain(|(own, _)| *own != text(name).to_lowercase());
    }
    for (name, value) in pairs(&edits["set"]) {
        lines.retain(|(own, _)| *own != name);
        lines.push((name, value));
    }
    lines.extend(pairs(&edits["add"]));
}

fn millis(text: &str) -> Option<u64> {
    let text = text.split('&').next().unwrap_or(text);
    gatewright::vocab::Duration::parse(text)
        .ok()
        .map(|duration| duration.as_millis())
}

fn is_forward(decision: &Value) -> Outcome {
    ensure(decision["outcome"] == "forward", || {
        format!("outcome {}", decision["outcome"])
    })
}
