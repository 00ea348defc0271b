//! TLS towards backends, as a BackendTLSPolicy and the Gateway say.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use gatewright::plan::{
    BackendProtocol, BackendTarget, BackendTls, ObjectName, SubjectAltName, TrustAnchors,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::material::{Material, certificates, private_key};

/// TLS to a backend, ready for use. What has the same settings is the same object, whatever configuration asks for it.
#[derive(Debug)]
pub struct ClientTls {
    /// How handshakes are done.
    pub config: Arc<ClientConfig>,
    /// The name that is sent.
    pub server_name: ServerName<'static>,
}

/// All that TLS to a backend depends on, by value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Settings {
    hostname: Box<str>,
    /// Names of which one must be in the certificate (BTLS-08).
    names: Vec<SubjectAltName>,
    /// PEM text of the authorities; `None` trusts those of the system.
    authorities: Option<Vec<Vec<u8>>>,
    /// PEM text of the chain and the key that are presented (GW-BCC-01).
    identity: Option<(Vec<u8>, Vec<u8>)>,
    alpn: &'static [&'static [u8]],
}

/// TLS to backends by its settings, as long as somebody holds it.
#[derive(Debug, Default)]
pub struct Known {
    by_settings: Mutex<HashMap<Settings, Weak<ClientTls>>>,
}

impl Known {
    /// TLS to a backend that presents `client_certificate`.
    pub fn client_tls(
        &self,
        tls: &BackendTls,
        protocol: BackendProtocol,
        client_certificate: Option<&ObjectName>,
        material: &Material,
        provider: &Arc<CryptoProvider>,
    ) -> io::Result<Arc<ClientTls>> {
        let settings = Settings::of(tls, protocol, client_certificate, material)?;
        let mut known = self
            .by_settings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.get(&settings).and_then(Weak::upgrade) {
            return Ok(same);
        }
        known.retain(|_, held| held.strong_count() > 0);
        let ready = Arc::new(settings.ready(provider)?);
        known.insert(settings, Arc::downgrade(&ready));
        Ok(ready)
    }
}

impl Settings {
    fn of(
        tls: &BackendTls,
        protocol: BackendProtocol,
        client_certificate: Option<&ObjectName>,
        material: &Material,
    ) -> io::Result<Self> {
        let authorities = match &tls.trust {
            TrustAnchors::System => None,
            TrustAnchors::References(references) => {
                let text = |target: &BackendTarget| {
                    material.authorities(&target.group, &target.kind, &target.name)
                };
                Some(references.iter().map(text).collect::<io::Result<_>>()?)
            }
        };
        let names = if tls.subject_alt_names.is_empty() {
            vec![SubjectAltName::Hostname(tls.hostname.clone())]
        } else {
            tls.subject_alt_names.clone()
        };
        let alpn: &[&[u8]] = match protocol {
            BackendProtocol::Http2 => &[b"h2"],
            BackendProtocol::Http1 | BackendProtocol::WebSocket => &[b"http/1.1"],
            BackendProtocol::Stream => &[],
        };
        Ok(Settings {
            hostname: tls.hostname.clone(),
            names,
            authorities,
            identity: client_certificate
                .map(|name| material.chain_and_key(name))
                .transpose()?,
            alpn,
        })
    }

    fn ready(&self, provider: &Arc<CryptoProvider>) -> io::Result<ClientTls> {
        let verifier = Verifier {
            anchors: self.anchors()?,
            names: self.names.clone(),
            provider: Arc::clone(provider),
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match &self.identity {
            Some((chain, key)) => builder
                .with_client_auth_cert(certificates(chain)?, private_key(key)?)
                .map_err(io::Error::other)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = self.alpn.iter().map(|name| name.to_vec()).collect();
        Ok(ClientTls {
            config: Arc::new(config),
            server_name: ServerName::try_from(self.hostname.to_string())
                .map_err(io::Error::other)?,
        })
    }

    fn anchors(&self) -> io::Result<Vec<TrustAnchor<'static>>> {
        let trusted = match &self.authorities {
            None => rustls_native_certs::load_native_certs().certs,
            Some(texts) => {
                let read: Vec<_> = texts
                    .iter()
                    .map(|text| certificates(text))
                    .collect::<io::Result<_>>()?;
                read.concat()
            }
        };
        let anchors = trusted
            .iter()
            .map(|der| webpki::anchor_from_trusted_cert(der).map(|anchor| anchor.to_owned()));
        anchors.collect::<Result<_, _>>().map_err(io::Error::other)
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
