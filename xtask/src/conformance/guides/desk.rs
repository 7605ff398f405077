//! Where a reader of one guide sits, and what happens there.

use super::{
    super::{Stop, server, server::Server, transcript::Transcript},
    guide::{Call, Guide, Step},
    lines,
    shell::{Background, Shell},
    standins::Standins,
};
use crate::say;
use serde_json::json;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// How long one command may take. A client of Python's takes ten seconds to load itself on a slow day.
const COMMAND_LIMIT: Duration = Duration::from_secs(120);

/// How tokens begin, none of which may be in a server's log.
const TOKENS: [&str; 3] = ["sr_pat_", "sr_sat_", "tfy_"];

/// A server, a terminal, and perhaps a second one in which something waits.
pub(super) struct Desk {
    server: Server,
    terminal: Shell,
    waiting: Option<(Background, Call)>,
    standins: Standins,
    place: PathBuf,
    path: OsString,
}

impl Desk {
    /// Starts the server and the terminal in `place`; `programs` come first on its path.
    pub(super) fn set(
        binary: &Path,
        place: PathBuf,
        programs: Option<&Path>,
    ) -> Result<Self, Stop> {
        for name in ["home", "keys", "bin", "here"] {
            std::fs::create_dir_all(place.join(name)).map_err(Stop::broken)?;
        }
        std::os::unix::fs::symlink(binary, place.join("bin/subrosa")).map_err(Stop::broken)?;
        let server = Server::start(binary, &place)?;
        let ours = programs.into_iter().map(Path::to_path_buf).chain([place.join("bin")]);
        let theirs = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(ours.chain(std::env::split_paths(&theirs)));
        let path = path.map_err(Stop::broken)?;
        let terminal = Shell::start(&mut sh(&place, &path)).map_err(Stop::Broken)?;
        let standins = Standins::of(server.address);
        Ok(Self { server, terminal, waiting: None, standins, place, path })
    }

    /// Does what the guide says, step by step.
    pub(super) fn follow(
        &mut self,
        guide: &Guide,
        transcript: &mut Transcript,
    ) -> Result<(), String> {
        for step in &guide.steps {
            match step {
                Step::File { name, text } => {
                    let text = self.standins.actual(text);
                    std::fs::write(self.place.join("here").join(name), text)
                        .map_err(|error| format!("{name}: {error}"))?;
                }
                Step::Run(call) => {
                    say(format!("$ {}", call.title()));
                    let command = self.standins.actual(&call.command);
                    let (printed, code) = self.terminal.run(&command, COMMAND_LIMIT)?;
                    self.compare(call, &printed, code, transcript);
                }
                Step::Begin(call) => {
                    say(format!("$ {}    (goes on)", call.title()));
                    let command = self.standins.actual(&call.command);
                    let mut begun = Background::start(&mut sh(&self.place, &self.path), &command)?;
                    let shown = begun.until(COMMAND_LIMIT, |printed| {
                        self.standins.learn(&call.shown, printed);
                        lines::match_all(&call.shown, &self.standins.shown(printed))
                    });
                    transcript
                        .check(&format!("line {}: it prints what is shown", call.line), shown);
                    if !shown {
                        differ(&call.shown, &self.standins.shown(begun.printed()));
                    }
                    self.waiting = Some((begun, call.clone()));
                }
                Step::End { shown, code } => {
                    let Some((begun, mut call)) = self.waiting.take() else { continue };
                    say(format!("$ {}    (ends)", call.title()));
                    let (printed, ended) = begun.end(COMMAND_LIMIT)?;
                    call.shown.extend_from_slice(shown);
                    call.code = *code;
                    self.compare(&call, &printed, ended, transcript);
                }
            }
        }
        Ok(())
    }

    /// Whether a command printed what the guide shows and ended as it says.
    fn compare(
        &self,
        call: &Call,
        printed: &[String],
        code: Option<i32>,
        transcript: &mut Transcript,
    ) {
        let printed = self.standins.shown(printed);
        let right = lines::match_all(&call.shown, &printed);
        transcript.check(&format!("line {}: it prints what is shown", call.line), right);
        if !right {
            differ(&call.shown, &printed);
        }
        transcript.equal(&format!("line {}: exit code", call.line), &json!(code), call.code);
    }

    /// Ends the server, and looks at what it left.
    pub(super) fn end(mut self, transcript: &mut Transcript) -> Result<(), Stop> {
        let code = self.server.stop()?;
        transcript.equal("the server ends cleanly when asked", &json!(code), 0);
        let log = self.server.log();
        let silent = !TOKENS.iter().any(|token| log.contains(token));
        transcript.check("no token is in its log", silent);
        Ok(())
    }
}

/// A shell with nothing of the caller's environment, in an empty folder, for programs that nobody watches.
fn sh(place: &Path, path: &OsString) -> Command {
    let mut command = server::command(Path::new("sh"), place);
    command
        .current_dir(place.join("here"))
        .env("PATH", path)
        .env("SUBROSA_DATA", place.join("data"))
        .envs([("NO_COLOR", "1"), ("COLUMNS", "120"), ("LANG", "C.UTF-8"), ("NO_PROXY", "*")])
        .envs([("PYTHONUNBUFFERED", "1"), ("GIT_PYTHON_REFRESH", "quiet"), ("BROWSER", "true")])
        .envs([("FRUXON_NO_KEYRING", "1"), ("FRUXON_NO_UPDATE_CHECK", "1")]);
    command
}

/// Says what was to be printed and what was.
fn differ(shown: &[String], printed: &[String]) {
    for (what, lines) in [("expected", shown), ("saw", printed)] {
        for line in lines {
            say(format!("       {what:>8}: {}", without_tokens(line)));
        }
    }
}

/// A line without its tokens.
fn without_tokens(line: &str) -> String {
    let secret =
        |word: &str| TOKENS.iter().any(|token| word.contains(token)) || word.contains("eyJ");
    let hidden = |word| if secret(word) { "<hidden>" } else { word };
    line.split(' ').map(hidden).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_line_is_not_repeated() {
        assert_eq!(without_tokens("token tfy_abc is made"), "token <hidden> is made");
        assert_eq!(without_tokens("TFY_API_KEY is not"), "TFY_API_KEY is not");
    }
}
