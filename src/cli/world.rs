//! The objects that `status`, `route`, `explain`, `lint` and `graph` start from: read, defaulted, pruned, validated.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use gatewright::api::{Key, Object};
use gatewright::manifest::{self, Document, Parsed, ReadError};
use gatewright::resolve::{Controller, Features, X509Reader};
use gatewright::snapshot::{Snapshot, SnapshotBuilder};
use gatewright::vocab::{Bundle, Channel};
use serde_json::Value;

use super::exit::{Exit, Failure};
use super::inputs::{BundleArg, files};
use super::parallel;
use super::render::{self, Message, Severity};
use super::verdict::{self, Violation};

/// What the commands that resolve take.
#[derive(Debug, clap::Args)]
pub(super) struct WorldArgs {
    #[command(flatten)]
    bundle: BundleArg,
    /// Name of the controller that resolves [default: every GatewayClass is ours, under its own controllerName].
    #[arg(long, value_name = "NAME")]
    controller: Option<String>,
    /// Features that are not supported, named as in supportedFeatures [default: all are].
    #[arg(long, value_name = "FEATURE", value_delimiter = ',')]
    without: Vec<String>,
}

/// What was read.
pub(super) struct World {
    pub(super) snapshot: Snapshot,
    pub(super) controller: Controller,
    /// Where each object stands, without the object.
    pub(super) origins: HashMap<Key, Document>,
    /// [`Exit::Findings`] when objects were left out, [`Exit::Unreadable`] when documents could not be read.
    pub(super) exit: Exit,
}

/// Reads some paths. What is left out is told on standard error.
pub(super) fn load(paths: &[PathBuf], args: &WorldArgs) -> Result<World, Failure> {
    let controller = controller(args)?;
    let (files, missing) = files(paths)?;
    let mut gathering = Gathering::new(args.bundle);
    for error in &missing {
        gathering.unreadable(error);
    }
    parallel::each_file(
        &files,
        |file| manifest::read_file(file),
        |outcome, progress| {
            progress.suspend(|| match outcome {
                Ok(parsed) => gathering.add(parsed),
                Err(error) => gathering.unreadable(&error),
            });
            Ok(())
        },
    )?;
    gathering.hint();
    Ok(World {
        snapshot: gathering.builder.build(),
        controller,
        origins: gathering.origins,
        exit: gathering.exit,
    })
}

fn controller(args: &WorldArgs) -> Result<Controller, Failure> {
    let mut features = Features::default();
    for name in &args.without {
        features = features
            .without(name.trim())
            .map_err(|error| Failure::Usage(error.to_string()))?;
    }
    let controller = match &args.controller {
        Some(name) => Controller::named(name.as_str()),
        None => Controller::default(),
    };
    Ok(controller
        .with_bundle(args.bundle.bundle())
        .with_features(features)
        .with_certificate_reader(Arc::new(X509Reader)))
}

struct Gathering {
    bundle: Bundle,
    hints: bool,
    builder: SnapshotBuilder,
    /// Where each object stands, without the object.
    origins: HashMap<Key, Document>,
    experimental: Vec<String>,
    exit: Exit,
}

impl Gathering {
    fn new(bundle: BundleArg) -> Self {
        Gathering {
            bundle: bundle.bundle(),
            hints: bundle.is_default(),
            builder: Snapshot::builder(),
            origins: HashMap::new(),
            experimental: Vec::new(),
            exit: Exit::Fine,
        }
    }

    fn unreadable(&mut self, error: &ReadError) {
        render::problem(error);
        self.exit = Exit::Unreadable;
    }

    fn add(&mut self, parsed: Parsed) {
        for error in &parsed.errors {
            anstream::eprint!("{}", render::parse_error(error));
            self.exit = Exit::Unreadable;
        }
        for document in parsed.documents {
            self.admit(document);
        }
    }

    /// Takes one object, or tells why not.
    fn admit(&mut self, mut document: Document) {
        manifest::complete(document.value_mut());
        let value = if verdict::is_checked(document.api_version()) {
            match verdict::admit(document.value(), self.bundle) {
                Ok(admitted) => admitted,
                Err(violations) => return self.rejected(&document, &violations),
            }
        } else {
            document.value().clone()
        };
        if self.hints && self.is_experimental(&document) {
            let name = match document.namespace() {
                Some(namespace) => format!("{namespace}/{}", document.name()),
                None => document.name().to_owned(),
            };
            self.experimental
                .push(format!("{} {name}", document.kind()));
        }
        match Object::from_manifest(value) {
            Err(error) => {
                self.exit = self.exit.max(Exit::Findings);
                let text = document.source().text();
                let place = document.locate_nearest(error.path());
                anstream::eprint!(
                    "{}",
                    render::message(&Message {
                        severity: Severity::Error,
                        id: "left-out",
                        title: error.to_string(),
                        source: document.source(),
                        span: place.pointer(text),
                        label: String::new(),
                        notes: Vec::new(),
                    })
                );
            }
            Ok((object, left_out)) => {
                if let Some(error) = left_out {
                    render::warning(&format!("{error}; read without its status"));
                }
                self.put(object, document);
            }
        }
    }

    fn put(&mut self, object: Object, mut document: Document) {
        let key = object.key();
        let is_second = self.builder.put(object).is_some();
        if let (true, Some(earlier)) = (is_second, self.origins.get(&key)) {
            render::warning(&format!(
                "{key} at {} takes the place of the one at {}",
                document.origin(),
                earlier.origin()
            ));
        }
        *document.value_mut() = Value::Null;
        self.origins.insert(key, document);
    }

    fn rejected(&mut self, document: &Document, violations: &[Violation]) {
        self.exit = self.exit.max(Exit::Findings);
        let paths: Vec<&str> = violations.iter().map(Violation::place).collect();
        let places = document.locate_each(&paths);
        let shown = violations.iter().zip(places);
        for (violation, place) in shown.filter(|(violation, _)| !violation.is_follow_up()) {
            anstream::eprint!(
                "{}",
                render::message(&Message {
                    severity: Severity::Error,
                    id: violation.kind,
                    title: violation.to_string(),
                    source: document.source(),
                    span: place.pointer(document.source().text()),
                    label: String::new(),
                    notes: vec![format!(
                        "{} {} is left out",
                        document.kind(),
                        document.name()
                    )],
                })
            );
        }
    }

    fn is_experimental(&self, document: &Document) -> bool {
        let standard = Bundle::new(self.bundle.release, Channel::Standard);
        verdict::is_checked(document.api_version())
            && !verdict::missing_in(document.value(), self.bundle, standard).is_empty()
    }

    fn hint(&self) {
        let Some(first) = self.experimental.first() else {
            return;
        };
        let more = match self.experimental.len() - 1 {
            0 => String::new(),
            n => format!(" and {n} more objects"),
        };
        render::hint(&format!(
            "{first}{more} use fields or kinds of the experimental channel; --bundle {}-standard leaves them out",
            self.bundle.release
        ));
    }
}
