//! A rule of one's own over the facts of one of foursee's layers, beside foursee's rules: an organisation where
//! nothing but the payments service may touch `payments.` topics.
//! `cargo run -p foursee-examples --example custom_rule`

use foursee::Audit;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::report::Report;
use foursee_kafka::facts::{Facts, PatternType, Permission, ResourceType};

// The first word of the name is the layer: there it is counted, and there its kinds of documents are looked for.
foursee_core::rule! {
    /// A stranger is let near payments.
    ///
    /// ## Why
    /// At acme, topics whose names begin with `payments.` hold card data, and are audited with the payments service.
    ///
    /// ## Evidence
    /// The ACL that lets another principal in.
    ///
    /// ## Fix
    /// Remove the ACL, or have the principal's service taken into the next card audit.
    AcmePaymentsStranger: "kafka-acme-payments-stranger", High, needs ["acls"]
}

const PREFIX: &str = "payments.";
const OWN: [&str; 2] = ["User:payments", "User:admin"];

impl Rule<Facts> for AcmePaymentsStranger {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for acl in &facts.acls {
            let name = facts.word(acl.name);
            let reaches = match acl.pattern {
                PatternType::Literal => facts.wild(acl) || name.starts_with(PREFIX),
                // A shorter prefix means payments too.
                PatternType::Prefixed => name.starts_with(PREFIX) || PREFIX.starts_with(name),
            };
            let principal = facts.word(acl.principal);
            if acl.kind == ResourceType::Topic
                && acl.permission == Permission::Allow
                && reaches
                && !OWN.contains(&principal)
            {
                let binding = facts.binding(acl);
                let finding = Finding::new(&Self::META, &binding, acl.place, &binding);
                out.push(finding.identity("principal", principal).resource("topic", name));
            }
        }
    }
}

const ACLS: &str = "\
Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=payments.cards, patternType=LITERAL)`:
 \t(principal=User:payments, host=*, operation=READ, permissionType=ALLOW)
 \t(principal=User:reports, host=*, operation=READ, permissionType=ALLOW)
 \t(principal=User:web, host=*, operation=READ, permissionType=DENY)

Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=pay, patternType=PREFIXED)`:
 \t(principal=User:payroll, host=*, operation=WRITE, permissionType=ALLOW)

Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=paychecks, patternType=LITERAL)`:
 \t(principal=User:payroll, host=*, operation=READ, permissionType=ALLOW)
";

/// Audits a list of ACLs by foursee's rules and this one.
fn run(acls: &str) -> Result<Report, foursee::Error> {
    let registry = foursee::built_in()?.rule(AcmePaymentsStranger)?;
    let mut audit = Audit::new().registry(registry).policy(foursee::config::default_policy());
    audit.documents().push_text("acls.txt", acls);
    audit.run()
}

fn main() -> Result<(), foursee::Error> {
    for one in run(ACLS)?.findings {
        println!("{} {}: {}", one.severity.as_str(), one.rule, foursee::report::plain(&one.title));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use foursee_core::registry::Registry;

    const ID: &str = "kafka-acme-payments-stranger";

    fn causes(acls: &str) -> Vec<String> {
        let report = run(acls).unwrap();
        report.findings.into_iter().filter(|one| one.rule == ID).map(|one| one.cause).collect()
    }

    #[test]
    fn strangers_are_found_with_their_statement() {
        assert_eq!(
            causes(ACLS),
            [
                "ALLOW READ on TOPIC payments.cards for User:reports from any host",
                "ALLOW WRITE on TOPIC pay* (prefixed) for User:payroll from any host",
            ]
        );
        let report = run(ACLS).unwrap();
        let found = report.findings.iter().find(|one| one.rule == ID).unwrap();
        assert_eq!(&*found.identities[0].name, "User:reports");
        assert_eq!(
            (found.evidence[0].place.document.as_str(), found.evidence[0].place.line),
            ("acls.txt", 3)
        );
        assert!(found.fix.starts_with("Remove the ACL"));
        // foursee's own layer found what it finds beside it.
        assert!(report.identities.iter().any(|one| one.name == "User:payroll" && one.rung.is_some()));
    }

    #[test]
    fn the_payments_service_and_other_topics_are_silent() {
        let own = ACLS.replace("User:reports", "User:admin").replace("name=pay,", "name=pay.,");
        assert!(causes(&own).is_empty());
    }

    #[test]
    fn without_a_list_of_acls_it_is_not_assessed() {
        let report = run("authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\nsuper.users=User:admin\n").unwrap();
        assert!(report.findings.iter().all(|one| one.rule != ID));
        assert!(
            report.gaps.iter().any(|gap| gap.rules.iter().any(|rule| rule == ID)),
            "a gap names the rule"
        );
    }

    #[test]
    fn a_rule_over_facts_that_no_layer_has_is_an_error() {
        let Err(error) = Registry::new().rule(AcmePaymentsStranger) else {
            panic!("there is no layer at all")
        };
        assert_eq!(
            error.to_string(),
            "rule `kafka-acme-payments-stranger` is over facts that no layer has; register the layer first"
        );
        let twice =
            foursee::built_in().unwrap().rule(AcmePaymentsStranger).unwrap().rule(AcmePaymentsStranger);
        assert!(twice.is_err_and(|error| error.to_string() == format!("there are two rules `{ID}`")));
    }

    #[test]
    fn it_is_listed_beside_the_others() {
        let registry = foursee::built_in().unwrap().rule(AcmePaymentsStranger).unwrap();
        let meta = *registry.metas().iter().find(|meta| meta.id == ID).unwrap();
        assert_eq!((meta.layer(), meta.title()), ("kafka", "A stranger is let near payments."));
    }
}
