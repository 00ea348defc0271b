//! TLS as the suite's clients speak it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, TrustAnchor, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::world::Suite;

/// What a client brings to a handshake.
pub struct Client<'t> {
    pub server_name: &'t str,
    /// Name of the trusted PEM text; without one every certificate is taken.
    pub trust: Option<&'t str>,
    /// Name of the PEM text of the certificate that is shown when the server asks.
    pub certificate: Option<&'t str>,
    pub alpn: &'t [&'t [u8]],
}

impl<'t> Client<'t> {
    /// As `tls` of a step says.
    pub fn of(tls: &'t Value, alpn: &'t [&'t [u8]]) -> Self {
        Client {
            server_name: tls["server_name"].as_str().unwrap_or_default(),
            trust: tls["trust"].as_str(),
            certificate: tls["client_certificate"].as_str(),
            alpn,
        }
    }

    /// Shakes hands. The second value tells whether the server asked for a certificate.
    pub async fn connect(
        &self,
        suite: &Suite,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, bool)> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trusted = match self.trust {
            Some(name) => Some(certificates(suite.pem(name))?),
            None => None,
        };
        let verifier = Verifier {
            trusted,
            provider: Arc::clone(&provider),
        };
        let asked = Arc::new(AtomicBool::new(false));
        let shown = Shown {
            asked: Arc::clone(&asked),
            certificate: self.certificate.map(|name| certified(suite, name)),
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(shown));
        config.alpn_protocols = self.alpn.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from(self.server_name.to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await?;
        Ok((stream, asked.load(Ordering::Relaxed)))
    }
}

fn certificates(pem: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(io::Error::other)
}

/// The certificate and the key beside it.
fn certified(suite: &Suite, name: &str) -> Arc<CertifiedKey> {
    let chain = certificates(suite.pem(name)).expect("certificates");
    let key = name.replace(" tls.crt", " tls.key");
    let key = PrivateKeyDer::from_pem_slice(suite.pem(&key).as_bytes()).expect("key");
    let provider = rustls::crypto::ring::default_provider();
    Arc::new(CertifiedKey::from_der(chain, key, &provider).expect("certificate and key"))
}

/// Remembers whether it was asked.
#[derive(Debug)]
struct Shown {
    asked: Arc<AtomicBool>,
    certificate: Option<Arc<CertifiedKey>>,
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.certificate.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Whether a certificate carries a name, or a wildcard one label above it. The verifier of rustls takes no wildcard for a
/// whole top-level domain, so the names are looked for as they are encoded: a tag, a length, the text.
fn carries(certificate: &[u8], name: &str) -> bool {
    let wildcard = name.split_once('.').map(|(_, rest)| format!("*.{rest}"));
    let encoded = |name: &str| [&[0x82, name.len() as u8], name.as_bytes()].concat();
    let holds = |name: &str| {
        let encoded = encoded(name);
        certificate
            .windows(encoded.len())
            .any(|part| part == encoded)
    };
    holds(name) || wildcard.is_some_and(|wildcard| holds(&wildcard))
}

/// The rules of the suite's clients: a certificate that is trusted itself needs no issuer, and `*.org` is a wildcard like any
/// other.
#[derive(Debug)]
struct Verifier {
    trusted: Option<Vec<CertificateDer<'static>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trusted) = &self.trusted else {
            return Ok(ServerCertVerified::assertion());
        };
        let refused = |why| Error::InvalidCertificate(why);
        let certificate = webpki::EndEntityCert::try_from(end_entity)
            .map_err(|_| refused(CertificateError::BadEncoding))?;
        if !trusted.contains(end_entity) {
            let anchors: Vec<TrustAnchor<'_>> = trusted
                .iter()
                .filter_map(|der| webpki::anchor_from_trusted_cert(der).ok())
                .collect();
            certificate
                .verify_for_usage(
                    self.provider.signature_verification_algorithms.all,
                    &anchors,
                    intermediates,
                    now,
                    webpki::KeyUsage::server_auth(),
                    None,
                    None,
                )
                .map_err(|_| refused(CertificateError::UnknownIssuer))?;
        }
        if carries(end_entity, &server_name.to_str()) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(refused(CertificateError::NotValidForName))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
