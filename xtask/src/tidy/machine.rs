//! Nothing in the tree knows the machine it was written on, or fetches from a place only that machine can reach.

use super::Complaint;
use crate::source::Tree;

/// Written in halves, so that this list is not found by itself.
const PATHS: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];

/// Ways to name a registry of one's own.
const REGISTRIES: [&str; 6] = [
    concat!("--index", "-url"),
    concat!("--find", "-links"),
    concat!("PIP_IN", "DEX_URL"),
    concat!("replace-", "with"),
    concat!("registry+sp", "arse"),
    concat!("registry = \"", "http"),
];

const PUBLIC: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            let place = PATHS.iter().find(|path| starts_a_word(line, path));
            let registry = REGISTRIES.iter().find(|word| line.contains(**word));
            let foreign =
                file.path == "Cargo.lock" && line.contains("registry+") && !line.contains(PUBLIC);
            if let Some(place) = place {
                let instead =
                    "say it relative to the project, or with `~` or an environment variable";
                complaints.push(Complaint::new(
                    &file.path,
                    number,
                    format!("a path under {place}"),
                    instead,
                ));
            }
            if registry.is_some() || foreign {
                let instead = "use the public registry by name; a mirror belongs to the machine's own settings";
                complaints.push(Complaint::new(
                    &file.path,
                    number,
                    "a registry of one machine",
                    instead,
                ));
            }
        }
    }
    complaints
}

/// Whether `path` stands in `line` as the start of an absolute path.
fn starts_a_word(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || "_.~}-/$".contains(c)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_mirrors_are_found_and_relative_ones_are_not() {
        for bad in [
            concat!("cd /wo", "rk/x"),
            concat!("\"/ho", "me/ana\""),
            concat!("pip --index", "-url u"),
        ] {
            assert_eq!(check(&Tree::of(&[("a.md", bad)])).len(), 1, "{bad}");
        }
        for good in [concat!("our/wo", "rk/x"), concat!("$HOME/ro", "ot/"), "https://example.com/a"]
        {
            assert!(check(&Tree::of(&[("a.md", good)])).is_empty(), "{good}");
        }
        let mirror = "source = \"registry+https://mirror.example/index\"\n";
        assert_eq!(check(&Tree::of(&[("Cargo.lock", mirror)])).len(), 1);
        assert!(
            check(&Tree::of(&[("Cargo.lock", &format!("source = \"{PUBLIC}\"\n"))])).is_empty()
        );
    }
}
