//! Every Rust file opens by saying what it is for.

use super::Complaint;
use crate::source::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let silent = tree.files.iter().filter(|file| file.is_rust() && !file.text.starts_with("//! "));
    silent
        .map(|file| {
            Complaint::new(
                &file.path,
                1,
                "the file does not say what it is for",
                "open it with `//! ` and a sentence; a room also says what it must never do",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_opens_with_code_is_found() {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "//! A room.\nmod b;\n"),
            ("crates/a/src/b.rs", "use std::fmt;\n//! Late.\n"),
            ("crates/a/src/c.rs", ""),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|c| c.path).collect();
        assert_eq!(found, ["crates/a/src/b.rs", "crates/a/src/c.rs"]);
    }
}
