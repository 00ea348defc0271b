//! From a snapshot to what it means: a plan, statuses, a trace (under construction).

mod certificate_reader;
mod conflict;
mod controller;
mod data_plane;
mod features;
mod grant;
mod namespaces;
mod pem;
mod state;
pub mod status;

pub use certificate_reader::{CertificateReader, InvalidCertificate, PemSyntax};
pub use controller::Controller;
pub use data_plane::{AddressFact, AddressKind, DataPlane, IdealDataPlane};
pub use features::{Features, UnknownFeature};
pub use grant::{Grants, NotPermitted, Permitted, Referrer, Resolved, Target};
