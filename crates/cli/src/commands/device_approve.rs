//! `subrosa device approve CODE`: what a device says it is and asks for, and then, if that is meant, its token.

use super::device_code;
use crate::{confirm, exit::Exit, failure::Failure, session::Session, table::clean};
use subrosa_api::{TenantSlug, v1::devices::DeviceAsked};

/// The flags of `device approve`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The code that the device shows, as BCDF-GHJK
    code: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let code = device_code::typed(&args.code)?;
    let tenant = session.tenant()?;
    let explained = |failure| device_code::explained(failure, &tenant);
    let asked = session.wait(session.client.device(&tenant, &code)).map_err(explained)?;
    in_this_tenant(&asked, &tenant)?;
    let about = about(&asked, &tenant);
    if args.yes {
        session.output.note(&about);
    }
    let question = format!(
        "{about}\nApprove it only if {} is on a screen of yours now. Approve?",
        device_code::shown(&code)
    );
    confirm::yes(&question, args.yes)?;
    let approved = session.wait(session.client.approve_device(&tenant, &code));
    let approved = approved.map_err(explained)?;
    if session.output.json {
        return session.output.document("device", &approved);
    }
    session.output.done(format_args!("{} gets its token now", clean(&approved.label)));
    Ok(())
}

/// What the device says of itself, and what it would be given.
fn about(asked: &DeviceAsked, tenant: &TenantSlug) -> String {
    let scopes = match asked.scopes.as_slice() {
        [] => "no scopes".to_owned(),
        scopes => clean(&scopes.join(", ")),
    };
    format!("{} asks to speak for you in tenant {tenant}, with {scopes}", clean(&asked.label))
}

/// Refuses to approve for one tenant what asks for another: the server would, and could not say why.
fn in_this_tenant(asked: &DeviceAsked, tenant: &TenantSlug) -> Result<(), Failure> {
    match asked.tenant.as_deref() {
        Some(wanted) if wanted != tenant.as_str() => {
            let wanted = clean(wanted);
            let error = format!("the device signs in to tenant {wanted}, and not to {tenant}");
            let failure = Failure::new(Exit::Usage, "other-tenant", error);
            Err(failure.help(format!("--tenant {wanted}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(label: &str, scopes: &[&str], tenant: Option<&str>) -> DeviceAsked {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        DeviceAsked { label: label.into(), scopes, tenant: tenant.map(str::to_owned) }
    }

    #[test]
    fn what_a_device_says_of_itself_cannot_drive_the_terminal() {
        let tenant = "acme".parse().unwrap();
        let text = about(&asked("x\x1b[2Jy\nz", &["secrets:read", "keys:write"], None), &tenant);
        assert_eq!(
            text,
            "x [2Jy z asks to speak for you in tenant acme, with secrets:read, keys:write"
        );
        assert!(about(&asked("x", &[], None), &tenant).ends_with("with no scopes"));
    }

    #[test]
    fn a_device_of_another_tenant_is_not_asked_about() {
        let tenant = "acme".parse().unwrap();
        assert!(in_this_tenant(&asked("x", &[], None), &tenant).is_ok());
        assert!(in_this_tenant(&asked("x", &[], Some("acme")), &tenant).is_ok());
        let failure = in_this_tenant(&asked("x", &[], Some("labs")), &tenant).unwrap_err();
        assert_eq!((failure.exit.number(), &*failure.code), (2, "other-tenant"));
        assert_eq!(failure.helps, ["--tenant labs"]);
    }
}
