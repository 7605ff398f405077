//! Every call that the store makes of the file system fails once, and later for good: in every operation of the three
//! surfaces, in starts and stops, among callers who share a commit, and with the power going afterwards.
//!
//! What must hold: a request is answered as if nothing had failed, or with a 503; what was acknowledged is there,
//! whole; what was refused is not there at all; the next request is served; and the chains hold. One point of the plane
//! that nothing has failed at leaves the check without an outcome.

mod asks;
mod crowd;
mod cuts;
mod every_nth;
mod stage;
mod starts;

use crate::check::{Check, Context, Outcome};
use subrosa_testkit::faults::{Call, File, Plane, Point};

pub(crate) const CHECK: Check = Check {
    name: "io-faults",
    holds: "a failing disk loses nothing that was acknowledged and does nothing by half",
    plants: &[
        "ack-on-failed-commit",
        "heads-kept-of-failed-batch",
        "read-failure-is-absence",
        "group-made-by-halves",
        "sign-in-lost-on-failure",
    ],
    run,
};

/// What a part found out: how many things it tried, or how the promise was broken.
type Found = Result<u64, String>;

/// Where the store meets the file system.
const POINTS: &[(Call, &[File])] = &[
    (Call::Open, &[File::Store, File::Log, File::Journal]),
    (Call::Delete, &[File::Log, File::Journal]),
    (Call::Access, &[File::Log, File::Journal]),
    (Call::Read, &[File::Store, File::Log]),
    (Call::Write, &[File::Store, File::Log, File::Journal]),
    (Call::Truncate, &[File::Store, File::Log]),
    (Call::Sync, &[File::Store, File::Log, File::Journal]),
    (Call::SyncFolder, &[File::Log, File::Journal]),
    (Call::Size, &[File::Store, File::Log, File::Journal]),
    (Call::Lock, &[File::Store]),
    (Call::MapIndex, &[File::Store]),
    (Call::ShareIndex, &[File::Store]),
    (Call::OwnIndex, &[File::Store]),
];

fn run(context: &Context) -> Outcome {
    match context.block_on(attack(context)) {
        Ok(counts) => Outcome::Held(counts),
        Err(how) => Outcome::Violated(how),
    }
}

async fn attack(context: &Context) -> Result<Vec<(u64, &'static str)>, String> {
    let plane = Plane::install();
    let faulty = every_nth::attack(context, plane).await?;
    let crowds = crowd::attack(context, plane).await?;
    let cuts = cuts::attack(context, plane).await?;
    let mut starts = starts::attack(context, plane).await?;
    // To fail at one point can lead past others.
    for _ in 0..3 * context.many(0, 1, 1) {
        starts += starts::at(plane, &missed(plane)).await?;
    }
    let missed: Vec<String> = missed(plane).iter().map(ToString::to_string).collect();
    let complete = context.many(0, 1, 1) == 0 || missed.is_empty();
    assert!(complete, "nothing has failed here, so nothing is shown: {}", missed.join(", "));
    let points = plane.passed().values().filter(|passed| passed.failed > 0).count();
    Ok(vec![
        (faulty, "operations with a failing call"),
        (crowds, "commits shared by callers"),
        (cuts, "cuts of power after a failed sync"),
        (starts, "starts and stops"),
        (u64::try_from(points).expect("there are few"), "points that failed"),
    ])
}

/// The points that nothing has failed at. One that was passed and is not in the list is missed as well.
fn missed(plane: &Plane) -> Vec<Point> {
    let named = POINTS.iter().flat_map(|(call, files)| files.iter().map(|file| (*call, *file)));
    let mut all: Vec<Point> = named.map(|(call, file)| Point::new(call, file)).collect();
    let passed = plane.passed();
    all.extend(passed.keys().filter(|point| !all.contains(point)).copied().collect::<Vec<_>>());
    all.retain(|point| passed.get(point).is_none_or(|passed| passed.failed == 0));
    all
}
