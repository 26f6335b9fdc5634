//! The rule `kubernetes-pod-security-label-invalid`.

use crate::admission::policy;
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A namespace's Pod Security label cannot be read.
    ///
    /// ## Why
    /// It does not mean what somebody believed: a broken `enforce` is restricted, and refuses the next pod; a broken
    /// `audit` or `warn` is privileged, and says nothing; a broken version is the newest. The server refuses such labels
    /// today, so they are old, or in a manifest that will be refused.
    ///
    /// ## Evidence
    /// The label, as it is written, and how the server reads it.
    ///
    /// ## Fix
    /// Write privileged, baseline or restricted; latest or v1.N.
    pub PodSecurityLabelInvalid: "kubernetes-pod-security-label-invalid", Low, needs ["namespaces"]
}

impl Rule<Facts> for PodSecurityLabelInvalid {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for namespace in &see.facts.namespaces {
            for (key, value, instead) in policy(&namespace.meta).invalid {
                let name = &*namespace.meta.name;
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("namespace {name}: {key}"),
                        namespace.meta.place,
                        format!("{key}: {value}"),
                    )
                    .title(format!(
                        "Namespace {name} has {key}: {value}, which is read as {instead}"
                    ))
                    .resource("namespace", name),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::causes;

    const RULE: &str = "kubernetes-pod-security-label-invalid";

    fn world(label: &str) -> String {
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{label}}}}}\n")
    }

    #[test]
    fn a_broken_label_fires() {
        assert_eq!(
            causes(RULE, &world("pod-security.kubernetes.io/enforce: high")),
            ["namespace shop: pod-security.kubernetes.io/enforce"]
        );
        assert_eq!(
            causes(RULE, &world("pod-security.kubernetes.io/warn-version: '1.30'")).len(),
            1
        );
    }

    #[test]
    fn a_good_one_is_silent() {
        assert!(causes(RULE, &world("pod-security.kubernetes.io/enforce: restricted")).is_empty());
    }

    #[test]
    fn another_label_is_none_of_its_matter() {
        assert!(causes(RULE, &world("pod-security.example.com/enforce: high")).is_empty());
    }
}
