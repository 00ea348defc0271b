//! When every request that meets one match meets another, too.

use crate::plan::{GrpcMatch, HeaderMatch, HttpMatch, Matches, PathMatch, QueryMatch, ValueMatch};

/// Whether match `a` of one rule implies match `b` of another. `false` also where that cannot be told.
pub(super) fn implies(a: (&Matches, usize), b: (&Matches, usize)) -> bool {
    match (a.0, b.0) {
        (Matches::Http(own), Matches::Http(other)) => own
            .get(a.1)
            .zip(other.get(b.1))
            .is_some_and(|(own, other)| http(own, other)),
        (Matches::Grpc(own), Matches::Grpc(other)) => own
            .get(a.1)
            .zip(other.get(b.1))
            .is_some_and(|(own, other)| grpc(own, other)),
        _ => false,
    }
}

fn http(a: &HttpMatch, b: &HttpMatch) -> bool {
    path(&a.path, &b.path)
        && b.method.is_none_or(|method| a.method == Some(method))
        && headers(&a.headers, &b.headers)
        && query(&a.query, &b.query)
}

fn path(a: &PathMatch, b: &PathMatch) -> bool {
    match (a, b) {
        (PathMatch::Exact(a), PathMatch::Exact(b)) | (PathMatch::Regex(a), PathMatch::Regex(b)) => {
            a == b
        }
        (PathMatch::Exact(a) | PathMatch::Prefix(a), PathMatch::Prefix(b)) => is_under(a, b),
        _ => false,
    }
}

/// Whether a path lies under a prefix, by whole elements.
fn is_under(path: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.trim_end_matches('/')
        .strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn headers(a: &[HeaderMatch], b: &[HeaderMatch]) -> bool {
    b.iter().all(|wanted| {
        a.iter()
            .any(|own| own.name.eq_ignore_ascii_case(&wanted.name) && own.value == wanted.value)
    })
}

fn query(a: &[QueryMatch], b: &[QueryMatch]) -> bool {
    b.iter().all(|wanted| a.iter().any(|own| own == wanted))
}

fn grpc(a: &GrpcMatch, b: &GrpcMatch) -> bool {
    let wanted = b.method.as_ref();
    let own = a.method.as_ref();
    let side = |wanted: Option<&ValueMatch>, own: Option<&ValueMatch>| {
        wanted.is_none_or(|wanted| own == Some(wanted))
    };
    side(
        wanted.and_then(|m| m.service.as_ref()),
        own.and_then(|m| m.service.as_ref()),
    ) && side(
        wanted.and_then(|m| m.method.as_ref()),
        own.and_then(|m| m.method.as_ref()),
    ) && headers(&a.headers, &b.headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Method;

    #[test]
    fn paths_imply_by_whole_elements() {
        let exact = |p: &str| PathMatch::Exact(p.into());
        let prefix = |p: &str| PathMatch::Prefix(p.into());
        assert!(path(&exact("/a/b"), &prefix("/a")));
        assert!(path(&prefix("/a/b"), &prefix("/a/")));
        assert!(path(&prefix("/a"), &prefix("/")));
        assert!(!path(&prefix("/ab"), &prefix("/a")));
        assert!(!path(&prefix("/a"), &exact("/a")));
        assert!(!path(&prefix("/"), &prefix("/a")));
    }

    #[test]
    fn more_conditions_imply_fewer() {
        let plain = HttpMatch::prefix("/a");
        let tight = HttpMatch::prefix("/a")
            .with_method(Method::Get)
            .with_header("X-A", "b")
            .with_query("q", "1");
        assert!(http(&tight, &plain));
        assert!(!http(&plain, &tight));
        assert!(http(
            &tight,
            &HttpMatch::prefix("/a").with_header("x-a", "b")
        ));
        assert!(!http(
            &tight,
            &HttpMatch::prefix("/a").with_header("x-a", "c")
        ));
    }
}
