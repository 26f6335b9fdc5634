//! The demo organisation, audited whole: what must be found, and what must never be printed.

use foursee::core::report::Report;
use foursee::report::tables::TABLES;
use foursee::report::{csv, jsonl, text};
use foursee_tests::{json, report, root, shop, shop_policy};

fn audited() -> Report {
    report(&shop(), &shop_policy())
}

/// Whether there is a way whose nodes, in order, hold these words.
fn has_way(report: &Report, words: &[&str]) -> bool {
    report.paths.iter().any(|path| {
        let mut names: Vec<String> = path
            .hops
            .first()
            .map(|hop| format!("{} {}", hop.from.kind, hop.from.name))
            .into_iter()
            .collect();
        names.extend(
            path.hops
                .iter()
                .map(|hop| format!("{} {}", hop.to.kind, hop.to.name)),
        );
        let mut rest = names.iter();
        words.iter().all(|word| rest.any(|name| name.contains(word)))
    })
}

#[test]
fn the_pod_reaches_the_customer_bucket_and_the_customer_table() {
    let report = audited();
    let ways: Vec<String> = report
        .paths
        .iter()
        .map(|path| format!("{} -> {}", path.entry, path.prize))
        .collect();
    assert!(
        has_way(&report, &["pod shop/web", "role/shop-web", "shop-customer-data"]),
        "{ways:#?}"
    );
    assert!(
        has_way(&report, &["pod shop/web", "shop_web", "crm.customers"]),
        "{ways:#?}"
    );
    // Every hop was confirmed, and rests on a place.
    for hop in report.paths.iter().flat_map(|path| &path.hops) {
        assert!(!hop.confirmed.starts_with("no"), "{hop:?}");
        assert!(!hop.place.document.is_empty(), "{hop:?}");
    }
}

#[test]
fn planted_secrets_are_in_no_output() {
    assert!(
        shop().iter().any(|one| one.text.contains("planted-secret")),
        "the shop plants secrets"
    );
    let report = audited();
    let mut out = json(&report).into_bytes();
    jsonl::write(&report, &mut out).unwrap();
    text::write(
        &report,
        text::Style {
            color: true,
            all: true,
            brief: false,
            width: None,
        },
        &mut out,
    )
    .unwrap();
    for table in &TABLES {
        csv::write(table, &report, &mut out).unwrap();
    }
    let out = String::from_utf8(out).unwrap();
    assert!(out.len() > 10_000);
    assert!(!out.contains("planted-secret"));
    // Nor in what is held.
    for document in report.library.documents() {
        assert!(!document.text.contains("planted-secret"), "{}", document.name);
    }
}

#[test]
fn every_layer_is_audited_and_has_findings() {
    let report = audited();
    for layer in ["aws", "kubernetes", "container", "postgres", "kafka"] {
        assert!(report.scopes.iter().any(|scope| scope.layer == layer), "{layer}");
        assert!(report.findings.iter().any(|one| one.layer == layer), "{layer}");
        assert!(
            report
                .identities
                .iter()
                .any(|one| one.layer == layer && one.rung.is_some()),
            "{layer}"
        );
    }
    // The denied read is a gap.
    assert!(
        report
            .gaps
            .iter()
            .any(|gap| gap.layer == "kubernetes" && gap.reason.as_str() == "denied")
    );
}

#[test]
fn a_month_of_use_says_what_would_be_enough() {
    let opened = foursee::Audit::new()
        .add(root().join("examples/shop"))
        .unwrap()
        .open()
        .unwrap();
    let ask = foursee::core::rightsize::Ask::default();
    let all = opened.rightsize(&ask, Some("shop-prod cluster"), None).unwrap();
    let [one] = all.as_slice() else {
        panic!("{} scopes", all.len())
    };
    assert!(
        one.proposals.refused.is_empty() && one.proposals.checked > 10,
        "{:?}",
        one.proposals.refused
    );
    let of = |name: &str| {
        let mut all = one.proposals.proposals.iter();
        let found = all.find(|one| one.identities.iter().any(|(_, own)| own == name));
        found.unwrap_or_else(|| panic!("nothing for {name}"))
    };
    // It reads one Secret by its name, and may list all of its namespace.
    let secret =
        "in shop: verbs: [get], resources: [secrets], apiGroups: [\"\"], resourceNames: [worker-kafka]";
    assert_eq!(of("shop/worker").grants, [secret]);
    // It never reads a Secret, and may read every one.
    let agent = of("monitoring/log-agent");
    assert!(
        !agent.grants.iter().any(|line| line.contains("secrets")),
        "{:?}",
        agent.grants
    );
    assert!(
        agent
            .drops
            .iter()
            .any(|line| line.contains("[get, list, watch], resources: [secrets]")),
        "{:?}",
        agent.drops
    );
    // What a chart would install was used by nobody yet, and nothing is said of it.
    let why = one
        .proposals
        .untouched
        .iter()
        .find(|one| one.name == "payments/payments")
        .unwrap();
    assert!(why.why.contains("in manifests only"), "{}", why.why);
}

#[test]
fn a_log_that_breaks_off_is_said_beside_what_it_proposes() {
    let gaps = |cut: bool| {
        let mut audit = foursee::Audit::new().policy(shop_policy());
        for one in shop() {
            let log = one.name.ends_with("cluster-prod/audit-log.json");
            let text = if log && cut {
                one.text[..60_000].to_owned()
            } else {
                one.text.to_string()
            };
            audit.documents().push_scoped(one.name, text, one.scope);
        }
        let opened = audit.open().unwrap();
        let ask = foursee::core::rightsize::Ask::default();
        let all = opened.rightsize(&ask, Some("shop-prod cluster"), None).unwrap();
        let broken = |one: &&foursee::core::model::Gap| {
            one.target.contains("audit-log.json") && one.reason.as_str() == "truncated"
        };
        all[0].proposals.gaps.iter().filter(broken).count()
    };
    assert_eq!(gaps(false), 0);
    assert!(gaps(true) > 0);
}
