//! From a snapshot to what it means: a plan, statuses, a trace (under construction).

mod address;
mod attach;
mod backend_certificate;
mod certificate;
mod certificate_reader;
mod class;
mod client_validation;
mod conflict;
mod controller;
mod cross_kind;
mod data_plane;
mod features;
mod gateway;
mod grant;
mod hostnames;
mod kinds;
mod listener;
mod listener_set;
mod namespaces;
mod overlap;
mod parent;
mod pem;
mod reading;
mod seniority;
mod state;
pub mod status;
mod world;

pub use certificate_reader::{CertificateReader, InvalidCertificate, PemSyntax};
pub use controller::Controller;
pub use data_plane::{AddressFact, AddressKind, DataPlane, IdealDataPlane};
pub use features::{Features, UnknownFeature};
pub use grant::{Grants, NotPermitted, Permitted, Referrer, Resolved, Target};
