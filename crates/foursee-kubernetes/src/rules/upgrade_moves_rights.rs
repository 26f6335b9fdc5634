//! The rule `kubernetes-upgrade-moves-rights`.

use super::common::binding_name;
use crate::data::versions::{Change, Moved};
use crate::facts::Facts;
use crate::version;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// Another version of the server gives or takes what somebody can do.
    ///
    /// ## Why
    /// The same grants mean something else: `get` on pods/exec runs commands up to 1.34; a right to write
    /// MutatingAdmissionPolicies does nothing before 1.36 and then rewrites every object.
    ///
    /// ## Evidence
    /// The first binding that gives the right. It is asked where a version is assumed
    /// (`--assume-version kubernetes=1.38`) and the documents say another one.
    ///
    /// ## Fix
    /// Before the upgrade take out what nobody should gain, and give who loses what they need.
    pub UpgradeMovesRights: "kubernetes-upgrade-moves-rights", Medium, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings", "version"]
}

fn finding(facts: &Facts, change: &Change, right: &Moved, on: bool, to: u32) -> Option<Finding> {
    let gains = right.gains == on;
    let who = version::moved(facts, right);
    let binding = version::given_by(facts, right.right).filter(|_| !who.is_empty())?;
    let (verb, group, resource) = right.right;
    let what = if group.is_empty() {
        format!("{verb} {resource}")
    } else {
        format!("{verb} {resource}.{group}")
    };
    let (severity, says) = if gains {
        (Severity::Medium, format!("{} from 1.{to} on", right.does))
    } else {
        (Severity::Info, format!("no longer {} in 1.{to}", right.does))
    };
    let mut finding = Finding::new(
        &UpgradeMovesRights::META,
        format!("{} {}: {what}", change.id, if on { "on" } else { "off" }),
        binding.meta.place,
        binding_name(binding),
    )
    .title(format!("Whoever may {what} {says}: {}", change.what))
    .severity(severity);
    for (kind, name, _) in who {
        finding = finding.identity(kind, &name);
    }
    Some(finding)
}

/// What the assumed version changes against the one that documents say.
fn changes(facts: &Facts) -> Vec<Finding> {
    let (Some(from), Some(to)) = (version::said(facts), facts.assumed) else {
        return Vec::new();
    };
    version::between(from, to)
        .flat_map(|(change, on)| {
            change
                .rights
                .iter()
                .filter_map(move |right| finding(facts, change, right, on, to))
        })
        .collect()
}

impl Rule<Facts> for UpgradeMovesRights {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for finding in changes(see.facts) {
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kubernetes;
    use crate::rules::testing::role_and_binding;
    use crate::tests::read;
    use foursee_core::layer::Layer;

    const VERSION: &str = r#"{"serverVersion": {"major": "1", "minor": "34", "gitVersion": "v1.34.2"}}"#;

    fn as_of(version: &str, rule: &str) -> Vec<Finding> {
        let (mut facts, _) = read(&[VERSION, &role_and_binding(rule, "")]);
        Kubernetes.assume(&mut facts, version).unwrap();
        changes(&facts)
    }

    #[test]
    fn who_loses_and_who_gains_fires() {
        let exec = as_of("1.36", "{verbs: [get], apiGroups: [''], resources: [pods/exec]}");
        assert_eq!(exec.len(), 1);
        assert_eq!((exec[0].severity, exec[0].identities.len()), (Severity::Info, 1));
        let policy = "{verbs: [create], apiGroups: [admissionregistration.k8s.io], resources: [mutatingadmissionpolicies]}";
        assert_eq!(as_of("1.36", policy)[0].severity, Severity::Medium);
    }

    #[test]
    fn the_same_version_and_none_assumed_are_silent() {
        let exec = "{verbs: [get], apiGroups: [''], resources: [pods/exec]}";
        assert!(as_of("1.34", exec).is_empty());
        let (facts, _) = read(&[VERSION, &role_and_binding(exec, "")]);
        assert!(changes(&facts).is_empty());
        let (mut facts, _) = read(&[&role_and_binding(exec, "")]);
        assert!(Kubernetes.assume(&mut facts, "2").is_err());
    }

    #[test]
    fn who_may_create_too_is_moved_by_nothing() {
        assert!(
            as_of(
                "1.36",
                "{verbs: [get, create], apiGroups: [''], resources: [pods/exec]}"
            )
            .is_empty()
        );
    }
}
