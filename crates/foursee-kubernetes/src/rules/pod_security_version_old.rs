//! The rule `kubernetes-pod-security-version-old`.

use crate::admission::{Mode, policy, still};
use crate::authorize::pod_security::Level;
use crate::facts::Facts;
use crate::version;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A namespace enforces a level as of an old version, which lets more through.
    ///
    /// ## Why
    /// Pinned versions keep an upgrade from refusing what runs. The checks that came since (hosts of probes in 1.34,
    /// dropped capabilities in 1.22, seccomp in 1.19) are then not asked.
    ///
    /// ## Evidence
    /// The label, and what passes under it that the newest version refuses.
    ///
    /// ## Fix
    /// Raise `pod-security.kubernetes.io/enforce-version`, or set it to latest.
    pub PodSecurityVersionOld: "kubernetes-pod-security-version-old", Low, needs ["namespaces"]
}

impl Rule<Facts> for PodSecurityVersionOld {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let server = version::server(see.facts).unwrap_or(u32::MAX);
        for namespace in &see.facts.namespaces {
            let mode = policy(&namespace.meta).enforce;
            if mode.level == Level::Privileged || mode.minor >= server {
                continue;
            }
            let newest = still(
                Mode {
                    minor: u32::MAX,
                    ..mode
                },
                server,
            );
            let more: Vec<&str> = still(mode, server)
                .into_iter()
                .filter(|one| !newest.contains(one))
                .collect();
            if more.is_empty() {
                continue;
            }
            let name = &*namespace.meta.name;
            out.push(
                Finding::new(
                    &Self::META,
                    format!("namespace {name}"),
                    namespace.meta.place,
                    format!("pod-security.kubernetes.io/enforce: {}", mode.text()),
                )
                .title(format!(
                    "Namespace {name} enforces {}, which lets through {}",
                    mode.text(),
                    more.join(", ")
                ))
                .resource("namespace", name),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::found;

    const RULE: &str = "kubernetes-pod-security-version-old";

    fn world(level: &str, version: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{pod-security.kubernetes.io/enforce: {level}, pod-security.kubernetes.io/enforce-version: {version}}}}}\n"
        )
    }

    #[test]
    fn an_old_pin_fires_and_says_what_passes() {
        let all = found(RULE, &world("baseline", "v1.30"));
        assert_eq!(
            all[0].title,
            "Namespace shop enforces baseline v1.30, which lets through probes of any host"
        );
    }

    #[test]
    fn the_newest_is_silent() {
        assert!(found(RULE, &world("baseline", "latest")).is_empty());
        assert!(found(RULE, &world("privileged", "v1.20")).is_empty());
    }

    #[test]
    fn a_pin_that_changes_nothing_is_silent() {
        assert!(found(RULE, &world("baseline", "v1.36")).is_empty());
        assert!(found(RULE, &world("restricted", "v1.36")).is_empty());
    }
}
