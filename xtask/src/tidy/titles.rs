//! Every document has one title, at its head.

use super::Complaint;
use crate::source::{File, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    tree.files.iter().filter(|file| file.is_document()).filter_map(complaint).collect()
}

fn complaint(file: &File) -> Option<Complaint> {
    let titles: Vec<usize> = prose(file)
        .into_iter()
        .filter(|(_, line)| line.starts_with("# "))
        .map(|(number, _)| number)
        .collect();
    let first = file.lines().find(|(_, line)| !line.trim().is_empty()).map(|(number, _)| number);
    match titles.as_slice() {
        [only] if Some(*only) == first => None,
        [] | [_] => {
            Some(Complaint::new(&file.path, 1, "no title at its head", "open it with `# `"))
        }
        [_, second, ..] => {
            Some(Complaint::new(&file.path, *second, "a second title", "make it `## `"))
        }
    }
}

/// The lines of a document outside its code blocks.
pub(super) fn prose(file: &File) -> Vec<(usize, &str)> {
    let mut inside = false;
    file.lines()
        .filter(|(_, line)| {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            !inside && !fence
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_two_are_found_and_a_comment_in_code_is_no_title() {
        let tree = Tree::of(&[
            ("a.md", "# One\n\n```sh\n# not a title\n```\n"),
            ("b.md", "words\n# Late\n"),
            ("c.md", "# One\n# Two\n"),
            ("d.md", "## Small\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|c| (c.path, c.line)).collect();
        assert_eq!(found, [("b.md".into(), 1), ("c.md".into(), 2), ("d.md".into(), 1)]);
    }
}
