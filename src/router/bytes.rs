//! Hashing, searching and reading of short byte strings, eight or sixteen bytes at a time.

use std::hash::{BuildHasher, RandomState};

/// What makes a router's hashes its own: without knowing it nobody can choose names that collide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed(u64, u64);

/// Or-ed onto every byte, folds ASCII letters to lower case. It merges a few other bytes too, which costs a comparison
/// and no wrong answer.
const ANY_CASE: u64 = 0x2020_2020_2020_2020;

impl Seed {
    /// From a number that the caller gives, or by chance.
    pub(super) fn new(given: Option<u64>) -> Self {
        match given {
            // The steps of SplitMix64 spread small numbers over all bits.
            Some(given) => Seed(spread(given), spread(given ^ 0x9E37_79B9_7F4A_7C15)),
            None => {
                let state = RandomState::new();
                Seed(state.hash_one(0u8), state.hash_one(1u8))
            }
        }
    }

    /// A hash of the bytes.
    #[inline(always)]
    pub(super) fn hash(self, bytes: &[u8]) -> u64 {
        self.hash_with::<0>(bytes)
    }

    /// A hash of the bytes, whatever the case of ASCII letters.
    #[inline(always)]
    pub(super) fn hash_any_case(self, bytes: &[u8]) -> u64 {
        self.hash_with::<ANY_CASE>(bytes)
    }

    /// A hash of what was hashed so far and one more.
    #[inline(always)]
    pub(super) fn join(self, state: u64, next: u64) -> u64 {
        mix(state ^ next, self.1)
    }

    #[inline(always)]
    fn hash_with<const CASE: u64>(self, bytes: &[u8]) -> u64 {
        let step =
            |state: u64, low: u64, high: u64| mix(state ^ (low | CASE), (high | CASE) ^ self.1);
        let state = self.0 ^ bytes.len() as u64;
        if let Some(last) = bytes.last_chunk::<16>() {
            let (mut state, mut rest) = (state, bytes);
            // The last block may overlap the one before it.
            while let Some((block, behind)) = rest.split_first_chunk::<16>()
                && !behind.is_empty()
            {
                state = step(state, low(block), high(block));
                rest = behind;
            }
            step(state, low(last), high(last))
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            step(state, u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let four = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
            step(state, four(first), four(last))
        } else {
            let all = bytes.iter().fold(0, |all, b| all << 8 | u64::from(*b));
            step(state, all, 0)
        }
    }
}

fn spread(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One multiplication to 128 bits, folded.
#[inline(always)]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[inline(always)]
fn low(block: &[u8; 16]) -> u64 {
    block.first_chunk().map_or(0, |b| u64::from_le_bytes(*b))
}

#[inline(always)]
fn high(block: &[u8; 16]) -> u64 {
    block.last_chunk().map_or(0, |b| u64::from_le_bytes(*b))
}

/// Every byte of a word the same.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The high bit of every byte that is zero, exactly.
#[inline(always)]
const fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = each(0x7F);
    !(((word & LOW) + LOW) | word | LOW)
}

/// Whether two texts are the same.
///
/// PERF: most are of 8 to 32 bytes, for which a call costs more than the comparison.
#[inline(always)]
pub(super) fn equals(a: &[u8], b: &[u8]) -> bool {
    fn ends<const N: usize>(text: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        Some((text.first_chunk()?, text.last_chunk()?))
    }
    if a.len() != b.len() {
        return false;
    }
    if a.len() > 32 {
        return a == b;
    }
    if let (Some((a_first, a_last)), Some((b_first, b_last))) = (ends::<16>(a), ends::<16>(b)) {
        return (a_first == b_first) & (a_last == b_last);
    }
    if let (Some((a_first, a_last)), Some((b_first, b_last))) = (ends::<8>(a), ends::<8>(b)) {
        return (a_first == b_first) & (a_last == b_last);
    }
    if let (Some((a_first, a_last)), Some((b_first, b_last))) = (ends::<4>(a), ends::<4>(b)) {
        return (a_first == b_first) & (a_last == b_last);
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// Writes the places of a byte into `places`, in order, and returns how many there are; stops when it is full.
#[inline(always)]
pub(super) fn places<const N: usize>(bytes: &[u8], wanted: u8, places: &mut [u16; N]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut count = 0;
    let mut put = |place: usize| match places.get_mut(count) {
        Some(free) => {
            *free = place as u16;
            count += 1;
            true
        }
        None => false,
    };
    for (i, word) in words.iter().enumerate() {
        let mut hits = zero_bytes(u64::from_le_bytes(*word) ^ each(wanted));
        while hits != 0 {
            if !put(8 * i + (hits.trailing_zeros() / 8) as usize) {
                return N;
            }
            hits &= hits - 1;
        }
    }
    for (i, byte) in rest.iter().enumerate() {
        if *byte == wanted && !put(8 * words.len() + i) {
            return N;
        }
    }
    count
}

/// Whether one of the last eight bytes is a colon, as in a host with a port; for sure not if it ends with a letter.
#[inline(always)]
pub(super) fn ends_with_port(host: &[u8]) -> bool {
    if host.last().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    match host.last_chunk() {
        Some(last) => zero_bytes(u64::from_le_bytes(*last) ^ each(b':')) != 0,
        None => host.contains(&b':'),
    }
}

/// Whether a path is in normal form for sure: absolute, printable ASCII without `%` and `\`, no `//` and no element that
/// begins with a dot. Everything else is to be looked at closely.
///
/// PERF: pairs of neighbours, sixteen at a time; a loop of fixed length over two arrays becomes vector instructions.
#[inline(always)]
pub(super) fn is_plain_path(path: &[u8]) -> bool {
    if path.first() != Some(&b'/') {
        return false;
    }
    if path.len() > 16 {
        return !has_odd_pair(path, is_odd_in_path);
    }
    let (first, last) = match (path.first_chunk(), path.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => return odd_bytes(b'a'.into(), short_word(path)) == 0,
    };
    // The last word has before it the byte before, or a slash if that is in it: then its own first byte is one.
    let before = path
        .len()
        .checked_sub(9)
        .and_then(|at| path.get(at))
        .copied();
    odd_bytes(b'a'.into(), first) | odd_bytes(before.unwrap_or(b'a').into(), last) == 0
}

/// Up to seven bytes as a word, letters behind them.
#[inline(always)]
fn short_word(path: &[u8]) -> u64 {
    let fill = each(b'a').wrapping_shl(8 * path.len() as u32);
    let own = match (path.first_chunk::<4>(), path.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            let last = u64::from(u32::from_le_bytes(*last)) << (8 * (path.len() - 4));
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => path
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    own | fill
}

/// The high bits of the bytes of a word that make a path unusual, given the byte before it: the same as
/// [`is_odd_in_path`] for eight bytes at once.
#[inline(always)]
fn odd_bytes(before: u64, word: u64) -> u64 {
    const LOW: u64 = each(0x7F);
    // Of seven bits: set where the byte is not zero.
    let differs = |word: u64, byte: u8| (word ^ each(byte)) + LOW;
    let own = word & LOW;
    let previous = (word << 8 | before) & LOW;
    let is_usual = (own + each(0x7F - 0x20)) & differs(own, b'%') & differs(own, b'\\');
    let is_undotted = differs(own | each(1), b'/') | differs(previous, b'/');
    (word | (own + each(1)) | !(is_usual & is_undotted)) & each(0x80)
}

#[inline(always)]
fn is_odd_in_path(previous: u8, byte: u8) -> bool {
    // `.` and `/` differ in one bit only; as a signed number all beyond ASCII is below the space.
    let is_dotted = (previous == b'/') & (byte | 1 == b'/');
    is_dotted | ((byte as i8) < 0x21) | (byte == 0x7F) | (byte == b'%') | (byte == b'\\')
}

/// Whether a host is a name of letters, digits, `-` and `.` without empty labels for sure, and no address.
#[inline]
pub(super) fn is_plain_host(name: &[u8]) -> bool {
    let is_bounded = match (name.first(), name.last()) {
        (Some(first), Some(last)) => is_alphanumeric(*first) && last.is_ascii_alphabetic(),
        _ => false,
    };
    is_bounded && !has_odd_pair(name, is_odd_in_host)
}

#[inline(always)]
fn is_alphanumeric(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10)
}

#[inline(always)]
fn is_odd_in_host(previous: u8, byte: u8) -> bool {
    // `-`, `.`, `/` and the digits follow each other.
    let is_usual = ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'-') < 13);
    !is_usual | (byte == b'/') | ((previous == b'.') & (byte == b'.'))
}

/// Whether some byte behind the first one is odd, given the one before it.
#[inline(always)]
fn has_odd_pair(text: &[u8], is_odd: impl Fn(u8, u8) -> bool + Copy) -> bool {
    let next = text.get(1..).unwrap_or_default();
    if let (Some(last), Some(last_next)) = (text.last_chunk::<17>(), next.last_chunk::<16>()) {
        let mut odd = [0; 16];
        if let Some(previous) = last.first_chunk() {
            mark(previous, last_next, &mut odd, is_odd);
        }
        let (blocks, _) = next.as_chunks::<16>();
        let (before, _) = text.as_chunks::<16>();
        for (previous, next) in before.iter().zip(blocks) {
            mark(previous, next, &mut odd, is_odd);
        }
        return u128::from_le_bytes(odd) != 0;
    }
    text.iter()
        .zip(next)
        .any(|(previous, byte)| is_odd(*previous, *byte))
}

#[inline(always)]
fn mark<const N: usize>(
    previous: &[u8; N],
    next: &[u8; N],
    odd: &mut [u8; N],
    is_odd: impl Fn(u8, u8) -> bool,
) {
    for ((previous, byte), odd) in previous.iter().zip(next).zip(odd) {
        *odd |= if is_odd(*previous, *byte) { 0xFF } else { 0 };
    }
}

/// Whether a query holds only what a target may hold: no control characters, spaces and backslashes (MATCH-PATH-14/19).
#[inline(always)]
pub(super) fn is_plain_query(query: &[u8]) -> bool {
    let Some(last) = query.last_chunk() else {
        return query.is_empty() || bad_bytes(short_word(query)) == 0;
    };
    let mut bad = bad_bytes(u64::from_le_bytes(*last));
    for word in query.as_chunks().0 {
        bad |= bad_bytes(u64::from_le_bytes(*word));
    }
    bad == 0
}

/// The high bits of the bytes of a word that no target may hold.
#[inline(always)]
fn bad_bytes(word: u64) -> u64 {
    const LOW: u64 = each(0x7F);
    let own = word & LOW;
    let is_usual = (own + each(0x7F - 0x20)) & ((own ^ each(b'\\')) + LOW) & !(own + each(1));
    // What is beyond ASCII is none of these.
    !(is_usual | word) & each(0x80)
}

/// The four bytes at a place; 0 beyond the end.
#[inline(always)]
pub(super) fn read_u32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |four| u32::from_le_bytes(*four))
}

/// The two bytes at a place; 0 beyond the end.
#[inline(always)]
pub(super) fn read_u16(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |two| usize::from(u16::from_le_bytes(*two)))
}

/// The eight bytes at a place; 0 beyond the end.
#[inline(always)]
pub(super) fn read_u64(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |eight| u64::from_le_bytes(*eight))
}

/// So many bytes from a place on; none beyond the end.
#[inline(always)]
pub(super) fn slice(bytes: &[u8], at: usize, length: usize) -> &[u8] {
    bytes
        .get(at..)
        .and_then(|rest| rest.get(..length))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_sees_every_byte_and_no_case() {
        let seed = Seed::new(Some(1));
        let text: Vec<u8> = (0..70).map(|i| b'a' + i % 26).collect();
        for length in 1..text.len() {
            let own = seed.hash(&text[..length]);
            assert_ne!(own, seed.hash(&text[..length + 1]), "{length}");
            for i in 0..length {
                let mut other = text[..length].to_vec();
                other[i] = b'-';
                assert_ne!(own, seed.hash(&other), "{length} {i}");
                other[i] = text[i].to_ascii_uppercase();
                let folded = seed.hash_any_case(&text[..length]);
                assert_eq!(folded, seed.hash_any_case(&other), "{length} {i}");
            }
        }
    }

    #[test]
    fn equality_sees_every_byte() {
        let text: Vec<u8> = (0..40).map(|i| b'a' + i % 26).collect();
        for length in 0..text.len() {
            let own = &text[..length];
            let copy = own.to_vec();
            assert!(equals(own, &copy));
            assert!(!equals(own, &text[..length + 1]));
            for at in 0..length {
                let mut other = own.to_vec();
                other[at] ^= 0x80;
                assert!(!equals(own, &other), "{length} {at}");
            }
        }
    }

    #[test]
    fn seeds_make_other_hashes() {
        let hash = |seed| Seed::new(seed).hash(b"a.test");
        assert_ne!(hash(Some(1)), hash(Some(2)));
        assert_ne!(hash(None), hash(None));
        assert_eq!(hash(Some(7)), hash(Some(7)));
    }

    #[test]
    fn places_are_those_of_a_plain_search() {
        for length in 0..60 {
            let text: Vec<u8> = (0..length)
                .map(|i| b"/.0\xAF\x80/"[(i * i + length) % 6])
                .collect();
            let plain = text.iter().enumerate().filter(|(_, b)| **b == b'/');
            let plain: Vec<u16> = plain.map(|(i, _)| i as u16).collect();
            let mut found = [0; 9];
            let count = places(&text, b'/', &mut found);
            assert_eq!(found[..count], plain[..plain.len().min(9)], "{text:?}");
        }
    }

    /// MATCH-PATH-10..19: what is called plain is in normal form.
    #[test]
    fn every_place_of_a_path_is_looked_at() {
        for length in 1..80 {
            let plain: Vec<u8> = (0..length)
                .map(|i| if i % 7 == 0 { b'/' } else { b'a' })
                .collect();
            assert!(is_plain_path(&plain), "{length}");
            for at in 1..length {
                for odd in [0, b' ', b'%', b'\\', 0x7F, 0x80, 0xFF] {
                    let mut path = plain.clone();
                    path[at] = odd;
                    assert!(!is_plain_path(&path), "{length} {at} {odd}");
                }
                for dotted in [b'/', b'.'] {
                    let mut path = plain.clone();
                    path[at - 1] = b'/';
                    path[at] = dotted;
                    assert!(!is_plain_path(&path), "{length} {at} {dotted}");
                }
                let mut path = plain.clone();
                path[at] = b'.';
                assert_eq!(is_plain_path(&path), path[at - 1] != b'/', "{length} {at}");
            }
        }
        assert!(!is_plain_path(b""));
        assert!(!is_plain_path(b"a"));
    }

    /// HOST-KEY-04..06: what is called plain is a name.
    #[test]
    fn every_place_of_a_host_is_looked_at() {
        for length in 2..60 {
            let plain: Vec<u8> = (0..length)
                .map(|i| {
                    if i % 5 == 3 && i + 1 < length {
                        b'.'
                    } else {
                        b'a' + i as u8 % 26
                    }
                })
                .collect();
            assert!(is_plain_host(&plain), "{length}");
            for at in 0..length {
                for odd in [
                    0, b' ', b'%', b'_', b'/', b':', b'@', b'[', b'`', b'{', 0x7F, 0x80, 0xFF,
                ] {
                    let mut name = plain.clone();
                    name[at] = odd;
                    assert!(!is_plain_host(&name), "{length} {at} {odd}");
                }
                if at > 0 {
                    let mut name = plain.clone();
                    name[at - 1] = b'.';
                    name[at] = b'.';
                    assert!(!is_plain_host(&name), "{length} {at}");
                }
            }
        }
        for name in ["", ".", ".a", "a.", "10.0.0.1", "a.1"] {
            assert!(!is_plain_host(name.as_bytes()), "{name}");
        }
        assert!(is_plain_host(b"A-b.Test9z"));
    }

    #[test]
    fn every_place_of_a_query_is_looked_at() {
        for length in 1..50 {
            let plain: Vec<u8> = (0..length)
                .map(|i| [b'%', 0xFF, b'!', 0x80, b'~', 0xDC, 0xA0][i % 7])
                .collect();
            assert!(is_plain_query(&plain));
            for at in 0..length {
                for bad in [0, b' ', b'\\', 0x7F] {
                    let mut query = plain.clone();
                    query[at] = bad;
                    assert!(!is_plain_query(&query), "{length} {at} {bad}");
                }
            }
        }
    }

    #[test]
    fn ports_are_seen_among_the_last_bytes() {
        for (host, has) in [
            ("a.test:80", true),
            ("a.test:65535", true),
            ("a.test", false),
            (":", true),
            ("a:", true),
            ("long.example.test", false),
        ] {
            assert_eq!(ends_with_port(host.as_bytes()), has, "{host}");
        }
    }
}
