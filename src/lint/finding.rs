//! What linting finds.

use std::fmt;

use serde::Serialize;

use crate::api::Key;

/// Something that is valid and has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of finding it is.
    pub kind: FindingKind,
    /// The object to look at.
    pub object: Key,
    /// The field to look at, as the API server writes paths; `None` for the object as a whole.
    pub path: Option<String>,
    /// What is the matter, in one line.
    pub message: String,
    /// A request that shows it.
    pub witness: Option<Witness>,
}

impl Finding {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.object)?;
        if let Some(path) = &self.path {
            write!(f, " {path}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// A hostname of a Route that meets no listener which takes the Route.
    DeadHostname,
    /// A listener without Routes.
    IdleListener,
    /// A match that never decides, since others take all its requests.
    ShadowedMatch,
    /// A rule none of whose matches ever decides.
    ShadowedRule,
    /// A Route that no listener takes.
    UnattachedRoute,
    /// A backend to which nothing can be sent.
    UnreachableBackend,
    /// A rule that is not served at all, or refuses all its requests.
    UnservedRule,
    /// A `from` or `to` of a ReferenceGrant that no reference needs.
    UnusedGrant,
    /// A backend of weight 0 beside others.
    WeightlessBackend,
}

impl FindingKind {
    /// All kinds.
    pub const ALL: [FindingKind; 9] = [
        FindingKind::DeadHostname,
        FindingKind::IdleListener,
        FindingKind::ShadowedMatch,
        FindingKind::ShadowedRule,
        FindingKind::UnattachedRoute,
        FindingKind::UnreachableBackend,
        FindingKind::UnservedRule,
        FindingKind::UnusedGrant,
        FindingKind::WeightlessBackend,
    ];

    /// The kind as reports write it: `shadowed-rule`, ...
    pub const fn as_str(self) -> &'static str {
        match self {
            FindingKind::DeadHostname => "dead-hostname",
            FindingKind::IdleListener => "idle-listener",
            FindingKind::ShadowedMatch => "shadowed-match",
            FindingKind::ShadowedRule => "shadowed-rule",
            FindingKind::UnattachedRoute => "unattached-route",
            FindingKind::UnreachableBackend => "unreachable-backend",
            FindingKind::UnservedRule => "unserved-rule",
            FindingKind::UnusedGrant => "unused-grant",
            FindingKind::WeightlessBackend => "weightless-backend",
        }
    }

    /// How bad a finding of this kind is.
    pub const fn severity(self) -> Severity {
        match self {
            FindingKind::IdleListener | FindingKind::WeightlessBackend => Severity::Note,
            FindingKind::UnreachableBackend | FindingKind::UnservedRule => Severity::Error,
            _ => Severity::Warning,
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// May well be meant.
    Note,
    /// Something that was written does not do what it says.
    Warning,
    /// Requests fail.
    Error,
}

impl Severity {
    /// The severity as reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request that shows a finding.
///
/// Prints as `GET https://shop.example.com/cart (x-env: test)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// `http` or `https`; `grpc` and `grpcs` for gRPC calls.
    pub scheme: &'static str,
    /// The method.
    pub method: String,
    /// The host, without port.
    pub host: String,
    /// The port that is connected to.
    pub port: u16,
    /// The path with its query.
    pub path: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = match (self.scheme, self.port) {
            ("http" | "grpc", 80) | ("https" | "grpcs", 443) => String::new(),
            (_, port) => format!(":{port}"),
        };
        write!(
            f,
            "{} {}://{}{port}{}",
            self.method, self.scheme, self.host, self.path
        )?;
        for (place, (name, value)) in self.headers.iter().enumerate() {
            write!(
                f,
                "{} {name}: {value}",
                if place == 0 { " with" } else { "," }
            )?;
        }
        Ok(())
    }
}
