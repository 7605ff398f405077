//! What a token's requests looked like from outside. Not audit: a bounded aid for people, kept for a while.

use crate::{
    ids::{RequestId, TenantId, TokenId},
    name::ToolName,
    time::Timestamp,
};

/// One request made with a token. Requests of one token that share method, path and status within a minute are kept as
/// one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Activity {
    /// The request's id, which is the entry's as well.
    pub id: RequestId,
    /// The token's tenant.
    pub tenant_id: TenantId,
    /// The token.
    pub token_id: TokenId,
    /// When.
    pub time: Timestamp,
    /// The HTTP method.
    pub method: Box<str>,
    /// The route, its parameters by name: what a caller put into the path is not kept, nor a query.
    pub path: Box<str>,
    /// The answer's status.
    pub status: u16,
    /// How long the answer took.
    pub latency_ms: u32,
    /// The peer's address; `None` over the socket.
    pub remote_ip: Option<Box<str>>,
    /// The tool the caller said it is.
    pub tool: Option<ToolName>,
}
