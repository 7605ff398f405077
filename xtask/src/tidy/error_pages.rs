//! Every error code has a page, and every page has a code: a problem's `type` has to lead somewhere.

use super::Complaint;
use crate::source::Tree;

/// Where the codes are written down, one a line: `Variant = "code" status …`.
const SOURCES: [&str; 1] = ["crates/api/src/problem/code.rs"];

const PAGES: &str = "docs/reference/errors/";
const INDEX: &str = "docs/reference/errors/README.md";

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut codes: Vec<(&str, &str, usize)> = Vec::new();
    for path in SOURCES {
        let Some(file) = tree.file(path) else {
            let instead = "put the right file into SOURCES in xtask/src/tidy/error_pages.rs";
            complaints.push(Complaint::new(
                path,
                1,
                "the list of error codes is not here",
                instead,
            ));
            continue;
        };
        for (number, line) in file.shipped() {
            if let Some(code) = code_in(line) {
                codes.push((code, path, number));
            }
        }
    }
    let index = tree.file(INDEX).map_or("", |file| file.text.as_str());
    for (code, path, number) in &codes {
        if tree.file(&page(code)).is_none() {
            complaints.push(Complaint::new(
                path,
                *number,
                format!("the code {code} has no page"),
                format!("write {}: what it means, why, what to do", page(code)),
            ));
        } else if !index.contains(&format!("({code}.md)")) {
            complaints.push(Complaint::new(
                INDEX,
                1,
                format!("{code} is missing"),
                "list it in the index",
            ));
        }
    }
    for file in tree.files.iter().filter(|f| f.path.starts_with(PAGES) && f.path != INDEX) {
        let code = file.path.trim_start_matches(PAGES).trim_end_matches(".md");
        if !codes.is_empty() && !codes.iter().any(|(known, _, _)| *known == code) {
            complaints.push(Complaint::new(
                &file.path,
                1,
                format!("no answer has the code {code}"),
                "delete the page",
            ));
        }
    }
    complaints
}

/// The code a line of the list declares: a word, `=`, the code in quotes, and a status.
fn code_in(line: &str) -> Option<&str> {
    let (variant, rest) = line.trim_start().split_once(" = \"")?;
    let (code, rest) = rest.split_once('"')?;
    let status = rest.trim_start().get(..3)?;
    let declares = variant.chars().all(char::is_alphanumeric) && status.parse::<u16>().is_ok();
    declares.then_some(code)
}

fn page(code: &str) -> String {
    format!("{PAGES}{code}.md")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_a_page_and_a_page_without_a_code_are_found() {
        let tree = Tree::of(&[
            (
                SOURCES[0],
                "codes! {\n    Busy = \"busy\" 503 \"Busy\";\n    Late = \"late\" 503 \"Late\";\n}\n",
            ),
            (INDEX, "# Errors\n[busy](busy.md)\n"),
            ("docs/reference/errors/busy.md", "# busy\n"),
            ("docs/reference/errors/gone.md", "# gone\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|c| (c.path, c.line)).collect();
        assert_eq!(found, [(SOURCES[0].into(), 3), ("docs/reference/errors/gone.md".into(), 1)]);
    }

    #[test]
    fn a_list_that_moved_is_found() {
        assert_eq!(check(&Tree::of(&[])).len(), 1);
    }
}
