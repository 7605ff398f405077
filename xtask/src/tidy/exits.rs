//! Where plaintext leaves its wrapper. The marks in the sources and the table in docs/plaintext-map.md are one list.

use super::Complaint;
use crate::source::{File, Tree};
use std::collections::BTreeMap;

const MAP: &str = "docs/plaintext-map.md";
const MARK: &str = concat!("EXIT", "-");

/// The rooms whose own business is the inside of a value or of a key: no mark is asked of them.
const INSIDE: [&str; 3] = ["crates/plaintext/", "crates/crypto/", "crates/kms/"];

/// Two marks that are the same exit: its number and its file.
type Exit = (u32, String);

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let marked = marks(tree);
    let listed = rows(tree);
    let mut complaints: Vec<_> = tree.files.iter().flat_map(unmarked).collect();
    for (exit, line) in &marked {
        if !listed.contains_key(exit) {
            complaints.push(Complaint::new(
                &exit.1,
                *line,
                format!("{MARK}{} is marked here and not listed for this file", exit.0),
                format!(
                    "add a row `| {MARK}{} | {} | what leaves, to whom |` to {MAP}",
                    exit.0, exit.1
                ),
            ));
        }
    }
    for (exit, line) in &listed {
        if !marked.contains_key(exit) {
            complaints.push(Complaint::new(
                MAP,
                *line,
                format!("{MARK}{} is listed for {} and not marked there", exit.0, exit.1),
                "remove the row, or put the file where the mark is",
            ));
        }
    }
    complaints
}

/// Marks in sources that ship, with the first line of each.
fn marks(tree: &Tree) -> BTreeMap<Exit, usize> {
    let sources = tree.files.iter().filter(|f| f.is_rust() && f.path.starts_with("crates/"));
    let mut found = BTreeMap::new();
    for file in sources {
        for (number, line) in file.shipped() {
            if line.contains("reason")
                && let Some(exit) = number_after_mark(line)
            {
                found.entry((exit, file.path.clone())).or_insert(number);
            }
        }
    }
    found
}

/// Rows of the map: `| EXIT-n | path | … |`.
fn rows(tree: &Tree) -> BTreeMap<Exit, usize> {
    let lines = tree.file(MAP).into_iter().flat_map(File::lines);
    lines
        .filter_map(|(number, line)| {
            let mut cells =
                line.strip_prefix('|')?.split('|').map(|cell| cell.trim().trim_matches('`'));
            let exit = number_after_mark(cells.next()?)?;
            Some(((exit, cells.next()?.to_owned()), number))
        })
        .collect()
}

/// Calls of `expose()` whose nearest exception above them is not a marked exit.
fn unmarked(file: &File) -> Vec<Complaint> {
    if !file.is_rust()
        || !file.path.starts_with("crates/")
        || INSIDE.iter().any(|r| file.path.starts_with(r))
    {
        return Vec::new();
    }
    let lines: Vec<(usize, &str)> = file.shipped().collect();
    let mut complaints = Vec::new();
    for (index, (number, line)) in lines.iter().enumerate() {
        if !line.contains(".expose(") && !line.contains("::expose")
            || line.trim_start().starts_with("//")
        {
            continue;
        }
        let above = lines.get(..=index).unwrap_or_default();
        let exception = above.iter().rposition(|(_, line)| line.contains("disallowed_methods"));
        let marked = exception.is_some_and(|start| {
            lines.iter().skip(start).take(3).any(|(_, line)| number_after_mark(line).is_some())
        });
        if !marked {
            complaints.push(Complaint::new(
                &file.path,
                *number,
                "a value leaves its wrapper here without a mark",
                format!(
                    "put #[expect(clippy::disallowed_methods, reason = \"{MARK}n: why\")] on it"
                ),
            ));
        }
    }
    complaints
}

fn number_after_mark(line: &str) -> Option<u32> {
    let (_, rest) = line.split_once(MARK)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKED: &str =
        "#[expect(clippy::disallowed_methods, reason = \"EXIT-1: the answer\")]\nv.expose();\n";

    #[test]
    fn marks_and_rows_that_agree_are_quiet() {
        let map = "| exit | file | why |\n|---|---|---|\n| EXIT-1 | `crates/api/src/a.rs` | the answer |\n";
        assert!(check(&Tree::of(&[("crates/api/src/a.rs", MARKED), (MAP, map)])).is_empty());
    }

    #[test]
    fn a_mark_without_a_row_and_a_row_without_a_mark_are_found() {
        let map = "| EXIT-1 | crates/api/src/b.rs | moved |\n";
        let found = check(&Tree::of(&[("crates/api/src/a.rs", MARKED), (MAP, map)]));
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].path.as_str(), found[0].line), ("crates/api/src/a.rs", 1));
        assert_eq!((found[1].path.as_str(), found[1].line), (MAP, 1));
    }

    #[test]
    fn an_exit_passed_off_as_something_else_is_found() {
        let text = "#[expect(clippy::disallowed_methods, reason = \"the one clock\")]\nnow();\nv.expose();\n";
        let found = check(&Tree::of(&[("crates/app/src/a.rs", text), (MAP, "")]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
    }
}
