//! Guards over the packages that foursee is made of: clients where they belong, licences, what must not be in, how many.

use foursee_tests::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

fn cargo(arguments: &[&str]) -> String {
    let out = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "cargo {arguments:?}: {error}");
    String::from_utf8(out.stdout).unwrap()
}

struct Package {
    name: String,
    version: String,
    licence: String,
    source: String,
    manifest: Value,
}

/// Every package that a build of the workspace for this machine needs.
fn packages() -> Vec<Package> {
    let host = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let host = String::from_utf8(host).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let text = cargo(&[
        "metadata",
        "--locked",
        "--format-version",
        "1",
        "--filter-platform",
        host,
    ]);
    let all: Value = serde_json::from_str(&text).unwrap();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let used: BTreeSet<String> = list(&all["resolve"]["nodes"])
        .iter()
        .map(|one| one["id"].to_string())
        .collect();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list(&all["packages"])
        .into_iter()
        .filter(|one| used.contains(&one["id"].to_string()))
        .map(|one| Package {
            name: word(&one["name"]),
            version: word(&one["version"]),
            licence: word(&one["license"]),
            source: word(&one["source"]),
            manifest: one,
        })
        .collect()
}

/// The direct dependencies of a package, of the sort that its users get too.
fn direct(package: &Package) -> BTreeSet<String> {
    let all = package.manifest["dependencies"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    all.iter()
        .filter(|one| one["kind"].is_null())
        .filter_map(|one| one["name"].as_str().map(str::to_owned))
        .collect()
}

/// The clients and the crates that may have them. Nobody else may.
const CLIENTS: [(&str, &[&str]); 7] = [
    ("bollard", &["foursee-collect-container"]),
    ("kube", &["foursee-collect-kubernetes"]),
    ("k8s-openapi", &["foursee-collect-kubernetes"]),
    ("tokio-postgres", &["foursee-collect-postgres"]),
    ("rdkafka", &["foursee-collect-kafka"]),
    ("pyo3", &["foursee-python"]),
    (
        "tokio",
        &[
            "foursee",
            "foursee-cli",
            "foursee-collect-container",
            "foursee-collect-kafka",
            "foursee-collect-kubernetes",
            "foursee-collect-postgres",
            "foursee-python",
        ],
    ),
];

/// Clients whose collectors are not there yet: each moves up with the crate that needs it.
const NOT_YET: [(&str, &str); 1] = [("aws-sdk-iam", "foursee-collect-aws")];

#[test]
fn each_client_is_a_direct_dependency_of_its_crate_alone() {
    let all = packages();
    let own: BTreeMap<&str, BTreeSet<String>> = all
        .iter()
        .filter(|one| one.name.starts_with("foursee"))
        .map(|one| (one.name.as_str(), direct(one)))
        .collect();
    for (client, crates) in CLIENTS {
        let first = crates[0];
        let has = |name: &str| own.get(name).is_some_and(|direct| direct.contains(client));
        assert!(
            crates.iter().any(|name| has(name)),
            "{client} is no direct dependency of {first}"
        );
        for name in own.keys().filter(|name| !crates.contains(name)) {
            // Tests and benches may use what they test.
            let private = [
                "foursee-tests",
                "foursee-benches",
                "foursee-bench",
                "foursee-examples",
                "foursee-kept",
                "foursee-servers",
                "foursee-fuzz",
            ];
            assert!(!has(name) || private.contains(name), "{name} has {client}");
        }
    }
    assert!(own["foursee-core"].contains("serde") && own["foursee-report"].contains("serde"));
    for (client, home) in NOT_YET {
        let there = own.contains_key(home);
        let used = own.values().any(|direct| direct.contains(client));
        assert_eq!(there, used, "{client} and {home} come together");
    }
}

/// Members of the workspace are what the test command builds, so each client is built with them.
#[test]
fn what_has_a_client_is_built_by_the_test_command() {
    let all = packages();
    for (_, crates) in CLIENTS {
        for name in crates {
            assert!(all.iter().any(|one| one.name == *name), "{name} is no member");
        }
    }
    let run = std::fs::read_to_string(root().join("tests/run")).unwrap();
    assert!(
        run.contains("cargo test --locked --workspace"),
        "tests/run tests every member"
    );
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for folder in ["\"crates/*\"", "\"python\"", "\"tests\""] {
        assert!(manifest.contains(folder), "{folder} are members");
    }
}

#[test]
fn collectors_know_captures_and_layers_know_core() {
    let all = packages();
    let mut collectors = 0;
    for package in all.iter().filter(|one| one.name.starts_with("foursee-collect-")) {
        collectors += 1;
        let own: Vec<String> = direct(package)
            .into_iter()
            // Core has the words that captures are written in.
            .filter(|name| name.starts_with("foursee") && name != "foursee-core")
            .collect();
        assert_eq!(own, ["foursee-capture"], "{}", package.name);
    }
    assert!(collectors >= 4);
    // Whatever a layer, core, capture or a format is built from: no client, no runtime.
    for name in [
        "aws",
        "kubernetes",
        "container",
        "postgres",
        "kafka",
        "core",
        "capture",
        "report",
    ] {
        let tree = tree(&["-p", &format!("foursee-{name}")]);
        for client in [
            "tokio",
            "hyper",
            "rustls",
            "reqwest",
            "openssl",
            "native-tls",
            "bollard",
            "rdkafka",
            "socket2",
            "mio",
            "kube",
            "k8s-openapi",
            "regex",
        ] {
            assert!(!tree.contains(client), "foursee-{name} is built from {client}");
        }
    }
}

/// The names of the packages that something is built from, itself among them.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let mut all = vec![
        "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}",
    ];
    all.extend(arguments);
    let text = cargo(&all);
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// One layer, or the whole library with one layer and no default features, is at most forty crates beside foursee's own;
/// with Kubernetes, whose manifests are YAML, its reader's eleven more.
#[test]
fn one_layer_is_within_forty_crates() {
    let beside = |arguments: &[&str]| {
        let all = tree(arguments);
        all.iter().filter(|name| !name.starts_with("foursee")).count()
    };
    for layer in ["aws", "kubernetes", "container", "postgres", "kafka"] {
        let package = format!("foursee-{layer}");
        let below = beside(&["-p", &package]);
        assert!(below <= 40, "{package}: {below} crates");
        let whole = beside(&["-p", "foursee", "--no-default-features", "--features", layer]);
        let most = if layer == "kubernetes" { 51 } else { 40 };
        assert!(whole <= most, "foursee with {layer} alone: {whole} crates");
    }
}

/// Licences that ask for no more than a notice.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an SPDX expression can be met by these licences.
fn allowed(expression: &str) -> bool {
    fn any(rest: &mut &[String]) -> bool {
        let mut met = all(rest);
        while rest.first().is_some_and(|one| one == "OR") {
            *rest = &rest[1..];
            met |= all(rest);
        }
        met
    }
    fn all(rest: &mut &[String]) -> bool {
        let mut met = one(rest);
        while rest.first().is_some_and(|one| one == "AND") {
            *rest = &rest[1..];
            met &= one(rest);
        }
        met
    }
    fn one(rest: &mut &[String]) -> bool {
        let Some((first, after)) = rest.split_first() else {
            return false;
        };
        *rest = after;
        if first == "(" {
            let met = any(rest);
            let closed = rest.first().is_some_and(|one| one == ")");
            *rest = rest.get(1..).unwrap_or_default();
            return met && closed;
        }
        let mut name = first.clone();
        if let [with, exception, after @ ..] = *rest
            && with == "WITH"
        {
            name = format!("{name} WITH {exception}");
            *rest = after;
        }
        LICENCES.contains(&name.as_str())
    }
    // The old form has a slash for OR.
    let text = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let mut rest = words.as_slice();
    any(&mut rest) && rest.is_empty()
}

#[test]
fn expressions_of_licences_are_read() {
    for yes in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR GPL-2.0) AND ISC",
        "Apache-2.0 WITH LLVM-exception",
        "LGPL-2.1 OR (MIT AND Zlib)",
    ] {
        assert!(allowed(yes), "{yes}");
    }
    for no in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "AGPL-3.0 OR MPL-2.0",
        "(MIT",
        "MIT)",
        "MIT ISC",
        "Apache-2.0 WITH Commons-Clause",
        "MIT AND (GPL-2.0 OR AGPL-3.0)",
    ] {
        assert!(!allowed(no), "{no}");
    }
}

#[test]
fn licences_are_permissive() {
    let all = packages();
    let wrong: Vec<String> = all
        .iter()
        .filter(|one| !allowed(&one.licence))
        .map(|one| format!("{} {}: {:?}", one.name, one.version, one.licence))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all.len() > 50);
    // What cargo-deny is told is what is tested here.
    let deny: toml::Table = std::fs::read_to_string(root().join("deny.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let said: BTreeSet<&str> = deny["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(toml::Value::as_str)
        .collect();
    assert_eq!(said, LICENCES.into_iter().collect());
    let banned: BTreeSet<&str> = deny["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["crate"].as_str())
        .collect();
    let written: BTreeSet<String> = BANNED
        .iter()
        .map(|(name, below, _)| {
            if below.is_empty() {
                (*name).to_owned()
            } else {
                format!("{name}@<{below}")
            }
        })
        .collect();
    assert_eq!(banned, written.iter().map(String::as_str).collect());
}

/// What must not be in: the crate, below which version ("" is any), and why.
const BANNED: [(&str, &str, &str); 8] = [
    ("aws-lc-rs", "", "ring is enough, and this takes minutes to build"),
    ("hyper", "1.0.0", "the old HTTP stack beside the new"),
    ("native-tls", "", "TLS is rustls"),
    (
        "openssl",
        "",
        "TLS is rustls; librdkafka has its own, through openssl-sys alone",
    ),
    (
        "regex",
        "",
        "patterns are the platforms' own; kube's client has it, through jsonpath-rust alone",
    ),
    ("reqwest", "", "clients are the platforms' own"),
    ("rustls", "0.23.0", "the old TLS beside the new"),
    ("serde_yaml", "", "unmaintained"),
];

fn older(version: &str, than: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        text.split(['.', '-', '+'])
            .map_while(|part| part.parse().ok())
            .collect()
    };
    numbers(version) < numbers(than)
}

#[test]
fn what_is_banned_is_not_in() {
    let all = packages();
    for package in &all {
        let hit = BANNED.iter().find(|(name, below, _)| {
            package.name == *name && (below.is_empty() || older(&package.version, below))
        });
        if package.name == "regex" {
            let users = tree(&["--workspace", "--invert", "regex", "--depth", "1"]);
            assert!(
                users
                    .iter()
                    .all(|name| name == "regex" || name == "jsonpath-rust"),
                "{users:?}"
            );
            continue;
        }
        if let Some((_, _, why)) = hit {
            panic!("{} {}: {why}", package.name, package.version);
        }
        assert!(!package.licence.contains("AGPL"), "{}", package.name);
    }
}

/// As `[sources]` of deny.toml says: the one registry that cargo has by itself, or this workspace.
#[test]
fn packages_come_from_one_registry() {
    let deny: toml::Table = std::fs::read_to_string(root().join("deny.toml"))
        .unwrap()
        .parse()
        .unwrap();
    for rule in ["unknown-registry", "unknown-git"] {
        assert_eq!(deny["sources"][rule].as_str(), Some("deny"));
    }
    let all = packages();
    let sources: BTreeSet<&str> = all.iter().map(|one| one.source.as_str()).collect();
    assert_eq!(sources.len(), 2, "{sources:?}");
    for one in &all {
        let own = one.source.is_empty();
        assert_eq!(own, one.name.starts_with("foursee"), "{}", one.name);
        assert!(own || one.source.starts_with("registry+"), "{}", one.source);
    }
}

/// The same crate in several versions is compiled several times. Only these, which others hold on to.
const TWICE: [&str; 11] = [
    "base64",
    "block-buffer",
    "const-oid",
    "cpufeatures",
    "crypto-common",
    "digest",
    "getrandom",
    "hashbrown",
    "hmac",
    "sha2",
    "syn",
];

#[test]
fn duplicates_are_few_and_known() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        versions.entry(package.name).or_default().insert(package.version);
    }
    versions.retain(|_, all| all.len() > 1);
    for (name, all) in &versions {
        assert!(TWICE.contains(&name.as_str()), "{name} is in as {all:?}");
        assert!(all.len() <= 3, "{name}: {all:?}");
    }
}

/// docs.rs builds with what the manifest says; the test command builds all of it too.
#[test]
fn every_published_crate_says_how_docs_rs_builds_it() {
    for package in packages().iter().filter(|one| one.name.starts_with("foursee")) {
        let published = package.manifest["publish"].is_null();
        let says = &package.manifest["metadata"]["docs"]["rs"]["all-features"];
        assert!(
            !published || says == true,
            "{}: [package.metadata.docs.rs] all-features = true",
            package.name
        );
    }
}
