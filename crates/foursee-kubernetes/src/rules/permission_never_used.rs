//! The rule `kubernetes-permission-never-used`.

use super::common::{binding_name, causes, role_name, rule_text, with_subjects};
use crate::authorize::missing;
use crate::facts::{Facts, PolicyRule};
use crate::usage::unseen;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Rung;

foursee_core::rule! {
    /// A rule of a role gives something that none of its holders used, in 30 days of audit log or more.
    ///
    /// ## Why
    /// What nobody uses helps only who takes one of its holders over.
    ///
    /// ## Evidence
    /// The rule of the role, the bindings through which it counts, and from when to when the audit log saw no use. A
    /// shorter log says nothing. What another authorizer allowed, as the event says of EKS's access policies, is no use of a
    /// role. The platform's own roles and bindings are quiet, and so is what leaves no event of its
    /// own: what kubelets are asked, `use`, and the second checks (bind, escalate, approve, sign, attest, impersonate).
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
        for cause in causes(see.facts, |_, _| true) {
            if may_be_unseen(cause.rule) || cause.bindings.iter().any(|one| usage.serves(one, cause.rule)) {
                continue;
            }
            let (role, text) = (role_name(cause.role), rule_text(cause.rule));
            let namespace = cause.bindings.iter().map(|one| &*one.meta.namespace).min();
            let stands = crate::lower::rung(cause.rule, namespace.unwrap_or_default());
            let mut finding = Finding::new(&Self::META, format!("{role}: {text}"), cause.place, text)
                .title(format!("{role} gives what nobody used from {first} to {last}"))
                .on_rung(stands, Rung::AsUsed);
            for binding in &cause.bindings {
                finding = with_subjects(finding, binding).evidence(binding.meta.place, binding_name(binding));
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Kubernetes;
    use crate::rules::common::testing::role_and_binding;
    use foursee_core::conformance::findings;
    use foursee_core::model::Time;

    const RULE: &str = "kubernetes-permission-never-used";
    const WEB: &str = "system:serviceaccount:shop:web";

    /// The causes in a role of one rule, after one event on a day of each month that is given.
    fn causes(rule: &str, user: &str, verb: &str, months: &[u32]) -> Vec<String> {
        let log: String = months
            .iter()
            .map(|month| {
                format!(
                    "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/api/v1/namespaces/shop/configmaps/a\",\"verb\":\"{verb}\",\"user\":{{\"username\":\"{user}\",\"groups\":[\"system:authenticated\"]}},\"objectRef\":{{\"resource\":\"configmaps\",\"namespace\":\"shop\",\"name\":\"a\"}},\"responseStatus\":{{\"code\":200}},\"requestReceivedTimestamp\":\"2026-{month:02}-01T10:00:00.000000Z\"}}\n"
                )
            })
            .collect();
        let manifest = role_and_binding(rule, "shop");
        let texts = [("m.yaml", manifest.as_str()), ("audit.log", log.as_str())];
        let (all, _) = findings(Kubernetes, &texts, Time::default()).unwrap();
        let all = all.into_iter().filter(|one| one.rule.id == RULE);
        all.map(|one| one.cause).collect()
    }

    const GET: &str = "{apiGroups: [''], resources: [configmaps], verbs: [get]}";

    #[test]
    fn what_nobody_used_in_a_long_log_fires() {
        assert_eq!(
            causes(GET, "somebody", "get", &[1, 3]),
            ["ClusterRole r: verbs: [get], resources: [configmaps], apiGroups: [\"\"]"]
        );
        assert_eq!(causes(GET, WEB, "delete", &[1, 3]).len(), 1);
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
