//! The rule `kubernetes-secrets-read-named`.

use super::common::causes;
use crate::facts::{Binding, Facts, PolicyRule, Secret};
use crate::reach::is_admin;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;
use hashbrown::HashMap;

foursee_core::rule! {
    /// A role reads Secrets by name, and some of them are logins.
    ///
    /// ## Why
    /// `resourceNames` limits which Secrets, and says nothing about what they hold: a token Secret is its account, for
    /// ever; a bootstrap token joins a node; a registry's password pulls, and often pushes, images. Bound to the whole
    /// cluster it is every Secret of that name, in namespaces that do not exist yet too.
    ///
    /// ## Evidence
    /// The entry, and the type of the worst Secret that it names.
    ///
    /// ## Fix
    /// Bind the role in the one namespace; replace token Secrets by requested tokens.
    pub SecretsReadNamed: "kubernetes-secrets-read-named", High, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings", "secrets"]
}

/// How bad a Secret's type is, and what it holds.
fn worth(sort: &str) -> (Severity, &'static str) {
    match sort {
        "kubernetes.io/service-account-token" => (Severity::High, "a token of a service account"),
        "bootstrap.kubernetes.io/token" => (Severity::High, "a token by which a node joins"),
        "kubernetes.io/tls" => (Severity::Medium, "a private key"),
        "kubernetes.io/ssh-auth" => (Severity::Medium, "an SSH key"),
        "kubernetes.io/basic-auth" => (Severity::Medium, "a password"),
        "helm.sh/release.v1" => (Severity::Medium, "a Helm release, with the values it was given"),
        "kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg" => {
            (Severity::Medium, "a registry's password")
        }
        _ => (Severity::Info, ""),
    }
}

/// Whether a rule reads Secrets by name alone.
fn reads(rule: &PolicyRule) -> bool {
    let has = |all: &[Box<str>], words: &[&str]| all.iter().any(|one| words.contains(&&**one));
    !rule.names.is_empty()
        && has(&rule.verbs, &["get", "list", "watch", "*"])
        && has(&rule.groups, &["", "*"])
        && has(&rule.resources, &["secrets"])
}

/// The Secrets that were read, by name.
type ByName<'f> = HashMap<&'f str, Vec<&'f Secret>>;

/// The worst of those that a rule names in a binding's scope.
fn named<'f>(secrets: &ByName<'f>, rule: &PolicyRule, binding: &Binding) -> Option<&'f Secret> {
    rule.names
        .iter()
        .filter_map(|name| secrets.get(&**name))
        .flatten()
        .filter(|one| binding.meta.namespace.is_empty() || one.meta.namespace == binding.meta.namespace)
        .max_by_key(|one| (worth(&one.sort).0, one.meta.place))
        .copied()
}

impl Rule<Facts> for SecretsReadNamed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut secrets = ByName::new();
        for one in &facts.secrets {
            secrets.entry(&one.meta.name).or_default().push(one);
        }
        let found = causes(facts, |rule, binding| {
            let worst = || named(&secrets, rule, binding).map(|one| worth(&one.sort).0);
            !is_admin(rule)
                && reads(rule)
                && (binding.meta.namespace.is_empty() || worst().is_some_and(|one| one > Severity::Info))
        });
        for cause in found.iter().filter(|cause| !cause.role.shipped) {
            let worst = cause
                .bindings
                .iter()
                .filter_map(|binding| named(&secrets, cause.rule, binding))
                .max_by_key(|one| (worth(&one.sort).0, one.meta.place))
                .filter(|one| worth(&one.sort).0 > Severity::Info);
            let (severity, says) = match worst {
                Some(one) => {
                    let (severity, what) = worth(&one.sort);
                    (
                        severity,
                        format!("reads Secret {}, which holds {what}", one.meta.full_name()),
                    )
                }
                None => (
                    Severity::Low,
                    format!(
                        "reads Secrets named {} in every namespace",
                        cause.rule.names.join(", ")
                    ),
                ),
            };
            for mut finding in cause.findings(&Self::META, &says) {
                if let Some(one) = worst {
                    finding = finding.evidence(one.meta.place, format!("type: {}", one.sort));
                }
                out.push(finding.severity(severity));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{found, role_and_binding};
    use foursee_core::model::Severity;

    const RULE: &str = "kubernetes-secrets-read-named";
    const READ: &str = "{verbs: [get], apiGroups: [''], resources: [secrets], resourceNames: [ci]}";

    fn world(namespace: &str, sort: &str) -> String {
        format!(
            "{}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: ci, namespace: shop}}\ntype: {sort}\n",
            role_and_binding(READ, namespace)
        )
    }

    #[test]
    fn a_login_fires_by_what_it_is() {
        for (sort, severity) in [
            ("kubernetes.io/service-account-token", Severity::High),
            ("kubernetes.io/tls", Severity::Medium),
        ] {
            assert_eq!(found(RULE, &world("shop", sort))[0].severity, severity, "{sort}");
        }
        assert_eq!(found(RULE, &world("", "Opaque"))[0].severity, Severity::Low);
    }

    #[test]
    fn another_secret_in_the_namespace_is_silent() {
        assert!(found(RULE, &world("shop", "Opaque")).is_empty());
    }

    #[test]
    fn the_same_name_in_another_namespace_is_silent() {
        assert!(found(RULE, &world("web", "kubernetes.io/service-account-token")).is_empty());
    }
}
