//! A decision for people.

use std::fmt::{self, Write as _};

use super::{BackendWords, Decision, EditWords, RequestWords, Word};

/// The decision in lines: first what becomes of the request, then why, then what travels.
pub(in crate::cli) fn readable(decision: &Decision) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, decision);
    out
}

fn write(out: &mut String, decision: &Decision) -> fmt::Result {
    headline(out, decision)?;
    origin(out, decision)?;
    if let Some(auth) = &decision.external_auth {
        row(
            out,
            "asks first",
            format_args!("{} {}", auth.protocol, Named(&auth.backend)),
        )?;
        request(out, &auth.request)?;
    }
    if let Some(own) = &decision.request {
        row(out, "sends", format_args!("{}", Line(own)))?;
        headers(out, own)?;
    }
    for mirror in &decision.mirrors {
        row(
            out,
            "copies",
            format_args!(
                "{} of {} to {}",
                mirror.numerator,
                mirror.denominator,
                Named(&mirror.backend)
            ),
        )?;
        request(out, &mirror.request)?;
    }
    edits(out, &decision.response_headers)?;
    settings(out, decision)
}

fn headline(out: &mut String, decision: &Decision) -> fmt::Result {
    match decision.outcome {
        Word::Forward => match &decision.backend {
            Some(backend) => writeln!(out, "forward to {}{}", Named(backend), Share(decision)),
            None => writeln!(out, "forward"),
        },
        Word::Redirect => writeln!(
            out,
            "redirect {} to {}",
            decision.status.unwrap_or_default(),
            decision.location.as_deref().unwrap_or_default()
        ),
        Word::Respond => match decision.grpc_status {
            Some(status) => writeln!(out, "answer grpc-status {status}: {}", decision.reason),
            None => writeln!(
                out,
                "answer {}: {}",
                decision.status.unwrap_or_default(),
                decision.reason
            ),
        },
        Word::Reset => writeln!(out, "reset: {}", decision.reason),
    }
}

fn origin(out: &mut String, decision: &Decision) -> fmt::Result {
    if let Some(listener) = &decision.listener {
        match &listener.set {
            Some(set) => row(
                out,
                "listener",
                format_args!(
                    "{} of ListenerSet {set}, Gateway {}",
                    listener.name, listener.gateway
                ),
            )?,
            None => row(
                out,
                "listener",
                format_args!("{} of Gateway {}", listener.name, listener.gateway),
            )?,
        }
    }
    if let (Some(route), Some(rule)) = (&decision.route, &decision.rule) {
        row(
            out,
            "route",
            format_args!("{} {}/{}", route.kind, route.namespace, route.name),
        )?;
        let name = rule
            .name
            .as_deref()
            .map(|name| format!(" ({name})"))
            .unwrap_or_default();
        match decision.match_index {
            Some(index) => row(
                out,
                "rule",
                format_args!("rules[{}]{name}, matches[{index}]", rule.index),
            )?,
            None => row(out, "rule", format_args!("rules[{}]{name}", rule.index))?,
        }
    }
    if let Some(hostname) = &decision.hostname {
        row(out, "hostname", format_args!("{hostname}"))?;
    }
    match decision.key {
        Some(key) => row(out, "won by", format_args!("{key} over the next candidate")),
        None if decision.match_index.is_some() => {
            row(out, "won by", format_args!("no other candidate matches"))
        }
        None => Ok(()),
    }
}

fn settings(out: &mut String, decision: &Decision) -> fmt::Result {
    if let Some(timeouts) = &decision.timeouts {
        if let Some(limit) = &timeouts.request {
            row(out, "timeout", format_args!("{limit} for the request"))?;
        }
        if let Some(limit) = &timeouts.backend_request {
            row(out, "timeout", format_args!("{limit} for each try"))?;
        }
    }
    if let Some(retry) = &decision.retry {
        row(
            out,
            "retries",
            format_args!(
                "{} after {} on {:?} and lost connections",
                retry.attempts, retry.backoff, retry.codes
            ),
        )?;
    }
    if let Some(session) = &decision.session {
        let name = session.session_name.as_deref().unwrap_or("a derived name");
        row(out, "session", format_args!("{} with {name}", session.kind))?;
    }
    if let Some(tls) = &decision.backend_tls {
        row(out, "backend TLS", format_args!("as {}", tls.hostname))?;
        if let Some(certificate) = &tls.client_certificate {
            row(
                out,
                "",
                format_args!(
                    "showing Secret {}/{}",
                    certificate.namespace, certificate.name
                ),
            )?;
        }
    }
    if let Some(cors) = &decision.cors {
        let kind = if cors.preflight {
            "preflight"
        } else {
            "request"
        };
        let verdict = if cors.allowed {
            "allowed"
        } else {
            "not allowed"
        };
        row(
            out,
            "CORS",
            format_args!("{kind} of an origin that is {verdict}"),
        )?;
    }
    Ok(())
}

fn request(out: &mut String, own: &RequestWords) -> fmt::Result {
    row(out, "", format_args!("{}", Line(own)))?;
    headers(out, own)
}

fn headers(out: &mut String, own: &RequestWords) -> fmt::Result {
    for (name, value) in &own.headers {
        row(
            out,
            "",
            format_args!("  {}: {}", name, value.escape_debug()),
        )?;
    }
    Ok(())
}

fn edits(out: &mut String, edits: &EditWords) -> fmt::Result {
    let mut label = "response";
    for name in &edits.remove {
        row(
            out,
            std::mem::take(&mut label),
            format_args!("without {name}"),
        )?;
    }
    for (name, value) in &edits.set {
        row(
            out,
            std::mem::take(&mut label),
            format_args!("{name}: {}", value.escape_debug()),
        )?;
    }
    for (name, value) in &edits.add {
        row(
            out,
            std::mem::take(&mut label),
            format_args!("and {name}: {}", value.escape_debug()),
        )?;
    }
    Ok(())
}

fn row(out: &mut String, label: &str, text: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(out, "  {label:<12}{text}")
}

/// A backend by kind, name and port.
struct Named<'d>(&'d BackendWords);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.0.kind, self.0.namespace, self.0.name)?;
        match self.0.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// The share of the chosen backend, if there are several.
struct Share<'d>(&'d Decision);

impl fmt::Display for Share<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum: u64 = self
            .0
            .backends
            .iter()
            .filter_map(|backend| backend.weight)
            .map(u64::from)
            .sum();
        match &self.0.backend {
            Some(BackendWords {
                weight: Some(weight),
                ..
            }) if self.0.backends.len() > 1 => {
                write!(f, " (weight {weight} of {sum})")
            }
            _ => Ok(()),
        }
    }
}

/// A request in one line.
struct Line<'d>(&'d RequestWords);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RequestWords {
            method,
            scheme,
            host,
            path,
            ..
        } = self.0;
        write!(
            f,
            "{method} {scheme}://{}{path}",
            host.as_deref().unwrap_or_default()
        )
    }
}
