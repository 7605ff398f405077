//! The one shape of a failure: what happened, notes, help that can be pasted, and a code. Never a value, a token, or a
//! line of somebody else's error.

use crate::exit::Exit;
use serde::Serialize;
use std::{borrow::Cow, process::ExitCode};
use subrosa_api::{
    Code, Problem,
    client::{ClientError, Target, Unreachable},
};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) code: Cow<'static, str>,
    pub(crate) error: String,
    pub(crate) notes: Vec<String>,
    pub(crate) helps: Vec<String>,
    /// What the server said, when it was the server.
    pub(crate) problem: Option<Box<Problem>>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str, error: impl Into<String>) -> Self {
        let error = error.into();
        Self { exit, code: code.into(), error, notes: vec![], helps: vec![], problem: None }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.helps.push(help.into());
        self
    }

    pub(crate) fn exiting(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The refusal of a value or token as an argument: it is never read, and never repeated.
    pub(crate) fn on_command_line(what: &str) -> Self {
        Self::new(
            Exit::Usage,
            "value-on-command-line",
            format!("{what}s are never taken from the command line"),
        )
        .note("they would show up in `ps` and shell history, where this one may already be")
    }

    /// As the JSON object that goes to stderr.
    pub(crate) fn to_json(&self) -> impl Serialize {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Shape<'a> {
            #[serde(flatten)]
            what: What<'a>,
            help: &'a [String],
            exit_code: u8,
        }

        #[derive(Serialize)]
        #[serde(untagged)]
        enum What<'a> {
            Server(&'a Problem),
            Local {
                r#type: String,
                title: &'a str,
                detail: &'a str,
                code: &'a str,
                notes: &'a [String],
            },
        }

        let what = match &self.problem {
            Some(problem) => What::Server(problem),
            None => What::Local {
                r#type: format!("urn:subrosa:problem:{}", self.code),
                title: &self.error,
                detail: &self.error,
                code: &self.code,
                notes: &self.notes,
            },
        };
        serde_json::to_value(Shape { what, help: &self.helps, exit_code: self.exit.number() })
            .unwrap_or_default()
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Problem(problem) => Self::from(*problem),
            ClientError::Unreachable { ref target, why } => unreachable(target, why, &error),
            ClientError::BadToken => {
                Self::new(Exit::NotLoggedIn, "token-malformed", error.to_string())
                    .help("check SUBROSA_TOKEN_FILE or SUBROSA_TOKEN")
            }
            ClientError::Unintelligible { .. } => {
                Self::new(Exit::Failed, "not-a-subrosa-server", error.to_string())
                    .note("another program, a proxy, or another version may be answering there")
            }
            ClientError::Unsendable => Self::new(Exit::Failed, "unsendable", error.to_string()),
        }
    }
}

fn unreachable(target: &Target, why: Unreachable, error: &ClientError) -> Failure {
    let failure = Failure::new(Exit::Unreachable, "server-unreachable", error.to_string());
    match (target, why) {
        (Target::Socket(_), Unreachable::NotFound | Unreachable::Refused) => failure
            .help("start the server here:            subrosa serve")
            .help("or name its data directory:       --data DIR")
            .help("or speak to one elsewhere:        --server URL"),
        (Target::Socket(_), Unreachable::Denied) => failure
            .note("the socket is open to the user who runs the server alone")
            .help("use a token instead:              --server URL"),
        _ => failure,
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let mut notes = Vec::new();
        for (pointer, messages) in problem.errors.iter().flatten() {
            notes.push(format!("{pointer} {}", messages.join("; ")).trim_start().to_owned());
        }
        if let Some(required) = &problem.required {
            let granted = problem.granted.as_deref().unwrap_or_default();
            let granted = if granted.is_empty() { "none".to_owned() } else { granted.join(", ") };
            notes.push(format!("this needs {required}; the credential has {granted}"));
        }
        if problem.status >= 500 {
            notes.push(format!("request {}", problem.instance));
        }
        let helps = match Code::parse(&problem.code) {
            Some(Code::Unauthenticated) => {
                vec![
                    "check SUBROSA_TOKEN_FILE or SUBROSA_TOKEN; it may be revoked or expired"
                        .into(),
                ]
            }
            _ => vec![],
        };
        Self {
            exit: Exit::of(&problem),
            code: problem.code.clone().into(),
            error: problem.detail.clone(),
            notes,
            helps,
            problem: Some(Box::new(problem)),
        }
    }
}

/// Answers a command line that could not be parsed, as a problem for those who asked for JSON. `what` is a fixed
/// sentence: what was typed may hold a value.
#[must_use]
pub fn usage(what: &str) -> ExitCode {
    let failure = Failure::new(Exit::Usage, "usage", what).help("subrosa --help");
    crate::output::Output::new(true).fail(&failure).into()
}

/// A start of the server that was refused, for who prints it in the shape that every command's failure has.
#[derive(Debug)]
pub struct Refusal<'a> {
    /// Whether what was asked for is unsafe or incomplete, exit code 2; otherwise it failed, exit code 1.
    pub unsafe_usage: bool,
    /// What scripts go by.
    pub code: &'static str,
    /// What happened, in a sentence without anything secret in it.
    pub error: String,
    /// What the system said to it.
    pub cause: Option<String>,
    /// What to do about it, a line each.
    pub helps: &'a [&'static str],
}

impl Refusal<'_> {
    /// One that failed and that there is nothing to add to.
    #[must_use]
    pub fn failed(code: &'static str, error: &str) -> Self {
        Self { unsafe_usage: false, code, error: error.into(), cause: None, helps: &[] }
    }

    /// Prints it on stderr, as text or as a problem.
    #[must_use]
    pub fn print(self, json: bool) -> ExitCode {
        let exit = if self.unsafe_usage { Exit::Usage } else { Exit::Failed };
        let failure = Failure {
            notes: self.cause.into_iter().collect(),
            helps: self.helps.iter().map(|help| (*help).to_owned()).collect(),
            ..Failure::new(exit, self.code, self.error)
        };
        crate::output::Output::new(json).fail(&failure).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_failure_has_the_members_of_a_problem() {
        let failure =
            Failure::new(Exit::Usage, "tenant-needed", "which tenant?").help("--tenant A");
        let json = serde_json::to_value(failure.to_json()).unwrap();
        assert_eq!(json["code"], "tenant-needed");
        assert_eq!(json["type"], "urn:subrosa:problem:tenant-needed");
        assert_eq!(json["exitCode"], 2);
        assert_eq!(json["help"][0], "--tenant A");
    }

    #[test]
    fn a_missing_scope_names_what_is_needed_and_what_is_there() {
        let body = r#"{"type":"t","title":"t","status":403,"detail":"d","instance":"i","code":"missing-scope",
            "statusCode":403,"message":"d","required":"secrets:reveal","granted":["secrets:read"]}"#;
        let failure = Failure::from(serde_json::from_str::<Problem>(body).unwrap());
        assert_eq!(failure.exit, Exit::Forbidden);
        assert_eq!(failure.notes, ["this needs secrets:reveal; the credential has secrets:read"]);
        assert_eq!(serde_json::to_value(failure.to_json()).unwrap()["required"], "secrets:reveal");
    }
}
