//! A layer of one's own, registered like foursee's: `cargo run -p foursee-examples --example custom_layer`.
//! The layer is harbor.rs, in at most 150 lines; this file audits an export with it.

mod harbor;

use foursee_core::audit::{Documents, Options, audit};
use foursee_core::judge::{Policy, Targets};
use foursee_core::model::Rung;
use foursee_core::registry::{Registry, RegistryError};
use foursee_core::report::Report;

const EXPORT: &str = r#"{
  "provider": "harbor-host",
  "account": "acme",
  "members": [
    { "email": "ada@acme.example", "role": "Owner", "team": "platform" },
    { "email": "bob@acme.example", "role": "Admin", "team": "web" },
    { "email": "cleo@acme.example", "role": "ReadOnly", "team": "web" }
  ]
}"#;

/// Audits an export, in an organisation that asks for rung 3 everywhere.
fn run(export: &str) -> Result<Report, RegistryError> {
    let mut documents = Documents::new();
    documents.push_text("members.json", export);
    let mut targets = Targets::default();
    targets.default = Some(Rung::Scoped);
    let mut policy = Policy::default();
    policy.owner_keys = vec!["team".to_owned()];
    policy.targets.insert(String::new(), targets);
    // In a program that uses crate foursee, `foursee::built_in()?.layer(harbor::Harbor)?` has its layers too.
    let registry = Registry::new().layer(harbor::Harbor)?;
    Ok(audit(documents, &registry, &policy, &Options::default(), &mut |_| {}))
}

fn main() -> Result<(), RegistryError> {
    let report = run(EXPORT)?;
    for one in &report.findings {
        let number = |rung: Option<Rung>| rung.map_or("-".to_owned(), |rung| rung.number().to_string());
        let (rung, target, attainable) = (number(one.rung), number(one.target), number(one.attainable));
        println!(
            "{} (rung {rung}, asked for {target}, attainable {attainable}: {})",
            one.title,
            one.status.as_str()
        );
        println!("  {}", one.fix);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use foursee_core::audit::{can, find, who_can};
    use foursee_core::conformance::{Means, check, complete, findings, opened};
    use foursee_core::finding::Named;
    use foursee_core::layer::{Holds, QuestionError};
    use foursee_core::model::Time;
    use foursee_core::report::{GapRow, JudgedFinding, Status};

    fn of<'a>(report: &'a Report, name: &str) -> Option<&'a JudgedFinding> {
        report.findings.iter().find(|one| one.identities.iter().any(|named| &*named.name == name))
    }

    /// Core states some of its own always.
    fn own_gaps(report: &Report) -> Vec<&GapRow> {
        report.gaps.iter().filter(|gap| gap.layer == "harbor").collect()
    }

    #[test]
    fn the_layer_fits_a_page() {
        let lines = include_str!("harbor.rs").lines().count();
        assert!(lines <= 150, "harbor.rs has {lines} lines");
    }

    #[test]
    fn it_passes_what_every_layer_must_pass() {
        assert_eq!(check(&harbor::Harbor, &[("members.json", EXPORT)]).unwrap(), Vec::<String>::new());
        let parts = [
            (
                "a.json",
                r#"{"provider":"harbor-host","account":"acme","members":[{"email":"a","role":"Owner"}]}"#,
            ),
            (
                "b.json",
                r#"{"provider":"harbor-host","account":"acme","members":[{"email":"b","role":"Manage"}]}"#,
            ),
        ];
        assert_eq!(check(&harbor::Harbor, &parts).unwrap(), Vec::<String>::new());
        // Whatever a role allows, an edge covers: the same table in the words of the provider.
        let table = [
            Means::new("harbor-read", "services.read", "services"),
            Means::new("harbor-deploy", "services.deploy", "services"),
            Means::new("harbor-set", "services.set", "services"),
            Means::new("harbor-set-role", "members.set", "services"),
        ];
        let compared = complete(harbor::Harbor, &[("members.json", EXPORT)], &table).unwrap();
        assert_eq!((compared.wrong, compared.allowed), (Vec::new(), 4 + 3 + 1));
    }

    #[test]
    fn what_the_platform_cannot_say_more_tightly_is_at_target() {
        let report = run(EXPORT).unwrap();
        let admin = of(&report, "bob@acme.example").unwrap();
        assert_eq!(admin.rule, "harbor-role-wide");
        assert_eq!(
            (admin.rung, admin.target, admin.attainable, admin.status),
            (Some(Rung::ServiceWide), Some(Rung::Scoped), Some(Rung::ServiceWide), Status::AtTarget)
        );
        assert!(admin.fix.contains("harbor-host cannot say anything tighter"), "{}", admin.fix);
        assert_eq!(admin.owner.as_ref().unwrap().name, "web");
        assert_eq!(admin.resource, Some(Named { kind: "services".into(), name: "services".into() }));
        // Rung 0 is wider than what can be had.
        let owner = of(&report, "ada@acme.example").unwrap();
        assert_eq!((owner.rung, owner.status), (Some(Rung::Unbounded), Status::Open));
        // The twin: the same reach, and nothing that it could change.
        assert!(of(&report, "cleo@acme.example").is_none());
        let stands: Vec<_> = report
            .identities
            .iter()
            .map(|one| (one.rung.unwrap().number(), one.attainable.unwrap().number()))
            .collect();
        assert_eq!(stands, [(0, 1), (1, 1), (1, 1)]);
        assert_eq!(report.summary.open.values().sum::<usize>(), 1);
        assert!(own_gaps(&report).is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_a_gap_and_the_rest_is_read() {
        let export = r#"{"provider":"harbor-host","account":"acme","members":[
            {"email":"a","role":"Janitor"}, {"role":"Owner"}, [7], {"email":"b","role":"Owner","team":null,"since":1}]}"#;
        let (found, gaps) = findings(harbor::Harbor, &[("m", export)], Time(0)).unwrap();
        assert_eq!(found.iter().map(|one| &*one.cause).collect::<Vec<_>>(), ["Owner for b"]);
        let targets: Vec<&str> = gaps.iter().map(|gap| &*gap.target).collect();
        assert_eq!(gaps.len(), 3, "{targets:?}");
        assert!(targets[0].contains("member 0: unknown variant `Janitor`"), "{targets:?}");
        assert!(targets[1].contains("missing field `email`"), "{targets:?}");
        let report = run(export).unwrap();
        let shown: Vec<&str> =
            own_gaps(&report).into_iter().map(|gap| &*gap.place.as_ref().unwrap().pointer).collect();
        assert_eq!(shown, ["/members/0", "/members/1", "/members/2"]);
    }

    #[test]
    fn it_answers_as_the_platform_would() {
        let (opened, mapped) = opened(harbor::Harbor, &[("m", EXPORT)]).unwrap();
        let names = |action| -> Vec<String> {
            who_can(&opened, &mapped, action, "services").into_iter().map(|one| one.who.name).collect()
        };
        assert_eq!(names("services.deploy"), ["ada@acme.example", "bob@acme.example"]);
        assert_eq!(names("members.set"), ["ada@acme.example"]);
        let cleo = find(&mapped.estate, "cleo@acme.example").unwrap();
        assert_eq!(can(&opened, &mapped, cleo).len(), 1);

        let registry = Registry::new().layer(harbor::Harbor).unwrap();
        let decide = |question: &str| -> Result<String, QuestionError> {
            let mut answer = Vec::new();
            opened.decide(&registry, "harbor", None, question, &mut answer)?;
            Ok(String::from_utf8(answer).unwrap())
        };
        let ask = |who: &str, action: &str| {
            decide(&format!(r#"{{"member":"{who}","action":"{action}"}}"#)).unwrap()
        };
        assert_eq!(ask("bob@acme.example", "services.set"), r#"{"allowed":true}"#);
        assert!(ask("bob@acme.example", "members.set").starts_with(r#"{"allowed":false"#));
        assert!(ask("nobody", "services.read").starts_with(r#"{"allowed":false"#));
        assert!(ask("bob@acme.example", "services.paint").starts_with(r#"{"allowed":null"#));
        let error = decide(r#"{"member":"bob"}"#).unwrap_err().to_string();
        assert!(error.contains("missing field `action`"), "{error}");
    }

    #[test]
    fn every_certain_statement_is_what_the_authorizer_says() {
        let (opened, mapped) = opened(harbor::Harbor, &[("m", EXPORT)]).unwrap();
        let estate = &*mapped.estate;
        let loaded = &opened.loaded()[0];
        for who in estate.ids().filter(|id| estate.kind(*id).unwrap().class.acts()) {
            for action in ["services.read", "services.deploy", "services.set", "members.set"] {
                let row = estate.privileges.iter().any(|row| row.holder == who && *row.action == *action);
                let named = foursee_core::layer::Who { kind: "member", name: estate.name(who) };
                let says = loaded.may(&named, action, "services");
                assert_eq!(row, says == Holds::Yes, "{} {action}", estate.name(who));
            }
        }
        assert_eq!(estate.edges.len(), 4 + 3 + 1);
    }
}
