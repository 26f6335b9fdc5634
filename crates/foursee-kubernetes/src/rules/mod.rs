//! What is wrong: one file a rule. What every cluster has by itself is quiet.

mod binding_dangling;
mod cluster_admin_binding;
mod common;
mod default_serviceaccount_granted;
mod everybody_granted;
mod privileged_workload;
mod secrets_read_all;
mod wildcard_verbs_or_resources;
mod workload_create_as_powerful_account;

pub(crate) use common::default_anonymous;

use crate::facts::Facts;
use foursee_core::layer::Rule;

/// All of them.
pub(crate) fn all() -> Vec<Box<dyn Rule<Facts>>> {
    vec![
        Box::new(binding_dangling::BindingDangling),
        Box::new(cluster_admin_binding::ClusterAdminBinding),
        Box::new(default_serviceaccount_granted::DefaultServiceaccountGranted),
        Box::new(everybody_granted::EverybodyGranted),
        Box::new(privileged_workload::PrivilegedWorkload),
        Box::new(secrets_read_all::SecretsReadAll),
        Box::new(wildcard_verbs_or_resources::WildcardVerbsOrResources),
        Box::new(workload_create_as_powerful_account::WorkloadCreateAsPowerfulAccount),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_file_is_a_rule_that_runs() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|one| one.unwrap().file_name().into_string().unwrap())
            .filter(|name| !matches!(name.as_str(), "mod.rs" | "common.rs"))
            .map(|name| format!("kubernetes-{}", name.trim_end_matches(".rs").replace('_', "-")))
            .collect();
        let rules: BTreeSet<String> = super::all().iter().map(|one| one.meta().id.to_owned()).collect();
        assert_eq!(files, rules);
        for rule in super::all() {
            let meta = rule.meta();
            for section in ["Why", "Evidence", "Fix"] {
                assert!(!meta.section(section).is_empty(), "{} has no {section}", meta.id);
            }
        }
    }
}
