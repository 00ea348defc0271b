//! The seal of session tokens.

use gatewright::filter::SessionSeal;
use ring::hmac;
use ring::rand::SystemRandom;

/// HMAC-SHA-256 with a key of this process: sessions end when it does.
#[derive(Debug)]
pub struct Seal(hmac::Key);

impl Seal {
    /// A seal with a fresh key.
    pub fn fresh() -> Result<Self, ring::error::Unspecified> {
        hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).map(Seal)
    }
}

impl SessionSeal for Seal {
    fn seal(&self, message: &[u8]) -> [u8; 32] {
        let mut code = [0; 32];
        for (to, from) in code.iter_mut().zip(hmac::sign(&self.0, message).as_ref()) {
            *to = *from;
        }
        code
    }
}
