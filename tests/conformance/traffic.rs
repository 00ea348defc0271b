//! Whether decisions meet a step's expectation: the backend's answer is what its echo would send, the client's is what
//! the decision makes of it.

use serde_json::{Value, json};

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

    fn grpc(&self, expect: &Value, decision: &Value) -> Outcome {
        let code = expect["grpc_code"].as_i64().unwrap_or(0);
        if code == 0 {
            is_forward(decision)?;
            return self.backend(expect, decision);
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
        self.backend(expect, decision)
    }

    fn tls(&self, expect: &Value, decision: &Value) -> Outcome {
        if expect["connection_failure"] == true {
            return ensure(decision["outcome"] == "reset", || {
                format!("outcome {}", decision["outcome"])
            });
        }
        is_forward(decision)?;
        self.backend(expect, decision)
    }

    fn http(&self, expect: &Value, decision: &Value) -> Outcome {
        if expect["connection_failure"] == true {
            return ensure(decision["outcome"] == "reset", || {
                format!("outcome {}", decision["outcome"])
            });
        }
        let status = self.status(decision);
        if let Some(allowed) = expect["status"].as_array() {
            ensure(allowed.contains(&json!(status)), || {
                format!("status {status}, expected {allowed:?}")
            })?;
        }
        if let Some(wrong) = expect["status_not"].as_i64() {
            ensure(wrong != status, || format!("status {status}"))?;
        }
        if expect["any_timeout_status"] == true {
            ensure(status == 408 || status == 504, || {
                format!("status {status}, expected a timeout")
            })?;
        }
        if expect["answered_by"] == "backend" && status == 200 {
            is_forward(decision)?;
            self.backend(expect, decision)?;
            self.backend_request(&expect["backend_request"], decision)?;
        }
        if !expect["redirect"].is_null() {
            self.redirect(&expect["redirect"], decision)?;
        }
        if status == 200 || (status == 204 && self.test["release"] != "v1.4.1") {
            self.response(expect, decision)?;
        }
        for mirror in list(&expect["mirrored_to"]) {
            let reached = list(&decision["mirrors"]).iter().any(|own| {
                self.is_behind(
                    text(&mirror["backend"]),
                    &mirror["namespace"],
                    &own["backend"],
                ) && match mirror["percent"].as_f64() {
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

    fn backend(&self, expect: &Value, decision: &Value) -> Outcome {
        match expect["backend"].as_str() {
            Some(workload) => {
                let fits = self.is_behind(workload, &expect["namespace"], &decision["backend"]);
                ensure(fits, || {
                    format!("backend {}, expected {workload}", decision["backend"])
                })
            }
            None => Ok(()),
        }
    }

    /// Whether a Service leads to a Deployment.
    fn is_behind(&self, workload: &str, namespace: &Value, backend: &Value) -> bool {
        let service = format!("{}/{}", text(&backend["namespace"]), text(&backend["name"]));
        let workloads = self.test["workloads"].as_object().into_iter().flatten();
        let mut candidates = workloads.filter(|(name, _)| match namespace.as_str() {
            Some(namespace) => **name == format!("{namespace}/{workload}"),
            None => name.rsplit('/').next() == Some(workload),
        });
        candidates.any(|(_, services)| list(services).contains(&json!(service)))
    }

    fn backend_request(&self, expect: &Value, decision: &Value) -> Outcome {
        let request = &decision["request"];
        // In a mesh the suite's client sees headers only: path and host are stated in the test, but never compared.
        let line: &[&str] = if self.step["kind"] == "mesh_request" {
            &[]
        } else {
            &["path", "method", "host"]
        };
        for key in line.iter().copied() {
            if let Some(want) = expect[key].as_str().filter(|want| !want.is_empty()) {
                ensure(request[key] == want, || {
                    format!("{key} {}, expected {want}", request[key])
                })?;
            }
        }
        for (name, want) in expect["headers"].as_object().into_iter().flatten() {
            let have = joined(&request["headers"], name);
            ensure(have.as_deref() == want.as_str(), || {
                format!("header {name} {have:?}, expected {want}")
            })?;
        }
        for name in list(&expect["absent_headers"]) {
            let have = joined(&request["headers"], text(name));
            ensure(have.is_none(), || format!("header {name} is there"))?;
        }
        let tls = &decision["backend_tls"];
        if let Some(sni) = expect["sni"].as_str() {
            ensure(tls["hostname"] == sni, || {
                format!("server name {}, expected {sni}", tls["hostname"])
            })?;
        }
        if let Some(certificate) = expect["client_certificate"].as_str() {
            let name = certificate.split(' ').nth(1).unwrap_or("");
            let shown = tls["client_certificate"].to_string();
            let (namespace, name) = name.split_once('/').unwrap_or(("", name));
            ensure(shown.contains(namespace) && shown.contains(name), || {
                format!("client certificate {shown}")
            })?;
        }
        Ok(())
    }

    /// The response as the client gets it.
    fn response(&self, expect: &Value, decision: &Value) -> Outcome {
        let mut lines: Vec<(String, String)> = Vec::new();
        if decision["outcome"] == "forward" {
            for (name, value) in self.step["backend_sets_response_headers"]
                .as_object()
                .into_iter()
                .flatten()
            {
                lines.push((name.to_lowercase(), text(value).to_owned()));
            }
        }
        apply_edits(&mut lines, &decision["response_headers"]);
        let have = |name: &str| {
            let name = name.to_lowercase();
            let values: Vec<&str> = lines
                .iter()
                .filter(|(own, _)| *own == name)
                .map(|(_, v)| v.as_str())
                .collect();
            (!values.is_empty()).then(|| values.join(","))
        };
        let squeeze = |value: &str| {
            let white = expect["ignore_header_whitespace"] == true;
            if white {
                value.split_whitespace().collect()
            } else {
                value.to_owned()
            }
        };
        for (name, want) in expect["response_headers"].as_object().into_iter().flatten() {
            let have = have(name);
            let same = have.as_deref().map(squeeze) == want.as_str().map(squeeze);
            ensure(same, || {
                format!("response header {name} {have:?}, expected {want}")
            })?;
        }
        for (name, wants) in expect["response_header_alternatives"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let have = have(name);
            let one_of = list(wants)
                .iter()
                .any(|want| have.as_deref().map(squeeze) == want.as_str().map(squeeze));
            ensure(one_of, || {
                format!("response header {name} {have:?}, expected one of {wants}")
            })?;
        }
        for name in list(&expect["absent_response_headers"]) {
            let have = have(text(name));
            ensure(have.is_none(), || {
                format!("response header {name} {have:?}")
            })?;
        }
        Ok(())
    }

    fn redirect(&self, expect: &Value, decision: &Value) -> Outcome {
        let location = text(&decision["location"]);
        let (scheme, rest) = location
            .split_once("://")
            .ok_or_else(|| format!("location {location}"))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        ensure(
            expect["scheme"].is_null() || expect["scheme"] == scheme,
            || format!("scheme {scheme}"),
        )?;
        ensure(expect["host"].is_null() || expect["host"] == host, || {
            format!("host {host}")
        })?;
        let want = match &expect["port"] {
            Value::Number(port) => Some(port.to_string()),
            Value::String(port) => Some(port.clone()),
            _ => None,
        };
        let default = if scheme == "https" { "443" } else { "80" };
        let same_port = want.as_deref().unwrap_or(default) == port.unwrap_or(default);
        ensure(same_port, || format!("port {port:?}, expected {want:?}"))?;
        let path = path.split('?').next().unwrap_or("");
        ensure(expect["path"].is_null() || expect["path"] == path, || {
            format!("path {path}, expected {}", expect["path"])
        })
    }

    fn weights(&self, decisions: &[Value]) -> Outcome {
        let tolerance = self.step["tolerance"].as_f64().unwrap_or(0.05);
        for (workload, share) in self.step["weights"].as_object().into_iter().flatten() {
            let served = decisions.iter().filter(|decision| {
                decision["outcome"] == "forward"
                    && self.is_behind(workload, &Value::Null, &decision["backend"])
            });
            let (served, share) = (
                served.count() as f64 / decisions.len() as f64,
                share.as_f64().unwrap_or(0.),
            );
            ensure((served - share).abs() <= tolerance, || {
                format!("{workload} gets {served}, expected {share}")
            })?;
        }
        Ok(())
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

fn joined(lines: &Value, name: &str) -> Option<String> {
    let values: Vec<&str> = list(lines)
        .iter()
        .filter(|line| text(&line[0]).eq_ignore_ascii_case(name))
        .map(|line| text(&line[1]))
        .collect();
    (!values.is_empty()).then(|| values.join(","))
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
