//! What nobody put back is not called so: a store as a kill leaves it, and one whose last checkpoint could not be made
//! durable inside, and so must not be kept outside.

use super::{
    ready,
    states::{States, bytes, last_of},
};
use std::fs;
use subrosa_testkit::faults::{Call, Failure, Fault, File, Plane, Point};

/// Has the server end in both ways, and begin again.
pub(super) async fn ends(
    states: &mut States,
    plane: &'static Plane,
    round: u64,
) -> Result<(), String> {
    let server = states.starts().await;
    server.operator().keeps(&format!("KILLED_{round}"), "v").await;
    // The checkpoint is read first: what is kept while the disk is copied is not older than the copy.
    let outside = server.data().parent().unwrap().join("state");
    let kept = fs::read_dir(&outside).ok().and_then(|mut files| files.next());
    let kept = kept.map(|file| bytes(&file.unwrap().path()));
    let image = server.image();
    if let (Some(kept), Some(file)) = (kept, last_of(&image)) {
        fs::write(file, kept).unwrap();
    }
    let killed = image.start().await;
    let after = ready(&killed).await;
    drop(killed.stop().await);
    if after.0 != 200 {
        return Err(format!("after a kill: {}", after.1));
    }

    server.operator().keeps(&format!("FULL_{round}"), "v").await;
    server.app().flush().await.expect("what waits is written");
    let full = plane.fails(Failure {
        fault: Fault::Full,
        folder: server.data(),
        at: vec![Point::new(Call::Write, File::Log)],
        nth: 1,
        lasting: true,
    });
    states.stops(server).await;
    drop(full);
    let server = states.starts().await;
    let after = ready(&server).await;
    states.stops(server).await;
    match after.0 {
        200 => Ok(()),
        _ => Err(format!("after a disk that was full: {}", after.1)),
    }
}
