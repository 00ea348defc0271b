//! The host of a request while it is looked up.

use super::authority::{self, HostKey};
use super::bytes::{Seed, ends_with_port};
use super::{BadRequest, RequestHead, Version};

/// A host: first a guess that costs little, checked only when no configured name equals it. What equals a configured name
/// is well-formed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host<'a> {
    authority: &'a [u8],
    name: Option<&'a [u8]>,
    hash: u64,
    is_checked: bool,
    limit: usize,
    seed: Seed,
}

impl<'a> Host<'a> {
    /// The host of a request, as it most likely is (HOST-KEY-01..07).
    #[inline(always)]
    pub(super) fn of(head: &RequestHead<'a>, limit: usize, seed: Seed) -> Result<Self, BadRequest> {
        let Some(authority) = head.host else {
            return match head.version {
                Version::Http10 => Ok(Host {
                    authority: &[],
                    name: None,
                    hash: 0,
                    is_checked: true,
                    limit,
                    seed,
                }),
                _ => Err(BadRequest::MissingHost),
            };
        };
        let name = authority.strip_suffix(b".").unwrap_or(authority);
        let mut host = Host {
            authority,
            name: Some(name),
            hash: 0,
            is_checked: false,
            limit,
            seed,
        };
        if authority.len() > limit || ends_with_port(authority) {
            host.check()?;
        } else {
            host.hash = seed.hash_any_case(name);
        }
        Ok(host)
    }

    /// A host that was looked up and not found, to be checked.
    pub(super) fn unchecked(
        authority: &'a [u8],
        name: &'a [u8],
        hash: u64,
        limit: usize,
        seed: Seed,
    ) -> Self {
        Host {
            authority,
            name: Some(name),
            hash,
            is_checked: false,
            limit,
            seed,
        }
    }

    /// A server name, in which nothing is left to check.
    pub(super) fn of_server_name(name: Option<&'a [u8]>, seed: Seed) -> Self {
        let hash = name.map_or(0, |name| seed.hash_any_case(name));
        Host {
            authority: &[],
            name,
            hash,
            is_checked: true,
            limit: 0,
            seed,
        }
    }

    /// The name; `None` for what only listeners and Routes without hostname take.
    #[inline(always)]
    pub(super) fn name(&self) -> Option<&'a [u8]> {
        self.name
    }

    /// The hash of the name, whatever its case.
    #[inline(always)]
    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn seed(&self) -> Seed {
        self.seed
    }

    /// Checks the authority, once; tells whether the name is another than was guessed.
    pub(super) fn check(&mut self) -> Result<bool, BadRequest> {
        if self.is_checked {
            return Ok(false);
        }
        self.is_checked = true;
        let name = match authority::parse(self.authority, self.limit)? {
            HostKey::Name(name) => Some(name),
            HostKey::Nameless => None,
        };
        if name == self.name && self.hash != 0 {
            return Ok(false);
        }
        self.name = name;
        self.hash = name.map_or(0, |name| self.seed.hash_any_case(name));
        Ok(true)
    }
}
