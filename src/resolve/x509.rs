//! A full reader of certificates and keys.

use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::certificate_reader::{CertificateReader, InvalidCertificate};
use super::der::{self, Element};
use super::pem::{self, Block};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

/// Reads certificates and keys in full: every certificate must parse, the one private key must belong to the first
/// certificate, and that one's DNS names are told.
///
/// Keys are taken in PKCS#8, PKCS#1 and SEC1, of RSA, EC on P-256, P-384 and P-521, and Ed25519. Neither expiry nor
/// signatures are looked at (GW-CERT-04).
///
/// # Cost
///
/// One multiplication on a curve for each EC or Ed25519 key; otherwise linear in the bytes.
///
/// # Spec
///
/// GW-CERT-04, GW-COAL-01, BTLS-12.
///
/// ```
/// use gatewright::resolve::{CertificateReader, Controller, X509Reader};
/// use std::sync::Arc;
///
/// let error = X509Reader.read_authorities(b"no PEM at all").unwrap_err();
/// assert_eq!(error.to_string(), "no certificate found");
/// let controller = Controller::default().with_certificate_reader(Arc::new(X509Reader));
/// # let _ = controller;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct X509Reader;

impl CertificateReader for X509Reader {
    fn read_pair(&self, chain: &[u8], key: &[u8]) -> Result<Vec<String>, InvalidCertificate> {
        let certificates = read_certificates(chain)?;
        let leaf = certificates.first().ok_or_else(no_certificate)?;
        let blocks = pem::blocks(key)
            .ok_or_else(|| InvalidCertificate::new("the private key is no PEM text"))?;
        let mut keys = blocks.iter().filter(|block| block.is_private_key());
        let key = match (keys.next(), keys.next()) {
            (Some(key), None) => key,
            (None, _) => return Err(InvalidCertificate::new("no private key found")),
            (Some(_), Some(_)) => {
                return Err(InvalidCertificate::new("more than one private key found"));
            }
        };
        if !PrivateKey::read(key)?.belongs_to(leaf)? {
            return Err(InvalidCertificate::new(
                "the private key does not belong to the certificate",
            ));
        }
        dns_names(leaf)
    }

    fn read_authorities(&self, bundle: &[u8]) -> Result<(), InvalidCertificate> {
        match read_certificates(bundle)?.is_empty() {
            true => Err(no_certificate()),
            false => Ok(()),
        }
    }
}

fn no_certificate() -> InvalidCertificate {
    InvalidCertificate::new("no certificate found")
}

fn read_certificates(text: &[u8]) -> Result<Vec<Certificate>, InvalidCertificate> {
    let blocks = pem::blocks(text)
        .ok_or_else(|| InvalidCertificate::new("the certificate is no PEM text"))?;
    let certificates = blocks.iter().filter(|block| block.is_certificate());
    let read = |block: &Block| {
        Certificate::from_der(&block.der)
            .map_err(|why| InvalidCertificate::new(format!("the certificate is malformed: {why}")))
    };
    certificates.map(read).collect()
}

/// The DNS names of a certificate, in lower case.
fn dns_names(certificate: &Certificate) -> Result<Vec<String>, InvalidCertificate> {
    let mut names = Vec::new();
    for extension in certificate
        .tbs_certificate()
        .extensions()
        .into_iter()
        .flatten()
    {
        if extension.extn_id != SUBJECT_ALT_NAME {
            continue;
        }
        let all = SubjectAltName::from_der(extension.extn_value.as_bytes()).map_err(|why| {
            InvalidCertificate::new(format!("the certificate's names are malformed: {why}"))
        })?;
        names.extend(all.0.into_iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.as_str().to_ascii_lowercase()),
            _ => None,
        }));
    }
    Ok(names)
}

/// What of a private key is needed to tell its public key.
enum PrivateKey<'k> {
    /// Modulus and public exponent.
    Rsa {
        modulus: &'k [u8],
        exponent: &'k [u8],
    },
    /// The number, and the curve if it is said.
    Ec {
        number: &'k [u8],
        curve: Option<&'k [u8]>,
    },
    /// The seed.
    Ed25519 { seed: &'k [u8] },
}

impl<'k> PrivateKey<'k> {
    fn read(block: &'k Block) -> Result<Self, InvalidCertificate> {
        let key = match &*block.label {
            "RSA PRIVATE KEY" => read_rsa(&block.der),
            "EC PRIVATE KEY" => read_ec(&block.der, None),
            _ => return read_pkcs8(&block.der),
        };
        key.ok_or_else(malformed_key)
    }

    fn belongs_to(&self, certificate: &Certificate) -> Result<bool, InvalidCertificate> {
        let info = certificate.tbs_certificate().subject_public_key_info();
        let algorithm = info.algorithm.oid;
        let public = info.subject_public_key.raw_bytes();
        match self {
            PrivateKey::Rsa { modulus, exponent } => {
                let numbers = der::sequence(public).and_then(|mut numbers| {
                    Some((numbers.next(der::INTEGER)?, numbers.next(der::INTEGER)?))
                });
                Ok(algorithm == RSA && numbers == Some((*modulus, *exponent)))
            }
            PrivateKey::Ec { number, curve } => {
                let parameters = info.algorithm.parameters.as_ref();
                let named = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                let (EC, Some(named)) = (algorithm, named) else {
                    return Ok(false);
                };
                if curve.is_some_and(|curve| curve != named.as_bytes()) {
                    return Ok(false);
                }
                ec_matches(named, number, public)
            }
            PrivateKey::Ed25519 { seed } => {
                let seed = <&[u8; 32]>::try_from(*seed).map_err(|_| malformed_key())?;
                let key = ed25519_dalek::SigningKey::from_bytes(seed);
                Ok(algorithm == ED25519 && key.verifying_key().as_bytes() == public)
            }
        }
    }
}

fn malformed_key() -> InvalidCertificate {
    InvalidCertificate::new("the private key is malformed")
}

fn read_rsa(key: &[u8]) -> Option<PrivateKey<'_>> {
    let mut fields = der::sequence(key)?;
    fields.next(der::INTEGER)?;
    let (modulus, exponent) = (fields.next(der::INTEGER)?, fields.next(der::INTEGER)?);
    // The private exponent, two primes, two exponents and a coefficient.
    for _ in 0..6 {
        fields.next(der::INTEGER)?;
    }
    Some(PrivateKey::Rsa { modulus, exponent })
}

fn read_ec<'k>(key: &'k [u8], mut curve: Option<&'k [u8]>) -> Option<PrivateKey<'k>> {
    let mut fields = der::sequence(key)?;
    fields.next(der::INTEGER)?;
    let number = fields.next(der::OCTET_STRING)?;
    while let Some(Element { tag, content }) = fields.any() {
        if tag == der::CONTEXT_0 && curve.is_none() {
            curve = Some(der::Elements::new(content).next(der::OBJECT_IDENTIFIER)?);
        }
    }
    Some(PrivateKey::Ec { number, curve })
}

fn read_pkcs8(key: &[u8]) -> Result<PrivateKey<'_>, InvalidCertificate> {
    let parts = || {
        let mut fields = der::sequence(key)?;
        fields.next(der::INTEGER)?;
        let mut algorithm = der::Elements::new(fields.next(der::SEQUENCE)?);
        let name = algorithm.next(der::OBJECT_IDENTIFIER)?;
        Some((name, algorithm, fields.next(der::OCTET_STRING)?))
    };
    let (name, mut parameters, inner) = parts().ok_or_else(malformed_key)?;
    let key = if name == RSA.as_bytes() {
        read_rsa(inner)
    } else if name == EC.as_bytes() {
        read_ec(inner, parameters.next(der::OBJECT_IDENTIFIER))
    } else if name == ED25519.as_bytes() {
        der::Elements::new(inner)
            .next(der::OCTET_STRING)
            .map(|seed| PrivateKey::Ed25519 { seed })
    } else {
        return Err(InvalidCertificate::new(
            "the private key is neither of RSA, nor of P-256, P-384, P-521 or Ed25519",
        ));
    };
    key.ok_or_else(malformed_key)
}

/// Whether a number on a curve leads to a public point.
fn ec_matches(
    curve: ObjectIdentifier,
    number: &[u8],
    public: &[u8],
) -> Result<bool, InvalidCertificate> {
    macro_rules! matches {
        ($curve:ident, $size:literal) => {{
            let number = fixed::<$size>(number).ok_or_else(malformed_key)?;
            let key = $curve::SecretKey::from_slice(&number).map_err(|_| malformed_key())?;
            let public = $curve::PublicKey::from_sec1_bytes(public);
            Ok(public.is_ok_and(|public| public == key.public_key()))
        }};
    }
    match curve {
        P256 => matches!(p256, 32),
        P384 => matches!(p384, 48),
        P521 => matches!(p521, 66),
        _ => Err(InvalidCertificate::new(
            "the curve of the certificate's key is none of P-256, P-384 and P-521",
        )),
    }
}

/// The number in exactly `N` bytes; some writers leave out leading zeros.
fn fixed<const N: usize>(number: &[u8]) -> Option<[u8; N]> {
    let significant = number.iter().position(|byte| *byte != 0)?;
    let significant = number.get(significant..)?;
    let mut bytes = [0; N];
    let start = N.checked_sub(significant.len())?;
    bytes.get_mut(start..)?.copy_from_slice(significant);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Throw-away keys and self-signed certificates, made with openssl for these tests.
    macro_rules! file {
        ($name:literal) => {
            include_bytes!(concat!("../../tests/data/certificates/", $name))
        };
    }

    fn read(chain: &[u8], key: &[u8]) -> Result<Vec<String>, String> {
        X509Reader
            .read_pair(chain, key)
            .map_err(|why| why.to_string())
    }

    /// GW-CERT-04: matching pairs of every supported kind, in every form of key.
    #[test]
    fn pairs_that_belong_together_are_read() {
        let pairs: [(&str, &[u8], &[u8]); 9] = [
            ("rsa", file!("rsa.crt"), file!("rsa.key")),
            ("rsa", file!("rsa.crt"), file!("rsa-pkcs1.key")),
            ("p256", file!("p256.crt"), file!("p256.key")),
            ("p256", file!("p256.crt"), file!("p256-sec1.key")),
            ("p256", file!("p256.crt"), file!("p256-parameters.key")),
            ("p384", file!("p384.crt"), file!("p384.key")),
            ("p521", file!("p521.crt"), file!("p521.key")),
            ("p521", file!("p521.crt"), file!("p521-sec1.key")),
            ("ed25519", file!("ed25519.crt"), file!("ed25519.key")),
        ];
        for (name, chain, key) in pairs {
            let names = vec![format!("{name}.test"), format!("*.wild.{name}.test")];
            assert_eq!(read(chain, key), Ok(names), "{name}");
        }
    }

    /// GW-CERT-04: the key of another certificate, of the same or of another kind.
    #[test]
    fn pairs_that_do_not_belong_together_are_refused() {
        let pairs: [(&[u8], &[u8]); 7] = [
            (file!("p256.crt"), file!("other.key")),
            (file!("rsa.crt"), file!("other-rsa.key")),
            (file!("p256.crt"), file!("p384.key")),
            (file!("p384.crt"), file!("p256-sec1.key")),
            (file!("rsa.crt"), file!("p256.key")),
            (file!("p256.crt"), file!("rsa-pkcs1.key")),
            (file!("ed25519.crt"), file!("p256.key")),
        ];
        for (chain, key) in pairs {
            let expected = "the private key does not belong to the certificate";
            assert_eq!(read(chain, key), Err(expected.to_owned()));
        }
    }

    /// GW-CERT-04: one usable key, at least one certificate; the first certificate is the one that counts.
    #[test]
    fn number_and_kind_of_blocks() {
        let (certificate, key): (&[u8], &[u8]) = (file!("p256.crt"), file!("p256.key"));
        let chain = [certificate, file!("other.crt")].concat();
        assert!(read(&chain, key).is_ok());
        let turned = [file!("other.crt"), certificate].concat();
        assert!(read(&turned, key).is_err());
        let together = [certificate, key].concat();
        assert!(read(&together, &together).is_ok());
        for (chain, key, why) in [
            (
                certificate,
                &[key, key].concat()[..],
                "more than one private key found",
            ),
            (certificate, certificate, "no private key found"),
            (
                certificate,
                file!("p256-encrypted.key"),
                "no private key found",
            ),
            (key, key, "no certificate found"),
            (b"Hello world\n", b"Hello world\n", "no certificate found"),
        ] {
            assert_eq!(read(chain, key), Err(why.to_owned()));
        }
    }

    /// GW-CERT-04: curves and kinds that no data plane is expected to serve.
    #[test]
    fn other_kinds_of_keys_are_refused() {
        assert!(read(file!("secp256k1.crt"), file!("secp256k1.key")).is_err());
        assert!(read(file!("ed448.crt"), file!("ed448.key")).is_err());
    }

    /// GW-COAL-01: a certificate without names has none.
    #[test]
    fn names_come_from_the_extension_alone() {
        assert_eq!(read(file!("other.crt"), file!("other.key")), Ok(vec![]));
    }

    /// BTLS-12, GW-FTLS-08.
    #[test]
    fn authorities_are_certificates() {
        assert_eq!(X509Reader.read_authorities(file!("other.crt")), Ok(()));
        for text in [&b""[..], b"hello", file!("other.key")] {
            assert!(X509Reader.read_authorities(text).is_err());
        }
        let text = String::from_utf8(file!("other.crt").to_vec()).unwrap();
        let broken = text.replacen("MII", "MIJ", 1).replacen("MIB", "MIC", 1);
        assert_ne!(broken, text);
        assert!(X509Reader.read_authorities(broken.as_bytes()).is_err());
    }

    /// No bytes make it panic: every prefix, and every byte turned around.
    #[test]
    fn damaged_keys_and_certificates_are_refused_quietly() {
        for (key, chain) in [
            (&file!("p256.key")[..], &file!("p256.crt")[..]),
            (file!("p256-sec1.key"), file!("p256.crt")),
            (file!("ed25519.key"), file!("ed25519.crt")),
        ] {
            for block in pem::blocks(key).unwrap() {
                for place in 0..block.der.len() {
                    let cut = Block {
                        der: block.der[..place].to_vec(),
                        ..block.clone()
                    };
                    assert!(PrivateKey::read(&cut).is_err());
                    let mut turned = block.clone();
                    turned.der[place] ^= 0x41;
                    if let Ok(key) = PrivateKey::read(&turned) {
                        let certificates = read_certificates(chain).unwrap();
                        let _ = key.belongs_to(&certificates[0]);
                    }
                }
            }
        }
    }
}
