//! Findings about a role that is as its vendor ships it say so: who reads them knows that an update gives the role back,
//! and whom to ask for less. How bad they are stays the same: the table knows a role, and not who should hold it.

use crate::facts::Facts;
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

/// A rule whose findings are noted.
struct Noted(Box<dyn Rule<Facts>>);

/// The same rule; its findings name the vendors of the roles that they rest on.
pub(crate) fn noted(rule: Box<dyn Rule<Facts>>) -> Box<dyn Rule<Facts>> {
    Box::new(Noted(rule))
}

impl Rule<Facts> for Noted {
    fn meta(&self) -> &'static Meta {
        self.0.meta()
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        if see.facts.roles.iter().all(|role| role.vendor.is_none()) {
            return self.0.check(see, out);
        }
        let mut found = Findings::default();
        self.0.check(see, &mut found);
        for finding in found.as_slice() {
            out.push(note(see.facts, finding.clone()));
        }
    }
}

/// The finding with the vendor of the first role that it rests on, where one has a vendor.
fn note(facts: &Facts, mut finding: Finding) -> Finding {
    let rests_on = |place: Place| finding.evidence.iter().any(|one| one.place == place);
    let shipped = facts.roles.iter().find_map(|role| {
        let vendor = role.vendor.as_deref()?;
        let mut places = role.rules.iter().map(|(_, place)| *place);
        (rests_on(role.meta.place) || places.any(rests_on)).then_some((vendor, role.meta.place))
    });
    if let Some((vendor, place)) = shipped {
        finding.title = format!("{}, as shipped by {vendor}", finding.title);
        finding = finding.evidence(place, format!("the role is as {vendor} ships it"));
    }
    finding
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::found;
    use foursee_core::model::Severity;

    /// What ingress-nginx gives its controller.
    fn cluster(verbs: &str, name: &str) -> String {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: '{name}'}}
rules: [{{apiGroups: [''], resources: [configmaps, endpoints, nodes, pods, secrets, namespaces], verbs: {verbs}}}, {{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [list, watch]}}, {{apiGroups: [''], resources: [nodes], verbs: [get]}}, {{apiGroups: [''], resources: [services], verbs: [get, list, watch]}}, {{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}}, {{apiGroups: [''], resources: [events], verbs: [create, patch]}}, {{apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [update]}}, {{apiGroups: [networking.k8s.io], resources: [ingressclasses], verbs: [get, list, watch]}}, {{apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch, get]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: b}}
roleRef: {{kind: ClusterRole, name: '{name}'}}
subjects: [{{kind: ServiceAccount, name: ingress-nginx, namespace: ingress-nginx}}]
"
        )
    }

    const RULE: &str = "kubernetes-secrets-read-all";

    #[test]
    fn an_untouched_role_is_said_to_be_its_vendors_and_stays_visible() {
        let all = found(RULE, &cluster("[watch, list]", "ingress-nginx"));
        assert_eq!(all.len(), 1);
        assert!(
            all[0].title.contains(", as shipped by ingress-nginx (v1.5.2"),
            "{}",
            all[0].title
        );
        assert!(
            all[0]
                .evidence
                .iter()
                .any(|one| one.says.starts_with("the role is as ingress-nginx ("))
        );
        // As bad as it is under any other name, and the same cause.
        let other = found(RULE, &cluster("[watch, list]", "another"));
        assert_eq!(all[0].severity, other[0].severity);
        assert!(all[0].severity >= Severity::Medium);
        assert!(!other[0].title.contains("as shipped"), "{}", other[0].title);
    }

    #[test]
    fn who_is_cluster_admin_by_its_vendors_wish_is_as_critical_as_anybody() {
        let all = found(
            "kubernetes-cluster-admin-binding",
            "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: argocd-application-controller}
rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}, {nonResourceURLs: ['*'], verbs: ['*']}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: argocd-application-controller}
roleRef: {kind: ClusterRole, name: argocd-application-controller}
subjects: [{kind: ServiceAccount, name: argocd-application-controller, namespace: argocd}]
",
        );
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].severity, Severity::Critical);
        assert!(
            all[0].title.contains(", as shipped by argo-cd ("),
            "{}",
            all[0].title
        );
    }

    #[test]
    fn a_changed_role_is_nobodys() {
        let all = found(RULE, &cluster("[get, watch, list]", "ingress-nginx"));
        assert!(!all[0].title.contains("as shipped"), "{}", all[0].title);
    }

    #[test]
    fn a_rule_of_somebody_elses_beside_it_is_not_noted() {
        let mine = cluster("[watch, list]", "mine").replace("metadata: {name: b}", "metadata: {name: m}");
        let all = found(
            RULE,
            &format!("{}---\n{mine}", cluster("[watch, list]", "ingress-nginx")),
        );
        assert_eq!(all.len(), 2);
        let noted = all.iter().filter(|one| one.title.contains("as shipped"));
        assert_eq!(noted.count(), 1);
    }
}
