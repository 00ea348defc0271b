//! The policy that guards the CRDs of Gateway API against unsafe changes.

use std::fmt;

use crate::api::{CustomResourceDefinition, GATEWAY_GROUP};
use crate::vocab::{Bundle, Channel, Release};

/// Whether the admission policy `safe-upgrades.gateway.networking.k8s.io`, in the form that a bundle ships, lets a CRD be
/// created (`old` is `None`) or changed.
///
/// Bundles before v1.5 ship no policy; kinds of other groups, `gateway.networking.x-k8s.io` among them, are not covered.
/// Deleting the policy from a cluster lifts it.
///
/// # Errors
///
/// [`RefusedUpgrade`] says which of its two rules speaks against it.
///
/// # Spec
///
/// VER-08. The text of a version is searched as the policies do, not parsed: in the standard file of v1.6 everything with
/// `-rc` passes, and v1.5 is refused.
pub fn check_crd_upgrade(
    old: Option<&CustomResourceDefinition>,
    new: &CustomResourceDefinition,
    policy: Bundle,
) -> Result<(), RefusedUpgrade> {
    if policy.release < Release::V1_5 || new.spec.group != GATEWAY_GROUP {
        return Ok(());
    }
    let may_change_channel = old.is_none_or(|old| old.channel() == Some("experimental"));
    if !may_change_channel && new.channel() != Some("standard") {
        return Err(RefusedUpgrade::Channel);
    }
    let version = new.bundle_version().ok_or(RefusedUpgrade::NoVersion)?;
    if admits_version(version, policy) {
        Ok(())
    } else {
        Err(RefusedUpgrade::Version(version.to_owned()))
    }
}

fn admits_version(version: &str, policy: Bundle) -> bool {
    match (policy.release, policy.channel) {
        (Release::V1_4, _) => true,
        (Release::V1_5, _) => !names_minor_up_to(version, '4') && !version.contains("v0"),
        (Release::V1_6, Channel::Standard) => {
            version.contains("-rc") || !names_minor_up_to(version, '5') && !version.contains("v0")
        }
        (Release::V1_6, Channel::Experimental) => {
            let minor = version.strip_prefix("v1.");
            let is_old = |minor: &str| {
                let (digit, rest) = minor.split_at_checked(1).unwrap_or(("", minor));
                ["0", "1", "2", "3", "4"].contains(&digit)
                    && (rest.is_empty() || rest.starts_with('.'))
            };
            version == "v0.0.0-dev" || minor.is_some_and(|minor| !is_old(minor))
        }
    }
}

/// Whether `v1`, any character, a digit up to `last`, any character and a digit stand somewhere in the text.
fn names_minor_up_to(version: &str, last: char) -> bool {
    let characters: Vec<char> = version.chars().collect();
    characters.windows(6).any(|window| match window {
        ['v', '1', one, minor, other, digit] => {
            *one != '\n' && ('0'..=last).contains(minor) && *other != '\n' && digit.is_ascii_digit()
        }
        _ => false,
    })
}

/// Why the policy refuses a CRD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedUpgrade {
    /// A CRD that is not of the standard channel would replace one that is not of the experimental channel.
    Channel,
    /// It says no version.
    NoVersion,
    /// It is of a version that is too old.
    Version(String),
}

impl fmt::Display for RefusedUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RefusedUpgrade::Channel => f.write_str(
                "channel: only a CRD of the standard channel may replace one that is not experimental",
            ),
            RefusedUpgrade::NoVersion => f.write_str("bundle-version: absent, but required"),
            RefusedUpgrade::Version(version) => {
                write!(f, "bundle-version: found `{version}`, which is too old")
            }
        }
    }
}

impl std::error::Error for RefusedUpgrade {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn crd(group: &str, version: &str, channel: &str) -> CustomResourceDefinition {
        let mut annotations = serde_json::Map::new();
        for (key, value) in [("bundle-version", version), ("channel", channel)] {
            if !value.is_empty() {
                annotations.insert(format!("gateway.networking.k8s.io/{key}"), json!(value));
            }
        }
        serde_json::from_value(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "x", "annotations": annotations},
            "spec": {"group": group, "names": {"kind": "X"}, "versions": []},
        }))
        .unwrap()
    }

    const STANDARD_5: Bundle = Bundle::new(Release::V1_5, Channel::Standard);
    const STANDARD_6: Bundle = Bundle::new(Release::V1_6, Channel::Standard);
    const EXPERIMENTAL_6: Bundle = Bundle::new(Release::V1_6, Channel::Experimental);

    /// VER-08: a CRD that is not standard over one that is not experimental.
    #[test]
    fn channels_only_get_safer() {
        for (old, new, admitted) in [
            (Some("standard"), "standard", true),
            (Some("standard"), "experimental", false),
            (Some(""), "experimental", false),
            (Some("standard"), "", false),
            (Some("experimental"), "experimental", true),
            (Some("experimental"), "standard", true),
            (None, "experimental", true),
            (None, "", true),
        ] {
            let old = old.map(|channel| crd(GATEWAY_GROUP, "v1.5.0", channel));
            let new = crd(GATEWAY_GROUP, "v1.6.1", new);
            let verdict = check_crd_upgrade(old.as_ref(), &new, STANDARD_5);
            assert_eq!(verdict.is_ok(), admitted, "{old:?} {new:?}");
        }
    }

    /// VER-08: which versions each form of the policy takes.
    #[test]
    fn versions_of_each_policy() {
        for (version, in_5, in_6, in_6_experimental) in [
            ("v1.6.1", true, true, true),
            ("v1.5.1", true, false, true),
            ("v1.5.0-rc.1", true, true, true),
            ("v1.4.1", false, false, false),
            ("v1.0.0", false, false, false),
            ("v1.4.0-rc.2", false, true, false),
            ("v0.8.1", false, false, false),
            ("v0.0.0-dev", false, false, true),
            ("v1.10.0", true, true, true),
            ("v1.4", true, true, false),
            ("v2.0.0", true, true, false),
            ("", false, false, false),
        ] {
            for (policy, admitted) in [
                (STANDARD_5, in_5),
                (STANDARD_6, in_6),
                (EXPERIMENTAL_6, in_6_experimental),
            ] {
                let new = crd(GATEWAY_GROUP, version, "standard");
                let verdict = check_crd_upgrade(None, &new, policy);
                assert_eq!(verdict.is_ok(), admitted, "{version} {policy}");
            }
        }
    }

    /// VER-08: other groups are not covered, and v1.4 ships no policy.
    #[test]
    fn what_is_not_covered() {
        let (old, new) = (
            crd("gateway.networking.x-k8s.io", "v1.5.0", "standard"),
            crd("gateway.networking.x-k8s.io", "v0.1.0", "experimental"),
        );
        assert_eq!(check_crd_upgrade(Some(&old), &new, STANDARD_6), Ok(()));
        let new = crd(GATEWAY_GROUP, "v0.1.0", "experimental");
        let old_policy = Bundle::new(Release::V1_4, Channel::Standard);
        assert_eq!(check_crd_upgrade(None, &new, old_policy), Ok(()));
        assert_eq!(
            check_crd_upgrade(None, &new, STANDARD_5).map_err(|refused| refused.to_string()),
            Err("bundle-version: found `v0.1.0`, which is too old".to_owned())
        );
    }
}
