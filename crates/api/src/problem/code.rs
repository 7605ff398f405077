//! Every code a problem can have, with its status and its words. A page in docs/reference/errors stands for each.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $status:literal $title:literal $detail:literal;)+) => {
        /// What kind of problem. Codes are never renamed; a new kind gets a new one.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Code { $($(#[$doc])* #[doc = $detail] $variant),+ }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as the wire spells it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The HTTP status it comes with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// What it is called.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What it says when nothing more exact is known.
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$variant => $detail),+ }
            }
        }
    };
}

codes! {
    MalformedJson = "malformed-json" 400 "Malformed JSON" "The body is not valid JSON in UTF-8.";
    InvalidRequest = "invalid-request" 400 "Invalid request"
        "The request is well formed but not acceptable; see `errors`.";
    UnknownScopes = "unknown-scopes" 400 "Unknown scopes"
        "Some of the scopes or the preset asked for are not in the catalogue.";
    SensitivityLowered = "sensitivity-lowered" 400 "Sensitivity only rises"
        "A secret's sensitivity can be raised and never lowered.";
    NewValueNeeded = "new-value-needed" 400 "A new value is needed"
        "A USE_ONLY secret becomes READABLE only together with a new value.";
    ByPersonalToken = "by-personal-token" 400 "Not by a personal access token"
        "A personal access token mints none of its kind; use another credential.";
    UsePaging = "use-paging" 400 "Too many for one array"
        "The list is too long for one array; ask for it in pages with pageSize.";
    InvalidPath = "invalid-path" 400 "Invalid path"
        "The path has dot segments, encoded slashes, or is not valid UTF-8.";
    Unauthenticated = "unauthenticated" 401 "Not authenticated"
        "The request has no valid credential.";
    MissingScope = "missing-scope" 403 "Missing scope"
        "The credential lacks a scope that this request takes.";
    UseOnly = "use-only" 403 "Use only"
        "The secret's value can be used in outgoing calls and never read.";
    MissingRole = "missing-role" 403 "Missing role"
        "The caller's role in the group does not allow this.";
    BeyondMinter = "beyond-minter" 403 "Beyond the minter"
        "A token cannot mint one that lives longer than it does itself.";
    NotFound = "not-found" 404 "Not found"
        "There is no such thing here, or it is not for this caller to see.";
    MethodNotAllowed = "method-not-allowed" 405 "Method not allowed"
        "The path exists and does not know this method.";
    Exists = "already-exists" 409 "Already exists" "There is one of that name already.";
    Conflict = "conflict" 409 "Conflict" "The resource is in a state that does not allow this.";
    DeviceOver = "device-over" 410 "Sign-in over"
        "This sign-in was denied, has expired, or was fetched already.";
    BodyTooLarge = "body-too-large" 413 "Body too large" "The body has more than 1 MiB.";
    ValueTooLarge = "value-too-large" 413 "Value too large" "The value has more than 64 KiB.";
    BatchTooLarge = "batch-too-large" 413 "Batch too large"
        "A batch names at most 1,000 secrets and answers at most 16 MiB of values.";
    Unprocessable = "unprocessable" 422 "Unprocessable"
        "The request is well formed but not acceptable; see `errors`.";
    UnsupportedMediaType = "unsupported-media-type" 415 "Unsupported media type"
        "The body must be application/json.";
    TooManyRequests = "too-many-requests" 429 "Too many requests"
        "Too many wrong or unknown credentials, or guesses, came from this address. Wait and try again.";
    Internal = "internal" 500 "Internal error" "The server failed; its log has the request id.";
    Integrity = "integrity-failure" 500 "Integrity failure"
        "What is stored is not what was written; nothing was decrypted or changed.";
    AuditUnavailable = "audit-unavailable" 503 "Audit unavailable"
        "The audit log cannot be written, so nothing was read or changed.";
    StoreSetBack = "store-set-back" 503 "Store set back"
        "The store is older than its last checkpoint; nobody is served until its operator has accepted that.";
    StoreUnavailable = "store-unavailable" 503 "Store unavailable"
        "The store cannot be reached or written; nothing was changed.";
    KeyUnavailable = "key-unavailable" 503 "Key unavailable"
        "A key that this takes cannot be reached; nothing was read or changed.";
    Busy = "busy" 503 "Busy" "The server cannot take this now; nothing was changed. Try again.";
}

impl Code {
    /// The code the wire spells `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_own_name_alone() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.name()), Some(*code));
            assert!((400..600).contains(&code.status()));
        }
        assert_eq!(Code::parse("no-such-code"), None);
    }
}
