//! Under which name a secret goes into a program's environment, and which names never do.

/// Names by which an environment takes over the program it is given to: loaders, interpreters and shells read them.
const HIJACKING: &[&str] = &[
    "BASH_ENV",
    "CDPATH",
    "DOTNET_STARTUP_HOOKS",
    "ENV",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_EXEC_PATH",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GLIBC_TUNABLES",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PATH",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYLIB",
    "RUBYOPT",
    "SHELLOPTS",
    "_JAVA_OPTIONS",
];

/// The same, by how they begin.
const HIJACKING_PREFIXES: &[&str] = &["DYLD_", "GIT_CONFIG", "LD_"];

/// What our own token is called. A program run by us must never see one.
pub(crate) const TOKEN_PREFIX: &str = "SUBROSA_TOKEN";

/// Why a secret does not go into the environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// It would take the program over.
    Hijacks,
    /// It is the name of our own token.
    OurToken,
}

/// The variable for a secret's key. No shell can name one with a '-' in it, so that becomes '_'.
pub(crate) fn of(key: &str) -> String {
    key.replace('-', "_")
}

/// Whether `name` may be set. `allowed` are names the user vouches for.
pub(crate) fn check(name: &str, allowed: &[String]) -> Result<(), Refused> {
    if name.starts_with(TOKEN_PREFIX) {
        return Err(Refused::OurToken);
    }
    let hijacks = HIJACKING.contains(&name)
        || HIJACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    if hijacks && !allowed.iter().any(|one| one == name) { Err(Refused::Hijacks) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_take_a_program_over_need_to_be_vouched_for() {
        for name in
            ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "PATH", "NODE_OPTIONS", "GIT_CONFIG_COUNT"]
        {
            assert_eq!(check(name, &[]), Err(Refused::Hijacks), "{name}");
            assert_eq!(check(name, &[name.to_owned()]), Ok(()), "{name}");
        }
        for name in ["DATABASE_URL", "OLD_KEY", "PATHS", "GIT_TOKEN", "ld_preload"] {
            assert_eq!(check(name, &[]), Ok(()), "{name}");
        }
    }

    #[test]
    fn our_own_token_cannot_be_vouched_for() {
        for name in ["SUBROSA_TOKEN", "SUBROSA_TOKEN_FILE"] {
            assert_eq!(check(name, &[name.to_owned()]), Err(Refused::OurToken), "{name}");
        }
    }

    #[test]
    fn a_dash_becomes_an_underscore_before_the_name_is_judged() {
        assert_eq!(of("stripe-api-key"), "stripe_api_key");
        assert_eq!(check(&of("LD-PRELOAD"), &[]), Err(Refused::Hijacks));
    }
}
