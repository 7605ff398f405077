//! Clippy reads the nearest clippy.toml and nothing above it, so every copy has to carry the same bans.

use super::Complaint;
use crate::source::{File, Tree};

const ROOT: &str = "clippy.toml";

/// Holds keys and no values, and hands keys to `crypto` alone: the arrows bound it, not a ban.
const KMS: &str = "crates/kms/";

/// The one copy that may leave the `expose()` bans out: opening values is what that room is for.
const CRYPTO: &str = "crates/crypto/clippy.toml";

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let Some(root) = tree.file(ROOT) else {
        return vec![Complaint::new(
            ROOT,
            1,
            "there is no clippy.toml",
            "restore it: it holds the bans",
        )];
    };
    let bans = bans(root);
    let mut complaints = Vec::new();
    let rooms = tree.files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/"));
    for file in rooms.filter(|file| !file.path.starts_with(KMS)) {
        for (number, owner) in exposers(file) {
            if !bans.iter().any(|ban| ban.ends_with(&format!("::{owner}::expose"))) {
                complaints.push(Complaint::new(
                    &file.path,
                    number,
                    format!("{owner}::expose hands out a value and is not banned"),
                    format!(
                        "add its path to disallowed-methods in {ROOT}, so that each use is marked"
                    ),
                ));
            }
        }
    }
    for copy in tree.files.iter().filter(|file| file.path.ends_with("/clippy.toml")) {
        let here = self::bans(copy);
        for ban in &bans {
            let exempt = copy.path == CRYPTO && ban.ends_with("::expose");
            if !exempt && !here.contains(ban) {
                complaints.push(Complaint::new(
                    &copy.path,
                    1,
                    format!("the ban on {ban} is missing"),
                    format!("copy its line from {ROOT}: clippy does not merge the two"),
                ));
            }
        }
    }
    if tree.files.iter().any(|file| file.path.starts_with("crates/crypto/src/"))
        && tree.file(CRYPTO).is_none()
    {
        complaints.push(Complaint::new(
            ROOT,
            1,
            format!("there is no {CRYPTO}"),
            "write one with every ban but the expose() ones",
        ));
    }
    complaints
}

fn bans(file: &File) -> Vec<String> {
    let lines = file.lines().filter(|(_, line)| !line.trim_start().starts_with('#'));
    lines
        .filter_map(|(_, line)| {
            let (_, rest) = line.split_once("path = \"")?;
            rest.split_once('"').map(|(path, _)| path.to_owned())
        })
        .collect()
}

/// Public functions called `expose`, each with the type it belongs to.
fn exposers(file: &File) -> Vec<(usize, String)> {
    let mut owner = String::new();
    let mut found = Vec::new();
    for (number, line) in file.shipped() {
        if let Some(rest) = line.strip_prefix("impl") {
            let named = rest.rsplit(" for ").next().unwrap_or(rest).trim_start();
            let named = if named.starts_with('<') {
                named.split_once('>').map_or("", |(_, t)| t)
            } else {
                named
            };
            owner = named.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        }
        if line.trim_start().starts_with("pub ") && line.contains("fn expose(") {
            found.push((number, owner.clone()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "disallowed-methods = [\n  { path = \"a::Plaintext::expose\", reason = \"x\" },\n  \
                       { path = \"std::time::SystemTime::now\", reason = \"y\" },\n]\n";

    #[test]
    fn a_new_way_out_without_a_ban_is_found() {
        let code = "impl Plaintext {\n    pub fn expose(&self) -> &[u8] {}\n}\nimpl SecretValue {\n    \
                    pub fn expose(self) -> String {}\n}\n";
        let found = check(&Tree::of(&[(ROOT, ONE), ("crates/api/src/v.rs", code)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].line, 5);
        assert!(found[0].wrong.contains("SecretValue"));
    }

    #[test]
    fn a_copy_that_forgot_a_ban_is_found_and_crypto_may_open_values() {
        let copy = "disallowed-methods = []\n";
        let found = check(&Tree::of(&[(ROOT, ONE), (CRYPTO, copy)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].wrong.contains("SystemTime::now"));
        let found = check(&Tree::of(&[(ROOT, ONE), ("crates/api/clippy.toml", copy)]));
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
