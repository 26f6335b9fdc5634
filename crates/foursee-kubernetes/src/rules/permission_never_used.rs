//! The rule `kubernetes-permission-never-used`.

use super::common::{binding_name, platform, role_name, rule_text, with_subjects};
use crate::authorize::missing;
use crate::facts::{Binding, Facts, PolicyRule, Role};
use crate::rightsize::dangling;
use crate::usage::unseen;
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Time};
use std::collections::BTreeSet;

foursee_core::rule! {
    /// A role gives something that none of its holders used, in 30 days of audit log or more.
    ///
    /// ## Why
    /// What nobody uses helps only who takes one of its holders over.
    ///
    /// ## Evidence
    /// The rules of the role that gave nothing to anybody, the bindings through which they count, and from when to when
    /// the audit log saw no use. A role that the API server itself keeps is reported by binding: that is what can be
    /// changed. A shorter log says nothing. The platform's own roles and bindings are quiet, and so is what the cluster
    /// does not have yet, and what leaves no event of its own: what kubelets are asked, `use`, and the second checks
    /// (bind, escalate, approve, sign, attest, impersonate).
    ///
    /// ## Fix
    /// `foursee rightsize` proposes roles as used, with the way back.
    pub PermissionNeverUsed: "kubernetes-permission-never-used", Low, needs ["audit-log"], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

/// Whether use of some of it may leave no event.
fn may_be_unseen(rule: &PolicyRule) -> bool {
    const SECOND: &[&str] = &["bind", "escalate", "approve", "sign", "attest"];
    missing(&[], std::iter::once(rule)).iter().any(|atom| {
        let one = |all: &[Box<str>]| all.first().map(ToString::to_string).unwrap_or_default();
        let (verb, group, resource) = (one(&atom.verbs), one(&atom.groups), one(&atom.resources));
        let (plural, sub) = resource.split_once('/').unwrap_or((&resource, ""));
        unseen(&verb, &group, plural, sub)
            || SECOND.contains(&&*verb)
            || verb.contains(':')
            || atom.urls.iter().any(|url| url.starts_with("/metrics"))
    })
}

impl Rule<Facts> for PermissionNeverUsed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let usage = see.facts.usage();
        let Some((first, last)) = usage.window.filter(|_| usage.enough()) else {
            return;
        };
        let day = |time: Time| time.to_string().chars().take(10).collect::<String>();
        let when = format!("from {} to {}", day(first), day(last));
        let nobody = of_nobody(see.facts);
        for (at, role) in see.facts.roles.iter().enumerate() {
            let facts = see.facts;
            let bindings: Vec<&Binding> = facts
                .index
                .bindings_of_role(at)
                // Of nobody at all another rule speaks.
                .filter(|at| !nobody.contains(at))
                .filter_map(|at| facts.bindings.get(at))
                .filter(|one| !platform(role, one) && facts.in_cluster(one))
                .collect();
            let rules: Vec<(&PolicyRule, Place)> = see
                .facts
                .rules_of(at)
                .filter(|(rule, _)| !may_be_unseen(rule))
                .collect();
            // What can be changed: the role, or, where the API server keeps it, each binding.
            let together = if role.shipped { 1 } else { bindings.len().max(1) };
            for bindings in bindings.chunks(together) {
                let unused: Vec<_> = rules
                    .iter()
                    .filter(|(rule, _)| !bindings.iter().any(|one| usage.serves(one, rule)))
                    .collect();
                if let Some(one) = finding(role, bindings, &unused, rules.len(), &when) {
                    out.push(one);
                }
            }
        }
    }
}

/// The bindings whose subjects are none, or are all service accounts that do not exist.
fn of_nobody(facts: &Facts) -> BTreeSet<usize> {
    let mut left: Vec<usize> = facts.bindings.iter().map(|one| one.subjects.len()).collect();
    for (at, _, _) in dangling(facts) {
        if let Some(left) = left.get_mut(at) {
            *left -= 1;
        }
    }
    let none = left.into_iter().enumerate().filter(|(_, left)| *left == 0);
    none.map(|(at, _)| at).collect()
}

fn finding(
    role: &Role,
    bindings: &[&Binding],
    unused: &[&(&PolicyRule, Place)],
    all: usize,
    when: &str,
) -> Option<Finding> {
    let (_, place) = unused.first()?;
    let namespace = bindings.iter().map(|one| &*one.meta.namespace).min()?;
    let name = match bindings {
        [one] if role.shipped => format!("{} to {}", binding_name(one), role_name(role)),
        _ => role_name(role),
    };
    let title = match unused.len() {
        one if one == all => format!("{name} gives what nobody used {when}"),
        some => format!("{name} gives what nobody used {when}: {some} of its {all} rules"),
    };
    let rung = unused
        .iter()
        .map(|(rule, _)| crate::lower::rung(rule, namespace))
        .min()?;
    let mut finding = Finding::new(
        &PermissionNeverUsed::META,
        name,
        *place,
        rule_text(unused.first()?.0),
    )
    .title(title)
    .on_rung(rung, Rung::AsUsed);
    for (rule, place) in unused.iter().skip(1) {
        finding = finding.evidence(*place, rule_text(rule));
    }
    for binding in bindings {
        finding = with_subjects(finding, binding).evidence(binding.meta.place, binding_name(binding));
    }
    Some(finding)
}

#[cfg(test)]
mod tests {
    use crate::Kubernetes;
    use crate::rules::common::testing::role_and_binding;
    use foursee_core::conformance::findings;
    use foursee_core::model::Time;

    const RULE: &str = "kubernetes-permission-never-used";
    const WEB: &str = "system:serviceaccount:shop:web";

    /// What somebody did to a ConfigMap on the first of a month.
    fn event(user: &str, verb: &str, month: u32) -> String {
        format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/api/v1/namespaces/shop/configmaps/a\",\"verb\":\"{verb}\",\"user\":{{\"username\":\"{user}\",\"groups\":[\"system:authenticated\"]}},\"objectRef\":{{\"resource\":\"configmaps\",\"namespace\":\"shop\",\"name\":\"a\"}},\"responseStatus\":{{\"code\":200}},\"requestReceivedTimestamp\":\"2026-{month:02}-01T10:00:00.000000Z\"}}\n"
        )
    }

    /// The causes in a role of one rule, after one event on a day of each month that is given.
    fn causes(rule: &str, user: &str, verb: &str, months: &[u32]) -> Vec<String> {
        let log: String = months.iter().map(|month| event(user, verb, *month)).collect();
        let manifest = role_and_binding(rule, "shop");
        let texts = [("m.yaml", manifest.as_str()), ("audit.log", log.as_str())];
        let (all, _) = findings(Kubernetes, &texts, Time::default()).unwrap();
        let all = all.into_iter().filter(|one| one.rule.id == RULE);
        all.map(|one| one.cause).collect()
    }

    const GET: &str = "{apiGroups: [''], resources: [configmaps], verbs: [get]}";

    #[test]
    fn what_nobody_used_in_a_long_log_fires() {
        assert_eq!(causes(GET, "somebody", "get", &[1, 3]), ["ClusterRole r"]);
        assert_eq!(causes(GET, WEB, "delete", &[1, 3]).len(), 1);
    }

    #[test]
    fn a_role_is_one_finding_and_one_that_the_server_keeps_is_one_a_binding() {
        let log = event(WEB, "get", 1) + &event(WEB, "get", 3);
        let says = |manifest: &str| -> Vec<String> {
            let texts = [("m.yaml", manifest), ("audit.log", log.as_str())];
            let (all, _) = findings(Kubernetes, &texts, Time::default()).unwrap();
            let all = all.into_iter().filter(|one| one.rule.id == RULE);
            let mut all: Vec<String> = all.map(|one| one.title).collect();
            all.sort();
            all
        };
        let delete = "{apiGroups: [''], resources: [pods], verbs: [delete]}";
        let watch = "{apiGroups: [''], resources: [pods], verbs: [watch]}";
        let own = role_and_binding(&format!("{GET}, {delete}, {watch}"), "shop");
        let when = "gives what nobody used from 2026-01-01 to 2026-03-01";
        assert_eq!(says(&own), [format!("ClusterRole r {when}: 2 of its 3 rules")]);
        let bound = |name: &str| {
            format!(
                "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: {name}, namespace: shop}}\nroleRef: {{kind: ClusterRole, name: system:basic-user}}\nsubjects: [{{kind: User, name: {name}}}]\n"
            )
        };
        let basic = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'system:basic-user', labels: {kubernetes.io/bootstrapping: rbac-defaults}, annotations: {rbac.authorization.kubernetes.io/autoupdate: 'true'}}\nrules:\n- {apiGroups: [authorization.k8s.io], resources: [selfsubjectaccessreviews, selfsubjectrulesreviews], verbs: [create]}\n- {apiGroups: [authentication.k8s.io], resources: [selfsubjectreviews], verbs: [create]}\n";
        let two = format!("{basic}{}{}", bound("eve"), bound("adam"));
        assert_eq!(
            says(&two),
            ["adam", "eve"]
                .map(|name| format!("RoleBinding shop/{name} to ClusterRole system:basic-user {when}"))
        );
    }

    #[test]
    fn what_the_cluster_does_not_have_yet_is_silent() {
        let log = event("somebody", "get", 1) + &event("somebody", "get", 3);
        let manifest = role_and_binding(GET, "shop");
        let listed = r#"{"kind":"RoleBindingList","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"resourceVersion":"1"},"items":[]}"#;
        let texts = [
            ("m.yaml", manifest.as_str()),
            ("audit.log", log.as_str()),
            ("rolebindings.json", listed),
        ];
        let (all, _) = findings(Kubernetes, &texts, Time::default()).unwrap();
        assert!(!all.iter().any(|one| one.rule.id == RULE));
    }

    #[test]
    fn what_was_used_is_silent() {
        assert!(causes(GET, WEB, "get", &[1, 3]).is_empty());
        assert!(
            causes(
                "{apiGroups: [''], resources: ['*'], verbs: ['*']}",
                WEB,
                "get",
                &[1, 3]
            )
            .is_empty()
        );
    }

    #[test]
    fn a_short_log_and_what_leaves_no_event_are_silent() {
        assert!(causes(GET, "somebody", "get", &[1]).is_empty());
        for rule in [
            "{apiGroups: [''], resources: [nodes/proxy], verbs: [get]}",
            "{apiGroups: [policy], resources: [podsecuritypolicies], verbs: [use]}",
            "{apiGroups: [certificates.k8s.io], resources: [signers], verbs: [approve]}",
        ] {
            assert!(causes(rule, "somebody", "get", &[1, 3]).is_empty(), "{rule}");
        }
    }
}
