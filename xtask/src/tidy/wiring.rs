//! `server` may name the store, the keys and the cryptography in one file, where it puts them together.

use super::Complaint;
use crate::source::Tree;

const SERVER: &str = "crates/server/src/";
const COMPOSE: &str = "crates/server/src/compose";
const ROOMS: [&str; 5] =
    ["subrosa_store", "subrosa_crypto", "subrosa_kms", "subrosa_oidc", "subrosa_plaintext"];

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let files = tree.files.iter().filter(|file| file.is_rust() && file.path.starts_with(SERVER));
    files
        .filter(|file| !matches!(file.path.strip_prefix(COMPOSE), Some(rest) if rest.starts_with(['.', '/'])))
        .flat_map(|file| file.shipped().map(move |(number, line)| (file, number, line)))
        .filter(|(_, _, line)| !line.trim_start().starts_with("//"))
        .filter_map(|(file, number, line)| {
            let room = ROOMS.iter().find(|room| names(line, room))?;
            Some(Complaint::new(
                &file.path,
                number,
                format!("{room} is named outside compose.rs"),
                "call a use-case of subrosa_app, or pass what is needed in from compose.rs",
            ))
        })
        .collect()
}

/// Whether `line` names the crate as code does; a log filter may hold the word.
fn names(line: &str, room: &str) -> bool {
    line.match_indices(room).any(|(at, _)| {
        let rest = line.get(at + room.len()..).unwrap_or_default();
        ["::", ";", " as "].iter().any(|after| rest.starts_with(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_that_reaches_for_the_store_is_found() {
        let tree = Tree::of(&[
            ("crates/server/src/http/v1/secrets.rs", "//! Secrets.\nuse subrosa_store::Store;\n"),
            (
                "crates/server/src/compose.rs",
                "use subrosa_store::Store;\nuse subrosa_crypto::Keys;\n",
            ),
            ("crates/server/src/telemetry.rs", "let filter = \"subrosa_store=info\";\n"),
            ("crates/server/src/composer.rs", "use subrosa_kms::LocalFile;\n"),
        ]);
        let found = check(&tree);
        let places: Vec<_> = found.iter().map(|c| (c.path.as_str(), c.line)).collect();
        assert_eq!(
            places,
            [("crates/server/src/http/v1/secrets.rs", 2), ("crates/server/src/composer.rs", 1)]
        );
    }
}
