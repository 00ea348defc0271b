//! What was found, in the shape of the JSON contract.

use std::path::Path;

use gatewright::manifest::{self, Document, ParseError, ReadError, Span};
use gatewright::validate::UnknownField;
use gatewright::vocab::{Bundle, Channel};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::text;
use crate::cli::exit::Exit;
use crate::cli::inputs::BundleArg;
use crate::cli::verdict::{self, Violation};

/// The version of the JSON format; it grows when a key changes its meaning or goes away.
const FORMAT_VERSION: u32 = 1;

/// Everything that was found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    version: u32,
    bundle: String,
    pub(super) objects: Vec<Checked>,
    pub(super) not_checked: Vec<NotChecked>,
    pub(super) errors: Vec<Broken>,
    #[serde(skip)]
    pub(super) unreadable: Vec<ReadError>,
}

/// An object of a Gateway API group.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checked {
    pub(super) source: Place,
    #[serde(flatten)]
    pub(super) object: Identity,
    pub(super) accepted: bool,
    pub(super) violations: Vec<Violation>,
    #[serde(serialize_with = "serialize_paths")]
    pub(super) unknown_fields: Vec<UnknownField>,
    /// Where the violations, then the unknown fields stand.
    #[serde(skip)]
    pub(super) spots: Vec<Spot>,
}

/// A stretch of one line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) span: Span,
    /// How long it is, in characters.
    pub(super) width: u32,
}

/// An object of another group.
#[derive(Debug, Serialize)]
pub(super) struct NotChecked {
    pub(super) source: Place,
    #[serde(flatten)]
    pub(super) object: Identity,
}

/// A document that could not be read.
#[derive(Debug, Serialize)]
pub(super) struct Broken {
    pub(super) source: Place,
    pub(super) column: u32,
    pub(super) message: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) document: u32,
    pub(super) line: u32,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) namespace: Option<String>,
    pub(super) name: String,
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.name.is_empty() {
            "(without name)"
        } else {
            &self.name
        };
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{name}", self.kind),
            None => write!(f, "{} {name}", self.kind),
        }
    }
}

impl Spot {
    fn of(span: Span, text: &str) -> Self {
        let covered = text.get(span.start..span.end).unwrap_or_default();
        let width = u32::try_from(covered.chars().count()).unwrap_or(u32::MAX);
        Spot { span, width }
    }
}

impl Checked {
    /// The violations that people should see, with their places.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&Violation, Option<&Spot>)> {
        let spots = self.spots.iter().map(Some).chain(std::iter::repeat(None));
        let all = self.violations.iter().zip(spots);
        all.filter(|(violation, _)| !violation.is_follow_up())
    }

    /// The unknown fields with their places.
    pub(super) fn dropped(&self) -> impl Iterator<Item = (&UnknownField, Option<&Spot>)> {
        let spots = self.spots.iter().skip(self.violations.len()).map(Some);
        let spots = spots.chain(std::iter::repeat(None));
        self.unknown_fields.iter().zip(spots)
    }
}

impl Report {
    pub(super) fn new(bundle: Bundle) -> Self {
        Report {
            version: FORMAT_VERSION,
            bundle: bundle.to_string(),
            objects: Vec::new(),
            not_checked: Vec::new(),
            errors: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    pub(super) fn bundle(&self) -> &str {
        &self.bundle
    }

    pub(super) fn add(&mut self, file: FileReport) {
        self.objects.extend(file.objects);
        self.not_checked.extend(file.not_checked);
        self.errors.extend(file.errors);
        self.unreadable.extend(file.unreadable);
    }

    /// Whether no object was found at all.
    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.not_checked.is_empty()
    }

    pub(super) fn exit(&self) -> Exit {
        if !self.errors.is_empty() || !self.unreadable.is_empty() {
            Exit::Unreadable
        } else if self
            .objects
            .iter()
            .any(|object| !object.accepted || !object.unknown_fields.is_empty())
        {
            Exit::Findings
        } else {
            Exit::Fine
        }
    }
}

/// What was found in one file.
#[derive(Debug, Default)]
pub(super) struct FileReport {
    pub(super) objects: Vec<Checked>,
    pub(super) not_checked: Vec<NotChecked>,
    pub(super) errors: Vec<Broken>,
    pub(super) unreadable: Option<ReadError>,
    /// For people, in the order of the file.
    pub(super) text: String,
}

impl FileReport {
    /// Reads and checks a file; `with_text` writes the text for people, too.
    pub(super) fn of(file: &Path, bundle: BundleArg, with_text: bool) -> Self {
        let mut report = FileReport::default();
        let parsed = match manifest::read_file(file) {
            Ok(parsed) => parsed,
            Err(error) => {
                report.unreadable = Some(error);
                return report;
            }
        };
        if with_text && parsed.documents.is_empty() && parsed.errors.is_empty() {
            report.text = text::empty_file(file);
        }
        for error in &parsed.errors {
            if with_text {
                report.text += &crate::cli::render::parse_error(error);
            }
            report.errors.push(broken(error));
        }
        for document in parsed.documents {
            report.check(document, bundle, with_text);
        }
        report
    }

    fn check(&mut self, document: Document, bundle: BundleArg, with_text: bool) {
        let source = place(&document);
        if !verdict::is_checked(document.api_version()) {
            let object = identity(&document);
            self.not_checked.push(NotChecked { source, object });
            return;
        }
        let verdict = verdict::check(document.value(), bundle.bundle());
        let accepted = verdict.accepted;
        let unknown_fields = verdict.unknown_fields.clone();
        let violations = verdict::violations(verdict);
        let paths: Vec<&str> = (violations.iter().map(Violation::place))
            .chain(verdict::paths(&unknown_fields))
            .collect();
        let spots = if paths.is_empty() {
            Vec::new()
        } else {
            let text = document.source().text();
            let places = document.locate_each(&paths);
            let breaches = violations.len();
            let spans = places.iter().enumerate().map(|(n, place)| match place.key {
                // Of an unknown field the key is what is wrong.
                Some(key) if n >= breaches => key,
                _ => place.pointer(text),
            });
            spans.map(|span| Spot::of(span, text)).collect()
        };
        let checked = Checked {
            source,
            object: identity(&document),
            accepted,
            unknown_fields,
            violations,
            spots,
        };
        if with_text {
            let bundle_name = bundle.bundle();
            text::findings(&document, &checked, bundle_name, &mut self.text);
            if bundle.is_default() && checked.accepted {
                let standard = Bundle::new(bundle_name.release, Channel::Standard);
                let fields = verdict::missing_in(document.value(), bundle_name, standard);
                text::hint(&checked, &fields, bundle_name, &mut self.text);
            }
        }
        self.objects.push(checked);
    }
}

fn serialize_paths<S: Serializer>(fields: &[UnknownField], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(verdict::paths(fields))
}

fn place(document: &Document) -> Place {
    let origin = document.origin();
    Place {
        file: origin.file.to_string(),
        document: origin.document,
        line: origin.line,
    }
}

fn identity(document: &Document) -> Identity {
    // What the API server adds depends on nothing but these.
    let mut head = json!({
        "apiVersion": document.api_version(),
        "kind": document.kind(),
        "metadata": {"namespace": document.namespace()},
    });
    manifest::complete(&mut head);
    Identity {
        api_version: document.api_version().to_owned(),
        kind: document.kind().to_owned(),
        namespace: head
            .pointer("/metadata/namespace")
            .and_then(Value::as_str)
            .map(str::to_owned),
        name: document.name().to_owned(),
    }
}

fn broken(error: &ParseError) -> Broken {
    Broken {
        source: Place {
            file: error.file().to_owned(),
            document: error.document(),
            line: error.line(),
        },
        column: error.column(),
        message: error.message(),
    }
}
