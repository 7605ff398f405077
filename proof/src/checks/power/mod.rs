//! The power goes, and with it what nobody synced: the server's data and keys are on a disk of ours that loses it.
//!
//! The moment is counted in steps of the disk, so that it falls between a write and its sync as often as it can. A
//! third of the cuts fall into a start, first starts among them.

mod trial;

use crate::{
    check::{Check, Context, Outcome},
    crash::{Compared, Crew, Ended},
    dice::{self, Dice},
    holds,
    lossy::{Disk, Image, Spared},
    served::{Home, Served},
};
use std::{
    path::PathBuf,
    sync::atomic::AtomicU64,
    time::{Duration, Instant},
};

pub(crate) const CHECK: Check = Check {
    name: "power",
    holds: "when the power goes, nothing acknowledged is lost, the store opens and its chains hold",
    plants: &["synchronous-normal", "synchronous-off", "folder-unsynced", "data-folder-unsynced"],
    run,
};

/// Of so many cuts, one is during a start, as the dice fall.
const AT_START: u64 = 3;

/// Steps of the disk within which the power goes: a first start takes about two hundred, another one thirty; and a
/// commit about thirty.
const FIRST_STEPS: u64 = 240;
const START_STEPS: u64 = 40;
const WORK_STEPS: u64 = 900;

/// How many of a hundred sectors and names that nobody synced are spared: each cut takes one of these, but the first of
/// a disk none, for what that one spares is never in danger again.
const SPARED: [u64; 5] = [0, 10, 50, 90, 99];

/// How long it may take until the power goes.
const CUT_WITHIN: Duration = Duration::from_secs(10);

/// One disk with a server on it.
struct Room {
    home: Home,
    place: PathBuf,
    crew: Option<Crew>,
    /// Anything but no answer, from before the power went.
    odd: Option<String>,
}

/// What the cuts came to.
#[derive(Default)]
struct Tally {
    cuts: u64,
    at_start: u64,
    disks: u64,
    acknowledged: AtomicU64,
    compared: Compared,
}

fn run(context: &Context) -> Outcome {
    if let Err(why) = trial::run() {
        return Outcome::NotRun(format!("no FUSE here: {why}"));
    }
    let seed = dice::seed();
    let cuts = context.many(20, 100, 2_000);
    // After so many there is a new disk, for what is made once can be lost once.
    let each = context.many(4, 10, 20);
    let mut dice = Dice::new(seed, 0);
    let mut tally = Tally::default();
    while tally.cuts < cuts {
        let mut room = Room::new(context);
        tally.disks += 1;
        let until = cuts.min(tally.cuts + each);
        let done = room.wear_out(context, &mut dice, until, &mut tally);
        holds!(done.is_ok(), "after cut {}: {}", tally.cuts, done.unwrap_err());
    }
    // What was under way is lost for the most part: to have happened it needs every sector that nobody synced.
    let lost = tally.compared.lost > 0;
    assert!(context.is_control() || lost, "no change was ever under way: {:?}", tally.compared);
    let under_way = tally.compared.late + tally.compared.lost;
    Outcome::Held(vec![
        (tally.cuts, "cuts"),
        (tally.at_start, "of them at start"),
        (tally.disks, "disks"),
        (tally.acknowledged.into_inner(), "changes acknowledged"),
        (tally.compared.changes, "compared"),
        (under_way, "under way"),
        (tally.compared.late, "of them had happened"),
    ])
}

impl Room {
    fn new(context: &Context) -> Self {
        let mut home = Home::new(context.binary());
        let place = home.path().join("disk");
        std::fs::create_dir(&place).expect("a place for the disk");
        home.data = place.join("above/data");
        home.root_key = place.join("keys/root.key");
        Self { home, place, crew: None, odd: None }
    }

    /// Lets the power go again and again.
    fn wear_out(
        &mut self,
        context: &Context,
        dice: &mut Dice,
        until: u64,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let mut image = Image::empty();
        let first = tally.cuts;
        while tally.cuts < until {
            let disk = Disk::mount(image, &self.place).expect("it was mounted before");
            let is_first = tally.cuts == first;
            tally.cuts += 1;
            let at_start =
                if is_first { tally.disks.is_multiple_of(2) } else { dice.below(AT_START) == 0 };
            if at_start {
                disk.cut_after(dice.below(if is_first { FIRST_STEPS } else { START_STEPS }));
                self.start(&disk);
                tally.at_start += 1;
            } else {
                self.work(context, &disk, dice, tally)?;
            }
            let percent = if is_first { 0 } else { dice.pick(SPARED).expect("one of them") };
            image = disk.remains(&mut Spared::new(Dice::new(dice.any(), 0), percent));
        }
        let disk = Disk::mount(image, &self.place).expect("it was mounted before");
        let served = self.ready(context, tally)?;
        served.kill();
        drop(disk);
        self.odd.take().map_or(Ok(()), Err)
    }

    /// A start during which the power goes; or soon after, if it goes late.
    fn start(&self, disk: &Disk) {
        let served = self.home.starts(&[]);
        let since = Instant::now();
        while !disk.is_cut() && served.asks_ready() != Some(200) && since.elapsed() < CUT_WITHIN {
            std::thread::sleep(Duration::from_micros(500));
        }
        disk.cut();
        served.kill();
    }

    /// Work during which the power goes.
    fn work(
        &mut self,
        context: &Context,
        disk: &Disk,
        dice: &mut Dice,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let served = self.ready(context, tally)?;
        let crew = match &mut self.crew {
            Some(crew) => crew,
            none => none.insert(context.block_on(Crew::hire(&served, dice)).expect("a crew")),
        };
        disk.cut_after(dice.below(WORK_STEPS));
        let moment = async {
            let since = Instant::now();
            while !disk.is_cut() && since.elapsed() < CUT_WITHIN {
                tokio::task::yield_now().await;
            }
            disk.cut();
        };
        let ended = context.block_on(crew.work(&served, &tally.acknowledged, moment));
        // That it cannot write without power is no fault of its own.
        let refused = ended.into_iter().find(|ended| matches!(ended, Ended::Refused(_)));
        self.odd = self.odd.take().or(refused.map(|ended| format!("{ended:?}")));
        served.kill();
        Ok(())
    }

    /// A start on what is left, and everything compared.
    fn ready(&mut self, context: &Context, tally: &mut Tally) -> Result<Served, String> {
        let served = self.home.ready()?;
        if let Some(crew) = &mut self.crew {
            tally.compared.add(context.block_on(crew.compare(&served))?);
        }
        Ok(served)
    }
}
