//! Real certificates in place of the stand-ins among the objects that the suite makes itself.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    SanType,
};
use serde_json::{Value, json};

use crate::json::text;

type Authority = CertifiedIssuer<'static, KeyPair>;

/// Who signs a Secret's certificate, and the names in it.
struct Wanted {
    authority: Option<&'static str>,
    dns: &'static [&'static str],
    uris: &'static [&'static str],
}

/// Every ConfigMap becomes an authority of its own, every Secret a certificate, as the suite's setup makes them.
pub fn remake(objects: &mut [Value], release: &str) {
    let mut authorities: BTreeMap<String, Authority> = BTreeMap::new();
    for object in objects.iter_mut().filter(|o| o["kind"] == "ConfigMap") {
        let name = text(&object["metadata"]["name"]).to_owned();
        let authority = authority(&name);
        object["data"] =
            json!({"ca.crt": authority.as_ref().pem(), "key.crt": authority.key().serialize_pem()});
        authorities.insert(name, authority);
    }
    for object in objects.iter_mut().filter(|o| o["kind"] == "Secret") {
        let name = text(&object["metadata"]["name"]).to_owned();
        let (certificate, key) = certificate(&name, &wanted(&name, release), &authorities);
        object["data"] = json!({
            "tls.crt": BASE64_STANDARD.encode(certificate),
            "tls.key": BASE64_STANDARD.encode(key),
        });
    }
}

fn wanted(name: &str, release: &str) -> Wanted {
    let first = release == "v1.4.1";
    let backends = Some("tls-checks-ca-certificate");
    let (authority, dns, uris): (_, &[&str], &[&str]) = match name {
        "certificate" => (None, &[], &["*"]),
        "tls-validity-checks-certificate" if first => (None, &["*.org"], &["*"]),
        "tls-validity-checks-certificate" => (None, &["*.org", "*.wildcard.org"], &["*"]),
        "tls-passthrough-checks-certificate" if first => (None, &["abc.example.com"], &[]),
        "tls-passthrough-checks-certificate" => (backends, &["abc.example.com"], &[]),
        "tls-checks-certificate" => (
            backends,
            &["abc.example.com", "other.example.com"],
            &["spiffe://abc.example.com/test-identity"],
        ),
        "tls-checks-client-certificate" => (backends, &[], &[]),
        "tls-terminate-checks-certificate" => (backends, &["tls.example.com"], &[]),
        "tls-validity-checks-client-certificate" => {
            (Some("tls-validity-checks-ca-certificate"), &[], &[])
        }
        "tls-validity-checks-per-port-client-certificate" => {
            let authority = "tls-validity-checks-per-port-ca-certificate";
            (Some(authority), &[], &[])
        }
        other => panic!("nobody said what is in Secret {other}"),
    };
    Wanted {
        authority,
        dns,
        uris,
    }
}

fn authority(name: &str) -> Authority {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, key()).expect("authority")
}

fn certificate(
    name: &str,
    wanted: &Wanted,
    authorities: &BTreeMap<String, Authority>,
) -> (String, String) {
    let mut params = named(name);
    let dns = |name: &&str| SanType::DnsName((*name).try_into().expect("a DNS name"));
    let uri = |uri: &&str| SanType::URI((*uri).try_into().expect("ASCII"));
    params.subject_alt_names = wanted
        .dns
        .iter()
        .map(dns)
        .chain(wanted.uris.iter().map(uri))
        .collect();
    let key = key();
    let certificate = match wanted.authority {
        None => params.self_signed(&key),
        Some(authority) => params.signed_by(&key, &authorities[authority]),
    };
    (certificate.expect("certificate").pem(), key.serialize_pem())
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("key")
}
