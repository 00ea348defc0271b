//! TLS towards clients: certificates of listeners, client certificates.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use gatewright::api::Object;
use gatewright::plan::{
    ClientValidation, ClientValidationMode, ListenerHead, ObjectName, Plan, Protocol, TlsMode,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{
    DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
};

use crate::material::{Material, certificates};

/// What a listener needs to end TLS, by the listener.
#[derive(Debug, Default)]
pub struct ServerTls {
    configs: HashMap<ListenerKey, Ready>,
}

/// TLS of one listener, and what it was made from.
#[derive(Clone, Debug)]
struct Ready {
    head: Arc<ListenerHead>,
    material: Vec<Option<Arc<Object>>>,
    config: Arc<ServerConfig>,
}

type ListenerKey = (ObjectName, Option<ObjectName>, Box<str>);

fn key(head: &ListenerHead) -> ListenerKey {
    (head.gateway.clone(), head.set.clone(), head.name.clone())
}

impl ServerTls {
    /// Prepares every listener of a plan that ends TLS, or takes over what was made from the same: sessions of clients go on.
    /// One that cannot be prepared refuses handshakes.
    pub fn updated(
        &self,
        plan: &Plan,
        material: &Material,
        provider: &Arc<CryptoProvider>,
    ) -> Self {
        let mut configs = HashMap::new();
        for listener in plan.gateways.iter().flat_map(|gateway| &gateway.listeners) {
            let head = &listener.head;
            if !matches!(
                head.protocol,
                Protocol::Https | Protocol::Tls(TlsMode::Terminate)
            ) {
                continue;
            }
            let used = used(head, material);
            let known = self.configs.get(&key(head));
            if let Some(known) = known.filter(|own| own.head == *head && own.material == used) {
                configs.insert(key(head), known.clone());
                continue;
            }
            match config(head, material, provider) {
                Ok(config) => {
                    let ready = Ready {
                        head: Arc::clone(head),
                        material: used,
                        config: Arc::new(config),
                    };
                    configs.insert(key(head), ready);
                }
                Err(why) => eprintln!("listener {} of {}: {why}", head.name, head.gateway),
            }
        }
        ServerTls { configs }
    }

    /// What a listener needs to end TLS.
    pub fn config(&self, head: &ListenerHead) -> Option<Arc<ServerConfig>> {
        let ready = self.configs.get(&key(head))?;
        Some(Arc::clone(&ready.config))
    }
}

/// The objects that TLS of a listener is made from.
fn used(head: &ListenerHead, material: &Material) -> Vec<Option<Arc<Object>>> {
    let validation = head.client_validation.iter();
    let authorities = validation.flat_map(|validation| &validation.authorities);
    let secrets = head.certificates.iter().map(|name| ("Secret", name));
    secrets
        .chain(authorities.map(|name| ("ConfigMap", name)))
        .map(|(kind, name)| material.object(kind, name).cloned())
        .collect()
}

fn config(
    head: &ListenerHead,
    material: &Material,
    provider: &Arc<CryptoProvider>,
) -> io::Result<ServerConfig> {
    let keys = head
        .certificates
        .iter()
        .map(|name| material.certified_key(name, provider));
    let keys: Vec<Arc<CertifiedKey>> = keys.collect::<io::Result<_>>()?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let builder = match &head.client_validation {
        None => builder.with_no_client_auth(),
        Some(validation) => {
            builder.with_client_cert_verifier(client_verifier(validation, material, provider)?)
        }
    };
    let mut config = builder.with_cert_resolver(Arc::new(ByName(keys)));
    if head.protocol == Protocol::Https {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Ok(config)
}

fn client_verifier(
    validation: &ClientValidation,
    material: &Material,
    provider: &Arc<CryptoProvider>,
) -> io::Result<Arc<dyn ClientCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for authority in &validation.authorities {
        for certificate in certificates(&material.authorities("", "ConfigMap", authority)?)? {
            roots.add(certificate).map_err(io::Error::other)?;
        }
    }
    let builder =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    match validation.mode {
        ClientValidationMode::AllowValidOnly => Ok(builder.build().map_err(io::Error::other)?),
        ClientValidationMode::AllowInsecureFallback => {
            let inner = builder
                .allow_unauthenticated()
                .build()
                .map_err(io::Error::other)?;
            Ok(Arc::new(Tolerant(inner)))
        }
    }
}

/// The certificate whose name fits the server name best: an exact one before a wildcard, the first of equals (GW-CERT-08).
#[derive(Debug)]
struct ByName(Vec<Arc<CertifiedKey>>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello
            .server_name()
            .and_then(|name| rustls::pki_types::ServerName::try_from(name).ok());
        let covers = |key: &Arc<CertifiedKey>, exactly: bool| {
            let Some(name) = &name else { return false };
            let end_entity = key
                .end_entity_cert()
                .ok()
                .and_then(|der| webpki::EndEntityCert::try_from(der).ok());
            end_entity.is_some_and(|certificate| {
                let is_own = |own: &str| own.eq_ignore_ascii_case(&name.to_str());
                certificate.verify_is_valid_for_subject_name(name).is_ok()
                    && (!exactly || certificate.valid_dns_names().any(is_own))
            })
        };
        let mut all = [true, false]
            .into_iter()
            .flat_map(|exactly| self.0.iter().filter(move |key| covers(key, exactly)));
        all.next().or(self.0.first()).cloned()
    }
}

/// Asks for a certificate and takes the client whatever it sends (`AllowInsecureFallback`).
#[derive(Debug)]
struct Tolerant(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for Tolerant {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
