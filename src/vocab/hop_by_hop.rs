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

/// Whether a header is one of [`HOP_BY_HOP`], in whatever case.
///
/// ```
/// use gatewright::vocab::is_hop_by_hop;
///
/// assert!(is_hop_by_hop("Keep-Alive"));
/// assert!(!is_hop_by_hop("content-length"));
/// ```
pub fn is_hop_by_hop(name: &str) -> bool {
    HOP_BY_HOP.iter().any(|own| own.eq_ignore_ascii_case(name))
}
