//! The guides: what stands in their transcripts is typed into a shell, against a server of ours, and has to print what
//! stands there.
//!
//! Every `console` block of docs/guides is run, so a transcript that nobody ran cannot be written there.
//! CONTRIBUTING.md says how to write one. Each guide has a server, a home and an empty folder of its own.

mod blocks;
mod desk;
mod guide;
mod lines;
mod shell;
mod standins;

use super::{
    Stop, server,
    transcript::{Tally, Transcript},
    venv,
};
use crate::say;
use desk::Desk;
use std::path::Path;

/// The guides that are mostly transcripts: those that published clients follow, and that of exports.
const TYPED: [&str; 4] = ["evidence.md", "sign-in-a-device.md", "truefoundry.md", "walletcrew.md"];

/// Installs what the guides say to install, and runs them one after the other.
pub(super) fn run(root: &Path) -> Result<Tally, Stop> {
    let guides = guide::all(&root.join("docs/guides"))?;
    let folder = tempfile::Builder::new().prefix("sr-gd-").tempdir().map_err(Stop::broken)?;
    let mut packages: Vec<&str> =
        guides.iter().flat_map(|guide| guide.packages.iter().map(String::as_str)).collect();
    packages.sort_unstable();
    packages.dedup();
    let programs = match packages.as_slice() {
        [] => None,
        packages => Some(venv::with(folder.path(), packages)?),
    };
    let binary = server::build(root)?;
    let mut transcript = Transcript::default();
    for name in TYPED {
        let shown = guides.iter().any(|guide| guide.name == name && guide.has_transcript());
        transcript.check(&format!("{name} has a transcript"), shown);
    }
    for guide in guides.iter().filter(|guide| guide.has_transcript()) {
        say(format!("guide: {}", guide.name));
        let place = folder.path().join(guide.name.trim_end_matches(".md"));
        let programs = programs.as_deref().filter(|_| !guide.packages.is_empty());
        let mut desk = Desk::set(&binary, place, programs)?;
        if let Err(why) = desk.follow(guide, &mut transcript) {
            transcript.check("every step of the guide could be made", false);
            transcript.not_run("the rest of the guide", &why);
        }
        desk.end(&mut transcript)?;
    }
    Ok(transcript.tally())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_of_the_project_can_be_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let guides = guide::all(&root.join("docs/guides")).unwrap();
        for name in TYPED {
            assert!(guides.iter().any(|guide| guide.name == name && guide.has_transcript()));
        }
    }
}
