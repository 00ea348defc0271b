//! Words that objects and plans share.
//!
//! Stage: none; every other module speaks in these words. They depend on nothing, know nothing about manifests or
//! requests, and cannot hold an invalid value: each is made by a parser that names what is wrong.
//!
//! ```
//! use gatewright::vocab::Hostname;
//!
//! let listener = Hostname::parse("*.example.com")?;
//! let route = Hostname::parse("shop.example.com")?;
//! assert_eq!(listener.intersect(&route), Some(&route));
//! # Ok::<(), gatewright::vocab::InvalidHostname>(())
//! ```

mod bundle;
mod duration;
mod hop_by_hop;
mod hostname;
mod section_name;

pub use bundle::{Bundle, Channel, InvalidBundle, Release, Window};
pub use duration::{Duration, InvalidDuration};
pub use hop_by_hop::{HOP_BY_HOP, is_hop_by_hop};
pub use hostname::{Hostname, InvalidHostname};
pub use section_name::{InvalidSectionName, SectionName};
