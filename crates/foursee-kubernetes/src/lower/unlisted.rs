//! What objects name and the listing of its kind does not hold: then that listing is one page or one namespace of
//! several, or the thing is gone. Neither is known, so it is a gap, with the rules that read such listings.

use crate::facts::Facts;
use crate::gateway;
use foursee_core::document::Place;
use foursee_core::estate::Lowering;
use foursee_core::model::{Gap, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// So many names are written out.
const NAMED: usize = 5;

/// Writes the gaps: accounts that workloads name, namespaces that objects are in, and what routes lead by and to. A role that a binding names and no
/// listing holds is a finding of its own, `kubernetes-binding-dangling`.
pub(super) fn write(facts: &Facts, out: &mut Lowering<'_>) {
    if facts.listed("ServiceAccount") {
        let account = |namespace: &str, name: &str| format!("{namespace}/{name}");
        let known: BTreeSet<String> = facts
            .accounts
            .iter()
            .map(|one| account(&one.meta.namespace, &one.meta.name))
            .collect();
        let named = facts
            .workloads
            .iter()
            .map(|one| (account(&one.meta.namespace, &one.pod.account), one.meta.place));
        gap(
            "service accounts that workloads name",
            "whether they mount their tokens, and which cloud roles they are annotated with",
            "serviceaccounts",
            "kubectl get serviceaccounts -A -o json",
            named.filter(|(name, _)| !known.contains(name)),
            out,
        );
    }
    if facts.listed("Namespace") {
        let known: BTreeSet<&str> = facts.namespaces.iter().map(|one| &*one.meta.name).collect();
        let metas = (facts.workloads.iter().map(|one| &one.meta))
            .chain(facts.accounts.iter().map(|one| &one.meta))
            .chain(facts.roles.iter().map(|one| &one.meta))
            .chain(facts.bindings.iter().map(|one| &one.meta));
        let unknown = metas.filter(|meta| !meta.namespace.is_empty() && !known.contains(&*meta.namespace));
        gap(
            "namespaces that objects are in",
            "their labels: the level of Pod Security, and the owner",
            "namespaces",
            "kubectl get namespaces -o json",
            unknown.map(|meta| (meta.namespace.to_string(), meta.place)),
            out,
        );
    }
    for one in gateway::unlisted(facts) {
        gap(
            one.target,
            one.hides,
            one.kind,
            one.closes,
            one.named.into_iter(),
            out,
        );
    }
}

fn gap(
    target: &str,
    hides: &str,
    kind: &str,
    closes: &str,
    named: impl Iterator<Item = (String, Place)>,
    out: &mut Lowering<'_>,
) {
    let mut names: BTreeMap<String, Place> = BTreeMap::new();
    for (name, place) in named {
        let first = names.entry(name).or_insert(place);
        *first = place.min(*first);
    }
    let Some(place) = names.values().min().copied() else {
        return;
    };
    let mut said: Vec<&str> = names.keys().take(NAMED).map(String::as_str).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = format!("{more} more");
    if names.len() > NAMED {
        said.push(&more);
    }
    let mut gap = Gap::new(Reason::NotCaptured, target)
        .facet(format!("not in the listing: {}", said.join(", ")))
        .hides(hides)
        .closes(closes)
        .at(place);
    gap.rules = crate::rules::all()
        .iter()
        .map(|rule| rule.meta())
        .filter(|meta| meta.needs.iter().chain(meta.reads).any(|one| *one == kind))
        .map(|meta| meta.id.into())
        .collect();
    out.gap(gap);
}

#[cfg(test)]
mod tests {
    use foursee_core::conformance::opened;
    use foursee_core::model::Gap;

    fn gaps(accounts: &str) -> Vec<Gap> {
        let list = |items: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"List","metadata":{{"resourceVersion":""}},"items":[{items}]}}"#
            )
        };
        let meta = |kind: &str, namespace: &str, name: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"{kind}","metadata":{{"namespace":"{namespace}","name":"{name}","uid":"u-{name}"}}"#
            )
        };
        let pod = format!(
            r#"{},"spec":{{"serviceAccountName":"web"}}}}"#,
            meta("Pod", "shop", "web-1")
        );
        let namespaces =
            list(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kube-system","uid":"c"}}"#);
        let accounts = list(&format!("{}}}", meta("ServiceAccount", accounts, "web")));
        let texts = [
            ("a.json", &*accounts),
            ("n.json", &namespaces),
            ("p.json", &list(&pod)),
        ];
        let (_, mapped) = opened(crate::Kubernetes, &texts).unwrap();
        let all = mapped.estate.gaps.iter();
        all.filter(|gap| gap.facet.starts_with("not in the listing"))
            .cloned()
            .collect()
    }

    #[test]
    fn what_is_named_and_not_listed_is_a_gap_with_its_rules() {
        let found = gaps("other");
        let said: Vec<(&str, &str)> = found.iter().map(|gap| (&*gap.target, &*gap.facet)).collect();
        assert_eq!(
            said,
            [
                (
                    "namespaces that objects are in",
                    "not in the listing: other, shop"
                ),
                (
                    "service accounts that workloads name",
                    "not in the listing: shop/web"
                )
            ]
        );
        let rules: Vec<&str> = found
            .iter()
            .flat_map(|gap| &gap.rules)
            .map(|rule| &**rule)
            .collect();
        assert!(rules.contains(&"kubernetes-token-mounted-unneeded"), "{rules:?}");
        // Its twin: the account is in the listing.
        let found = gaps("shop");
        let said: Vec<&str> = found.iter().map(|gap| &*gap.target).collect();
        assert_eq!(said, ["namespaces that objects are in"]);
    }
}
