//! `subrosa ls [GLOB]`: secrets by name, without values.

use super::show::word;
use crate::{failure::Failure, moment, session::Session, table};
use subrosa_api::v1::{Disclosure, secrets::Secret};

/// The flags of `ls`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only names like this; * stands for anything, ? for one character
    glob: Option<String>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let mut secrets = session.wait(session.client.secrets(&tenant))?;
    if let Some(glob) = &args.glob {
        secrets.retain(|secret| matches(glob.as_bytes(), secret.key.as_bytes()));
    }
    secrets.sort_by(|one, other| one.key.cmp(&other.key));
    if session.output.json {
        return session.output.list("secret", &secrets);
    }
    if secrets.is_empty() {
        return Ok(());
    }
    let head = ["NAME", "VERSION", "SENSITIVITY", "READ", "EXPIRES", "CHANGED"];
    let text = table::lines(head, secrets.iter().map(row).collect());
    session.output.bytes(text.as_bytes())
}

fn row(secret: &Secret) -> [String; 6] {
    [
        secret.key.clone(),
        secret.published_version.map_or("draft".into(), |version| format!("v{version}")),
        word(secret.sensitivity).into(),
        if secret.disclosure == Disclosure::Readable { "readable" } else { "use only" }.into(),
        moment::text_or(secret.expires_on, "never"),
        moment::text(secret.modified_at),
    ]
}

/// Whether a name is like a glob. Each * is tried as short as will do, so the work is bounded by the two lengths.
fn matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut glob_at, mut name_at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(name_at) {
        match glob.get(glob_at) {
            Some(b'*') => {
                retry = Some((glob_at + 1, name_at));
                glob_at += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == byte => {
                (glob_at, name_at) = (glob_at + 1, name_at + 1);
            }
            _ => match retry {
                Some((after_star, from)) => {
                    retry = Some((after_star, from + 1));
                    (glob_at, name_at) = (after_star, from + 1);
                }
                None => return false,
            },
        }
    }
    glob.get(glob_at..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_glob_matches_whole_names() {
        let like = |glob: &str, name: &str| matches(glob.as_bytes(), name.as_bytes());
        for (glob, name) in
            [("*", ""), ("A*", "A"), ("*_KEY", "A_KEY_KEY"), ("A?C", "ABC"), ("A**", "AB")]
        {
            assert!(like(glob, name), "{glob} {name}");
        }
        for (glob, name) in [("", "A"), ("A", "AB"), ("A?", "A"), ("*_KEY", "A_KEYS"), ("a*", "AB")]
        {
            assert!(!like(glob, name), "{glob} {name}");
        }
        assert!(!like(&"*a".repeat(40), &"a".repeat(39)));
    }
}
