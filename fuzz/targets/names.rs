//! Names and ids: what is one is kept as it was written, and can do no harm in a path, a header or a line.
#![cfg_attr(fuzzing, no_main)]

use subrosa_domain::{
    AgentId, Email, GroupName, KeyName, SecretId, TenantSlug, ToolName, audit::Reason,
};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let plain = |name: &str, longest: usize, also: &str| {
        assert_eq!(name, text, "a name that changed");
        assert!((1..=longest).contains(&name.len()), "a name of {} bytes", name.len());
        let fits = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
        assert!(name.chars().all(fits), "{name:?} is no plain name");
    };
    text.parse::<KeyName>().iter().for_each(|name| plain(name.as_str(), 127, "-_"));
    text.parse::<TenantSlug>().iter().for_each(|name| plain(name.as_str(), 63, "-"));
    text.parse::<AgentId>().iter().for_each(|name| plain(name.as_str(), 128, "._-:@"));
    text.parse::<GroupName>().iter().for_each(|name| plain(name.as_str(), 128, "-/"));
    text.parse::<ToolName>().iter().for_each(|name| plain(name.as_str(), 32, "-"));
    let address = "!#$%&*+-./=?^_{|}~@";
    text.parse::<Email>().iter().for_each(|name| plain(name.as_str(), 254, address));
    if let Ok(reason) = text.parse::<Reason>() {
        assert!(reason.as_str() == text && !text.chars().any(char::is_control));
    }
    if let Ok(id) = text.parse::<SecretId>() {
        assert!(id.to_string().eq_ignore_ascii_case(text), "two spellings of one id");
    }
}
