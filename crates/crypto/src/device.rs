//! The two codes of a sign-in by device code (RFC 8628): a long one that the device keeps, and a short one that a
//! person reads off it and types elsewhere.

use crate::{keyring::Keyring, token};
use subrosa_kms::random;
use subrosa_plaintext::PlainToken;

/// Letters that are not mistaken for one another or for digits, and spell no words: no vowels, no Y.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Letters of a code for people: 34 bits, for ten minutes, behind a limit on guesses.
const USER_CODE_LEN: usize = 8;

/// The codes of one sign-in.
pub struct DeviceCodes {
    /// The device's: 43 characters, 256 bits.
    pub device: PlainToken,
    /// What is kept of it: see [`Keyring::device_hash`].
    pub device_hash: [u8; 32],
    /// The person's, like `BCDFGHJK`.
    pub user: String,
}

impl Keyring {
    /// Fresh codes.
    #[must_use]
    pub fn device_codes(&self) -> DeviceCodes {
        let device = token::draw::<43>().iter().copied().map(char::from).collect();
        let device = PlainToken::new(device);
        let device_hash = self.device_hash(&device);
        let user = (0..USER_CODE_LEN).map(|_| letter()).collect();
        DeviceCodes { device, device_hash, user }
    }

    /// What is kept of a device's code: a keyed hash, so that memory does not hold what would sign in.
    #[must_use]
    pub fn device_hash(&self, code: &PlainToken) -> [u8; 32] {
        self.service.active.pepper.mac(&[b"subrosa/1/device-code", code.expose().as_bytes()])
    }
}

/// A letter, each of the twenty as likely as the next.
fn letter() -> char {
    loop {
        let mut byte = [0];
        random::fill(&mut byte);
        let [byte] = byte;
        if let Some(letter) = LETTERS.get(usize::from(byte % 32)).filter(|_| byte < 224) {
            return char::from(*letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_drawn_evenly() {
        let mut seen = [0_u32; 256];
        (0..20_000).for_each(|_| seen[letter() as usize] += 1);
        let of = |letter: &u8| seen[usize::from(*letter)];
        assert!(LETTERS.iter().all(|letter| (800..1_200).contains(&of(letter))), "{seen:?}");
        assert_eq!(seen.iter().sum::<u32>(), 20_000);
    }
}
