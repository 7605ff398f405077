//! libFuzzer: how the targets are built for it, and what it is asked to do with one of them.

use super::corpus;
use crate::built;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};
use tempfile::TempDir;

/// What has the compiler count, beside every jump and comparison, that it was reached and with what. The words are
/// LLVM's, for libFuzzer, and need no unstable compiler.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg",
    "fuzzing",
];

/// What a target may use, or it is a finding: 512 MB of memory, and a second for an input.
const LIMITS: [&str; 2] = ["-rss_limit_mb=512", "-timeout=1"];

/// The longest input that is tried: no parser here has a seam beyond it, and long inputs are slow.
const LENGTH_MAX: &str = "-max_len=4096";

/// What libFuzzer exits with for an input that took too long.
const TOO_LONG: i32 = 70;

/// How often an input that took too long is tried again, alone: a machine that stalls is no finding.
const TRIES: u32 = 3;

/// How often a run that ended at such an input is begun again, without it.
const STALLS: u32 = 10;

/// Every target, built.
pub(super) struct Engine {
    /// The project's root.
    pub(super) root: PathBuf,
    programs: PathBuf,
}

impl Engine {
    /// Builds every target, apart from everything else that is built.
    pub(super) fn build(root: &Path) -> Result<Self, String> {
        let cpp = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
        let cpp = Command::new(cpp).arg("--version").stdout(Stdio::null()).status();
        if !cpp.is_ok_and(|status| status.success()) {
            return Err("the engine needs a C++ compiler: on Debian, g++".to_owned());
        }
        let host = host(root)?;
        let folder = crate::target().join("fuzz");
        let mut build = built::cargo(root);
        build.args(["--profile", "fuzz", "--package", "subrosa-fuzz"]);
        // With a target, build scripts and macros are not instrumented: they have no engine to count for.
        build.args(["--bins", "--target", &host, "--target-dir"]).arg(&folder);
        if !built::done(build.env("RUSTFLAGS", FLAGS.join(" "))) {
            return Err("the targets could not be built".to_owned());
        }
        Ok(Self { root: root.into(), programs: folder.join(host).join("fuzz") })
    }

    /// The names of all targets.
    pub(super) fn targets(&self) -> Result<Vec<String>, String> {
        let folder = fs::read_dir(self.root.join("fuzz/targets")).map_err(|why| why.to_string())?;
        let name = |file: PathBuf| Some(file.file_stem()?.to_str()?.to_owned());
        let mut names: Vec<_> = folder.flatten().filter_map(|file| name(file.path())).collect();
        names.sort();
        Ok(names)
    }
}

/// The machine that rustc builds for unless told otherwise.
fn host(root: &Path) -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(rustc).arg("-vV").current_dir(root).output();
    let told = String::from_utf8_lossy(&told.map_err(|why| why.to_string())?.stdout).into_owned();
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not say what it builds for".to_owned())
}

/// What came of an engine's run.
pub(super) struct Ended {
    /// How many inputs it tried.
    pub(super) runs: u64,
    /// The input that it stopped at.
    pub(super) finding: Option<Finding>,
}

/// An input that a target did not stand.
pub(super) struct Finding {
    /// The file it is in.
    pub(super) input: PathBuf,
    /// What happened, in the target's or the engine's words.
    pub(super) why: String,
}

/// One target at work, in a folder of its own.
pub(super) struct Run<'e> {
    engine: &'e Engine,
    /// Which.
    pub(super) target: &'e str,
    plant: Option<&'e str>,
    folder: TempDir,
}

impl<'e> Run<'e> {
    /// A run of a target, with a fault planted if one is named.
    pub(super) fn new(
        engine: &'e Engine,
        target: &'e str,
        plant: Option<&'e str>,
    ) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("sr-fuzz-").tempdir();
        let folder = folder.map_err(|why| why.to_string())?;
        for name in ["new", "found", "merged"] {
            fs::create_dir(folder.path().join(name)).map_err(|why| why.to_string())?;
        }
        Ok(Self { engine, target, plant, folder })
    }

    /// A folder of the run's own: `new` inputs, inputs `found` to fail, and what was `merged`.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Tries every input that is kept.
    pub(super) fn replay(&self) -> Result<Ended, String> {
        self.ask(&|_| "-runs=0".to_owned(), &corpus::folders(self.engine, self.target))
    }

    /// Looks for new inputs, from those that are kept.
    pub(super) fn explore(&self, seconds: u32) -> Result<Ended, String> {
        let mut folders = vec![self.folder("new")];
        folders.extend(corpus::folders(self.engine, self.target));
        // None is for ever, to the engine.
        let rest =
            |gone| format!("-max_total_time={}", u64::from(seconds).saturating_sub(gone).max(1));
        self.ask(&rest, &folders)
    }

    /// Puts into `merged` as few inputs of all folders as reach what all of them reach, the short ones first.
    pub(super) fn merge(&self) -> Result<Ended, String> {
        let mut folders = vec![self.folder("merged"), self.folder("new")];
        folders.extend(corpus::folders(self.engine, self.target));
        self.ask(&|_| "-merge=1".to_owned(), &folders)
    }

    /// Asks for the word that is right after so many seconds. The engine ends at the first input that takes too long;
    /// when that was the machine, what comes after it has not been tried, and it is asked again.
    fn ask(&self, word: &dyn Fn(u64) -> String, folders: &[PathBuf]) -> Result<Ended, String> {
        let (begun, mut runs) = (Instant::now(), 0);
        for _ in 0..STALLS {
            let (code, said) = self.engine_says(&word(begun.elapsed().as_secs()), folders)?;
            let counted =
                said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
            runs += counted.and_then(|runs| runs.trim().parse::<u64>().ok()).unwrap_or_default();
            if code == Some(0) {
                return Ok(Ended { runs, finding: None });
            }
            let input = fs::read_dir(self.folder("found")).map_err(|why| why.to_string())?;
            let Some(input) = input.flatten().map(|file| file.path()).next() else {
                return Err(format!("{} ended with {code:?}\n{said}", self.target));
            };
            if code != Some(TOO_LONG) || self.is_slow_again(&input)? {
                return Ok(Ended { runs, finding: Some(Finding { input, why: why(&said) }) });
            }
            fs::remove_file(&input).map_err(|why| why.to_string())?;
        }
        Err(format!("{}: the machine stalls, {STALLS} times", self.target))
    }

    fn is_slow_again(&self, input: &Path) -> Result<bool, String> {
        for _ in 0..TRIES {
            let (code, _) = self.engine_says("-runs=1", &[input.to_path_buf()])?;
            if code == Some(0) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The engine's exit code, `None` when a signal ended it, and what it said.
    fn engine_says(&self, word: &str, places: &[PathBuf]) -> Result<(Option<i32>, String), String> {
        let mut engine = Command::new(self.engine.programs.join(self.target));
        engine.args(LIMITS).args([LENGTH_MAX, "-print_final_stats=1", word]).args(places);
        engine.arg(format!("-artifact_prefix={}/", self.folder("found").display()));
        engine.env_remove("SUBROSA_PLANT").current_dir(self.folder.path()).stdin(Stdio::null());
        engine.envs(self.plant.map(|plant| ("SUBROSA_PLANT", plant)));
        let ended = engine.output().map_err(|why| format!("{}: {why}", self.target))?;
        Ok((ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned()))
    }
}

/// The one line that says what happened: what the target's panic said, else what the engine did.
fn why(said: &str) -> String {
    let mut lines = said.lines();
    let panic = lines.find(|line| line.contains("panicked at")).and_then(|_| lines.next());
    let engine = || said.lines().find(|line| line.contains("ERROR: libFuzzer:"));
    panic.or_else(engine).unwrap_or("it ended").chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_says_more_than_the_engine() {
        let engine = "==1== ERROR: libFuzzer: timeout after 1 seconds";
        assert_eq!(why(engine), engine);
        let panic = format!("thread '<unnamed>' (1) panicked at a.rs:1:2:\ntwo readings\n{engine}");
        assert_eq!(why(&panic), "two readings");
        assert_eq!(why(""), "it ended");
    }
}
