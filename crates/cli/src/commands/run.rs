//! `subrosa run -- CMD`: a program with secrets in its environment. It replaces this process, so that signals, exit
//! code, terminal and output are the program's own.
//!
//! Whatever fails before the program starts exits 125, so that a supervisor can tell it from the program's own codes.

use crate::{
    env_name::{self, Refused},
    exit::Exit,
    failure::Failure,
    hints,
    session::Session,
};
use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    io::ErrorKind,
    os::unix::{ffi::OsStrExt, process::CommandExt},
    process,
};
use subrosa_api::{
    Code, MAX_BATCH_ITEMS, Plaintext, SecretId, TenantSlug,
    secret_value::one_value,
    v1::{
        Disclosure,
        secrets::{RevealBatch, RevealItem, RevealedItem, Secret},
    },
};
use uuid::Uuid;

/// The flags of `run`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only these secrets; each must be there
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
    /// Set this variable although it could take the program over; may be given more than once
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    allow_env: Vec<String>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let variables =
        variables(args, session).map_err(|failure| failure.exiting(Exit::NotStarted))?;
    Err(become_program(&args.command, &variables))
}

/// What the program gets, by variable.
type Variables = BTreeMap<String, Plaintext>;

fn variables(args: &Args, session: &Session) -> Result<Variables, Failure> {
    let tenant = session.tenant()?;
    let all = session.wait(session.client.secrets(&tenant))?;
    let chosen = choose(all, args, &tenant)?;
    let names: BTreeMap<Uuid, String> =
        chosen.wanted.iter().map(|secret| (secret.id, env_name::of(&secret.key))).collect();
    let ids: Vec<Uuid> = chosen.wanted.iter().map(|secret| secret.id).collect();
    let mut skipped = chosen.skipped;
    let mut variables = Variables::new();
    for chunk in ids.chunks(MAX_BATCH_ITEMS) {
        for (id, item) in reveal(chunk, &tenant, session)? {
            let name = names.get(&id).cloned().unwrap_or_default();
            match value(item)? {
                Ok(value) => drop(variables.insert(name, value)),
                Err(why) => skipped.push((name, why)),
            }
        }
    }
    if args.only.is_empty() {
        for (name, why) in &skipped {
            session.output.note(format_args!("{name} is left out: {why}"));
        }
    } else if let Some((name, why)) = skipped.first() {
        let error = format!("{name} was asked for and cannot be had: {why}");
        return Err(Failure::new(Exit::NotStarted, "secret-unavailable", error));
    }
    Ok(variables)
}

/// The secrets to reveal, and those that are known without asking to be out of reach.
struct Chosen {
    wanted: Vec<Secret>,
    skipped: Vec<(String, &'static str)>,
}

fn choose(mut all: Vec<Secret>, args: &Args, tenant: &TenantSlug) -> Result<Chosen, Failure> {
    if !args.only.is_empty() {
        if let Some(name) = args.only.iter().find(|name| all.iter().all(|one| one.key != **name)) {
            let error = format!("a secret that was asked for is not in tenant {tenant}");
            let failure = Failure::new(Exit::NotStarted, "secret-not-found", error);
            return Err(match hints::nearest(name, all.iter().map(|one| one.key.as_str())) {
                Some(near) => failure.help(format!("did you mean {near}?")),
                None => failure.help("subrosa ls"),
            });
        }
        all.retain(|secret| args.only.contains(&secret.key));
    }
    let mut chosen = Chosen { wanted: vec![], skipped: vec![] };
    for secret in all {
        match out_of_reach(&secret, &args.allow_env) {
            Some(why) => chosen.skipped.push((secret.key, why)),
            None => chosen.wanted.push(secret),
        }
    }
    distinct(&chosen.wanted)?;
    Ok(chosen)
}

fn out_of_reach(secret: &Secret, allowed: &[String]) -> Option<&'static str> {
    if secret.disclosure == Disclosure::UseOnly {
        return Some("it is USE_ONLY");
    }
    if secret.published_version.is_none() {
        return Some("it has no value yet");
    }
    match env_name::check(&env_name::of(&secret.key), allowed) {
        Ok(()) => None,
        Err(Refused::Hijacks) => {
            Some("it could take the program over (--allow-env NAME to set it)")
        }
        Err(Refused::OurToken) => Some("the program must not see a Subrosa token"),
    }
}

/// Two secrets must not fight over one variable.
fn distinct(secrets: &[Secret]) -> Result<(), Failure> {
    let mut taken = BTreeMap::new();
    for secret in secrets {
        if let Some(other) = taken.insert(env_name::of(&secret.key), &secret.key) {
            let error = format!("{other} and {} would be the same variable", secret.key);
            return Err(Failure::new(Exit::NotStarted, "variable-ambiguous", error)
                .help("choose with --only"));
        }
    }
    Ok(())
}

/// Reveals a batch. One whose values are too many bytes for one answer is asked for in halves.
fn reveal(
    ids: &[Uuid],
    tenant: &TenantSlug,
    session: &Session,
) -> Result<Vec<(Uuid, RevealedItem)>, Failure> {
    let item = |id: &Uuid| RevealItem { id: Some(SecretId::from_uuid(*id)), key: None };
    let body = RevealBatch { items: ids.iter().map(item).collect(), reason: None };
    match session.wait(session.client.reveal_batch(tenant, &body)) {
        Ok(batch) if batch.items.len() == ids.len() => {
            Ok(ids.iter().copied().zip(batch.items).collect())
        }
        Ok(_) => {
            Err(Failure::new(Exit::NotStarted, "not-a-subrosa-server", "the answer is not whole"))
        }
        Err(failure) if failure.code == Code::BatchTooLarge.name() && ids.len() > 1 => {
            let (first, second) = ids.split_at(ids.len() / 2);
            let mut items = reveal(first, tenant, session)?;
            items.extend(reveal(second, tenant, session)?);
            Ok(items)
        }
        Err(failure) => Err(failure),
    }
}

/// The value of an item, or why it is left out. Anything that is no property of the secret is a failure: a program
/// must not start with half of what it needs because a disk was full.
fn value(item: RevealedItem) -> Result<Result<Plaintext, &'static str>, Failure> {
    let Some(problem) = item.problem else {
        return one_value(item.value, item.value_base64).map(Ok).map_err(|_| {
            Failure::new(Exit::NotStarted, "not-a-subrosa-server", "an answer has no value in it")
        });
    };
    match Code::parse(&problem.code) {
        Some(Code::NotFound) => Ok(Err("it is expired, not yet valid, or gone")),
        Some(Code::UseOnly) => Ok(Err("it is USE_ONLY")),
        _ => Err(problem.into()),
    }
}

/// Replaces this process by the program. Comes back only if that failed.
#[expect(
    clippy::disallowed_methods,
    reason = "EXIT-4: `run` puts values into the program's environment"
)]
fn become_program(command: &[OsString], variables: &Variables) -> Failure {
    let Some((program, arguments)) = command.split_first() else {
        return Failure::new(Exit::Usage, "usage", "there is no program to run");
    };
    let mut process = process::Command::new(program);
    process.args(arguments);
    for (name, _) in env::vars_os() {
        if name.as_bytes().starts_with(env_name::TOKEN_PREFIX.as_bytes()) {
            process.env_remove(&name);
        }
    }
    for (name, value) in variables {
        if value.expose().contains(&0) {
            let error = format!("{name} has a NUL byte in it, which no variable can hold");
            return Failure::new(Exit::NotStarted, "value-has-nul", error)
                .help("leave it out with --only, and read it with `subrosa get`");
        }
        process.env(name, OsStr::from_bytes(value.expose()));
    }
    not_executed(process.exec().kind(), program)
}

fn not_executed(why: ErrorKind, program: &OsStr) -> Failure {
    let program = program.to_string_lossy();
    match why {
        ErrorKind::NotFound => Failure::new(
            Exit::CommandNotFound,
            "command-not-found",
            format!("there is no program {program}"),
        ),
        ErrorKind::ArgumentListTooLong => Failure::new(
            Exit::NotStarted,
            "environment-too-big",
            "the values are together more than this system allows an environment to hold",
        )
        .help("choose with --only"),
        _ => Failure::new(
            Exit::NotExecutable,
            "command-not-executable",
            format!("{program} cannot be executed"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(key: &str, disclosure: Disclosure, version: Option<u64>) -> Secret {
        let mut secret: Secret = serde_json::from_str(&format!(
            r#"{{"id":"{}","key":"{key}","description":null,"sensitivity":"STANDARD","disclosure":"READABLE",
                "notBefore":null,"expiresOn":null,"publishedRevisionId":null,"publishedVersion":1,
                "createdBy":"x","createdAt":1,"modifiedAt":1,"lastUsedAt":null}}"#,
            Uuid::from_bytes([key.len() as u8; 16])
        ))
        .unwrap();
        secret.disclosure = disclosure;
        secret.published_version = version;
        secret
    }

    fn args(only: &[&str], allow_env: &[&str]) -> Args {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Args { only: own(only), allow_env: own(allow_env), command: vec!["true".into()] }
    }

    fn chosen(all: Vec<Secret>, args: &Args) -> Result<(Vec<String>, Vec<String>), Failure> {
        choose(all, args, &"acme".parse().unwrap()).map(|chosen| {
            let wanted = chosen.wanted.into_iter().map(|one| one.key).collect();
            (wanted, chosen.skipped.into_iter().map(|(name, _)| name).collect())
        })
    }

    #[test]
    fn what_cannot_be_had_or_must_not_be_set_is_left_out() {
        let readable = |key| secret(key, Disclosure::Readable, Some(1));
        let all = || {
            vec![
                readable("A"),
                secret("SEALED", Disclosure::UseOnly, Some(1)),
                secret("DRAFT", Disclosure::Readable, None),
                readable("LD_PRELOAD"),
                readable("SUBROSA_TOKEN"),
            ]
        };
        let (wanted, skipped) = chosen(all(), &args(&[], &[])).unwrap();
        assert_eq!(wanted, ["A"]);
        assert_eq!(skipped, ["SEALED", "DRAFT", "LD_PRELOAD", "SUBROSA_TOKEN"]);
        let (wanted, _) = chosen(all(), &args(&[], &["LD_PRELOAD", "SUBROSA_TOKEN"])).unwrap();
        assert_eq!(wanted, ["A", "LD_PRELOAD"]);
    }

    #[test]
    fn only_takes_those_named_and_refuses_one_that_is_not_there() {
        let all =
            || ["STRIPE_KEY", "B"].map(|key| secret(key, Disclosure::Readable, Some(1))).into();
        assert_eq!(chosen(all(), &args(&["B"], &[])).unwrap().0, ["B"]);
        let failure = chosen(all(), &args(&["STRIPE_KYE"], &[])).unwrap_err();
        assert_eq!((failure.exit.number(), &*failure.code), (125, "secret-not-found"));
        assert_eq!(failure.helps, ["did you mean STRIPE_KEY?"]);
    }

    #[test]
    fn two_secrets_never_fight_over_one_variable() {
        let all = ["A-B", "A_B"].map(|key| secret(key, Disclosure::Readable, Some(1))).into();
        let failure = chosen(all, &args(&[], &[])).unwrap_err();
        assert_eq!((failure.exit.number(), &*failure.code), (125, "variable-ambiguous"));
    }

    #[test]
    fn a_program_that_is_missing_exits_127_and_one_that_is_no_program_126() {
        let none = Variables::new();
        let failure = become_program(&["/nonexistent/program".into()], &none);
        assert_eq!(failure.exit.number(), 127);
        let file = tempfile::NamedTempFile::new().unwrap();
        let failure = become_program(&[file.path().into()], &none);
        assert_eq!(failure.exit.number(), 126);
    }

    #[test]
    fn values_that_no_environment_can_hold_start_nothing() {
        let value = || Plaintext::from_vec(vec![b'a'; 64 * 1024]);
        let many = (0..1_000).map(|name| (format!("A{name}"), value())).collect();
        let failure = become_program(&["true".into()], &many);
        assert_eq!((failure.exit.number(), &*failure.code), (125, "environment-too-big"));
    }

    #[test]
    fn a_value_with_a_nul_byte_starts_nothing() {
        let value = Plaintext::from_vec(vec![b'a', 0]);
        let failure = become_program(&["true".into()], &Variables::from([("A".into(), value)]));
        assert_eq!((failure.exit.number(), &*failure.code), (125, "value-has-nul"));
    }
}
