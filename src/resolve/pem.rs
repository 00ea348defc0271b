//! PEM texts, as far as the question "is there a certificate in it" needs them.

use crate::api::base64;

/// A block of a PEM text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// What stands after `BEGIN`, for example `CERTIFICATE`.
    pub(crate) label: Box<str>,
    /// The decoded content.
    pub(crate) der: Vec<u8>,
}

impl Block {
    /// Whether it holds a certificate.
    pub(crate) fn is_certificate(&self) -> bool {
        &*self.label == "CERTIFICATE"
    }

    /// Whether it holds a private key of a kind that needs no password.
    pub(crate) fn is_private_key(&self) -> bool {
        matches!(
            &*self.label,
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY"
        )
    }
}

/// The blocks of a PEM text, in order; text around them is ignored. `None` when a block is cut off or holds no base64, and
/// when that of a certificate or key is no DER sequence.
pub(crate) fn blocks(text: &[u8]) -> Option<Vec<Block>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = boundary(line, "-----BEGIN ") else {
            continue;
        };
        let mut content = String::new();
        loop {
            let line = lines.next()?;
            match boundary(line, "-----END ") {
                Some(end) if end == label => break,
                Some(_) => return None,
                // Old keys carry headers such as `Proc-Type` before the content.
                None if line.contains(':') => {}
                None => content.push_str(line),
            }
        }
        let block = Block {
            label: label.into(),
            der: base64::decode(&content)?,
        };
        if (block.is_certificate() || block.is_private_key()) && !is_sequence(&block.der) {
            return None;
        }
        blocks.push(block);
    }
    Some(blocks)
}

fn boundary<'l>(line: &'l str, start: &str) -> Option<&'l str> {
    line.strip_prefix(start)?.strip_suffix("-----")
}

/// Whether bytes are one DER sequence whose length fits.
fn is_sequence(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else {
        return false;
    };
    if *first < 0x80 {
        return rest.len() == usize::from(*first);
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) {
        return false;
    }
    let Some((length, content)) = rest.split_at_checked(count) else {
        return false;
    };
    let length = length
        .iter()
        .fold(0usize, |length, byte| length << 8 | usize::from(*byte));
    content.len() == length
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GW-CERT-04: plain text is no certificate.
    #[test]
    fn blocks_need_their_ends_and_a_sequence() {
        let pem = |label: &str, body: &str| {
            format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
        };
        let two = format!(
            "# note\n{}{}",
            pem("CERTIFICATE", "MAMCAQA="),
            pem("PRIVATE KEY", "MAA=")
        );
        let found = blocks(two.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].is_certificate() && found[1].is_private_key());
        assert_eq!(blocks(b"hello"), Some(vec![]));
        for broken in [
            "-----BEGIN CERTIFICATE-----\nMAA=\n".to_owned(),
            pem("CERTIFICATE", "hello"),
            pem("CERTIFICATE", "MAIA"),
            pem("CERTIFICATE", "Zm9v"),
            pem("CERTIFICATE", "MAMCAQA=").replace("END CERTIFICATE", "END KEY"),
        ] {
            assert_eq!(blocks(broken.as_bytes()), None, "{broken}");
        }
        assert_eq!(blocks(b"\xff\xfe"), None);
    }
}
