//! From a snapshot to what it means: a plan, statuses, a trace (under construction).

mod attach;
mod certificate_reader;
mod conflict;
mod controller;
mod cross_kind;
mod data_plane;
mod features;
mod grant;
mod hostnames;
mod namespaces;
mod overlap;
mod parent;
mod pem;
mod seniority;
mod state;
pub mod status;

pub use certificate_reader::{CertificateReader, InvalidCertificate, PemSyntax};
pub use controller::Controller;
pub use data_plane::{AddressFact, AddressKind, DataPlane, IdealDataPlane};
pub use features::{Features, UnknownFeature};
pub use grant::{Grants, NotPermitted, Permitted, Referrer, Resolved, Target};
