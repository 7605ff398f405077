//! Who may name whom. Cargo.toml is the wall; this is the plan it is compared with.

use super::Complaint;
use crate::source::Tree;
use serde_json::Value;
use std::process::Command;

/// The rooms, each with the rooms it may name. A new arrow is a decision: it needs a line here and one in docs/adr/.
const ARROWS: &[(&str, &[&str])] = &[
    ("subrosa-plant", &[]),
    ("subrosa-plaintext", &[]),
    ("subrosa-domain", &["subrosa-plant"]),
    ("subrosa-kms", &["subrosa-plant", "subrosa-domain"]),
    ("subrosa-crypto", &["subrosa-plant", "subrosa-domain", "subrosa-plaintext", "subrosa-kms"]),
    ("subrosa-store", &["subrosa-plant", "subrosa-domain"]),
    (
        "subrosa-app",
        &[
            "subrosa-plant",
            "subrosa-domain",
            "subrosa-plaintext",
            "subrosa-crypto",
            "subrosa-store",
        ],
    ),
    ("subrosa-oidc", &["subrosa-domain"]),
    ("subrosa-api", &["subrosa-plant", "subrosa-domain", "subrosa-plaintext"]),
    (
        // The last four by compose.rs alone: see the check beside this one.
        "subrosa-server",
        &[
            "subrosa-plant",
            "subrosa-domain",
            "subrosa-app",
            "subrosa-api",
            "subrosa-crypto",
            "subrosa-store",
            "subrosa-kms",
            "subrosa-oidc",
        ],
    ),
    ("subrosa-cli", &["subrosa-api"]),
    ("subrosa", &["subrosa-plant", "subrosa-server", "subrosa-cli", "subrosa-crypto"]),
    ("subrosa-bench", &[]),
    ("xtask", &[]),
];

/// May be named by tests alone.
const TESTKIT: &str = "subrosa-testkit";

/// May name anything, and never ship.
const FREE: [&str; 3] = [TESTKIT, "subrosa-proof", "subrosa-fuzz"];

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    match metadata(tree) {
        Ok(metadata) => [forbidden(&metadata), unused(&metadata)].concat(),
        Err(why) => vec![Complaint::new("Cargo.toml", 1, why, "make `cargo metadata` work")],
    }
}

fn metadata(tree: &Tree) -> Result<Value, String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(&tree.root)
        .output()
        .map_err(|error| format!("cargo metadata did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

/// Arrows of a manifest that the plan does not have.
fn forbidden(metadata: &Value) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let path = manifest(package);
        let Some((_, allowed)) = ARROWS.iter().find(|(room, _)| *room == name) else {
            if !FREE.contains(&name) {
                complaints.push(Complaint::new(
                    &path,
                    1,
                    format!("{name} is a room the plan does not know"),
                    "add it to ARROWS in xtask/src/tidy/arrows.rs, to ARCHITECTURE.md and to docs/adr/",
                ));
            }
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let named = dependency["name"].as_str().unwrap_or_default();
            let ours = named == "subrosa" || named.starts_with("subrosa-") || named == "xtask";
            let for_tests = dependency["kind"].as_str() == Some("dev");
            if !ours
                || allowed.contains(&named)
                || (for_tests && (named == TESTKIT || named == name))
            {
                continue;
            }
            complaints.push(Complaint::new(
                &path,
                1,
                format!("{name} names {named}"),
                format!(
                    "it may name only [{}]; move the code to a room that may",
                    allowed.join(", ")
                ),
            ));
        }
    }
    complaints
}

/// Arrows of the plan that no manifest has: the plan is to say what is there, and not what might be.
fn unused(metadata: &Value) -> Vec<Complaint> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let planned = packages.filter_map(|package| {
        let (_, allowed) = ARROWS.iter().find(|(room, _)| package["name"] == *room)?;
        Some((package, *allowed))
    });
    let complaints = planned.flat_map(|(package, allowed)| {
        let named = |room| {
            let named = package["dependencies"].as_array().into_iter().flatten();
            named.into_iter().any(|one| one["name"] == room)
        };
        allowed.iter().filter(move |room| !named(**room)).map(|room| {
            let name = package["name"].as_str().unwrap_or_default();
            let wrong = format!("{name} may name {room} and does not");
            Complaint::new(&manifest(package), 1, wrong, "take it out of ARROWS and of ADR-1")
        })
    });
    complaints.collect()
}

fn manifest(package: &Value) -> String {
    let path = package["manifest_path"].as_str().unwrap_or("Cargo.toml");
    let parts: Vec<&str> = path.rsplit('/').take(3).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, dependency: &Value) -> Value {
        json!({"packages": [
            {"name": name, "manifest_path": "crates/x/Cargo.toml", "dependencies": [dependency]}
        ]})
    }

    fn one(name: &str, dependency: &Value) -> Vec<Complaint> {
        forbidden(&package(name, dependency))
    }

    #[test]
    fn an_arrow_that_no_manifest_has_is_found() {
        let api = json!({"name": "subrosa-api", "kind": null});
        assert!(unused(&package("subrosa-cli", &api)).is_empty());
        let found = unused(&package("subrosa-cli", &json!({"name": "clap", "kind": null})));
        assert_eq!(found.len(), 1);
        assert!(found[0].wrong.contains("subrosa-cli may name subrosa-api"), "{}", found[0]);
    }

    #[test]
    fn a_store_that_names_plaintext_is_found() {
        let found = one("subrosa-store", &json!({"name": "subrosa-plaintext", "kind": null}));
        assert_eq!(found.len(), 1);
        assert!(found[0].wrong.contains("subrosa-store names subrosa-plaintext"), "{}", found[0]);
    }

    #[test]
    fn tests_may_name_the_testkit_and_what_ships_may_not() {
        let dev = json!({"name": "subrosa-testkit", "kind": "dev"});
        assert!(one("subrosa-server", &dev).is_empty());
        let itself = json!({"name": "subrosa-store", "kind": "dev"});
        assert!(
            one("subrosa-store", &itself).is_empty(),
            "to test with a feature of its own switched on"
        );
        let normal = json!({"name": "subrosa-testkit", "kind": null});
        assert_eq!(one("subrosa-server", &normal).len(), 1);
    }

    #[test]
    fn an_unknown_room_is_found() {
        assert_eq!(one("subrosa-attic", &json!({"name": "serde", "kind": null})).len(), 1);
    }

    #[test]
    fn the_plan_has_no_way_from_the_store_to_a_key_or_a_value() {
        let mut reached = vec!["subrosa-store"];
        let mut next = 0;
        while let Some(room) = reached.get(next).copied() {
            next += 1;
            let arrows =
                ARROWS.iter().find(|(name, _)| *name == room).map_or(&[][..], |(_, to)| to);
            reached.extend(arrows.iter().filter(|to| !reached.contains(to)).collect::<Vec<_>>());
        }
        assert_eq!(reached, ["subrosa-store", "subrosa-plant", "subrosa-domain"]);
    }
}
