//! Which Gateway API is meant: a release and a channel.

use std::fmt;
use std::str::FromStr;

/// A minor release of Gateway API whose rules are known here.
///
/// Patch releases of one minor release share a value: `v1.4.0` and `v1.4.1` are both [`Release::V1_4`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Release {
    /// v1.4 (figures and rules of v1.4.1).
    V1_4,
    /// v1.5 (v1.5.1).
    V1_5,
    /// v1.6 (v1.6.1).
    V1_6,
}

impl Release {
    /// All known releases, oldest first.
    pub const ALL: [Release; 3] = [Release::V1_4, Release::V1_5, Release::V1_6];

    /// The newest known release.
    pub const NEWEST: Release = Release::V1_6;

    /// The minor release as `v1.4`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Release::V1_4 => "v1.4",
            Release::V1_5 => "v1.5",
            Release::V1_6 => "v1.6",
        }
    }

    /// The patch release that the rules here are taken from, as `v1.4.1`.
    pub const fn patch(self) -> &'static str {
        match self {
            Release::V1_4 => "v1.4.1",
            Release::V1_5 => "v1.5.1",
            Release::V1_6 => "v1.6.1",
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Release {
    type Err = InvalidBundle;

    /// Reads `v1.4`, `1.4`, or any patch of it (`v1.4.0`, `v1.4.1`). Suffixes such as `-rc.1` are refused.
    fn from_str(text: &str) -> Result<Self, InvalidBundle> {
        let invalid = || InvalidBundle {
            found: text.to_owned(),
        };
        let mut numbers = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let (major, minor, patch) = (numbers.next(), numbers.next(), numbers.next());
        let patch_is_number =
            patch.is_none_or(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
        match (major, minor) {
            (Some("1"), Some("4")) if patch_is_number => Ok(Release::V1_4),
            (Some("1"), Some("5")) if patch_is_number => Ok(Release::V1_5),
            (Some("1"), Some("6")) if patch_is_number => Ok(Release::V1_6),
            _ => Err(invalid()),
        }
    }
}

/// A release channel: which fields and kinds are installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Stable kinds and fields only.
    Standard,
    /// Everything in standard, and what may still change.
    Experimental,
}

impl Channel {
    /// Both channels.
    pub const ALL: [Channel; 2] = [Channel::Standard, Channel::Experimental];

    /// The channel as the CRD annotation writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Channel::Standard => "standard",
            Channel::Experimental => "experimental",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = InvalidBundle;

    fn from_str(text: &str) -> Result<Self, InvalidBundle> {
        match text {
            "standard" => Ok(Channel::Standard),
            "experimental" => Ok(Channel::Experimental),
            _ => Err(InvalidBundle {
                found: text.to_owned(),
            }),
        }
    }
}

/// One set of CRDs as upstream publishes it: a release in a channel.
///
/// A value, never a type parameter: one program can speak about several bundles at once.
///
/// ```
/// use gatewright::vocab::{Bundle, Channel, Release};
///
/// let bundle: Bundle = "v1.4-experimental".parse()?;
/// assert_eq!(bundle, Bundle::new(Release::V1_4, Channel::Experimental));
/// assert_eq!(Bundle::default().to_string(), "v1.6-experimental");
/// # Ok::<(), gatewright::vocab::InvalidBundle>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    /// The release.
    pub release: Release,
    /// The channel.
    pub channel: Channel,
}

impl Bundle {
    /// All known bundles: releases oldest first, standard before experimental.
    pub const ALL: [Bundle; 6] = [
        Bundle::new(Release::V1_4, Channel::Standard),
        Bundle::new(Release::V1_4, Channel::Experimental),
        Bundle::new(Release::V1_5, Channel::Standard),
        Bundle::new(Release::V1_5, Channel::Experimental),
        Bundle::new(Release::V1_6, Channel::Standard),
        Bundle::new(Release::V1_6, Channel::Experimental),
    ];

    /// A bundle from its parts.
    pub const fn new(release: Release, channel: Channel) -> Self {
        Bundle { release, channel }
    }

    /// Position in [`Bundle::ALL`].
    pub const fn index(self) -> usize {
        let release = match self.release {
            Release::V1_4 => 0,
            Release::V1_5 => 2,
            Release::V1_6 => 4,
        };
        match self.channel {
            Channel::Standard => release,
            Channel::Experimental => release + 1,
        }
    }
}

/// The newest known release, experimental channel.
impl Default for Bundle {
    fn default() -> Self {
        Bundle::new(Release::NEWEST, Channel::Experimental)
    }
}

impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.release, self.channel)
    }
}

impl FromStr for Bundle {
    type Err = InvalidBundle;

    /// Reads `RELEASE-CHANNEL`, as `v1.4-experimental` or `v1.4.1-standard`.
    fn from_str(text: &str) -> Result<Self, InvalidBundle> {
        let invalid = || InvalidBundle {
            found: text.to_owned(),
        };
        let (release, channel) = text.split_once('-').ok_or_else(invalid)?;
        Ok(Bundle::new(
            release.parse().map_err(|_| invalid())?,
            channel.parse().map_err(|_| invalid())?,
        ))
    }
}

/// In which bundles something holds: a field, a keyword, a rule, a behaviour.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window(u8);

impl Window {
    /// Every known bundle.
    pub const ALWAYS: Window = Window(0b11_11_11);
    /// No bundle.
    pub const NEVER: Window = Window(0);
    /// The experimental channel of every release.
    pub const EXPERIMENTAL: Window = Window(0b10_10_10);
    /// The standard channel of every release.
    pub const STANDARD: Window = Window(0b01_01_01);

    /// Exactly these bundles: bit `n` stands for `Bundle::ALL[n]`.
    pub const fn of_bits(bits: u8) -> Window {
        Window(bits & 0b11_11_11)
    }

    /// `release` and all later ones, both channels.
    pub const fn since(release: Release) -> Window {
        Window(match release {
            Release::V1_4 => 0b11_11_11,
            Release::V1_5 => 0b11_11_00,
            Release::V1_6 => 0b11_00_00,
        })
    }

    /// All releases before `release`, both channels.
    pub const fn before(release: Release) -> Window {
        Window(Window::ALWAYS.0 & !Window::since(release).0)
    }

    /// Where either holds.
    pub const fn or(self, other: Window) -> Window {
        Window(self.0 | other.0)
    }

    /// Where both hold.
    pub const fn and(self, other: Window) -> Window {
        Window(self.0 & other.0)
    }

    /// Where this holds and `other` does not.
    pub const fn without(self, other: Window) -> Window {
        Window(self.0 & !other.0)
    }

    /// Whether `bundle` lies in the window.
    pub const fn holds(self, bundle: Bundle) -> bool {
        self.0 & (1 << bundle.index()) != 0
    }

    /// The bundles of the window, oldest first.
    pub fn bundles(self) -> impl Iterator<Item = Bundle> {
        Bundle::ALL.into_iter().filter(move |b| self.holds(*b))
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.bundles()).finish()
    }
}

/// A text that names no known release, channel or bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidBundle {
    found: String,
}

impl fmt::Display for InvalidBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown bundle `{}`: expected `v1.4`, `v1.5` or `v1.6`, then `-standard` or `-experimental`",
            self.found
        )
    }
}

impl std::error::Error for InvalidBundle {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundle_prints_as_it_parses() {
        for (i, bundle) in Bundle::ALL.into_iter().enumerate() {
            assert_eq!(bundle.index(), i);
            assert_eq!(bundle.to_string().parse(), Ok(bundle));
        }
    }

    #[test]
    fn patch_releases_are_their_minor_release() {
        assert_eq!("v1.4.1".parse(), Ok(Release::V1_4));
        assert_eq!("1.6".parse(), Ok(Release::V1_6));
        for wrong in [
            "",
            "v1",
            "v1.3",
            "v1.7",
            "v1.4.",
            "v1.4.x",
            "v1.5.0-rc.1",
            "v14",
        ] {
            assert!(wrong.parse::<Release>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn windows_cover_what_they_say() {
        let old_standard = Bundle::new(Release::V1_4, Channel::Standard);
        let new_experimental = Bundle::new(Release::V1_6, Channel::Experimental);
        assert!(Window::ALWAYS.bundles().eq(Bundle::ALL));
        assert!(!Window::EXPERIMENTAL.holds(old_standard));
        assert!(Window::since(Release::V1_5).holds(new_experimental));
        assert!(!Window::since(Release::V1_5).holds(old_standard));
        assert!(Window::before(Release::V1_5).holds(old_standard));
        assert_eq!(Window::STANDARD.or(Window::EXPERIMENTAL), Window::ALWAYS);
        assert_eq!(Window::STANDARD.and(Window::EXPERIMENTAL), Window::NEVER);
    }
}
