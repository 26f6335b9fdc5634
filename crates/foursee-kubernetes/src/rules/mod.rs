//! What is wrong: one file a rule. What every cluster has by itself is quiet.

mod access_entry_admin;
mod access_policy_rights;
mod access_reviews;
mod account_names_remade;
mod account_rights_unmounted;
mod account_shared;
mod account_unused;
mod admission_policies_write;
mod aggregated_roles_write;
mod aggregates_into_default_role;
mod apiservices_write;
mod authorization_always_allow;
mod aws_auth_line_dead;
mod aws_auth_write;
mod binding_across_namespaces;
mod binding_dangling;
mod binding_empty;
mod bindings_write;
mod bootstrap_tokens_write;
mod certificates_approve;
mod certificates_approve_latent;
mod certificates_node;
mod certificates_sign;
mod cluster_admin_binding;
pub(crate) mod common;
mod configmaps_write;
mod coredns_write;
mod crds_write;
mod custom_workloads_create;
mod debug_urls;
mod default_role_changed;
mod default_role_cluster_wide;
mod default_serviceaccount_granted;
mod delete_everything;
mod dra_admin_access;
mod events_delete;
mod everybody_granted;
mod extension_authentication_read;
mod impersonate_constrained;
mod impersonate_groups;
mod impersonate_serviceaccounts;
mod impersonate_uids_extra;
mod impersonate_users;
mod ingresses_write;
mod leases_write;
mod masters_granted;
mod mutating_admission_policies_write;
mod namespace_admits_any_pod;
mod namespace_labels_write;
mod namespaces_create;
mod networkpolicies_write;
mod node_token_audiences;
mod nodes_granted;
mod nodes_kubelet_read;
mod nodes_proxy;
mod nodes_proxy_could_narrow;
mod nodes_write;
mod operator_objects_write;
mod permission_never_used;
mod persistentvolumes_create;
mod pod_certificates_request;
mod pod_identity_shadowed;
mod pod_security_label_invalid;
mod pod_security_version_old;
mod pods_attach;
mod pods_binding;
mod pods_change;
mod pods_ephemeral_containers;
mod pods_exec;
mod pods_exec_by_get;
mod pods_log;
mod pods_portforward;
mod pods_proxy;
mod pods_refused_by_namespace;
mod pods_resize;
mod pods_status;
mod pods_steal;
mod policy_engines_write;
mod privileged_workload;
mod quotas_write;
mod role_unbound;
mod roles_bind_or_escalate;
mod rule_without_effect;
mod scale;
mod scc_use;
mod secrets_read_all;
mod secrets_read_named;
mod secrets_read_namespace;
mod secrets_write;
mod service_traffic_write;
mod serviceaccounts_write;
mod shared_processes;
mod storage_write;
mod token_lifetime_long;
mod token_mounted_unneeded;
mod token_request;
mod token_secret_kept;
mod token_secret_mint;
mod trust_bundles_write;
mod upgrade_moves_rights;
mod volumesnapshots_create;
mod webhooks_delete;
mod webhooks_mutating;
mod webhooks_validating;
mod wildcard_group;
mod wildcard_verbs_or_resources;
mod workload_create_as_powerful_account;
mod workload_fails_baseline;
mod workloads_change;
mod workloads_create;

#[cfg(test)]
pub(crate) use common::testing;
pub(crate) use common::{default_anonymous, rule_text};

use crate::facts::Facts;
use common::permission::Permission;
use foursee_core::layer::Rule;

/// All of them.
pub(crate) fn all() -> Vec<Box<dyn Rule<Facts>>> {
    vec![
        Box::new(access_entry_admin::AccessEntryAdmin),
        Box::new(access_policy_rights::AccessPolicyRights),
        Box::new(access_reviews::AccessReviews),
        Box::new(account_names_remade::AccountNamesRemade),
        Box::new(account_rights_unmounted::AccountRightsUnmounted),
        Box::new(authorization_always_allow::AuthorizationAlwaysAllow),
        Box::new(shared_processes::SharedProcesses),
        Box::new(account_shared::AccountShared),
        Box::new(account_unused::AccountUnused),
        Box::new(admission_policies_write::AdmissionPoliciesWrite),
        Box::new(aggregated_roles_write::AggregatedRolesWrite),
        Box::new(aggregates_into_default_role::AggregatesIntoDefaultRole),
        Box::new(apiservices_write::ApiservicesWrite),
        Box::new(aws_auth_line_dead::AwsAuthLineDead),
        Box::new(aws_auth_write::AwsAuthWrite),
        Box::new(binding_across_namespaces::BindingAcrossNamespaces),
        Box::new(binding_dangling::BindingDangling),
        Box::new(binding_empty::BindingEmpty),
        Box::new(bindings_write::BindingsWrite),
        Box::new(bootstrap_tokens_write::BootstrapTokensWrite),
        Box::new(certificates_approve::CertificatesApprove),
        Box::new(certificates_approve_latent::CertificatesApproveLatent),
        Box::new(certificates_node::CertificatesNode),
        Box::new(certificates_sign::CertificatesSign),
        Box::new(cluster_admin_binding::ClusterAdminBinding),
        Box::new(configmaps_write::ConfigmapsWrite),
        Box::new(coredns_write::CorednsWrite),
        Box::new(crds_write::CrdsWrite),
        Box::new(custom_workloads_create::CustomWorkloadsCreate),
        Box::new(debug_urls::DebugUrls),
        Box::new(default_role_changed::DefaultRoleChanged),
        Box::new(default_role_cluster_wide::DefaultRoleClusterWide),
        Box::new(default_serviceaccount_granted::DefaultServiceaccountGranted),
        Box::new(delete_everything::DeleteEverything),
        Box::new(dra_admin_access::DraAdminAccess),
        Box::new(events_delete::EventsDelete),
        Box::new(everybody_granted::EverybodyGranted),
        Box::new(extension_authentication_read::ExtensionAuthenticationRead),
        Box::new(impersonate_constrained::ImpersonateConstrained),
        Box::new(impersonate_groups::ImpersonateGroups),
        Box::new(impersonate_serviceaccounts::ImpersonateServiceaccounts),
        Box::new(impersonate_uids_extra::ImpersonateUidsExtra),
        Box::new(impersonate_users::ImpersonateUsers),
        Box::new(ingresses_write::IngressesWrite),
        Box::new(leases_write::LeasesWrite),
        Box::new(masters_granted::MastersGranted),
        Box::new(mutating_admission_policies_write::MutatingAdmissionPoliciesWrite),
        Box::new(namespace_admits_any_pod::NamespaceAdmitsAnyPod),
        Box::new(namespace_labels_write::NamespaceLabelsWrite),
        Box::new(namespaces_create::NamespacesCreate),
        Box::new(networkpolicies_write::NetworkpoliciesWrite),
        Box::new(node_token_audiences::NodeTokenAudiences),
        Box::new(nodes_granted::NodesGranted),
        Box::new(nodes_kubelet_read::NodesKubeletRead),
        Box::new(nodes_proxy::NodesProxy),
        Box::new(nodes_proxy_could_narrow::NodesProxyCouldNarrow),
        Box::new(nodes_write::NodesWrite),
        Box::new(operator_objects_write::OperatorObjectsWrite),
        Box::new(permission_never_used::PermissionNeverUsed),
        Box::new(persistentvolumes_create::PersistentvolumesCreate),
        Box::new(pod_certificates_request::PodCertificatesRequest),
        Box::new(pod_security_label_invalid::PodSecurityLabelInvalid),
        Box::new(pod_security_version_old::PodSecurityVersionOld),
        Box::new(pod_identity_shadowed::PodIdentityShadowed),
        Box::new(pods_attach::PodsAttach),
        Box::new(pods_binding::PodsBinding),
        Box::new(pods_change::PodsChange),
        Box::new(pods_ephemeral_containers::PodsEphemeralContainers),
        Box::new(pods_exec::PodsExec),
        Box::new(pods_exec_by_get::PodsExecByGet),
        Box::new(pods_log::PodsLog),
        Box::new(pods_portforward::PodsPortforward),
        Box::new(pods_proxy::PodsProxy),
        Box::new(pods_refused_by_namespace::PodsRefusedByNamespace),
        Box::new(pods_resize::PodsResize),
        Box::new(pods_status::PodsStatus),
        Box::new(pods_steal::PodsSteal),
        Box::new(policy_engines_write::PolicyEnginesWrite),
        Box::new(privileged_workload::PrivilegedWorkload),
        Box::new(quotas_write::QuotasWrite),
        Box::new(role_unbound::RoleUnbound),
        Box::new(roles_bind_or_escalate::RolesBindOrEscalate),
        Box::new(rule_without_effect::RuleWithoutEffect),
        Box::new(scale::Scale),
        Box::new(scc_use::SccUse),
        Box::new(secrets_read_all::SecretsReadAll),
        Box::new(secrets_read_named::SecretsReadNamed),
        Box::new(secrets_read_namespace::SecretsReadNamespace),
        Box::new(secrets_write::SecretsWrite),
        Box::new(service_traffic_write::ServiceTrafficWrite),
        Box::new(serviceaccounts_write::ServiceaccountsWrite),
        Box::new(storage_write::StorageWrite),
        Box::new(token_lifetime_long::TokenLifetimeLong),
        Box::new(token_mounted_unneeded::TokenMountedUnneeded),
        Box::new(token_request::TokenRequest),
        Box::new(token_secret_kept::TokenSecretKept),
        Box::new(token_secret_mint::TokenSecretMint),
        Box::new(trust_bundles_write::TrustBundlesWrite),
        Box::new(upgrade_moves_rights::UpgradeMovesRights),
        Box::new(volumesnapshots_create::VolumesnapshotsCreate),
        Box::new(webhooks_delete::WebhooksDelete),
        Box::new(webhooks_mutating::WebhooksMutating),
        Box::new(webhooks_validating::WebhooksValidating),
        Box::new(wildcard_group::WildcardGroup),
        Box::new(wildcard_verbs_or_resources::WildcardVerbsOrResources),
        Box::new(workload_create_as_powerful_account::WorkloadCreateAsPowerfulAccount),
        Box::new(workload_fails_baseline::WorkloadFailsBaseline),
        Box::new(workloads_change::WorkloadsChange),
        Box::new(workloads_create::WorkloadsCreate),
    ]
}

/// Those about one permission.
const PERMISSIONS: &[Permission] = &[
    access_reviews::AccessReviews::PERMISSION,
    account_names_remade::AccountNamesRemade::PERMISSION,
    admission_policies_write::AdmissionPoliciesWrite::PERMISSION,
    aggregated_roles_write::AggregatedRolesWrite::PERMISSION,
    apiservices_write::ApiservicesWrite::PERMISSION,
    aws_auth_write::AwsAuthWrite::PERMISSION,
    bindings_write::BindingsWrite::PERMISSION,
    bootstrap_tokens_write::BootstrapTokensWrite::PERMISSION,
    certificates_approve::CertificatesApprove::PERMISSION,
    certificates_node::CertificatesNode::PERMISSION,
    certificates_sign::CertificatesSign::PERMISSION,
    configmaps_write::ConfigmapsWrite::PERMISSION,
    coredns_write::CorednsWrite::PERMISSION,
    crds_write::CrdsWrite::PERMISSION,
    custom_workloads_create::CustomWorkloadsCreate::PERMISSION,
    debug_urls::DebugUrls::PERMISSION,
    delete_everything::DeleteEverything::PERMISSION,
    dra_admin_access::DraAdminAccess::PERMISSION,
    events_delete::EventsDelete::PERMISSION,
    extension_authentication_read::ExtensionAuthenticationRead::PERMISSION,
    impersonate_groups::ImpersonateGroups::PERMISSION,
    impersonate_serviceaccounts::ImpersonateServiceaccounts::PERMISSION,
    impersonate_uids_extra::ImpersonateUidsExtra::PERMISSION,
    impersonate_users::ImpersonateUsers::PERMISSION,
    ingresses_write::IngressesWrite::PERMISSION,
    leases_write::LeasesWrite::PERMISSION,
    mutating_admission_policies_write::MutatingAdmissionPoliciesWrite::PERMISSION,
    namespace_labels_write::NamespaceLabelsWrite::PERMISSION,
    namespaces_create::NamespacesCreate::PERMISSION,
    networkpolicies_write::NetworkpoliciesWrite::PERMISSION,
    node_token_audiences::NodeTokenAudiences::PERMISSION,
    nodes_kubelet_read::NodesKubeletRead::PERMISSION,
    nodes_proxy::NodesProxy::PERMISSION,
    nodes_write::NodesWrite::PERMISSION,
    operator_objects_write::OperatorObjectsWrite::PERMISSION,
    persistentvolumes_create::PersistentvolumesCreate::PERMISSION,
    pod_certificates_request::PodCertificatesRequest::PERMISSION,
    pods_attach::PodsAttach::PERMISSION,
    pods_binding::PodsBinding::PERMISSION,
    pods_change::PodsChange::PERMISSION,
    pods_ephemeral_containers::PodsEphemeralContainers::PERMISSION,
    pods_exec::PodsExec::PERMISSION,
    pods_exec_by_get::PodsExecByGet::PERMISSION,
    pods_log::PodsLog::PERMISSION,
    pods_portforward::PodsPortforward::PERMISSION,
    pods_proxy::PodsProxy::PERMISSION,
    pods_resize::PodsResize::PERMISSION,
    pods_status::PodsStatus::PERMISSION,
    pods_steal::PodsSteal::PERMISSION,
    policy_engines_write::PolicyEnginesWrite::PERMISSION,
    quotas_write::QuotasWrite::PERMISSION,
    scale::Scale::PERMISSION,
    scc_use::SccUse::PERMISSION,
    secrets_read_namespace::SecretsReadNamespace::PERMISSION,
    secrets_write::SecretsWrite::PERMISSION,
    service_traffic_write::ServiceTrafficWrite::PERMISSION,
    serviceaccounts_write::ServiceaccountsWrite::PERMISSION,
    storage_write::StorageWrite::PERMISSION,
    token_request::TokenRequest::PERMISSION,
    token_secret_mint::TokenSecretMint::PERMISSION,
    trust_bundles_write::TrustBundlesWrite::PERMISSION,
    volumesnapshots_create::VolumesnapshotsCreate::PERMISSION,
    webhooks_delete::WebhooksDelete::PERMISSION,
    webhooks_mutating::WebhooksMutating::PERMISSION,
    webhooks_validating::WebhooksValidating::PERMISSION,
    workloads_change::WorkloadsChange::PERMISSION,
    workloads_create::WorkloadsCreate::PERMISSION,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_file_is_a_rule_that_runs() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|one| one.unwrap().file_name().into_string().unwrap())
            .filter(|name| !matches!(name.as_str(), "mod.rs" | "common"))
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
