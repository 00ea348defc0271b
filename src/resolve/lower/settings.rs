//! Weights, timeouts, retries, sessions.

use std::fmt::Arguments;

use super::Unlowerable;
use crate::api::{
    CookieLifetimeType, HttpRouteRetry, HttpRouteTimeouts, Open, SessionPersistence,
    SessionPersistenceType,
};
use crate::plan::{Retry, Session, SessionKind, SessionLifetime, Timeouts};
use crate::vocab::{Duration, Release};

/// A weight; the upper bound is checked with the rest of the rule (BACKEND-WEIGHT-05).
pub(super) fn weight(field: Arguments<'_>, weight: i32) -> Result<u32, Unlowerable> {
    u32::try_from(weight).map_err(|_| {
        (
            format!("{field}.weight"),
            format!("found {weight}, expected 0 to 1000000"),
        )
    })
}

/// Time limits as written (BACKEND-TIMEOUT-03/04).
pub(super) fn timeouts(written: Option<&HttpRouteTimeouts>) -> Result<Timeouts, Unlowerable> {
    let Some(written) = written else {
        return Ok(Timeouts::default());
    };
    Ok(Timeouts {
        request: duration("timeouts.request", written.request.as_ref())?,
        backend_request: duration("timeouts.backendRequest", written.backend_request.as_ref())?,
    })
}

fn duration(
    field: &str,
    written: Option<&Open<Duration>>,
) -> Result<Option<Duration>, Unlowerable> {
    match written {
        None => Ok(None),
        Some(open) => match open.get() {
            Some(duration) => Ok(Some(duration.clone())),
            None => Err((
                field.to_owned(),
                format!("found `{}`, expected a duration as `1m30s`", open.as_str()),
            )),
        },
    }
}

/// When tries are repeated, defaults filled in (BACKEND-RETRY-02/05/06).
pub(super) fn retry(written: &HttpRouteRetry) -> Result<Retry, Unlowerable> {
    let codes = written.codes.as_deref().unwrap_or_default().iter();
    let codes = codes.map(|code| {
        u16::try_from(*code)
            .ok()
            .filter(|code| (400..600).contains(code))
            .ok_or_else(|| {
                (
                    "retry.codes".to_owned(),
                    format!("found {code}, expected 400 to 599"),
                )
            })
    });
    let attempts = written.attempts.unwrap_or(1);
    Ok(Retry {
        codes: codes.collect::<Result<_, _>>()?,
        attempts: u32::try_from(attempts).map_err(|_| {
            (
                "retry.attempts".to_owned(),
                format!("found {attempts}, expected a number of tries"),
            )
        })?,
        backoff: duration("retry.backoff", written.backoff.as_ref())?,
    })
}

/// Stickiness of a rule (BACKEND-SESSION-01).
pub(super) fn session(
    written: &SessionPersistence,
    release: Release,
) -> Result<Session, Unlowerable> {
    lower_session(written, release).map_err(|text| ("sessionPersistence".to_owned(), text))
}

/// Lowers session persistence, of a rule or of a policy. `idleTimeout` ended with v1.5; cookie settings mean nothing for
/// a header (XBTP-06).
///
/// # Errors
///
/// What is wrong: an unknown word, a malformed duration, a lasting cookie without end, a name too long.
pub(in crate::resolve) fn lower_session(
    written: &SessionPersistence,
    release: Release,
) -> Result<Session, String> {
    let kind = match written.type_() {
        SessionPersistenceType::Cookie => SessionKind::Cookie,
        SessionPersistenceType::Header => SessionKind::Header,
        SessionPersistenceType::Unknown(word) => {
            return Err(format!(
                "type: found `{word}`, expected `Cookie` or `Header`"
            ));
        }
    };
    let lifetime = match (kind, written.cookie_lifetime()) {
        (SessionKind::Header, _) | (_, CookieLifetimeType::Session) => SessionLifetime::Session,
        (_, CookieLifetimeType::Permanent) => SessionLifetime::Permanent,
        (_, CookieLifetimeType::Unknown(word)) => {
            return Err(format!(
                "cookieConfig.lifetimeType: found `{word}`, expected `Session` or `Permanent`"
            ));
        }
    };
    let limit = |field: &str, open: Option<&Open<Duration>>| {
        duration(field, open).map_err(|(field, text)| format!("{field}: {text}"))
    };
    let absolute_timeout = limit("absoluteTimeout", written.absolute_timeout.as_ref())?;
    if lifetime == SessionLifetime::Permanent && absolute_timeout.is_none() {
        return Err("a cookie of lifetime `Permanent` needs an `absoluteTimeout`".to_owned());
    }
    let name = written
        .session_name
        .as_deref()
        .filter(|name| !name.is_empty());
    if name.is_some_and(|name| name.chars().count() > 128) {
        return Err("sessionName: found more than 128 characters".to_owned());
    }
    let idle_timeout = match release {
        Release::V1_4 | Release::V1_5 => limit("idleTimeout", written.idle_timeout.as_ref())?,
        Release::V1_6 => None,
    };
    Ok(Session {
        name: name.map(Box::from),
        kind,
        absolute_timeout,
        idle_timeout,
        lifetime,
    })
}
