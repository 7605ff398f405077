//! Signing in by device code (RFC 8628): the routes of our own API, and the page where a person approves.
//!
//! A code a person types is short, so guessing one is limited by address before anything is looked up, here and nowhere
//! else. The page keeps nothing: no cookie, no token, and GET changes nothing.

pub(super) mod decide;
pub(super) mod page;
pub(super) mod start;

use super::{Guess, Http, exchange::Exchange, problem::Refusal};
use subrosa_api::Code;
use subrosa_app::devices::DeviceAsked;

/// How long a device waits between two questions.
pub(crate) const POLL_SECONDS: u64 = 2;

/// Where a person approves a code: the page, and the page with the code in it.
pub(crate) fn addresses(http: &Http, user_code: &str) -> (String, String) {
    let page = format!("{}/device", http.public_url);
    let complete = format!("{page}?code={user_code}");
    (page, complete)
}

/// A code as people type it: either case, with or without a hyphen in the middle.
fn typed(code: &str) -> String {
    code.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect()
}

/// What a code stands for. A wrong one counts as a guess of whoever sent it; the operator's socket guesses nothing.
fn asked(http: &Http, exchange: &Exchange, code: &str) -> Result<DeviceAsked, Refusal> {
    let (asked, guess) = asked_by_guess(http, exchange, code)?;
    was_right(guess);
    Ok(asked)
}

/// The same with the guess, which counts as a wrong one until somebody says otherwise.
fn asked_by_guess<'h>(
    http: &'h Http,
    exchange: &Exchange,
    code: &str,
) -> Result<(DeviceAsked, Option<Guess<'h>>), Refusal> {
    let now = http.app.clock().now();
    let guess = match exchange.client {
        Some(from) => Some(http.limiter.guess(from, now).map_err(Refusal::TooMany)?),
        None => None,
    };
    let asked = http.app.asked_by_device(code, now).ok_or(Refusal::code(Code::NotFound))?;
    Ok((asked, guess))
}

fn was_right(guess: Option<Guess<'_>>) {
    if let Some(guess) = guess {
        guess.right();
    }
}
