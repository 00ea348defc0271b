//! Reading certificates, as an argument.

use std::fmt;

use super::pem;

/// Reads certificates and keys for the resolver (GW-CERT-04, BTLS-12).
///
/// Answers must depend on the bytes alone: the resolver is pure, and no clock is asked about expiry.
pub trait CertificateReader: fmt::Debug + Send + Sync {
    /// Reads a chain and its private key, both in PEM, and tells the DNS names of the first certificate, in lower case.
    ///
    /// # Errors
    ///
    /// [`InvalidCertificate`] when there is no certificate, not exactly one usable private key, or when the two do not
    /// belong together.
    fn read_pair(&self, chain: &[u8], key: &[u8]) -> Result<Vec<String>, InvalidCertificate>;

    /// Reads trusted authorities in PEM; at least one certificate must be there.
    ///
    /// # Errors
    ///
    /// [`InvalidCertificate`] when there is none or one cannot be read.
    fn read_authorities(&self, bundle: &[u8]) -> Result<(), InvalidCertificate>;
}

/// The reader that is used when none is given: PEM syntax decides, names are unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct PemSyntax;

impl CertificateReader for PemSyntax {
    fn read_pair(&self, chain: &[u8], key: &[u8]) -> Result<Vec<String>, InvalidCertificate> {
        self.read_authorities(chain)?;
        let keys = pem::blocks(key)
            .ok_or_else(|| InvalidCertificate::new("the private key is no PEM text"))?;
        match keys.iter().filter(|block| block.is_private_key()).count() {
            1 => Ok(Vec::new()),
            0 => Err(InvalidCertificate::new("no private key found")),
            _ => Err(InvalidCertificate::new("more than one private key found")),
        }
    }

    fn read_authorities(&self, bundle: &[u8]) -> Result<(), InvalidCertificate> {
        let blocks = pem::blocks(bundle)
            .ok_or_else(|| InvalidCertificate::new("the certificate is no PEM text"))?;
        if blocks.iter().any(pem::Block::is_certificate) {
            Ok(())
        } else {
            Err(InvalidCertificate::new("no certificate found"))
        }
    }
}

/// Why a certificate or key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCertificate {
    why: String,
}

impl InvalidCertificate {
    /// An error with its cause in a few words; the text goes into condition messages.
    pub fn new(why: impl Into<String>) -> Self {
        InvalidCertificate { why: why.into() }
    }
}

impl fmt::Display for InvalidCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for InvalidCertificate {}
