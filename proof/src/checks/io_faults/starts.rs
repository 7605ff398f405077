//! Starts and stops with a failing call: of a store that is not there yet, of one that was closed, and of one whose
//! server was killed. A start that fails is reported and changes nothing; the next goes through, and finds everything.

use super::{
    Found,
    stage::{chains_hold, delta},
};
use crate::check::Context;
use subrosa_testkit::{
    Stopped, TestServer,
    faults::{Call, Failure, Fault, File, Plane, Point},
};

const FAULTS: [Fault; 5] = [Fault::Io, Fault::Full, Fault::Short, Fault::Busy, Fault::ReadOnly];

/// No start makes so many calls.
const CALLS_MAX: u64 = 5_000;

pub(super) async fn attack(context: &Context, plane: &'static Plane) -> Found {
    // With fewer tries, they are further apart: the first calls of a start are like each other.
    let stride = context.many(40, 3, 1);
    let mut tried = 0;
    for fault in FAULTS {
        tried += from(plane, fault, stride, &Stopped::never_ran()).await?;
        tried += from(plane, fault, stride, &killed().await).await?;
        tried += from(plane, fault, stride, &closed().await).await?;
        tried += stops(plane, fault, stride).await?;
    }
    Ok(tried)
}

async fn filled() -> TestServer {
    let server = TestServer::start().await;
    server.operator().keeps("K", "v").await;
    server.operator().keeps_as("PII", "STRICT", "w").await;
    server
}

async fn killed() -> Stopped {
    filled().await.image()
}

async fn closed() -> Stopped {
    filled().await.stop().await
}

/// Starts on a disk once for every call that a start makes.
async fn from(plane: &'static Plane, fault: Fault, stride: u64, disk: &Stopped) -> Found {
    let known = match disk.store_file().exists() {
        true => Some(disk.again().start().await.deciding_rows()),
        false => None,
    };
    for nth in (1..CALLS_MAX).step_by(usize::try_from(stride).expect("it is small")) {
        let told = |how: String| format!("a start with {fault:?} at its call {nth}: {how}");
        let disk = disk.again();
        let folder = disk.data();
        let arm = plane.fails(Failure { fault, folder, at: vec![], nth, lasting: false });
        let started = disk.tries_to_start().await;
        let failed = arm.failed();
        drop(arm);
        let server = match started {
            Ok(server) => server,
            Err((_, failure)) if failed == 0 => {
                return Err(told(format!("nothing failed, and it did not start: {failure}")));
            }
            Err((disk, _)) => {
                let again = disk.tries_to_start().await;
                again.map_err(|(_, failure)| told(format!("the next one fails: {failure}")))?
            }
        };
        let now = server.deciding_rows();
        if known.as_ref().is_some_and(|known| *known != now) {
            let lost = known.map(|known| delta(&known, &now));
            return Err(told(format!("what was there is not: {lost:?}")));
        }
        let id = server.operator().keeps_as("PII", "AFTER", "after").await;
        if server.operator().reveals(&id).await.json()["value"] != "after" {
            return Err(told("it does not serve".to_owned()));
        }
        chains_hold(&server).await.map_err(told)?;
        if failed == 0 {
            return Ok(nth.div_ceil(stride));
        }
    }
    panic!("a start makes no end of calls")
}

/// Starts and stops with the first call at each of these points failing, on every kind of disk: what is passed so
/// rarely that no number of a call met it. Some are passed only when something else has failed before, as a journal's
/// length is looked up when a write is taken back.
pub(super) async fn at(plane: &'static Plane, points: &[Point]) -> Found {
    let mut tried = 0;
    for point in points {
        for at in [vec![*point], vec![Point::new(Call::Write, File::Store), *point]] {
            let disks =
                [Stopped::never_ran(), halfway(plane).await, killed().await, closed().await];
            for disk in disks {
                start_at(plane, &at, disk).await?;
                tried += 1;
            }
        }
    }
    Ok(tried)
}

async fn start_at(plane: &'static Plane, at: &[Point], disk: Stopped) -> Result<(), String> {
    let told = |how: String| format!("a start with {at:?} failing: {how}");
    let (fault, folder, lasting) = (Fault::Io, disk.data(), at.len() > 1);
    let arm = plane.fails(Failure { fault, folder, at: at.to_vec(), nth: 1, lasting });
    let disk = match disk.tries_to_start().await {
        Ok(server) => server.stop().await,
        Err((disk, _)) => disk,
    };
    drop(arm);
    let again = disk.tries_to_start().await;
    let server = again.map_err(|(_, failure)| told(format!("the next one fails: {failure}")))?;
    chains_hold(&server).await.map_err(told)
}

/// A disk on which the making of a store ended halfway, its journal still there.
async fn halfway(plane: &'static Plane) -> Stopped {
    let disk = Stopped::never_ran();
    let at = vec![Point::new(Call::Delete, File::Journal)];
    let (fault, folder) = (Fault::Io, disk.data());
    let _arm = plane.fails(Failure { fault, folder, at, nth: 1, lasting: true });
    match disk.tries_to_start().await {
        Ok(_) => panic!("a store is made without a journal"),
        Err((disk, _)) => disk,
    }
}

/// Stops with each call failing in turn; the next start finds everything.
async fn stops(plane: &'static Plane, fault: Fault, stride: u64) -> Found {
    for nth in (1..CALLS_MAX).step_by(usize::try_from(stride).expect("it is small")) {
        let told = |how: String| format!("a stop with {fault:?} at its call {nth}: {how}");
        let server = filled().await;
        let (before, folder) = (server.deciding_rows(), server.data());
        let arm = plane.fails(Failure { fault, folder, at: vec![], nth, lasting: false });
        let stopped = server.stop().await;
        let failed = arm.failed();
        drop(arm);
        let started = stopped.tries_to_start().await;
        let server = started.map_err(|(_, failure)| told(format!("no start: {failure}")))?;
        if server.deciding_rows() != before {
            let lost = delta(&before, &server.deciding_rows());
            return Err(told(format!("what was there is not: {lost:?}")));
        }
        chains_hold(&server).await.map_err(told)?;
        if failed == 0 {
            return Ok(nth.div_ceil(stride));
        }
    }
    panic!("a stop makes no end of calls")
}
