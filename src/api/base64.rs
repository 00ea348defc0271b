//! Values of Secrets.

/// Decodes base64 with the standard alphabet and padding, as the API server does; line breaks are skipped.
/// `None` for every other text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = 0u32;
    let mut digits = 0u32;
    let mut padding = 0u32;
    for c in text.bytes().filter(|c| !matches!(c, b'\n' | b'\r')) {
        let digit = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if digits >= 2 => {
                padding += 1;
                0
            }
            _ => return None,
        };
        if padding > 0 && c != b'=' {
            return None;
        }
        group = group << 6 | u32::from(digit);
        digits += 1;
        if digits == 4 {
            let [_, first, second, third] = group.to_be_bytes();
            bytes.push(first);
            if padding < 2 {
                bytes.push(second);
            }
            if padding < 1 {
                bytes.push(third);
            }
            (group, digits) = (0, 0);
        }
        // After a padded group nothing may follow: `padding` stays set, so every further digit is refused.
    }
    (digits == 0 && padding <= 2).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9v\nYmFy\n", "foobar"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decode("+/+/"), Some(vec![0xfb, 0xff, 0xbf]));
    }

    #[test]
    fn broken_texts_are_refused() {
        for text in [
            "Z", "Zg", "Zg=", "Zg===", "=", "====", "Zg==Zg==", "Z g=", "Zg=a", "-_-_", "Zm9vé",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
