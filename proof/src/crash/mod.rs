//! People at work while the server may end at any moment, and what must be there when it is back.
//!
//! Each writer sends one change after the other and keeps its own book. Only what the server answered goes in as
//! acknowledged; the last change, which had no answer, may have happened or not, but whole, and its events with it.
//! A book is compared with what the server shows, and with the writer's events in the log: neither more nor less.
//!
//! Nothing here may ask the server's files, or believe that something happened because it was sent.

mod draw;
mod seen;
mod sent;
mod state;
mod step;
mod tenant;
mod writer;

pub(crate) use writer::Ended;

use crate::{dice::Dice, served::Served};
use std::sync::atomic::AtomicU64;
use tenant::Tenant;
use writer::Writer;

/// The tenants, and how many write in each: so that chains grow side by side, and each in more than one hand.
const TENANTS: [&str; 2] = ["north", "south"];
const HANDS: usize = 2;

/// Everybody who writes on one server.
pub(crate) struct Crew {
    tenants: Vec<Tenant>,
    writers: Vec<Writer>,
}

/// What was compared.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Compared {
    /// Changes that the log had to have.
    pub(crate) changes: u64,
    /// Changes without an answer that turned out to have happened.
    pub(crate) late: u64,
    /// Changes without an answer that turned out not to have happened.
    pub(crate) lost: u64,
}

impl Compared {
    /// Adds what another comparison found.
    pub(crate) const fn add(&mut self, other: Self) {
        self.changes += other.changes;
        self.late += other.late;
        self.lost += other.lost;
    }
}

impl Crew {
    /// Makes tenants on a server that is ready, and a token for each writer.
    ///
    /// # Errors
    /// When the server ends meanwhile: this crew is then nobody's.
    pub(crate) async fn hire(served: &Served, dice: &mut Dice) -> Result<Self, String> {
        let operator = served.operator();
        let (mut tenants, mut writers) = (Vec::new(), Vec::new());
        for slug in TENANTS {
            let tenant = Tenant::make(&operator, slug).await?;
            for hand in 0..HANDS {
                let name = format!("{slug}-{hand}");
                let token = tenant.token(&operator, &name).await?;
                let wire = served.with_token(&token.plain);
                let store = tenant.store(&wire).await?;
                writers.push(Writer::new(&tenant, token, store, name, Dice::new(dice.any(), 0)));
            }
            tenants.push(tenant);
        }
        Ok(Self { tenants, writers })
    }

    /// Has everybody write until the server no longer answers; meanwhile `moment` ends it.
    pub(crate) async fn work(
        &mut self,
        served: &Served,
        acknowledged: &AtomicU64,
        moment: impl Future<Output = ()>,
    ) -> Vec<Ended> {
        let writing = self.writers.iter_mut().map(|writer| writer.write(served, acknowledged));
        let (ended, ()) = tokio::join!(futures_util::future::join_all(writing), moment);
        ended
    }

    /// Compares every book with the server.
    ///
    /// # Errors
    /// What is there and should not be, or should be and is not.
    pub(crate) async fn compare(&mut self, served: &Served) -> Result<Compared, String> {
        let operator = served.operator();
        tenant::verify(&operator, "/v1/auditEvents:verify").await?;
        let mut compared = Compared::default();
        for tenant in &self.tenants {
            tenant::verify(&operator, &tenant.path("auditEvents:verify")).await?;
            let mut log = tenant.log(&operator).await?;
            for writer in self.writers.iter_mut().filter(|writer| writer.is_in(tenant)) {
                let events = log.remove(writer.token_id()).unwrap_or_default();
                writer.settle(served, events, &mut compared).await?;
            }
            if let Some((token, events)) = log.into_iter().next() {
                return Err(format!("events of nobody's ({token}): {events:?}"));
            }
        }
        Ok(compared)
    }
}
