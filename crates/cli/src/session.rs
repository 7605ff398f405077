//! What a command works with: the client, the tenant that is meant, and look-ups by name.

use crate::{
    exit::Exit,
    failure::Failure,
    globals::Globals,
    hints,
    output::Output,
    target::{self, Chosen},
};
use std::future::Future;
use subrosa_api::{
    KeyName, TenantSlug,
    client::{Client, Target},
    v1::secrets::Secret,
};
use tokio::runtime::{Builder, Runtime};

/// One command's dealings with one server.
pub(crate) struct Session {
    runtime: Runtime,
    pub(crate) client: Client,
    pub(crate) output: Output,
    tenant: Option<String>,
    by_login: bool,
}

impl Session {
    /// As whom the flags, the environment and the kept login say.
    pub(crate) fn open(globals: &Globals, output: Output) -> Result<Self, Failure> {
        let Chosen { client, kept } = target::choose(globals, output)?;
        let by_login = kept.is_some();
        let tenant = globals.tenant.clone().filter(|tenant| !tenant.is_empty());
        let tenant = tenant.or_else(|| kept.map(|tenant| tenant.to_string()));
        Ok(Self { tenant, by_login, ..Self::with(client, output)? })
    }

    /// With a client of one's own choosing.
    pub(crate) fn with(client: Client, output: Output) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|_| {
            Failure::new(Exit::Failed, "runtime", "the operating system refused an event queue")
        })?;
        Ok(Self { runtime, client, output, tenant: None, by_login: false })
    }

    /// Waits for a call.
    pub(crate) fn wait<T, E: Into<Failure>>(
        &self,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        self.runtime.block_on(call).map_err(|error| {
            let failure = error.into();
            if self.by_login { of_login(failure, self.client.target()) } else { failure }
        })
    }

    /// The tenant that is meant: the one named, else the only one.
    pub(crate) fn tenant(&self) -> Result<TenantSlug, Failure> {
        if let Some(named) = &self.tenant {
            return slug(named);
        }
        let tenants = self.wait(self.client.tenants())?;
        only_tenant(tenants.into_iter().map(|tenant| tenant.slug).collect())
    }

    /// The secret with this name, or the nearest names to it.
    pub(crate) fn secret(&self, tenant: &TenantSlug, name: &str) -> Result<Secret, Failure> {
        let key = key(name)?;
        if let Some(secret) = self.wait(self.client.secret_by_key(tenant, &key))? {
            return Ok(secret);
        }
        let error = format!("no secret named {key} in tenant {tenant}");
        let failure = Failure::new(Exit::NotFound, "secret-not-found", error);
        let known = self.wait(self.client.secrets(tenant)).unwrap_or_default();
        Err(match hints::nearest(key.as_str(), known.iter().map(|one| one.key.as_str())) {
            Some(near) => failure.help(format!("did you mean {near}?")),
            None => failure.help("subrosa ls"),
        })
    }
}

/// A failure of a command that went where the kept login says, which nobody named this time.
fn of_login(failure: Failure, target: &Target) -> Failure {
    let failure = failure.note(format!("by the login kept for {target}"));
    match failure.exit {
        Exit::NotLoggedIn => {
            let helps = vec!["sign in again, it may be revoked or expired:  subrosa login".into()];
            Failure { helps, ..failure }
        }
        Exit::Forbidden => failure
            .help("ask for more:                     subrosa login --preset NAME")
            .help("or be the operator here:          --data DIR"),
        Exit::Unreachable => failure.help("end the login:                    subrosa logout"),
        _ => failure,
    }
}

/// A secret's name as typed.
pub(crate) fn key(name: &str) -> Result<KeyName, Failure> {
    name.parse().map_err(|_| {
        let error = "a secret's name is 1 to 127 letters, digits, '-' or '_'";
        Failure::new(Exit::Usage, "invalid-name", error)
    })
}

/// A tenant's slug as typed.
pub(crate) fn slug(name: &str) -> Result<TenantSlug, Failure> {
    name.parse().map_err(|why| {
        Failure::new(Exit::Usage, "invalid-tenant", format!("a tenant's slug {why}"))
    })
}

fn only_tenant(mut slugs: Vec<String>) -> Result<TenantSlug, Failure> {
    match (slugs.pop(), slugs.is_empty()) {
        (Some(only), true) => slug(&only),
        (None, _) => Err(Failure::new(Exit::NotFound, "no-tenant", "there is no tenant")
            .help("subrosa tenant create SLUG")),
        (Some(last), false) => {
            slugs.push(last);
            slugs.sort_unstable();
            let some: Vec<&str> = slugs.iter().take(10).map(String::as_str).collect();
            let error = format!("there are {} tenants; say which one", slugs.len());
            Err(Failure::new(Exit::Usage, "tenant-needed", error)
                .note(some.join(", "))
                .help("--tenant SLUG, or set SUBROSA_TENANT"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_name_the_only_tenant_is_meant_and_two_are_a_question() {
        assert_eq!(only_tenant(vec!["acme".into()]).unwrap().as_str(), "acme");
        let none = only_tenant(vec![]).unwrap_err();
        assert_eq!((none.exit.number(), &*none.code), (5, "no-tenant"));
        let two = only_tenant(vec!["default".into(), "acme".into()]).unwrap_err();
        assert_eq!((two.exit.number(), &*two.code), (2, "tenant-needed"));
        assert_eq!(two.notes, ["acme, default"]);
    }

    #[test]
    fn a_bad_name_is_refused_without_being_repeated() {
        let failure = key("sk_live_$ecret").unwrap_err();
        assert_eq!(failure.exit.number(), 2);
        assert!(!failure.error.contains("sk_live"));
    }
}
