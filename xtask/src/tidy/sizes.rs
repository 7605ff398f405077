//! Files one can hold in the head, and lines that fit a screen.

use super::Complaint;
use crate::source::Tree;

/// Past this a file says why it is one subject, or becomes two.
const LINES_MAX: usize = 600;

/// A little above rustfmt's 100, which leaves comments and literals alone.
const COLUMNS_MAX: usize = 120;

const EXCUSE: &str = "// Long because: ";

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in tree.files.iter().filter(|file| file.is_rust()) {
        let lines = file.text.lines().count();
        let excused = file
            .lines()
            .any(|(_, line)| line.starts_with(EXCUSE) && line.len() > EXCUSE.len() + 20);
        if lines > LINES_MAX && !excused {
            complaints.push(Complaint::new(
                &file.path,
                LINES_MAX + 1,
                format!("{lines} lines"),
                format!("split it by subject, or say `{EXCUSE}…` in it"),
            ));
        }
        for (number, line) in file.lines() {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX {
                complaints.push(Complaint::new(
                    &file.path,
                    number,
                    format!("{columns} columns"),
                    format!("break the line at {COLUMNS_MAX}"),
                ));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_without_a_reason_and_a_long_line_are_found() {
        let long = "x\n".repeat(LINES_MAX + 1);
        let excused = format!("{EXCUSE}the vectors of one format belong together\n{long}");
        let empty_excuse = format!("{EXCUSE}\n{long}");
        let wide = "é".repeat(COLUMNS_MAX + 1);
        let tree = Tree::of(&[
            ("a.rs", &long),
            ("b.rs", &excused),
            ("c.rs", &empty_excuse),
            ("d.rs", &wide),
            ("e.rs", &"é".repeat(COLUMNS_MAX)),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|c| c.path).collect();
        assert_eq!(found, ["a.rs", "c.rs", "d.rs"]);
    }
}
