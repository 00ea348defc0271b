//! What a caller may decide about matching.

use crate::vocab::Release;

/// How a router matches where the specification leaves a choice. The defaults are gatewright's behaviour.
///
/// # Spec
///
/// Each field names the requirement that makes it an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether a Route with a less specific hostname gets the requests that no rule of a more specific one takes
    /// (MATCH-PREC-04). `false` answers 404 once any Route has the more specific hostname. Default `true`.
    pub hostname_fallthrough: bool,
    /// Where regular expressions for paths rank (MATCH-PREC-07).
    pub regex_rank: RegexRank,
    /// Whether paths are brought into normal form before they are compared and forwarded (MATCH-PATH-10).
    pub normalize: Normalize,
    /// Whether runs of `/` count as one (MATCH-PATH-13). Default `true`; without effect under [`Normalize::None`].
    pub merge_slashes: bool,
    /// What becomes of paths with `%2F` or `%5C` (MATCH-PATH-12).
    pub escaped_slashes: EscapedSlashes,
    /// Whether query parameters are decoded before they are compared (MATCH-QUERY-03).
    pub query_decoding: QueryDecoding,
    /// What makes a request a gRPC call (MATCH-GRPC-01).
    pub grpc_detection: GrpcDetection,
    /// Whether a request that reuses a TLS connection made for another listener is answered 421 (LISTEN-MIS-04).
    /// `false` serves it by its host. Default `true`.
    pub detect_misdirected: bool,
    /// Whether a CORS preflight meets the method condition of a rule with a CORS filter when the method that it asks for
    /// does (FILTER-CORS-03). Default `true`.
    pub cors_implicit_preflight: bool,
    /// Bounds on what requests and objects may ask for (SAFE-LIMIT-01, SAFE-REGEX-01).
    pub limits: Limits,
    /// The release by whose rules objects are judged: it decides which rules are isolated. Default the newest.
    pub release: Release,
    /// Seed of the hash tables; `None` draws one for each router, so that nobody can choose names that collide. It has no
    /// influence on any answer (EVAL-05).
    pub seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            hostname_fallthrough: true,
            regex_rank: RegexRank::default(),
            normalize: Normalize::default(),
            merge_slashes: true,
            escaped_slashes: EscapedSlashes::default(),
            query_decoding: QueryDecoding::default(),
            grpc_detection: GrpcDetection::default(),
            detect_misdirected: true,
            cors_implicit_preflight: true,
            limits: Limits::default(),
            release: Release::NEWEST,
            seed: None,
        }
    }
}

/// Where regular expressions for paths rank (MATCH-PREC-07).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RegexRank {
    /// After exact paths, before prefixes.
    #[default]
    BetweenExactAndPrefix,
    /// After prefixes.
    BelowPrefix,
}

/// Whether paths are brought into normal form (MATCH-PATH-10..16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Normalize {
    /// Needless triplets are decoded, others upper-cased, runs of slashes merged, dot segments removed.
    #[default]
    Rfc3986,
    /// Paths are compared and forwarded as received. That gateway and backend read a path alike (SAFE-PATH-02) is then the
    /// caller's business.
    None,
}

/// What becomes of paths with `%2F` or `%5C` (MATCH-PATH-12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EscapedSlashes {
    /// They are data inside an element.
    #[default]
    Keep,
    /// Such requests are answered 400.
    Reject,
}

/// Whether query parameters are decoded before they are compared (MATCH-QUERY-03).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QueryDecoding {
    /// `+` is a space and `%XX` a byte, in requests and in configured names.
    #[default]
    Decode,
    /// Compared as they stand.
    Raw,
}

/// What makes a request a gRPC call (MATCH-GRPC-01).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GrpcDetection {
    /// HTTP/2 or later, `POST`, and a content type of `application/grpc`, alone or with `+...` or `;...`.
    #[default]
    Strict,
    /// A path of exactly two elements that are not empty, whatever version, method and content type.
    PathOnly,
}

/// Bounds on what requests and objects may ask for (SAFE-LIMIT-01, SAFE-REGEX-01). Lengths are in bytes, those of regular
/// expressions in characters, as the schema counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Longest host of a request, port not counted; longer ones are answered 400. Default 255.
    pub authority: usize,
    /// Longest path of a request; longer ones are answered 414. Default 8,192.
    pub path: usize,
    /// Length of a query up to which its parameters are looked at. Default 16,384.
    pub query: usize,
    /// Query parameters that are looked at; further ones are forwarded all the same. Default 1,000.
    pub parameters: usize,
    /// Header lines that are looked at. Default 100.
    pub header_lines: usize,
    /// Largest compiled form of one regular expression. Default 1 MiB.
    pub regex_size: usize,
    /// Deepest nesting of one regular expression. Default 100.
    pub regex_nesting: u32,
    /// Longest regular expression for a path. Default 1,024.
    pub path_regex: usize,
    /// Longest regular expression for a header. Default 4,096.
    pub header_regex: usize,
    /// Longest regular expression for a query parameter. Default 1,024.
    pub query_regex: usize,
    /// Longest regular expression for a gRPC service or method. Default 1,024.
    pub grpc_regex: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            authority: 255,
            path: 8 << 10,
            query: 16 << 10,
            parameters: 1000,
            header_lines: 100,
            regex_size: 1 << 20,
            regex_nesting: 100,
            path_regex: 1024,
            header_regex: 4096,
            query_regex: 1024,
            grpc_regex: 1024,
        }
    }
}
