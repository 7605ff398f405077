//! Links inside the project lead to a file, and to a heading in it; documents named in code exist.

use super::{Complaint, titles::prose};
use crate::source::{File, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &tree.files {
        if file.is_document() {
            for (number, line) in prose(file) {
                complaints.extend(targets(line).filter_map(|t| broken(tree, file, number, t)));
            }
        }
        if file.is_rust() && file.path.starts_with("crates/") {
            for (number, line) in file.lines() {
                complaints.extend(named(line).filter(|p| tree.file(p).is_none()).map(|path| {
                    Complaint::new(
                        &file.path,
                        number,
                        format!("{path} does not exist"),
                        "write it, or name another",
                    )
                }));
            }
        }
    }
    complaints
}

/// The targets of `[text](target)` in a line.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

/// Documents named in a line of code: `docs/….md`.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c)));
    words
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.starts_with("docs/") && word.ends_with(".md"))
}

fn broken(tree: &Tree, from: &File, number: usize, target: &str) -> Option<Complaint> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { from.path.clone() } else { resolve(&from.path, path) };
    let inside = format!("{path}/");
    let Some(file) = tree.file(&path) else {
        let folder = tree.files.iter().any(|file| file.path.starts_with(&inside));
        return (!folder).then(|| {
            Complaint::new(
                &from.path,
                number,
                format!("{target} leads nowhere"),
                "name a file of the project",
            )
        });
    };
    let found =
        heading.is_empty() || !file.is_document() || slugs(file).any(|slug| slug == heading);
    (!found).then(|| {
        Complaint::new(
            &from.path,
            number,
            format!("{path} has no heading #{heading}"),
            "name one it has",
        )
    })
}

fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn slugs(file: &File) -> impl Iterator<Item = String> {
    prose(file).into_iter().filter(|(_, line)| line.starts_with('#')).map(|(_, line)| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_and_dead_headings_are_found() {
        let text = "# T\n[a](docs/b.md) [a](docs/b.md#two-words)\n[b](docs/c.md)\n[c](docs/b.md#none)\n\
                    [d](https://example.com) [e](#t) [f](docs/)\n";
        let tree = Tree::of(&[
            ("README.md", text),
            ("docs/b.md", "# B\n## Two `words`\n[up](../README.md)\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|c| c.line).collect();
        assert_eq!(found, [3, 4]);
    }

    #[test]
    fn a_document_named_in_code_has_to_exist() {
        let tree = Tree::of(&[("crates/a/src/a.rs", "//! See docs/gone.md.\n")]);
        assert_eq!(check(&tree).len(), 1);
    }
}
