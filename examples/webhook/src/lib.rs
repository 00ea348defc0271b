//! An admission webhook on gatewright.
//!
//! An API server asks whether an object may be stored; the library says what is wrong with it, field by field, and what is
//! valid but has no effect. Data flows:
//!
//! ```text
//! server (HTTPS) -> review::answer (AdmissionReview in, AdmissionReview out) -> library: validate, lint
//! ```

mod alone;
pub mod review;
pub mod server;
