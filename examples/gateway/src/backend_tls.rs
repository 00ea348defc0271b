//! TLS towards backends, as a BackendTLSPolicy and the Gateway say.

use std::io;
use std::sync::Arc;

use gatewright::plan::{BackendTls, ObjectName, SubjectAltName, TrustAnchors};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::material::Material;

/// What is needed to speak TLS to a backend.
pub fn config(
    tls: &BackendTls,
    client_certificate: Option<&ObjectName>,
    material: &Material,
    provider: &Arc<CryptoProvider>,
    alpn: &[&[u8]],
) -> io::Result<ClientConfig> {
    let verifier = Verifier {
        anchors: anchors(&tls.trust, material)?,
        names: names(tls),
        provider: Arc::clone(provider),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match client_certificate {
        Some(name) => {
            let (chain, key) = material.chain_and_key(name)?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(io::Error::other)?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

fn anchors(trust: &TrustAnchors, material: &Material) -> io::Result<Vec<TrustAnchor<'static>>> {
    let certificates = match trust {
        TrustAnchors::System => rustls_native_certs::load_native_certs().certs,
        TrustAnchors::References(references) => {
            let mut all = Vec::new();
            for target in references {
                all.extend(material.authorities(&target.group, &target.kind, &target.name)?);
            }
            all
        }
    };
    let anchors = certificates
        .iter()
        .map(|der| webpki::anchor_from_trusted_cert(der).map(|anchor| anchor.to_owned()));
    anchors.collect::<Result<_, _>>().map_err(io::Error::other)
}

/// Names of which one must be in the certificate (BTLS-08).
fn names(tls: &BackendTls) -> Vec<SubjectAltName> {
    if tls.subject_alt_names.is_empty() {
        vec![SubjectAltName::Hostname(tls.hostname.clone())]
    } else {
        tls.subject_alt_names.clone()
    }
}

/// Checks the chain against the policy's authorities and the names against the policy's list. The library says both; rustls'
/// own verifier knows one DNS name only.
#[derive(Debug)]
struct Verifier {
    anchors: Vec<TrustAnchor<'static>>,
    names: Vec<SubjectAltName>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn carries_a_name(&self, certificate: &webpki::EndEntityCert<'_>) -> bool {
        self.names.iter().any(|name| match name {
            SubjectAltName::Uri(uri) => certificate.valid_uri_names().any(|own| *own == **uri),
            SubjectAltName::Hostname(name) => match name.strip_prefix("*.") {
                // BTLS-09: the same wildcard, or a name one label below it.
                Some(suffix) => certificate.valid_dns_names().any(|own| {
                    own.split_once('.')
                        .is_some_and(|(_, own_suffix)| own_suffix.eq_ignore_ascii_case(suffix))
                }),
                None => ServerName::try_from(&**name)
                    .is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok()),
            },
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let bad = |_| Error::InvalidCertificate(CertificateError::BadEncoding);
        let certificate = webpki::EndEntityCert::try_from(end_entity).map_err(bad)?;
        certificate
            .verify_for_usage(
                self.provider.signature_verification_algorithms.all,
                &self.anchors,
                intermediates,
                now,
                webpki::KeyUsage::server_auth(),
                None,
                None,
            )
            .map_err(|_| Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        if self.carries_a_name(&certificate) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::NotValidForName))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
