//! The inputs that are kept: `fuzz/corpus/<target>`, as few as reach what was ever reached, and
//! `fuzz/regressions/<target>`, each of which was a finding once. A file's name is the hash of what is in it.

use super::engine::{Engine, Finding, Run};
use std::{
    fs,
    path::{Path, PathBuf},
};

const CORPUS: &str = "fuzz/corpus";
const REGRESSIONS: &str = "fuzz/regressions";

/// The most inputs that are kept of a target, and the most bytes of each. More reach nothing that matters, and every
/// clone of the project carries them.
const FILES_MAX: usize = 200;
const BYTES_MAX: u64 = 2_048;

/// Where a target's inputs are, as far as there are any.
pub(super) fn folders(engine: &Engine, target: &str) -> Vec<PathBuf> {
    let folders = [CORPUS, REGRESSIONS].map(|folder| engine.root.join(folder).join(target));
    folders.into_iter().filter(|folder| folder.is_dir()).collect()
}

/// How many there are.
pub(super) fn count(engine: &Engine, target: &str) -> usize {
    folders(engine, target).iter().map(|folder| files(folder).len()).sum()
}

/// Keeps an input as one that was a finding, and says where.
pub(super) fn keep_finding(
    engine: &Engine,
    target: &str,
    finding: &Finding,
) -> Result<String, String> {
    let name = finding.input.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // `crash-<hash>`, `timeout-<hash>`, `oom-<hash>`.
    let hash = name.rsplit('-').next().unwrap_or(name);
    let place = format!("{REGRESSIONS}/{target}/{hash}");
    copy(&finding.input, &engine.root.join(&place))?;
    Ok(place)
}

/// Keeps as few inputs as reach what those that were kept and those that a run found reach.
pub(super) fn keep(engine: &Engine, run: &Run<'_>) -> Result<(), String> {
    if run.merge()?.finding.is_some() {
        return Err(format!("{}: an input failed while inputs were compared", run.target));
    }
    let mut merged = files(&run.folder("merged"));
    merged.retain(|(_, bytes)| *bytes <= BYTES_MAX);
    merged.sort_by_key(|(_, bytes)| *bytes);
    merged.truncate(FILES_MAX);
    let folder = engine.root.join(CORPUS).join(run.target);
    for (old, _) in files(&folder) {
        fs::remove_file(old).map_err(|why| why.to_string())?;
    }
    for (file, _) in merged {
        let name = file.file_name().unwrap_or_default();
        copy(&file, &folder.join(name))?;
    }
    Ok(())
}

/// The files of a folder with their sizes.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let listed = fs::read_dir(folder).into_iter().flatten().flatten();
    listed.filter_map(|file| Some((file.path(), file.metadata().ok()?.len()))).collect()
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let folder = to.parent().unwrap_or(to);
    let made = fs::create_dir_all(folder).and_then(|()| fs::copy(from, to));
    made.map(drop).map_err(|why| format!("{}: {why}", to.display()))
}
