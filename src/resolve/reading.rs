//! Certificates, keys and authorities of Secrets and ConfigMaps, each read once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::certificate_reader::CertificateReader;
use super::grant::{Permitted, Target};
use crate::api::{ConfigMap, Secret};
use crate::snapshot::Snapshot;

/// The DNS names of a usable certificate, or why it is not usable.
pub(super) type PairReading = Result<Rc<[String]>, Rc<str>>;

/// What was read so far. Answers depend on the snapshot alone, so that remembering them changes nothing.
#[derive(Debug, Default)]
pub(crate) struct Readings<'s> {
    pairs: RefCell<HashMap<(&'s str, &'s str), PairReading>>,
    authorities: RefCell<HashMap<Target<'s>, Result<(), AuthorityProblem>>>,
}

/// Why an authority cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuthorityProblem {
    /// Its kind cannot hold one.
    Kind(Rc<str>),
    /// It is missing or malformed.
    Reference(Rc<str>),
}

impl AuthorityProblem {
    /// The problem in words.
    pub(crate) fn message(&self) -> &str {
        match self {
            AuthorityProblem::Kind(message) | AuthorityProblem::Reference(message) => message,
        }
    }
}

impl<'s> Readings<'s> {
    /// Reads the certificate and key of a Secret; anything else cannot hold them. The type of the Secret plays no role
    /// (GW-CERT-01/02/04).
    pub(super) fn pair(
        &self,
        snapshot: &'s Snapshot,
        reader: &dyn CertificateReader,
        reference: Permitted<'s>,
    ) -> PairReading {
        let target = reference.target();
        if (target.group, target.kind) != ("", "Secret") {
            return Err(format!("{target}: only a Secret can hold a certificate").into());
        }
        let name = (target.namespace, target.name);
        if let Some(known) = self.pairs.borrow().get(&name) {
            return known.clone();
        }
        let secret =
            reference.find(|target| snapshot.get::<Secret>(Some(target.namespace), target.name));
        let reading = match secret {
            None => Err(format!("{target}: not found").into()),
            Some(secret) => read_pair(secret.into_object(), reader)
                .map_err(|why| format!("{target}: {why}").into()),
        };
        self.pairs.borrow_mut().insert(name, reading.clone());
        reading
    }

    /// Reads the `ca.crt` of a ConfigMap or a Secret (GW-FTLS-06, BTLS-12).
    pub(crate) fn authority(
        &self,
        snapshot: &'s Snapshot,
        reader: &dyn CertificateReader,
        reference: Permitted<'s>,
    ) -> Result<(), AuthorityProblem> {
        let target = reference.target();
        if let Some(known) = self.authorities.borrow().get(&target) {
            return known.clone();
        }
        let value = reference.find(|target| {
            let namespace = Some(target.namespace);
            match (target.group, target.kind) {
                ("", "ConfigMap") => {
                    let found = snapshot.get::<ConfigMap>(namespace, target.name);
                    found.map(|found| Ok(found.value("ca.crt")))
                }
                ("", "Secret") => {
                    let found = snapshot.get::<Secret>(namespace, target.name);
                    found.map(|found| Ok(found.value("ca.crt")))
                }
                _ => Some(Err(())),
            }
        });
        let problem = |why: &str| AuthorityProblem::Reference(format!("{target}: {why}").into());
        let reading = match value.map(|value| value.into_object()) {
            None => Err(problem("not found")),
            Some(Err(())) => Err(AuthorityProblem::Kind(
                format!("{target}: only a ConfigMap or a Secret can hold an authority").into(),
            )),
            Some(Ok(None)) => Err(problem("no `ca.crt` in it")),
            Some(Ok(Some(pem))) => reader
                .read_authorities(&pem)
                .map_err(|why| problem(&format!("`ca.crt`: {why}"))),
        };
        self.authorities
            .borrow_mut()
            .insert(target, reading.clone());
        reading
    }
}

fn read_pair(secret: &Secret, reader: &dyn CertificateReader) -> Result<Rc<[String]>, String> {
    let value = |key: &str| {
        let value = secret.value(key);
        value.ok_or_else(|| format!("no `{key}` in it"))
    };
    let names = reader
        .read_pair(&value("tls.crt")?, &value("tls.key")?)
        .map_err(|why| why.to_string())?;
    Ok(names.into())
}
