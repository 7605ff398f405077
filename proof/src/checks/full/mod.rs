//! The disk is full, really: the server's data is on one of a few MiB, which people write to until they are refused.
//!
//! A full disk is the one failure that every deployment meets. What can be read without writing is still read; what has
//! to be written first is refused, and says so. Space is given back and the server goes on; or it is killed before
//! that, and what it acknowledged is there afterwards.

mod disk;
mod hand;

use crate::{
    check::{Check, Context, Outcome},
    dice::{self, Dice},
    served::{Home, Served},
    wire::Wire,
};
use disk::Disk;
use futures_util::future::try_join_all;
use hand::{Hand, Kind, TENANT};

pub(crate) const CHECK: Check = Check {
    name: "full",
    holds: "on a full disk what needs no record is read, the rest refused, and nothing is lost or half done",
    plants: &["ack-on-failed-commit", "reveal-despite-audit-failure", "heads-kept-of-failed-batch"],
    run,
};

/// The disk, and what of it something else takes until space is given back, in MiB: most of it, so that there is room
/// for everything that is asked afterwards.
const DISK: u64 = 20;
const BALLAST: usize = 16;

/// How many write at a time.
const HANDS: usize = 4;

/// So many refusals one after the other are taken for a disk that is nearly full; a failed commit may leave room for a
/// smaller one.
const REFUSED: u64 = 8;

/// More requests than the disk has room for: each change takes a row of the log at least.
const REQUESTS_MAX: u64 = 50_000;

/// How often everybody is asked for one of each kind until nothing small fits either, and how often from then on.
const LAST_MAX: u64 = 60;
const TURNS: u64 = 6;

/// What the disks came to.
#[derive(Default)]
struct Tally {
    disks: u64,
    acknowledged: u64,
    refused: u64,
    /// Reveals of STANDARD secrets while the disk was full.
    served: u64,
}

fn run(context: &Context) -> Outcome {
    if let Err(why) = disk::enter() {
        return Outcome::NotRun(format!("no mounts of one's own here: {why}"));
    }
    let mut dice = Dice::new(dice::seed(), 0);
    let mut tally = Tally::default();
    while tally.disks < context.many(2, 8, 100) {
        if let Err(how) = one(context, &mut dice, &mut tally) {
            return Outcome::Violated(format!("disk {}: {how}", tally.disks));
        }
        tally.disks += 1;
    }
    Outcome::Held(vec![
        (tally.disks, "disks"),
        (tally.acknowledged, "changes and strict reveals acknowledged"),
        (tally.refused, "refused"),
        (tally.served, "STANDARD reveals while full"),
    ])
}

/// A disk, from empty to full and back.
fn one(context: &Context, dice: &mut Dice, tally: &mut Tally) -> Result<(), String> {
    let mut home = Home::new(context.binary());
    let place = home.path().join("disk");
    std::fs::create_dir(&place).expect("a place for the disk");
    home.data = place.join("data");
    let mut disk = Disk::mount(&place, DISK);
    let served = home.serve();
    let mut people = context.block_on(People::hired(&served, dice))?;
    disk.takes(BALLAST);
    context.block_on(people.fill(&served))?;
    disk.fill();
    tally.served += context.block_on(people.while_full(&served))?;

    // Killed while it is full; or not before it has gone on, and has been asked for more.
    let at_full = tally.disks % 2 == 1;
    let served = if at_full {
        served.kill();
        gives_back(&mut disk, dice);
        home.ready()?
    } else {
        gives_back(&mut disk, dice);
        served
    };
    context.block_on(people.go_on(&served))?;
    served.kill();
    let served = home.ready()?;
    context.block_on(people.go_on(&served))?;
    tally.acknowledged += people.hands.iter().map(Hand::acknowledged).sum::<u64>();
    tally.refused += people.hands.iter().map(|hand| hand.refused).sum::<u64>();
    served.kill();
    Ok(())
}

/// Gives space back: in one of the two ways in which people do.
fn gives_back(disk: &mut Disk, dice: &mut Dice) {
    if dice.percent(50) { disk.clear() } else { disk.grow() }
}

/// Everybody who writes to one disk.
struct People {
    hands: Vec<Hand>,
}

impl People {
    async fn hired(served: &Served, dice: &mut Dice) -> Result<Self, String> {
        let operator = served.operator();
        let mut hands = Vec::new();
        for at in 0..HANDS {
            let dice = Dice::new(dice.any(), at as u64);
            hands.push(Hand::hired(&operator, format!("h{at}"), dice).await?);
        }
        let mut people = Self { hands };
        for (hand, wire) in people.at(served) {
            // One of each tier, so that everything can be asked for.
            for _ in 0..2 {
                refused_none(hand.ask(&wire, Kind::Create).await?)?;
            }
        }
        Ok(people)
    }

    /// Everybody with a connection of theirs.
    fn at<'s>(&'s mut self, served: &'s Served) -> impl Iterator<Item = (&'s mut Hand, Wire)> {
        let wired = |hand: &'s mut Hand| {
            let wire = served.with_token(hand.token());
            (hand, wire)
        };
        self.hands.iter_mut().map(wired)
    }

    /// Has everybody write at once until hardly anything is acknowledged any more.
    async fn fill(&mut self, served: &Served) -> Result<(), String> {
        let write = async |(hand, wire): (&mut Hand, Wire)| {
            let (mut refused, mut asked) = (0, 0);
            while refused < REFUSED {
                asked += 1;
                if asked > REQUESTS_MAX {
                    return Err(format!("more is acknowledged than {DISK} MiB hold"));
                }
                refused = if hand.ask_any(&wire).await? { 0 } else { refused + 1 };
            }
            Ok(())
        };
        try_join_all(self.at(served).map(write)).await.map(drop)
    }

    /// While there is no space: what is refused, what is served, and what there is. How many were served.
    async fn while_full(&mut self, served: &Served) -> Result<u64, String> {
        // What failed before may have left room for what is smaller.
        for _ in 0..LAST_MAX {
            if self.turn(served).await?.is_none() {
                break;
            }
        }
        let mut revealed = 0;
        for _ in 0..TURNS {
            if let Some(kind) = self.turn(served).await? {
                return Err(format!("the disk is full, and a {kind:?} is acknowledged"));
            }
            for (hand, wire) in self.at(served) {
                revealed += hand.reveal_standard(&wire).await?;
            }
        }
        for (hand, wire) in self.at(served) {
            hand.compare(&wire).await?;
        }
        Ok(revealed)
    }

    /// Has everybody ask for one of each kind; one that was acknowledged, if any was.
    async fn turn(&mut self, served: &Served) -> Result<Option<Kind>, String> {
        let mut acknowledged = None;
        for (hand, wire) in self.at(served) {
            for kind in Kind::ALL {
                acknowledged = hand.ask(&wire, kind).await?.then_some(kind).or(acknowledged);
            }
        }
        Ok(acknowledged)
    }

    /// With space again: everything that was acknowledged is there, every chain holds, and nothing is refused.
    async fn go_on(&mut self, served: &Served) -> Result<(), String> {
        for (hand, wire) in self.at(served) {
            for kind in Kind::ALL {
                refused_none(hand.ask(&wire, kind).await?)?;
            }
            hand.compare_whole(&wire).await?;
            for token in hand.minted() {
                let path = format!("{TENANT}/tokens/current");
                served.with_token(token).asked("GET", &path, None).await?;
            }
        }
        for chain in ["/v1/auditEvents:verify", &format!("{TENANT}/auditEvents:verify")] {
            let verified = served.operator().asked("GET", chain, None).await?;
            if verified["intact"] != true {
                return Err(format!("{chain}: {verified}"));
            }
        }
        Ok(())
    }
}

fn refused_none(acknowledged: bool) -> Result<(), String> {
    if acknowledged { Ok(()) } else { Err("with space it still refuses".to_owned()) }
}
