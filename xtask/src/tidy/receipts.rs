//! A receipt says that a reveal is on record. It may be made in the two places where events are kept, and nowhere else.

use super::Complaint;
use crate::source::Tree;

/// Each assertion, and the folder whose one file may make it.
const PLACES: [(&str, &str); 2] = [
    ("Receipt::assert_durable(", "crates/store/src/"),
    ("Receipt::assert_counted(", "crates/app/src/"),
];

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (assertion, folder) in PLACES {
        let uses = tree
            .files
            .iter()
            .filter(|file| file.is_rust() && file.path.starts_with("crates/"))
            .flat_map(|file| file.shipped().map(move |(number, line)| (file, number, line)))
            .filter(|(_, _, line)| {
                line.contains(assertion) && !line.trim_start().starts_with("//")
            });
        let mut home: Option<&str> = None;
        for (file, number, _) in uses {
            if file.path.starts_with(folder) && home.is_none_or(|home| home == file.path) {
                home = Some(&file.path);
                continue;
            }
            complaints.push(Complaint::new(
                &file.path,
                number,
                format!("a receipt is made outside the one place of {folder} that keeps the event"),
                "take the receipt from the commit or the counter that put the event on record",
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_out_of_thin_air_is_found() {
        let tree = Tree::of(&[
            ("crates/store/src/port.rs", "Receipt::assert_durable()\n"),
            ("crates/app/src/audit/counter.rs", "Receipt::assert_counted()\n"),
            ("crates/app/src/secrets/reveal.rs", "let r = Receipt::assert_durable();\n"),
            ("crates/app/src/shortcut.rs", "Receipt::assert_counted()\n"),
            ("crates/domain/src/p.rs", "#[cfg(test)]\nmod t { Receipt::assert_durable(); }\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|c| c.path).collect();
        assert_eq!(found, ["crates/app/src/secrets/reveal.rs", "crates/app/src/shortcut.rs"]);
    }
}
