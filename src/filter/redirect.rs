//! The URL that a redirect leads to.

use super::outcome::Reason;
use super::path::{encoded_path, push_query, replaced, with_one_slash};
use crate::plan::Redirect;
use crate::router::{Match, RequestHead, Scheme};

/// The absolute URL for `Location`.
///
/// # Spec
///
/// FILTER-REDIR-02..09/12/13, SAFE-REDIR-01.
pub(super) fn location(
    redirect: &Redirect,
    matched: &Match<'_>,
    head: &RequestHead<'_>,
) -> Result<String, Reason> {
    let scheme = match redirect.scheme.as_deref() {
        Some("https") => Scheme::Https,
        Some(_) => Scheme::Http,
        None => matched.scheme(),
    };
    let host = match &redirect.hostname {
        Some(host) => &**host,
        None => head
            .host
            .and_then(host_without_port)
            .ok_or(Reason::NoHost)?,
    };
    let port = match (redirect.port, &redirect.scheme) {
        (Some(port), _) => port,
        (None, Some(_)) => scheme.default_port(),
        (None, None) => matched.port(),
    };
    let path = match &redirect.path {
        None => with_one_slash(matched.path().into()),
        Some(modifier) => {
            replaced(modifier, matched.path(), matched.prefix()).ok_or(Reason::NoPrefix)?
        }
    };
    let path = encoded_path(path);
    let query_length = head.query.map_or(0, |query| query.len() + 1);
    let mut url =
        String::with_capacity(scheme.as_str().len() + host.len() + path.len() + query_length + 9);
    url.push_str(scheme.as_str());
    url.push_str("://");
    url.push_str(host);
    if port != scheme.default_port() {
        url.push(':');
        url.push_str(&port.to_string());
    }
    url.push_str(&path);
    if let Some(query) = head.query {
        url.push('?');
        push_query(&mut url, query);
    }
    Ok(url)
}

/// The host of an authority as it was spelled; `None` for what cannot stand in a URL (SAFE-HDR-02).
fn host_without_port(authority: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(authority).ok()?;
    let host = match text.rfind(']') {
        Some(bracket) => text.get(..=bracket)?,
        None => text.split(':').next()?,
    };
    let sound = !host.is_empty()
        && host.bytes().all(|byte| {
            byte.is_ascii_graphic()
                && !matches!(byte, b'/' | b'?' | b'#' | b'@' | b'\\' | b'<' | b'>' | b'"')
        });
    sound.then_some(host)
}
