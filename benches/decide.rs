//! How long a decision takes over the large estate: asked in types, and from JSON to JSON.

use crate::generate::Dice;
use crate::measure::nanoseconds;
use foursee::core::model::ScopeId;
use foursee_aws::authorize as aws;
use foursee_kafka::authorize as kafka;
use foursee_kubernetes::authorize as kubernetes;
use foursee_postgres::authorize as postgres;
use serde_json::json;
use std::hint::black_box;
use std::path::Path;

/// So many different questions are asked in turn.
const QUESTIONS: usize = 1_000;

/// "typed-ns json-ns", of a layer's documents.
pub fn decide(layer: &str, folder: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let opened = foursee::Audit::new().threads(1).add(folder)?.open()?;
    let opened = opened.facts();
    let scope = ScopeId(0);
    let loaded = opened.loaded().first().ok_or("no scope")?;
    let mut dice = Dice(23);
    let (typed, questions): (f64, Vec<String>) = match layer {
        "aws" => {
            let facts: &foursee_aws::facts::Facts = opened.facts(scope).ok_or("no facts")?;
            let beside = crate::policies::Policies::new()?;
            let source = |id, policy| aws::Source {
                id,
                kind: "IAM Policy",
                policy: Some(policy),
            };
            let asked: Vec<_> = facts
                .roles
                .iter()
                .take(QUESTIONS)
                .filter_map(|role| {
                    let inline = role.grants.inline.iter().map(|one| (&one.name, &one.policy));
                    let managed = role.grants.attached.iter().filter_map(|at| {
                        facts
                            .managed
                            .iter()
                            .find(|one| one.arn == at.arn)
                            .map(|one| (&one.name, &one.policy))
                    });
                    let own = inline.chain(managed).map(|(id, policy)| source(id, policy));
                    let more = beside.managed.iter().map(|policy| source("managed", policy));
                    let level = |policy| aws::Sources(vec![source("level", policy)]);
                    let layers = aws::Layers {
                        identity: aws::Sources(own.chain(more).collect()),
                        boundary: Some(level(&beside.boundary)),
                        scps: Some(beside.levels.iter().map(level).collect()),
                        ..aws::Layers::default()
                    };
                    let bucket = format!("arn:aws:s3:::data-{}/report.csv", dice.roll(QUESTIONS));
                    Some((
                        aws::Caller::parse(&role.arn)?,
                        layers,
                        bucket,
                        role.arn.to_string(),
                    ))
                })
                .collect();
            let context = foursee_aws::policy::Context::default();
            let typed = nanoseconds(|at| {
                let Some((caller, layers, resource, _)) = asked.get(at % asked.len().max(1)) else {
                    return;
                };
                let request = aws::Request {
                    caller,
                    action: "s3:GetObject",
                    resource,
                    owner: Some("111122223333"),
                    context: &context,
                };
                black_box(aws::authorize(&request, layers));
            })?;
            (typed, asked.iter().map(|(_, _, resource, arn)| json!({"PolicySourceArn": arn, "ActionNames": ["s3:GetObject"], "ResourceArns": [resource]}).to_string()).collect())
        }
        "kubernetes" => {
            let facts: &foursee_kubernetes::facts::Facts = opened.facts(scope).ok_or("no facts")?;
            let asked: Vec<_> = facts
                .accounts
                .iter()
                .take(QUESTIONS)
                .map(|one| {
                    let user = format!("system:serviceaccount:{}:{}", one.meta.namespace, one.meta.name);
                    let groups = [
                        "system:serviceaccounts".to_owned(),
                        format!("system:serviceaccounts:{}", one.meta.namespace),
                        "system:authenticated".to_owned(),
                    ];
                    (
                        user,
                        groups,
                        one.meta.namespace.to_string(),
                        format!("secret-{}", dice.roll(QUESTIONS)),
                    )
                })
                .collect();
            let typed = nanoseconds(|at| {
                let Some((user, [one, two, three], namespace, name)) = asked.get(at % asked.len().max(1))
                else {
                    return;
                };
                let who = kubernetes::Asker {
                    user,
                    groups: &[one, two, three],
                    principal: "",
                };
                let what = kubernetes::Attributes::Resource {
                    verb: "get",
                    group: "",
                    resource: "secrets",
                    subresource: "",
                    name,
                    namespace,
                };
                black_box(kubernetes::decide(facts, who, &what));
            })?;
            (typed, asked.iter().map(|(user, groups, namespace, name)| json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": user, "groups": groups, "resourceAttributes": {"namespace": namespace, "verb": "get", "resource": "secrets", "name": name}}}).to_string()).collect())
        }
        "postgres" => {
            let facts: &foursee_postgres::facts::Facts = opened.facts(scope).ok_or("no facts")?;
            let captured = facts.captured.get("shop").ok_or("no database")?;
            let roles: Vec<&str> = facts.roles.keys().map(String::as_str).collect();
            let step = (captured.relations.len() / QUESTIONS).max(1);
            let asked: Vec<_> = captured
                .relations
                .iter()
                .step_by(step)
                .map(|one| {
                    (
                        one,
                        roles
                            .get(dice.roll(roles.len().max(1)))
                            .copied()
                            .unwrap_or("postgres")
                            .to_owned(),
                    )
                })
                .collect();
            let want = postgres::Want::from(foursee_postgres::facts::Privilege::Select);
            let typed = nanoseconds(|at| {
                let Some((relation, role)) = asked.get(at % asked.len().max(1)) else {
                    return;
                };
                let ask = postgres::Ask {
                    facts,
                    database: "shop",
                    subject: facts.closures.id(role),
                };
                black_box(ask.relation(relation, want));
            })?;
            (typed, asked.iter().map(|(one, role)| json!({"database": "shop", "role": role, "kind": "table", "object": format!("{}.{}", one.schema, one.name), "privilege": "SELECT"}).to_string()).collect())
        }
        "kafka" => {
            let facts: &foursee_kafka::facts::Facts = opened.facts(scope).ok_or("no facts")?;
            let client = kafka::host::Client::new("10.0.0.17");
            let step = (facts.acls.len() / QUESTIONS).max(1);
            let asked: Vec<_> = facts
                .acls
                .iter()
                .step_by(step)
                .map(|one| {
                    (
                        format!("User:app-{}", dice.roll(4_000)),
                        format!("{}x", facts.word(one.name)),
                    )
                })
                .collect();
            let typed = nanoseconds(|at| {
                let Some((principal, name)) = asked.get(at % asked.len().max(1)) else {
                    return;
                };
                let question = kafka::Question {
                    principal,
                    client: &client,
                    operation: foursee_kafka::facts::Operation::Read,
                    kind: foursee_kafka::facts::ResourceType::Topic,
                    name,
                };
                black_box(facts.decide(&question));
            })?;
            (typed, asked.iter().map(|(principal, name)| json!({"principal": principal, "host": "10.0.0.17", "operation": "READ", "resourceType": "TOPIC", "resourceName": name}).to_string()).collect())
        }
        _ => {
            let facts: &foursee_container::facts::Facts = opened.facts(scope).ok_or("no facts")?;
            let asked: Vec<_> = facts.containers.iter().take(QUESTIONS).collect();
            let typed = nanoseconds(|at| {
                let Some(container) = asked.get(at % asked.len().max(1)) else {
                    return;
                };
                black_box(foursee_container::authorize::equation(facts, container));
            })?;
            (
                typed,
                (0..QUESTIONS)
                    .map(|at| json!({"container": format!("app-{at}")}).to_string())
                    .collect(),
            )
        }
    };
    // A question that is not answered would be measured as a fast one.
    let mut answer = Vec::new();
    for question in &questions {
        loaded.decide(question, &mut answer)?;
    }
    let json = nanoseconds(|at| {
        answer.clear();
        let question = questions
            .get(at % questions.len().max(1))
            .map_or("", String::as_str);
        let _ = black_box(loaded.decide(question, &mut answer));
    })?;
    Ok(format!("{typed} {json}"))
}
