//! Exit codes, which scripts rely on: they are never renumbered.

use std::process::ExitCode;
use subrosa_api::{Code, Problem};

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// Done; also when there was nothing to do.
    Done = 0,
    /// Failed, nothing more specific.
    Failed = 1,
    /// Wrong usage, or an unsafe request refused.
    Usage = 2,
    /// The user said no.
    Cancelled = 3,
    /// No token, or one the server does not take.
    NotLoggedIn = 4,
    /// There is no such thing.
    NotFound = 5,
    /// A permission is missing.
    Forbidden = 6,
    /// It exists already, or changed meanwhile.
    Conflict = 7,
    /// The server cannot be reached, or asks to wait.
    Unreachable = 8,
    /// Refused by a rule that fails closed.
    FailedClosed = 9,
    /// The secret is expired or not yet valid.
    OutsideValidity = 10,
    /// A check found something.
    Findings = 11,
    /// `run` could not start the program.
    NotStarted = 125,
    /// `run` found the program and could not execute it.
    NotExecutable = 126,
    /// `run` did not find the program.
    CommandNotFound = 127,
}

impl Exit {
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// The exit code for a problem of the server: by its code where that says more than its status.
    pub(crate) fn of(problem: &Problem) -> Self {
        match Code::parse(&problem.code) {
            Some(Code::AuditUnavailable | Code::Integrity | Code::StoreSetBack) => {
                return Self::FailedClosed;
            }
            Some(Code::StoreUnavailable | Code::Busy) => return Self::Unreachable,
            Some(Code::DeviceOver) => return Self::NotLoggedIn,
            _ => {}
        }
        match problem.status {
            401 => Self::NotLoggedIn,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 | 502..=504 => Self::Unreachable,
            400..=499 => Self::Usage,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_the_server_has_its_exit_code() {
        let exit = |code: Code| {
            let body = format!(
                r#"{{"type":"","title":"","status":{status},"detail":"","instance":"","code":"{name}",
                    "statusCode":{status},"message":""}}"#,
                status = code.status(),
                name = code.name()
            );
            Exit::of(&serde_json::from_str(&body).unwrap()).number()
        };
        let table = [
            (Code::MalformedJson, 2),
            (Code::ValueTooLarge, 2),
            (Code::Unauthenticated, 4),
            (Code::DeviceOver, 4),
            (Code::NotFound, 5),
            (Code::MissingScope, 6),
            (Code::UseOnly, 6),
            (Code::Exists, 7),
            (Code::StoreUnavailable, 8),
            (Code::Busy, 8),
            (Code::TooManyRequests, 8),
            (Code::AuditUnavailable, 9),
            (Code::Integrity, 9),
            (Code::Internal, 1),
        ];
        for (code, number) in table {
            assert_eq!(exit(code), number, "{}", code.name());
        }
    }
}
