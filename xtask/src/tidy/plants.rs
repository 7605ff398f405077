//! Planted faults: each is found by a check that names it, and none is in what ships.

use super::Complaint;
use crate::source::{File, Tree};
use std::{collections::BTreeMap, fs, path::Path};

/// How a room asks whether a fault is planted, and how the name is spelt in a binary. Written in halves, so that this
/// file asks for none.
const ASKED: &str = concat!("plan", "ted!(\"");
const SPELT: &str = concat!("pla", "nt:");
const CHOSEN: &str = concat!("SUBROSA_", "PLANT");

/// Plants that no check finds, and checks that name plants that are not there.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let asked = asked(tree);
    let named: Vec<_> = tree.files.iter().filter(|file| finds(file)).flat_map(named).collect();
    let unfound = asked.iter().filter(|(name, _)| !named.iter().any(|(_, _, one)| one == *name));
    let unfound = unfound.map(|(name, (path, line))| {
        let wrong = format!("no check finds the planted fault `{name}`");
        Complaint::new(path, *line, wrong, "name it in the check that must turn red")
    });
    let absent = named.iter().filter(|(_, _, name)| !asked.contains_key(name));
    let absent = absent.map(|(path, line, name)| {
        let wrong = format!("nothing plants the fault `{name}`");
        Complaint::new(path, *line, wrong, "ask for it where the fault would be")
    });
    unfound.chain(absent).collect()
}

/// Whether a binary holds the name of any planted fault, or of the variable that chooses one. One that is not there is
/// a complaint as well.
pub(super) fn check_binary(tree: &Tree, binary: &Path) -> Vec<Complaint> {
    let shown = "target/release/subrosa";
    let Ok(bytes) = fs::read(binary) else {
        let instead = "cargo build --release --locked --features ml-dsa";
        return vec![Complaint::new(shown, 0, "there is no release binary to look at", instead)];
    };
    let plants = asked(tree).into_keys().map(|name| format!("{SPELT}{name}"));
    let held = plants.chain([CHOSEN.to_owned()]).filter(|text| holds(&bytes, text.as_bytes()));
    let instead = "build without the feature `plant`, and ask by the macro alone";
    held.map(|text| Complaint::new(shown, 0, format!("it holds `{text}`"), instead)).collect()
}

/// Every fault that a room asks for, and where.
fn asked(tree: &Tree) -> BTreeMap<String, (String, usize)> {
    let mut asked = BTreeMap::new();
    for file in tree.files.iter().filter(|file| file.path.starts_with("crates/") && file.is_rust())
    {
        for (number, line) in file.lines() {
            let code = line.split("//").next().unwrap_or_default();
            for (_, rest) in
                code.match_indices(ASKED).map(|(at, found)| code.split_at(at + found.len()))
            {
                let name = rest.split('"').next().unwrap_or_default();
                asked.entry(name.to_owned()).or_insert((file.path.clone(), number));
            }
        }
    }
    asked
}

/// Whether a file is one of those that say which faults must be found.
fn finds(file: &File) -> bool {
    let homes = ["proof/src/checks/", "xtask/src/fuzz/", "xtask/src/conformance/"];
    file.is_rust() && homes.iter().any(|home| file.path.starts_with(home))
}

/// The names in a check's lists of plants: `plants: &[` has names, and a `PLANTS` pairs of a name and what finds it.
fn named(file: &File) -> Vec<(String, usize, String)> {
    let mut named = Vec::new();
    let (mut names, mut pairs) = (false, false);
    for (number, line) in file.lines() {
        names |= line.trim_start().starts_with("plants: &[");
        let quoted = line.split('"').skip(1).step_by(2);
        let taken = if names { usize::MAX } else { usize::from(pairs) };
        named.extend(quoted.take(taken).map(|name| (file.path.clone(), number, name.to_owned())));
        names &= !line.contains(']');
        pairs = (pairs || line.starts_with("const PLANTS: ")) && line != "];";
    }
    named
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "crates/a/src/a.rs";
    const CHECK: &str = "proof/src/checks/a.rs";

    fn room(name: &str) -> String {
        format!("fn a() {{\n    if {ASKED}{name}\") {{}}\n}}\n")
    }

    #[test]
    fn a_plant_that_no_check_names_is_found() {
        let found = check(&Tree::of(&[(ROOM, &room("late")), (CHECK, "plants: &[],\n")]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].path.as_str(), found[0].line), (ROOM, 2));
    }

    #[test]
    fn a_plant_that_is_only_spoken_of_is_found_and_one_in_a_pair_is_not() {
        let spoken = "plants: &[],\nlet late = \"late\";\n";
        assert_eq!(check(&Tree::of(&[(ROOM, &room("late")), (CHECK, spoken)])).len(), 1);
        let pairs = "const PLANTS: [(&str, &str); 1] = [\n    (\"late\", \"ST1\"),\n];\n";
        let conformance = "xtask/src/conformance/a.rs";
        let found = check(&Tree::of(&[(ROOM, &room("late")), (conformance, pairs)]));
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_name_that_nothing_plants_is_found() {
        let list = "plants: &[\n    \"late\",\n    \"early\",\n],\n";
        let found = check(&Tree::of(&[(ROOM, &room("late")), (CHECK, list)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].path.as_str(), found[0].line), (CHECK, 3));
    }

    #[test]
    fn a_binary_with_a_plant_in_it_is_found_and_so_is_none() {
        let tree = Tree::of(&[(ROOM, &room("late"))]);
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("subrosa");
        assert_eq!(check_binary(&tree, &binary).len(), 1, "there is none");
        fs::write(&binary, "\0clean\0").unwrap();
        assert!(check_binary(&tree, &binary).is_empty());
        fs::write(&binary, format!("\0{SPELT}late\0{CHOSEN}\0")).unwrap();
        assert_eq!(check_binary(&tree, &binary).len(), 2);
    }
}
