//! What must be answered: a status, and what of the body is known.

use serde_json::{Value, json};

/// An answer as the model expects it. In the body `$name` stands for an id that the server chooses, `~name` for another
/// thing that it chooses, and `{"#set": […]}` for a list in any order. What is not there is not known.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Value,
}

/// What a step comes to: an answer either way, and refused if it is an error.
pub(crate) type Done = Result<Answer, Answer>;

impl Answer {
    /// An answer with this body.
    pub(crate) const fn of(status: u16, body: Value) -> Self {
        Self { status, body }
    }

    /// Done, and nothing to say.
    pub(crate) const fn done() -> Self {
        Self::of(204, Value::Null)
    }

    /// A refusal of this kind.
    pub(crate) fn refusal(code: &'static str) -> Self {
        let status = match code {
            "unauthenticated" => 401,
            "missing-scope" | "missing-role" | "use-only" | "beyond-minter" => 403,
            "not-found" => 404,
            "already-exists" | "conflict" => 409,
            "unprocessable" => 422,
            _ => 400,
        };
        Self::of(status, json!({ "code": code, "status": status }))
    }

    /// A refusal of this kind, if this is so.
    pub(crate) fn refuse_if(so: bool, code: &'static str) -> Result<(), Self> {
        if so { Err(Self::refusal(code)) } else { Ok(()) }
    }

    /// One page of the truefoundry surface, which is all of them here.
    pub(crate) fn page(data: Vec<Value>) -> Self {
        Self::of(200, json!({ "pagination": { "total": data.len() }, "data": data }))
    }

    /// The refusal of what is not there, or not to be seen.
    pub(crate) fn absent() -> Self {
        Self::refusal("not-found")
    }
}
