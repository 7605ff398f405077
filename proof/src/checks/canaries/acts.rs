//! What a worker does: one request at a time, drawn by its own numbers, over all three surfaces.
//!
//! Whether a request succeeds depends on what others and crashes did before, and is not judged here.

use super::{asks::some, load::Shows, needle::Marker, offences};
use crate::{
    dice::Dice,
    served::Served,
    wire::{Reply, Wire},
};
use serde_json::Value;
use std::{io, net::SocketAddr, path::PathBuf};

/// The largest value there may be, and by how much some are too large.
const LARGEST: usize = 64 * 1024;

/// How many of each kind of thing a worker remembers.
const KEPT: usize = 64;

/// One request that was answered.
pub(super) struct Done {
    /// What it was.
    pub(super) kind: &'static str,
    /// Whether it is wrong on purpose.
    pub(super) offence: bool,
    /// What its answer may show.
    pub(super) shows: Shows,
    /// The answer.
    pub(super) reply: Reply,
}

/// One who works, and what it knows of.
pub(crate) struct Worker {
    pub(super) number: usize,
    pub(super) tenant: &'static str,
    pub(super) marker: Marker,
    pub(super) dice: Dice,
    pub(super) secrets: Vec<String>,
    pub(super) count: u64,
    token: String,
    wires: Option<Wires>,
    pub(super) names: Vec<String>,
    pub(super) groups: Vec<String>,
    /// The name of a group, as permissions name it.
    pub(super) group: Option<String>,
    pub(super) members: Vec<String>,
    pub(super) tokens: Vec<String>,
    pub(super) accounts: Vec<String>,
    pub(super) store: Option<String>,
}

/// The ways to a server.
pub(super) struct Wires {
    /// As an administrator of the tenant, over TCP.
    pub(super) admin: Wire,
    /// As the operator, over the socket.
    pub(super) operator: Wire,
    /// Without a token of its own.
    pub(super) stranger: Wire,
    /// Where it listens, for connections that end badly.
    pub(super) address: SocketAddr,
    /// The same for the operator.
    pub(super) socket: PathBuf,
}

impl Worker {
    pub(super) fn new(
        seed: u64,
        number: usize,
        tenant: &'static str,
        token: &str,
        marker: Marker,
    ) -> Self {
        let dice = Dice::new(seed, number as u64 + 1);
        Self {
            number,
            tenant,
            marker,
            dice,
            secrets: Vec::new(),
            count: 0,
            token: token.to_owned(),
            wires: None,
            names: Vec::new(),
            groups: Vec::new(),
            group: None,
            members: Vec::new(),
            tokens: Vec::new(),
            accounts: Vec::new(),
            store: None,
        }
    }

    /// Turns to a server that was started.
    pub(super) fn meets(&mut self, served: &Served) {
        let admin = served.with_token(&self.token);
        let stranger = Wire::tcp(served.address, None);
        let (operator, address) = (served.operator(), served.address);
        let socket = served.socket().to_owned();
        self.wires = Some(Wires { admin, operator, stranger, address, socket });
    }

    /// Hangs up.
    pub(super) fn leaves(&mut self) {
        self.wires = None;
    }

    pub(super) fn wires(&self) -> &Wires {
        self.wires.as_ref().expect("a server was met")
    }

    /// Does one thing. Nothing comes of it where a connection was cut on purpose.
    pub(super) async fn acts(&mut self) -> io::Result<Option<Done>> {
        self.count += 1;
        let draw = self.dice.below(100);
        if draw >= 80 {
            return offences::commits(self).await;
        }
        let ask = self.ask(draw);
        let ours = ask.path.starts_with("/v1/") || ask.path == "/metrics";
        let by_operator = ours && self.dice.below(4) == 0;
        let wires = self.wires();
        let wire = if by_operator { &wires.operator } else { &wires.admin };
        let reply = wire.send(ask.method, &ask.path, ask.body.as_ref()).await?;
        if (200..300).contains(&reply.status) {
            self.learns(ask.kind, &reply.json());
        }
        Ok(Some(Done { kind: ask.kind, offence: false, shows: ask.shows, reply }))
    }

    /// A value that holds the marker in every block.
    pub(super) fn value(&mut self) -> String {
        let length = self.length();
        self.marker.text(self.number_now(), length)
    }

    /// A number that no other value has.
    pub(super) const fn number_now(&self) -> u64 {
        self.count * 16 + self.number as u64
    }

    /// How many bytes its next value has: few, mostly.
    pub(super) fn length(&mut self) -> usize {
        match self.dice.below(50) {
            0 => LARGEST,
            1..5 => 32 + self.dice.below(8_000) as usize,
            _ => 32 + self.dice.below(200) as usize,
        }
    }

    /// The path of one of the secrets it knows, or of none.
    pub(super) fn some_secret(&mut self) -> String {
        let id = some(&mut self.dice, &self.secrets);
        format!("/v1/tenants/{}/secrets/{id}", self.tenant)
    }

    /// Remembers what an answer names.
    fn learns(&mut self, kind: &str, answer: &Value) {
        let id = |value: &Value| value["id"].as_str().map(str::to_owned);
        match kind {
            "create" => self.secrets.extend(id(answer)),
            "stores" => self.store = id(&answer["data"][0]),
            "make a group" => {
                self.groups.extend(id(&answer["data"]));
                self.group = answer["data"]["fqn"].as_str().map(str::to_owned);
                let secrets = answer["data"]["associatedSecrets"].as_array();
                self.members.extend(secrets.into_iter().flatten().filter_map(id));
            }
            "mint" => self.tokens.extend(id(&answer["key"]).or_else(|| id(answer))),
            "make an account" => self.accounts.extend(id(&answer["serviceAccount"])),
            _ => {}
        }
        for known in [&mut self.secrets, &mut self.groups, &mut self.members, &mut self.tokens] {
            cap(known);
        }
    }
}

/// Forgets the oldest of too many.
pub(super) fn cap(known: &mut Vec<String>) {
    let over = known.len().saturating_sub(KEPT);
    known.drain(..over);
}
