//! What is not done is not in the tree: no reminders, no stubs, no tests that do not run, no silenced lints.

use super::Complaint;
use crate::source::Tree;

/// Written in halves, so that this list is not found by itself.
const WORDS: [(&str, &str); 7] = [
    (concat!("TO", "DO"), "do it, or open an issue"),
    (concat!("FIX", "ME"), "fix it, or open an issue"),
    (concat!("XX", "X"), "say it in a sentence"),
    (concat!("todo", "!("), "write it, or leave the function out"),
    (concat!("unimplemented", "!("), "write it, or leave the function out"),
    (
        concat!("#[ig", "nore"),
        "make the test run, or delete it; what needs another server is counted",
    ),
    (
        concat!("[al", "low("),
        "#[expect(…, reason = \"…\")], which warns when it is no longer needed",
    ),
];

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let kinds = [".rs", ".md", ".toml", ".sql", ".sh", ".yml", "/run"];
    let files = tree.files.iter().filter(|file| kinds.iter().any(|kind| file.path.ends_with(kind)));
    files
        .flat_map(|file| file.lines().map(move |(number, line)| (file, number, line)))
        .flat_map(|(file, number, line)| {
            WORDS.iter().filter(move |(word, _)| holds(line, word)).map(move |(word, instead)| {
                Complaint::new(&file.path, number, format!("`{word}` is left here"), *instead)
            })
        })
        .collect()
}

/// Whether `line` holds `word` as a word of its own.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = line.get(..at).and_then(|s| s.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|s| s.chars().next());
        !joins(before) && (!joins(after) || word.ends_with('('))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_leftover_is_found_once() {
        for (word, _) in WORDS {
            let found =
                check(&Tree::of(&[("crates/a/src/a.rs", &format!("// fine\n{word} later)\n"))]));
            assert_eq!(found.len(), 1, "{word}");
            assert_eq!(found[0].line, 2);
        }
    }

    #[test]
    fn longer_words_are_left_alone() {
        let text = concat!("MASTO", "DON TO", "DOS XX", "XX\n");
        assert!(check(&Tree::of(&[("docs/a.md", text)])).is_empty());
    }
}
