//! A walk over DER, for private keys.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// The first field that is optional by number.
pub(super) const CONTEXT_0: u8 = 0xa0;

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'d> {
    /// Its type.
    pub(super) tag: u8,
    /// What is in it.
    pub(super) content: &'d [u8],
}

/// Values behind one another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'d> {
    rest: &'d [u8],
}

impl<'d> Elements<'d> {
    /// The values in some bytes.
    pub(super) fn new(bytes: &'d [u8]) -> Self {
        Elements { rest: bytes }
    }

    /// The next value; `None` at the end and where the bytes are no DER.
    pub(super) fn any(&mut self) -> Option<Element<'d>> {
        let (&tag, rest) = self.rest.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if bytes.len() > 4 {
                return None;
            }
            let add = |length: usize, byte: &u8| length << 8 | usize::from(*byte);
            (bytes.iter().fold(0, add), rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Element { tag, content })
    }

    /// The content of the next value if it is of a type.
    pub(super) fn next(&mut self, tag: u8) -> Option<&'d [u8]> {
        let mut ahead = *self;
        let element = ahead.any().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(element.content)
    }
}

/// The values in a sequence that is all there is.
pub(super) fn sequence(bytes: &[u8]) -> Option<Elements<'_>> {
    let mut all = Elements::new(bytes);
    let content = all.next(SEQUENCE)?;
    all.rest.is_empty().then(|| Elements::new(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_walked_one_by_one() {
        let mut fields = sequence(&[0x30, 0x06, 0x02, 0x01, 0x07, 0x04, 0x01, 0x09]).unwrap();
        assert_eq!(fields.next(OCTET_STRING), None);
        assert_eq!(fields.next(INTEGER), Some(&[7][..]));
        assert_eq!(fields.next(OCTET_STRING), Some(&[9][..]));
        assert_eq!(fields.any(), None);
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x01],
            &[0x30, 0x81],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x00, 0x00],
        ] {
            assert!(sequence(bytes).is_none(), "{bytes:?}");
        }
        let long = [&[0x30, 0x82, 0x01, 0x00][..], &[0; 256]].concat();
        assert!(sequence(&long).is_some());
    }
}
