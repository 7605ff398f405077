//! The short code that a device shows: how it is typed, how it is shown, and what it means that nothing waits for it.

use crate::{exit::Exit, failure::Failure};
use subrosa_api::TenantSlug;

/// Letters of a code.
const LETTERS: usize = 8;

/// A code as somebody typed it: in either case, with a hyphen or without.
pub(super) fn typed(code: &str) -> Result<String, Failure> {
    let letters: String = code.chars().filter(|c| *c != '-').collect();
    if letters.len() != LETTERS || !letters.chars().all(|c| c.is_ascii_alphabetic()) {
        let error = "a device's code is eight letters, as BCDF-GHJK";
        return Err(Failure::new(Exit::Usage, "invalid-code", error));
    }
    Ok(letters.to_ascii_uppercase())
}

/// A code as people read it, `BCDF-GHJK`; any other text as it is.
pub(super) fn shown(code: &str) -> String {
    match code.split_at_checked(LETTERS / 2) {
        Some((first, rest)) if code.len() == LETTERS => format!("{first}-{rest}"),
        _ => code.to_owned(),
    }
}

/// What a failure about a code comes down to, said so that something can be done about it.
pub(super) fn explained(failure: Failure, tenant: &TenantSlug) -> Failure {
    if failure.exit != Exit::NotFound {
        return failure;
    }
    let error = format!("no sign-in waits for this code in tenant {tenant}");
    Failure { error, ..failure }
        .note("it may have expired, be decided already, or be for another tenant")
        .help("begin again on the device, for a new code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed_and_never_repeated_when_it_is_none() {
        for code in ["BCDFGHJK", "bcdfghjk", "BCDF-GHJK", "bcdf-ghjk", "BcDf-GhJk"] {
            assert_eq!(typed(code).unwrap(), "BCDFGHJK", "{code}");
        }
        for code in ["", "BCDF-GHJ", "BCDF-GHJKL", "BCDF-GHJ1", "BCDF GHJK", "../../BC", "BCDFGHJé"]
        {
            let failure = typed(code).unwrap_err();
            assert_eq!((failure.exit.number(), &*failure.code), (2, "invalid-code"), "{code}");
            assert_eq!(failure.error, "a device's code is eight letters, as BCDF-GHJK");
        }
    }

    #[test]
    fn a_code_is_shown_in_two_halves() {
        assert_eq!(shown("BCDFGHJK"), "BCDF-GHJK");
        for other in ["BCDF-GHJK", "BCD", "BCDéFGH", ""] {
            assert_eq!(shown(other), other);
        }
    }
}
