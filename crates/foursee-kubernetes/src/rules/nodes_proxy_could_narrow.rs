//! The rule `kubernetes-nodes-proxy-could-narrow`.

use super::common::causes;
use crate::data::versions::KUBELET_FINE_GRAINED;
use crate::facts::{Facts, PolicyRule};
use crate::version;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A role that only reads from kubelets has nodes/proxy, where less would do.
    ///
    /// ## Why
    /// The kubelet asks nodes/metrics, nodes/stats, nodes/log and nodes/checkpoint for these paths, in every version, and
    /// never nodes/proxy. From kubelet 1.33 on by default it asks nodes/pods, nodes/healthz and nodes/configz first too,
    /// and takes nodes/proxy only where these are not granted. What nodes/proxy gives beside is
    /// `kubernetes-nodes-proxy`.
    ///
    /// ## Evidence
    /// The entry, which has read verbs alone.
    ///
    /// ## Fix
    /// Grant the subresources that are scraped, and take nodes/proxy out; below 1.33 only /pods, /healthz and /configz
    /// need it.
    pub NodesProxyCouldNarrow: "kubernetes-nodes-proxy-could-narrow", Info, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings", "nodes"]
}

/// Whether a rule names nodes/proxy and reads alone.
fn only_reads(rule: &PolicyRule) -> bool {
    rule.resources.iter().any(|one| &**one == "nodes/proxy")
        && rule.groups.iter().any(|one| one.is_empty() || &**one == "*")
        && rule.verbs.iter().any(|one| &**one == "get")
        && rule
            .verbs
            .iter()
            .all(|one| matches!(&**one, "get" | "list" | "watch"))
}

impl Rule<Facts> for NodesProxyCouldNarrow {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let says = match version::on(see.facts, &KUBELET_FINE_GRAINED) {
            Some(true) => "reads from kubelets by nodes/proxy, where narrower subresources do for every path",
            Some(false) => {
                "reads from kubelets by nodes/proxy, where nodes/metrics, nodes/stats and nodes/log do for theirs"
            }
            None => {
                "reads from kubelets by nodes/proxy, where narrower subresources do, from 1.33 on for every path"
            }
        };
        let found = causes(see.facts, |rule, binding| {
            binding.meta.namespace.is_empty() && only_reads(rule)
        });
        for cause in found.iter().filter(|cause| !cause.role.shipped) {
            for finding in cause.findings(&Self::META, says) {
                out.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{found, role_and_binding};

    const RULE: &str = "kubernetes-nodes-proxy-could-narrow";
    const READ: &str =
        "{verbs: [get, list, watch], apiGroups: [''], resources: [nodes, nodes/metrics, nodes/proxy]}";

    #[test]
    fn a_reader_fires_as_its_kubelets_version_says() {
        let node = |version: &str| {
            format!(
                "{}---\napiVersion: v1\nkind: Node\nmetadata: {{name: worker}}\nstatus: {{nodeInfo: {{kubeletVersion: {version}}}}}\n",
                role_and_binding(READ, "")
            )
        };
        let new = found(RULE, &node("v1.36.1"));
        assert!(
            new[0].title.ends_with("subresources do for every path"),
            "{}",
            new[0].title
        );
        let old = found(RULE, &node("v1.31.4"));
        assert!(old[0].title.ends_with("do for theirs"), "{}", old[0].title);
        assert_eq!(found(RULE, &role_and_binding(READ, "")).len(), 1);
    }

    #[test]
    fn who_runs_commands_there_is_silent() {
        let create = READ.replace("watch]", "create]");
        assert!(found(RULE, &role_and_binding(&create, "")).is_empty());
    }

    #[test]
    fn the_narrow_ones_are_silent() {
        let narrow = "{verbs: [get], apiGroups: [''], resources: [nodes/metrics, nodes/stats]}";
        assert!(found(RULE, &role_and_binding(narrow, "")).is_empty());
    }
}
