//! What is known of one request while it is being answered, beside what its handler sees.

use axum::extract::MatchedPath;
use http::Method;
use std::{
    net::IpAddr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};
use subrosa_app::Origin;
use subrosa_domain::{TenantId, TokenId};

/// How a connection reached us. It decides who can be the operator; nothing a client sends does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// Over the server's own socket, by a process of this user.
    Socket {
        /// The peer's user id, as the kernel says. Already known to be the server's own or root.
        uid: u32,
    },
    /// Over TCP.
    Tcp {
        /// The peer's address.
        peer: IpAddr,
    },
}

/// The token a request came with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bearer {
    pub(crate) tenant: TenantId,
    pub(crate) token: TokenId,
}

/// The route a request took, as the router spells it.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    /// None.
    Nowhere,
    /// One the router found.
    Found(MatchedPath),
    /// One that was known before the router was asked.
    Known(&'static str),
}

impl Route {
    fn as_str(&self) -> &str {
        match self {
            Self::Nowhere => "",
            Self::Found(path) => path.as_str(),
            Self::Known(route) => route,
        }
    }
}

/// One request and its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) origin: Origin,
    pub(crate) door: Door,
    /// Whom the request comes from, as far as it came over TCP: the peer, or whom a trusted proxy speaks for.
    pub(crate) client: Option<IpAddr>,
    token: OnceLock<Bearer>,
    asked: OnceLock<(Method, Route)>,
    carries_value: AtomicBool,
}

impl Exchange {
    pub(crate) fn new(origin: Origin, door: Door, client: Option<IpAddr>) -> Self {
        let carries_value = AtomicBool::new(false);
        let (token, asked) = (OnceLock::new(), OnceLock::new());
        Self { origin, door, client, token, asked, carries_value }
    }

    /// Notes what is asked for.
    pub(crate) fn asked_for(&self, method: &Method, route: Route) {
        // A request asks for one thing; a second note would say the same.
        let _ = self.asked.set((method.clone(), route));
    }

    /// The operation that is asked for: its method and route, never what was put into the route.
    pub(crate) fn operation(&self) -> String {
        let method = self.asked.get().map_or("", |(method, _)| method.as_str());
        format!("{method} {}", super::verbs::public(self.route()))
    }

    /// The route that is asked for; empty before anyone asked who asks.
    pub(crate) fn route(&self) -> &str {
        self.asked.get().map_or("", |(_, route)| route.as_str())
    }

    /// Notes the token that was accepted.
    pub(crate) fn came_with(&self, bearer: Bearer) {
        // A request has one credential; a second note would say the same.
        let _ = self.token.set(bearer);
    }

    /// The token that was accepted, if one was.
    pub(crate) fn token(&self) -> Option<Bearer> {
        self.token.get().copied()
    }

    /// Notes that a value or a new token passes through the connection's buffers.
    pub(crate) fn carry_value(&self) {
        self.carries_value.store(true, Ordering::Relaxed);
    }

    /// Whether one did.
    pub(crate) fn carries_value(&self) -> bool {
        self.carries_value.load(Ordering::Relaxed)
    }
}
