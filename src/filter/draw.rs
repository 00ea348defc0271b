//! Chance, as the caller supplies it.

use std::fmt;

/// The random values that one request may need: one for the choice of the backend, one for each mirror.
///
/// All chance comes from here, so that the same request with the same draw gets the same outcome (EVAL-05). The values need
/// not be cryptographic (SAFE-RAND-01).
///
/// # Spec
///
/// BACKEND-WEIGHT-06/07, FILTER-MIRROR-05.
///
/// ```
/// use gatewright::filter::Draw;
///
/// assert_eq!(Draw::at(0.5).weight(), 1 << 63);
/// assert_eq!(Draw::at(1.0).weight(), u64::MAX);
/// // Separate values for mirrors, here from a list that stands for a random source.
/// let values = vec![5, 3, 2];
/// let mirrors = |nth: usize| values[nth];
/// assert_eq!(Draw::each(7, &mirrors).mirror(2), 2);
/// ```
#[derive(Clone, Copy)]
pub struct Draw<'a> {
    weight: u64,
    mirrors: Option<&'a MirrorDraws<'a>>,
}

/// A value for each mirror of a request, by its place among those that need one.
pub type MirrorDraws<'a> = dyn Fn(usize) -> u64 + Send + Sync + 'a;

impl<'a> Draw<'a> {
    /// One value for everything. Backend choice and mirror sampling are then not independent of each other.
    pub const fn of(value: u64) -> Self {
        Draw {
            weight: value,
            mirrors: None,
        }
    }

    /// One value for everything, from a fraction: `min(floor(fraction * 2^64), 2^64 - 1)`. What lies outside of 0 to 1 is
    /// taken as the nearer end, a NaN as 0.
    pub fn at(fraction: f64) -> Self {
        // A cast of a float saturates at both ends and takes a NaN as 0.
        Draw::of((fraction * 18_446_744_073_709_551_616.0) as u64)
    }

    /// A value for the choice of the backend and a source for those of mirrors, which is asked only when needed.
    pub const fn each(weight: u64, mirrors: &'a MirrorDraws<'a>) -> Self {
        Draw {
            weight,
            mirrors: Some(mirrors),
        }
    }

    /// The value for the choice of the backend.
    pub fn weight(&self) -> u64 {
        self.weight
    }

    /// The value for the mirror with this place, from 0.
    pub fn mirror(&self, nth: usize) -> u64 {
        match self.mirrors {
            Some(mirrors) => mirrors(nth),
            None => self.weight,
        }
    }
}

impl Default for Draw<'_> {
    fn default() -> Self {
        Draw::of(0)
    }
}

impl fmt::Debug for Draw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draw")
            .field("weight", &self.weight)
            .field("separate_mirrors", &self.mirrors.is_some())
            .finish()
    }
}

/// Maps a random value to 0..n-1 without bias that matters: `(x * n) >> 64` (BACKEND-WEIGHT-06). 0 for `n` = 0.
pub fn pick(x: u64, n: u64) -> u64 {
    // The product of two 64-bit values fits into 128 bits, its upper half into 64.
    ((u128::from(x) * u128::from(n)) >> 64) as u64
}
