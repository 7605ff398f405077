//! Every limit of this room, and why it is what it is.

use std::time::Duration;

/// The longest token that is looked at. Tokens with hundreds of groups stay below it, and headers go little beyond.
pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// How deeply a token's JSON, or an issuer's, may nest. Claims of claims need 4.
pub(crate) const MAX_DEPTH: usize = 16;

/// How many values and names a JSON text may have. A set of 100 keys with everything written out needs about 2,000.
pub(crate) const MAX_TOKENS: usize = 10_000;

/// The longest subject, as OpenID Connect has it.
pub(crate) const MAX_SUBJECT: usize = 255;

/// The longest name of a key. Thumbprints have 43 characters.
pub(crate) const MAX_KEY_NAME: usize = 256;

/// The longest address of an issuer: it is kept with everyone it names.
pub(crate) const MAX_ISSUER: usize = 512;

/// The longest address that is fetched from.
pub(crate) const MAX_ADDRESS: usize = 1_024;

/// The most keys of an issuer. Large ones publish about ten.
pub(crate) const MAX_KEYS: usize = 100;

/// The most bytes of a document that is fetched.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// How long a document may take, from the look-up of the host to its last byte: a caller waits for it.
pub(crate) const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// How far `nbf` and `iat` may lie ahead, for clocks that differ. `exp` gets nothing: an issuer that wants a token to
/// live longer says so in it.
pub(crate) const CLOCK_LEEWAY: Duration = Duration::from_secs(60);

/// The latest second that a token may name, the last of the year 9999: beyond it is a mistake, or milliseconds.
pub(crate) const MAX_SECONDS: i64 = 253_402_300_799;

/// How often an issuer is asked for its keys at most, whatever is sent here, and whether or not it answers.
pub(crate) const REFRESH_FLOOR: Duration = Duration::from_secs(60);

/// How old keys may be before the issuer is asked again: while it answers, a key it withdrew is believed no longer.
pub(crate) const REFRESH_AFTER: Duration = Duration::from_secs(5 * 60);

/// How long keys are believed while their issuer does not answer.
pub(crate) const MAX_KEY_AGE: Duration = Duration::from_secs(24 * 60 * 60);
