//! What every layer must pass, over the demo organisation's exports and over a small account in many forms.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use foursee_aws::Aws;
use foursee_core::conformance;

fn shop() -> Vec<(String, String)> {
    let base = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let mut all = Vec::new();
    for folder in ["aws-prod", "aws-dev", "organization"] {
        for entry in std::fs::read_dir(base.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            all.push((name, std::fs::read_to_string(path).unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn the_demo_organisation_conforms() {
    let texts = shop();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let wrong = conformance::check(&Aws, &texts).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn print_shop() {
    let texts = shop();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let (opened, mapped) = conformance::opened(Aws, &texts).unwrap();
    for edge in &mapped.estate.edges {
        let row = mapped.estate.technique(edge.technique).unwrap();
        if edge.certainty as u8 == 9 {
            continue;
        }
        println!(
            "{} -{}-> {} [{}] {}",
            mapped.estate.show(edge.from),
            row.id,
            mapped.estate.show(edge.to),
            edge.certainty.as_str(),
            mapped.estate.condition(edge.condition)
        );
    }
    for gap in opened.gaps().iter().chain(&mapped.estate.gaps) {
        println!(
            "GAP {:?} {} | {} | {} ",
            gap.reason, gap.target, gap.facet, gap.hides
        );
    }
    for bond in &mapped.estate.bonds {
        println!("BOND {} {}", bond.verdict.as_str(), bond.credential());
    }
    for p in &mapped.estate.prizes {
        println!("PRIZE {} {}", mapped.estate.show(p.node), p.why);
    }
    for p in &mapped.estate.entries {
        println!("ENTRY {} {}", mapped.estate.show(p.node), p.why);
    }
    let (all, _) = conformance::findings(
        Aws,
        &texts,
        foursee_core::model::Time::parse("2026-11-25").unwrap(),
    )
    .unwrap();
    for f in all {
        println!(
            "FINDING {} {} {:?}",
            f.rule.id,
            f.title,
            f.identities
                .iter()
                .map(|n| n.name.to_string())
                .collect::<Vec<_>>()
        );
    }
}
