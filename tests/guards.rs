//! Guards over the workspace itself: imports run one way, rules are registered, paths named in the docs exist.

use foursee_tests::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The foursee crates that each crate depends on.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let names = |section: &str| -> BTreeSet<String> {
            let table = manifest.get(section).and_then(toml::Value::as_table);
            table
                .map(|table| {
                    table
                        .keys()
                        .filter(|name| name.starts_with("foursee"))
                        .cloned()
                        .collect()
                })
                .unwrap_or_default()
        };
        all.insert(
            folder.file_name().unwrap().to_string_lossy().into_owned(),
            names("dependencies"),
        );
    }
    all
}

#[test]
fn imports_run_one_way() {
    let all = dependencies();
    let layers = [
        "foursee-aws",
        "foursee-kubernetes",
        "foursee-container",
        "foursee-postgres",
        "foursee-kafka",
    ];
    assert_eq!(all["foursee-core"], BTreeSet::new());
    for layer in layers {
        assert_eq!(
            all[layer],
            BTreeSet::from(["foursee-core".to_owned()]),
            "{layer}: layers do not know each other"
        );
    }
    assert_eq!(
        all["foursee-capture"],
        BTreeSet::from(["foursee-core".to_owned()])
    );
    assert_eq!(all["foursee-report"], BTreeSet::from(["foursee-core".to_owned()]));
    assert!(
        all["foursee-cli"].iter().all(|name| name == "foursee"),
        "the command goes through the library"
    );
}

#[test]
fn core_reads_no_clock_and_no_disk() {
    fn walk(folder: &Path, wrong: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.ends_with("tests") {
                continue;
            }
            if path.is_dir() {
                walk(&path, wrong);
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name == "tests.rs" || name == "testing.rs" {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            // What stands behind the first test module of the file is test code.
            let tests = text
                .match_indices("#[cfg(test)]\n")
                .find(|(at, _)| text[*at..].lines().nth(1).is_some_and(|line| line.ends_with('{')));
            let text = &text[..tests.map_or(text.len(), |(at, _)| at)];
            for word in [
                "std::fs",
                "File::open",
                "std::process",
                "std::env",
                "TcpStream",
                "UdpSocket",
                "TcpListener",
                "UnixStream",
                "ToSocketAddrs",
                "SystemTime",
                "Instant::now",
                "Timestamp::now",
                "Zoned::now",
            ] {
                if text.contains(word) {
                    wrong.push(format!("{}: {word}", path.display()));
                }
            }
        }
    }
    let mut wrong = Vec::new();
    for name in [
        "foursee-core",
        "foursee-aws",
        "foursee-kubernetes",
        "foursee-container",
        "foursee-postgres",
        "foursee-kafka",
    ] {
        walk(&root().join("crates").join(name).join("src"), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rule_folders_are_the_registry() {
    let registry = foursee::built_in().unwrap();
    for layer in registry.layer_ids().into_iter().chain(["core"]) {
        let folder = root()
            .join("crates")
            .join(format!("foursee-{layer}"))
            .join("src/rules");
        let files: BTreeSet<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_string_lossy()
                    .replace('_', "-")
            })
            .filter(|stem| !["mod", "tests", "common"].contains(&stem.as_str()))
            .collect();
        let ids: BTreeSet<String> = registry
            .metas()
            .iter()
            .filter(|meta| meta.layer() == layer)
            .map(|meta| meta.id[layer.len() + 1..].to_owned())
            .collect();
        assert_eq!(files, ids, "one file a rule, named as the rule: {layer}");
    }
}

#[test]
fn every_rule_has_a_page() {
    for meta in foursee::built_in().unwrap().metas() {
        assert!(meta.title().len() > 10, "{}", meta.id);
        for section in ["Why", "Evidence", "Fix"] {
            assert!(meta.section(section).len() > 10, "{}: ## {section}", meta.id);
        }
        let layer_kinds = foursee::built_in().unwrap();
        for kind in meta.needs.iter() {
            assert!(
                layer_kinds
                    .kinds(meta.layer())
                    .iter()
                    .any(|one| one.name == *kind),
                "{} needs {kind}",
                meta.id
            );
        }
    }
}

/// Every path in back quotes that begins with a folder of the repository is there.
#[test]
fn paths_named_in_the_docs_exist() {
    let mut missing = Vec::new();
    let mut seen = 0;
    for page in [
        "README.md",
        "docs/architecture.md",
        "docs/stability.md",
        "examples/shop/README.md",
    ] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for part in text.split('`').skip(1).step_by(2) {
            let begins = [
                "crates/",
                "docs/",
                "tests/",
                "examples/",
                "benches/",
                "python/",
                ".ci/",
            ];
            if begins.iter().any(|folder| part.starts_with(folder)) && !part.contains(['*', '{', ' ', '<']) {
                seen += 1;
                if !root().join(part).exists() {
                    missing.push(format!("{page}: {part}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(seen > 10);
}

/// A generated file is as committed; `FOURSEE_BLESS=1 cargo test -p foursee-tests` writes it anew.
fn current(path: &str, want: &str) {
    let file = root().join(path);
    if std::env::var_os("FOURSEE_BLESS").is_some() {
        fs::write(&file, want).unwrap();
    }
    let have = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        have == want,
        "{path} is not current: FOURSEE_BLESS=1 cargo test -p foursee-tests"
    );
}

#[test]
fn the_reports_schema_is_current() {
    current("docs/report.schema.json", &foursee_report::json::schema());
}

#[test]
fn the_index_of_rules_is_current() {
    let mut page = String::from(
        "# Rules\n\nGenerated from the rules themselves; `foursee explain RULE` prints a page.\n",
    );
    let registry = foursee::built_in().unwrap();
    let metas = registry.metas();
    for layer in registry.layer_ids().into_iter().chain(["core"]) {
        page.push_str(&format!(
            "\n## {layer}\n\n| rule | severity | what |\n| --- | --- | --- |\n"
        ));
        for meta in metas.iter().filter(|meta| meta.layer() == layer) {
            page.push_str(&format!(
                "| `{}` | {} | {} |\n",
                meta.id,
                meta.severity.as_str(),
                meta.title()
            ));
        }
    }
    current("docs/rules.md", &page);
}

#[test]
fn the_page_of_rungs_is_current() {
    let page = foursee::explain::rungs(&foursee::built_in().unwrap(), None).unwrap();
    current("docs/rungs.md", &page);
}
