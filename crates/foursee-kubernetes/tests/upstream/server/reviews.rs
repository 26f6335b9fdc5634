//! SubjectAccessReviews over random worlds, and what its controller wrote into aggregated roles.

use super::{clear, differing, held, put, restful};
use crate::ask::Program;
use crate::sample::{Dice, seeds};
use crate::world::{self, decide, review};
use foursee_kubernetes::facts::Facts;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(super) fn reviews(client: &mut Program) {
    const EACH: usize = 1_000;
    let seeds = seeds(20_000, EACH);
    let (mut all, mut yes, mut bad, mut aggregated) = (0, 0, 0, 0);
    for seed in seeds.clone() {
        let mut dice = Dice::new(seed);
        let objects = restful(world::world(&mut dice));
        let taken = put(client, &objects);
        let (stored, facts) = held(client);
        // What the controller wrote into aggregated roles is what this crate computes from manifests.
        let manifests: Vec<Value> = stored
            .iter()
            .cloned()
            .map(|mut one| {
                one["metadata"].as_object_mut().unwrap().remove("uid");
                one
            })
            .collect();
        let computed = world::facts(&manifests);
        for role in computed.roles.iter().filter(|one| one.aggregation.is_some()) {
            let at = |facts: &Facts| facts.role(role.kind, "", &role.meta.name).unwrap();
            let of = |facts: &Facts| -> HashSet<_> {
                facts.rules_of(at(facts)).map(|(rule, _)| rule.clone()).collect()
            };
            assert_eq!(of(&computed), of(&facts), "seed {seed}: {}", role.meta.name);
            aggregated += 1;
        }
        let (mut questions, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..EACH {
            let (user, groups) = world::asker(&mut dice);
            let user = if user.is_empty() { "u1" } else { user };
            let asked = world::request_of(&mut dice, &objects, user, &groups);
            if asked.len() == 2 && !asked[1].starts_with('/') {
                continue;
            }
            let mut spec = review(&asked);
            (spec["user"], spec["groups"]) = (json!(user), json!(groups));
            let question =
                json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec});
            ours.push(decide(&facts, &question));
            questions.push(json!({"method": "POST", "path": "/apis/authorization.k8s.io/v1/subjectaccessreviews", "body": question}));
        }
        all += questions.len();
        yes += ours.iter().filter(|one| one["allowed"] == true).count();
        let differ = differing(client, &questions, &ours, |ours, answer| {
            answer["body"]["status"]["allowed"].as_bool() == ours["allowed"].as_bool()
        });
        bad += differ;
        clear(client, &taken);
    }
    println!(
        "server, reviews: {all} ({yes} allowed), {aggregated} aggregated roles, seeds {seeds:?}, {bad} differ"
    );
    assert!(bad == 0 && yes > 0 && yes < all);
}
