//! What captured documents of real servers give, and the laws of any layer.

use crate::Postgres;
use crate::facts::Facts;
use crate::testing::{answer, document, facts};
use foursee_core::audit::Mapped;
use foursee_core::conformance;
use foursee_core::document::Head;
use foursee_core::estate::Estate;
use foursee_core::layer::{Holds, Layer, ScopeClaim, Who};
use foursee_core::model::{Certainty, NodeId, Reason};
use serde_json::json;
use std::collections::BTreeSet;

const SHOP: &str = include_str!("../tests/data/shop-15.json");
const MIXED_15: &str = include_str!("../tests/data/mixed-15.json");
const MIXED_18: &str = include_str!("../tests/data/mixed-18.json");

#[test]
fn any_layers_laws_hold() {
    for text in [SHOP, MIXED_15, MIXED_18] {
        let wrong = conformance::check(&Postgres, &[("d.json", text)]).unwrap();
        assert_eq!(wrong, Vec::<String>::new());
        complete(&[("d.json", text)]);
    }
}

/// Whatever the authorizer allows of the technique table, an edge covers (L1). What comes with a role (ownership, the
/// admin option) superusers have by becoming it: that is another technique's edge.
fn complete(texts: conformance::Texts<'_>) {
    use conformance::Means;
    let table = [
        Means::new("postgres-select", "SELECT", "table"),
        Means::new("postgres-insert", "INSERT", "table"),
        Means::new("postgres-update", "UPDATE", "table"),
        Means::new("postgres-delete", "DELETE", "table"),
        Means::new("postgres-truncate", "TRUNCATE", "table"),
    ];
    let compared = conformance::complete(Postgres, texts, &table).unwrap();
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.allowed > 5, "{compared:?}");
}

#[test]
fn databases_of_one_cluster_are_one_scope() {
    let other = document(|all| all["current_database"] = "crm".into());
    let shop = document(|_| {});
    let (both, gaps) = facts(&[&shop, &other]);
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(both.captured.keys().collect::<Vec<_>>(), ["crm", "shop"]);
    let texts = [("crm.json", &*other), ("shop.json", &*shop)];
    let (opened, _) = conformance::opened(Postgres, &texts).unwrap();
    assert_eq!(opened.scopes().len(), 1);
    assert_eq!(
        conformance::check(&Postgres, &texts).unwrap(),
        Vec::<String>::new()
    );
}

fn mapped(text: &str) -> Mapped {
    conformance::opened(Postgres, &[("d.json", text)]).unwrap().1
}

/// The nodes that a node has without a step, itself among them.
fn members(estate: &Estate, from: NodeId) -> BTreeSet<NodeId> {
    let mut all = BTreeSet::from([from]);
    loop {
        let before = all.len();
        for edge in &estate.edges {
            let by_selector = estate
                .selectors
                .get(&edge.from)
                .is_some_and(|selector| selector.matches(estate.name(from)));
            if &*estate.technique(edge.technique).unwrap().id == "core-member"
                && (all.contains(&edge.from) || by_selector)
            {
                all.insert(edge.to);
            }
        }
        if all.len() == before {
            return all;
        }
    }
}

/// L1 and L2: an edge from what a role has without a step, exactly where the authorizer says yes or under a condition.
#[test]
fn edges_cover_exactly_what_the_authorizer_allows() {
    for text in [SHOP, MIXED_15, MIXED_18] {
        let (facts, _) = facts(&[text]);
        let mapped = mapped(text);
        let estate = &*mapped.estate;
        let kind = |id: NodeId| estate.kind(id).map_or("", |kind| &*kind.name);
        let tables: Vec<NodeId> = estate
            .ids()
            .filter(|id| kind(*id) == "table" && !estate.node(*id).unwrap().selector)
            .collect();
        let mut compared = 0;
        for role in estate
            .ids()
            .filter(|id| kind(*id) == "role" && !estate.node(*id).unwrap().selector)
        {
            let name = estate.name(role);
            // Who gets into no session there walks no edge there.
            let ask = crate::authorize::Ask {
                facts: &facts,
                database: facts.captured.keys().next().unwrap(),
                subject: facts.closures.id(name),
            };
            if !ask.connects() {
                continue;
            }
            let has = members(estate, role);
            for (technique, word) in [
                ("postgres-select", "SELECT"),
                ("postgres-insert", "INSERT"),
                ("postgres-update", "UPDATE"),
                ("postgres-delete", "DELETE"),
                ("postgres-truncate", "TRUNCATE"),
            ] {
                for table in &tables {
                    let to = estate.name(*table);
                    let best = estate
                        .edges
                        .iter()
                        .filter(|edge| {
                            &*estate.technique(edge.technique).unwrap().id == technique
                                && has.contains(&edge.from)
                                && (edge.to == *table
                                    || estate.selectors.get(&edge.to).is_some_and(|one| one.matches(to)))
                        })
                        .map(|edge| edge.certainty)
                        .min();
                    let who = Who { kind: "role", name };
                    let holds = Postgres.may(&facts, &who, word, to);
                    compared += 1;
                    match (&holds, best) {
                        (Holds::Yes, Some(Certainty::Certain)) => {}
                        (Holds::If(_), Some(Certainty::Conditional)) => {}
                        (Holds::No(_), None) => {}
                        other => panic!("{name} {word} {to}: {other:?}"),
                    }
                }
            }
        }
        assert!(compared > 500, "{compared}");
    }
}

#[test]
fn the_shop_answers_in_has_privileges_terms() {
    let (facts, gaps) = facts(&[SHOP]);
    assert!(gaps.is_empty(), "{gaps:?}");
    let ask = |role: &str, object: &str, privilege: &str| {
        let question = json!({"database": "shop", "role": role, "kind": "table", "object": object, "privilege": privilege});
        answer(&facts, &question)
    };
    assert_eq!(
        ask("shop_web", "crm.customers", "select").unwrap(),
        json!({"granted": true, "usable": true, "chain": [
            "shop_web inherits app_read", "app_read inherits customer_read",
            "customer_read=r/crm_owner on table crm.customers"]})
    );
    // SET ROLE is not inheriting: shop_migrate is NOINHERIT.
    assert_eq!(
        ask("shop_migrate", "crm.customers", "SELECT").unwrap()["granted"],
        false
    );
    assert_eq!(
        ask("shop_reports", "payments.payments", "SELECT").unwrap(),
        json!({"granted": true, "usable": false, "chain": ["shop_reports=r/payments_owner on table payments.payments"],
            "unusable": "no USAGE on schema payments"})
    );
    assert_eq!(
        ask("public", "reports.daily_sales", "SELECT, DELETE").unwrap()["granted"],
        true
    );
    assert_eq!(
        ask("shop_partner", "sales.order_items", "TRUNCATE WITH GRANT OPTION").unwrap()["granted"],
        true
    );
    let refused = |role: &str, object: &str, privilege: &str| ask(role, object, privilege).unwrap_err();
    assert!(refused("nobody", "crm.customers", "SELECT").contains("role \"nobody\""));
    assert!(refused("dana", "crm.gone", "SELECT").contains("relation \"crm.gone\""));
    assert!(refused("dana", "crm.customers", "READ").contains("unrecognized privilege type"));
    assert!(refused("dana", "other.crm.customers", "SELECT").contains("cross-database"));
}

#[test]
fn other_kinds_are_answered() {
    let (facts, _) = facts(&[SHOP]);
    for (question, granted) in [
        (
            json!({"role": "app_read", "kind": "column", "object": "crm.addresses", "column": "city", "privilege": "SELECT"}),
            true,
        ),
        (
            json!({"role": "app_read", "kind": "column", "object": "crm.addresses", "column": "street", "privilege": "SELECT"}),
            false,
        ),
        (
            json!({"role": "app_read", "kind": "any_column", "object": "crm.addresses", "privilege": "SELECT"}),
            true,
        ),
        (
            json!({"role": "shop_worker", "kind": "sequence", "object": "sales.order_ids", "privilege": "USAGE"}),
            true,
        ),
        (
            json!({"role": "shop_web", "kind": "schema", "object": "payments", "privilege": "USAGE"}),
            false,
        ),
        (
            json!({"role": "shop_web", "kind": "database", "object": "shop", "privilege": "CONNECT"}),
            true,
        ),
        (
            json!({"role": "public", "kind": "database", "object": "shop", "privilege": "CONNECT"}),
            false,
        ),
        (
            json!({"role": "public", "kind": "function", "object": "payments.refund(int8)", "privilege": "EXECUTE"}),
            true,
        ),
        (
            json!({"role": "dana", "kind": "role", "object": "migrator", "privilege": "USAGE WITH ADMIN OPTION"}),
            true,
        ),
        (
            json!({"role": "shop_migrate", "kind": "role", "object": "crm_owner", "privilege": "MEMBER"}),
            true,
        ),
        (
            json!({"role": "shop_migrate", "kind": "role", "object": "crm_owner", "privilege": "USAGE"}),
            false,
        ),
        (
            json!({"role": "shop_web", "kind": "language", "object": "plpgsql", "privilege": "USAGE"}),
            true,
        ),
        (
            json!({"role": "shop_web", "kind": "parameter", "object": "work_mem", "privilege": "SET"}),
            false,
        ),
    ] {
        assert_eq!(
            answer(&facts, &question).unwrap()["granted"],
            granted,
            "{question}"
        );
    }
    let set = json!({"role": "dana", "kind": "role", "object": "migrator", "privilege": "SET"});
    assert!(answer(&facts, &set).unwrap_err().contains("SET (from 16 on)"));
    let column = json!({"role": "dana", "kind": "column", "object": "crm.customers", "column": "gone", "privilege": "SELECT"});
    assert!(answer(&facts, &column).unwrap_err().contains("column \"gone\""));
}

fn shown(estate: &Estate) -> Vec<String> {
    estate
        .edges
        .iter()
        .map(|edge| {
            let technique = &estate.technique(edge.technique).unwrap().id;
            format!(
                "{} -{technique}-> {}",
                estate.show(edge.from),
                estate.show(edge.to)
            )
        })
        .collect()
}

#[test]
fn memberships_are_lowered_by_their_options() {
    let mapped = mapped(MIXED_18);
    let all = shown(&mapped.estate);
    let has = |text: &str| all.iter().any(|one| one == text);
    assert!(has("role only_inherit -core-member-> role-grants writers"));
    assert!(!has("role only_inherit -postgres-set-role-> role writers"));
    assert!(has("role only_set -postgres-set-role-> role writers"));
    assert!(!has("role only_set -core-member-> role-grants writers"));
    // The power of a superuser is not inherited.
    assert!(has("role only_inherit -core-member-> role-grants dba"));
    assert!(has("role dba -core-member-> role-attribute SUPERUSER"));
    assert!(has("role-grants writers -core-member-> role-grants readers"));
    assert!(
        has("role \"Odd.Role\" -postgres-admin-option-> role readers")
            || has("role Odd.Role -postgres-admin-option-> role readers")
    );
    // readers lack USAGE on the schema; writers, who inherit them, have it.
    assert!(has("role-grants writers -postgres-select-> table mixed.closed.t"));
    assert!(!has(
        "role-grants readers -postgres-select-> table mixed.closed.t"
    ));
    assert!(has(
        "role-grants pg_execute_server_program -postgres-execute-program-> server server"
    ));
    assert!(has(
        "group PUBLIC -postgres-select-> table mixed.\"Odd Schema\".\"T.1\""
    ));
    assert!(has(
        "group PUBLIC -postgres-execute-> function mixed.\"Odd Schema\".risky(text, integer[])"
    ));
    assert!(has(
        "function mixed.\"Odd Schema\".risky(text, integer[]) -postgres-execute-definer-> role postgres"
    ));
    assert!(has(
        "role maker -core-member-> role-grants mixed.pg_database_owner"
    ));
    assert!(
        !all.iter().any(|one| one.contains("postgres-createrole")),
        "16 and later: ADMIN OPTION decides"
    );
    assert!(has("table mixed.s.view -postgres-view-> table mixed.s.customers"));
    assert!(
        !all.iter().any(|one| one.starts_with("table mixed.s.own_eyes")),
        "security_invoker"
    );
    let before = mapped_edges(MIXED_15);
    assert!(
        before
            .iter()
            .any(|one| one.starts_with("role maker -postgres-createrole-> any role"))
    );
}

fn mapped_edges(text: &str) -> Vec<String> {
    shown(&mapped(text).estate)
}

#[test]
fn comments_are_tags_and_prizes() {
    let mapped = mapped(MIXED_18);
    let estate = &*mapped.estate;
    let tags: Vec<String> = estate
        .tags
        .iter()
        .map(|tag| format!("{} {}={}", estate.show(tag.node), tag.key, tag.value))
        .collect();
    assert!(
        tags.contains(&"table mixed.s.customers data-class=customer".to_owned()),
        "{tags:?}"
    );
    assert!(tags.contains(&"role app owner=team-app".to_owned()));
    let prizes: BTreeSet<String> = estate.prizes.iter().map(|mark| estate.show(mark.node)).collect();
    let want = [
        "role-attribute SUPERUSER",
        "table mixed.\"Odd Schema\".\"T.1\"",
        "table mixed.s.customers",
    ];
    assert_eq!(prizes.iter().map(String::as_str).collect::<Vec<_>>(), want);
}

#[test]
fn every_finding_of_the_shop_is_one_cause() {
    let (all, _) =
        conformance::findings(Postgres, &[("shop.json", SHOP)], foursee_core::model::Time(0)).unwrap();
    let mut causes: Vec<String> = all
        .iter()
        .map(|one| format!("{}: {}", one.rule.id, one.cause))
        .collect();
    causes.sort();
    assert_eq!(
        causes,
        [
            "postgres-definer-search-path-missing: function shop.payments.refund(bigint) sets no search_path",
            "postgres-grant-unusable: grants to shop_reports in shop.payments",
            "postgres-public-table-grant: grants to PUBLIC on shop.reports.daily_sales",
            "postgres-superuser-login: role postgres is SUPERUSER LOGIN",
            "postgres-superuser-login: role shop_admin is SUPERUSER LOGIN",
        ]
    );
}

#[test]
fn documents_are_recognised_by_content() {
    let claim = |text: &str| Postgres.recognise(&Head::new("x", text));
    assert_eq!(
        claim(&document(|_| {})).unwrap().scope,
        ScopeClaim::One("77".into())
    );
    let unnamed = document(|all| all["system_identifier"] = json!(null));
    assert_eq!(claim(&unnamed).unwrap().scope, ScopeClaim::Unsaid);
    assert!(
        claim("psql: error: connection to server at \"db\" failed: FATAL:  no")
            .unwrap()
            .kinds
            .is_empty()
    );
    assert!(
        claim("ERROR:  permission denied for table pg_authid")
            .unwrap()
            .kinds
            .is_empty()
    );
    for other in ["{\"Users\":[]}", "ERROR: something else", "", "[]"] {
        assert!(claim(other).is_none(), "{other}");
    }
    let script_words = claim(SHOP).unwrap();
    assert_eq!(script_words.kinds, ["catalog"]);
}

#[test]
fn what_was_refused_is_a_gap() {
    let (nothing, gaps) =
        facts(&["psql: error: connection to server failed: FATAL:  password authentication failed"]);
    assert_eq!((nothing, gaps.len()), (sealed_nothing(), 1));
    // Standard error in the same file: the rest is read, and the list that failed is a gap.
    let broken: String = SHOP
        .lines()
        .map(|line| match line {
            line if line.starts_with(",\"policies\":") => {
                "psql:capture.sql:224: ERROR:  permission denied for table pg_policy\n".to_owned()
            }
            line => format!("{line}\n"),
        })
        .collect();
    let (mixed, gaps) = facts(&[&broken]);
    let (whole, _) = facts(&[SHOP]);
    assert_eq!(
        mixed.captured["shop"].relations.len(),
        whole.captured["shop"].relations.len()
    );
    assert_eq!(
        (mixed.version, mixed.roles.len()),
        (whole.version, whole.roles.len())
    );
    let reasons: Vec<(Reason, &str)> = gaps.iter().map(|gap| (gap.reason, &*gap.target)).collect();
    assert_eq!(
        reasons,
        [
            (Reason::Denied, "a catalog of PostgreSQL"),
            (Reason::NotCaptured, "policies of database shop")
        ]
    );
    // As the script itself says it.
    let said = document(|all| {
        all.as_object_mut().unwrap().remove("policies");
        all["denied"] = json!([{"what": "policies", "why": "permission denied for table pg_policy"}]);
    });
    let (_, gaps) = facts(&[&said]);
    assert_eq!((gaps.len(), gaps[0].reason), (1, Reason::Denied), "{gaps:?}");
}

fn sealed_nothing() -> Facts {
    let mut facts = Facts::default();
    facts.seal();
    facts
}

#[test]
fn odd_rows_are_gaps_and_the_rest_is_read() {
    let text = document(|all| {
        all["relations"][0]["acl"] = json!(["own=arwdDxt/own", "web=Q/own"]);
        all["roles"].as_array_mut().unwrap().push(json!({"oid": 3}));
        all["later"] = json!([1]);
        all["server_version_num"] = 190_000.into();
    });
    let (facts, gaps) = facts(&[&text]);
    let targets: BTreeSet<&str> = gaps.iter().map(|gap| &*gap.target).collect();
    assert_eq!(
        targets,
        BTreeSet::from([
            "PostgreSQL 19",
            "a row of roles",
            "an item of an ACL",
            "member `later` of the document"
        ])
    );
    assert_eq!((facts.roles.len(), facts.major()), (5, 18));
}

#[test]
fn catalogs_are_masked_and_predefined_roles_reach_them() {
    let (facts, _) = facts(&[MIXED_18]);
    let table = |role: &str, privilege: &str| {
        let question =
            json!({"role": role, "kind": "table", "object": "pg_catalog.pg_authid", "privilege": privilege});
        answer(&facts, &question).unwrap()["granted"].clone()
    };
    assert_eq!(table("analyst", "SELECT"), true);
    assert_eq!(table("loader", "SELECT"), true);
    assert_eq!(table("app", "SELECT"), false);
    assert_eq!(table("analyst", "UPDATE"), false);
}

#[test]
fn logins_are_accepted_at_the_configured_endpoints_for_their_databases() {
    use foursee_core::audit::{Documents, open};
    use foursee_core::judge::{Policy, ScopePolicy};
    use foursee_core::registry::Registry;
    let registry = Registry::new().layer(Postgres).unwrap();
    let lowered = |policy: &Policy| {
        let mut documents = Documents::new();
        documents.push_text("d.json", MIXED_18);
        let opened = open(documents, &registry, policy, 1);
        Mapped::new(&opened, policy, &mut |_| {})
    };
    let mapped = lowered(&Policy::default());
    assert!(mapped.estate.accepted.is_empty());
    let gap = mapped
        .estate
        .gaps
        .iter()
        .find(|gap| gap.target == "addresses of the server")
        .unwrap();
    assert!(gap.closes.contains("endpoints = "), "{gap:?}");
    let (facts, _) = facts(&[MIXED_18]);
    let mut scope = ScopePolicy::default();
    scope.name = facts.system.clone().unwrap();
    scope.endpoints = vec!["DB.internal".into()];
    let mut policy = Policy::default();
    policy.scopes = vec![scope];
    let mapped = lowered(&policy);
    let of = |name: &str| {
        let all: Vec<_> = mapped
            .estate
            .accepted
            .iter()
            .filter(|one| mapped.estate.name(one.by) == name)
            .collect();
        all.first().map(|one| {
            let audience: Vec<String> = one.audience.iter().map(ToString::to_string).collect();
            (one.realm.to_string(), audience, one.certainty)
        })
    };
    let databases = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let realm = "db.internal:5432".to_owned();
    let every = databases(&["mixed", "postgres", "template1"]);
    assert_eq!(
        of("app"),
        Some((realm.clone(), every.clone(), Certainty::Certain))
    );
    assert_eq!(
        of("Odd.Role"),
        Some((realm.clone(), every, Certainty::Conditional))
    );
    let without = databases(&["postgres", "template1"]);
    assert_eq!(
        of("only_set"),
        Some((realm, without, Certainty::Certain)),
        "it may not connect to mixed"
    );
    assert_eq!(of("readers"), None, "no login");
}

/// Which logins are accepted, under which condition, where pg_hba.conf says this.
fn accepted(hba: &str) -> Vec<(String, String)> {
    use foursee_core::audit::{Documents, open};
    use foursee_core::judge::{Policy, ScopePolicy};
    let registry = foursee_core::registry::Registry::new().layer(Postgres).unwrap();
    let mut scope = ScopePolicy::default();
    scope.name = "77".into();
    scope.endpoints = vec!["db.internal".into()];
    let mut policy = Policy::default();
    policy.scopes = vec![scope];
    let mut documents = Documents::new();
    documents.push_text("shop.json", document(|_| {}));
    documents.push_text("pg_hba.conf", hba);
    let opened = open(documents, &registry, &policy, 1);
    let mapped = Mapped::new(&opened, &policy, &mut |_| {});
    let estate = &mapped.estate;
    let gap = |gap: &foursee_core::model::Gap| gap.target == "pg_hba.conf of the server";
    assert!(!estate.gaps.iter().any(gap));
    estate
        .accepted
        .iter()
        .map(|one| {
            let condition = estate.condition(one.condition).to_owned();
            (estate.name(one.by).to_owned(), condition)
        })
        .collect()
}

#[test]
fn pg_hba_says_who_is_let_in_with_its_password() {
    let one = |name: &str, condition: &str| (name.to_owned(), condition.to_owned());
    assert_eq!(
        accepted("host all all 0.0.0.0/0 md5\n"),
        [one("ops", ""), one("web", "")]
    );
    // ops is refused from everywhere: by its line, and behind it by the end of the file.
    let narrow =
        "host shop web 10.0.0.0/8 scram-sha-256\nhost all ops 0.0.0.0/0 reject\nlocal all all peer\n";
    assert_eq!(
        accepted(narrow),
        [one(
            "web",
            "as pg_hba.conf lets it in: line 1, host shop web 10.0.0.0/8 scram-sha-256"
        )]
    );
    // Two halves are the whole; TLS is anybody's choice.
    let halves = "hostssl all web 0.0.0.0/1 md5\nhostssl all web 128.0.0.0/1 trust\n";
    assert_eq!(accepted(halves), [one("web", "")]);
    // A certificate is no password.
    let certificate = "hostssl all web 0.0.0.0/0 cert\n";
    assert_eq!(
        accepted(certificate),
        [one(
            "web",
            "as pg_hba.conf lets it in: line 1, hostssl all web 0.0.0.0/0 cert"
        )]
    );
    assert_eq!(accepted("local all all trust\n"), []);
    // What another file says may let anybody in.
    assert_eq!(accepted("local all all peer\ninclude more.conf\n").len(), 2);
}
