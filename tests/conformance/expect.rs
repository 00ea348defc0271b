//! Whether what came back for a request, and what the backend saw, meet the expectation of a step.

use serde_json::{Value, json};

use super::json::{Outcome, ensure, list, text};

/// What came back for a request.
pub struct Answer {
    /// The status; 0 when the connection failed.
    pub status: i64,
    /// The header lines of the response, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// What the backend saw, if one was asked.
    pub seen: Option<Seen>,
}

/// What a backend saw.
pub struct Seen {
    /// Who it is.
    pub server: Server,
    /// `path`, `method`, `host` and `headers` as a list of pairs.
    pub request: Value,
    /// The server name of the handshake.
    pub sni: Option<String>,
    /// The Secret of the client's certificate, in a text that has its namespace and name.
    pub client_certificate: Option<String>,
}

/// Who a backend is: as a reference names it, or as it names itself.
pub enum Server {
    /// A Service.
    Service { namespace: String, name: String },
    /// A pod of a Deployment.
    Pod {
        namespace: String,
        deployment: String,
    },
}

/// One traffic step of a test.
pub struct Expectation<'t> {
    pub test: &'t Value,
    pub step: &'t Value,
}

impl Expectation<'_> {
    /// Checks the answer to an HTTP request.
    pub fn http(&self, expect: &Value, answer: &Answer) -> Outcome {
        let status = answer.status;
        if expect["connection_failure"] == true {
            return ensure(status == 0, || format!("status {status}"));
        }
        ensure(status != 0, || String::from("no response"))?;
        if expect["any_timeout_status"] == true {
            ensure(status == 408 || status == 504, || {
                format!("status {status}, expected a timeout")
            })?;
        } else if let Some(allowed) = expect["status"].as_array() {
            ensure(allowed.contains(&json!(status)), || {
                format!("status {status}, expected {allowed:?}")
            })?;
        }
        ensure(
            !list(&expect["status_not"]).contains(&json!(status)),
            || format!("status {status}"),
        )?;
        if expect["answered_by"] == "backend" && status == 200 {
            let seen = answer.seen.as_ref().ok_or("no backend was asked")?;
            self.backend(expect, seen)?;
            self.backend_request(&expect["backend_request"], seen)?;
        }
        if !expect["redirect"].is_null() {
            redirect(
                &expect["redirect"],
                answer.location.as_deref().unwrap_or(""),
            )?;
        }
        if status == 200 || (status == 204 && self.test["release"] != "v1.4.1") {
            response(expect, &answer.headers)?;
        }
        Ok(())
    }

    /// Whether the backend is the expected one.
    pub fn backend(&self, expect: &Value, seen: &Seen) -> Outcome {
        match expect["backend"].as_str() {
            Some(workload) => {
                let fits = self.is_behind(workload, &expect["namespace"], &seen.server);
                ensure(fits, || format!("not served by {workload}"))
            }
            None => match (&seen.server, expect["namespace"].as_str()) {
                (Server::Pod { namespace, .. }, Some(want)) => {
                    ensure(namespace == want, || format!("served from {namespace}"))
                }
                _ => Ok(()),
            },
        }
    }

    /// Whether a server belongs to a Deployment.
    pub fn is_behind(&self, workload: &str, namespace: &Value, server: &Server) -> bool {
        let service = match server {
            Server::Pod {
                namespace: own,
                deployment,
            } => {
                return deployment == workload && namespace.as_str().is_none_or(|want| want == own);
            }
            Server::Service { namespace, name } => format!("{namespace}/{name}"),
        };
        let workloads = self.test["workloads"].as_object().into_iter().flatten();
        let mut candidates = workloads.filter(|(name, _)| match namespace.as_str() {
            Some(namespace) => **name == format!("{namespace}/{workload}"),
            None => name.rsplit('/').next() == Some(workload),
        });
        candidates.any(|(_, services)| list(services).contains(&json!(service)))
    }

    fn backend_request(&self, expect: &Value, seen: &Seen) -> Outcome {
        let request = &seen.request;
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
        if let Some(sni) = expect["sni"].as_str() {
            ensure(seen.sni.as_deref() == Some(sni), || {
                format!("server name {:?}, expected {sni}", seen.sni)
            })?;
        }
        if let Some(certificate) = expect["client_certificate"].as_str() {
            let name = certificate.split(' ').nth(1).unwrap_or("");
            let shown = seen.client_certificate.as_deref().unwrap_or("");
            let (namespace, name) = name.split_once('/').unwrap_or(("", name));
            ensure(shown.contains(namespace) && shown.contains(name), || {
                format!("client certificate {shown}")
            })?;
        }
        Ok(())
    }

    /// Whether each workload of a `weights` step gets its share; `served` counts the requests that one got.
    pub fn weights(&self, served: impl Fn(&str) -> usize, total: usize) -> Outcome {
        let tolerance = self.step["tolerance"].as_f64().unwrap_or(0.05);
        for (workload, share) in self.step["weights"].as_object().into_iter().flatten() {
            let got = served(workload) as f64 / total as f64;
            let share = share.as_f64().unwrap_or(0.);
            ensure((got - share).abs() <= tolerance, || {
                format!("{workload} gets {got}, expected {share}")
            })?;
        }
        Ok(())
    }
}

/// The response as the client gets it.
fn response(expect: &Value, lines: &[(String, String)]) -> Outcome {
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

fn redirect(expect: &Value, location: &str) -> Outcome {
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

fn joined(lines: &Value, name: &str) -> Option<String> {
    let values: Vec<&str> = list(lines)
        .iter()
        .filter(|line| text(&line[0]).eq_ignore_ascii_case(name))
        .map(|line| text(&line[1]))
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}
