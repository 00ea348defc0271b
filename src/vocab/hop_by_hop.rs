//! Headers of one connection.

/// Headers that are between two neighbours and are not passed on, in lower case.
///
/// `te: trailers` is the exception that gRPC needs: whoever passes trailers on may say it to the backend anew.
///
/// # Spec
///
/// RFC 9110, section 7.6.1; FILTER-HDR-07, FILTER-AUTH-10.
pub const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A bit for each length that a name of [`HOP_BY_HOP`] has.
const LENGTHS: u32 = {
    let (mut lengths, mut names) = (0, HOP_BY_HOP.as_slice());
    while let Some((name, rest)) = names.split_first() {
        lengths |= 1 << name.len();
        names = rest;
    }
    lengths
};

/// Whether a header is one of [`HOP_BY_HOP`], in whatever case.
///
/// PERF: a proxy asks this of every header of every message; nearly all have a length that none of these has.
///
/// ```
/// use gatewright::vocab::{HOP_BY_HOP, is_hop_by_hop};
///
/// assert!(HOP_BY_HOP.into_iter().all(is_hop_by_hop));
/// assert!(is_hop_by_hop("Keep-Alive"));
/// // The length of `connection`, and lengths beyond all.
/// assert!(!is_hop_by_hop("user-agent"));
/// assert!(!is_hop_by_hop(&"x".repeat(34)));
/// assert!(!is_hop_by_hop(&"x".repeat(66)));
/// ```
pub fn is_hop_by_hop(name: &str) -> bool {
    let is_length = name.len() < 32 && LENGTHS >> name.len() & 1 == 1;
    is_length && HOP_BY_HOP.iter().any(|own| own.eq_ignore_ascii_case(name))
}
