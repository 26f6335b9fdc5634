//! What is wrong with a cluster: one file a rule.

use crate::authorize::Reach;
use crate::facts::{Acl, EVERYBODY, Facts, Listener, Operation, PatternType, ResourceType};
use crate::lower::{EVERYONE, PRINCIPAL, kind_of};
use foursee_core::finding::{Finding, Meta};
use foursee_core::layer::Rule;
use foursee_core::model::Rung;
use std::collections::BTreeMap;

macro_rules! rules {
    ($($file:ident::$rule:ident),* $(,)?) => {
        $(mod $file;)*

        /// All of them.
        pub(crate) fn all() -> Vec<Box<dyn Rule<Facts>>> {
            vec![$(Box::new($file::$rule)),*]
        }
    };
}

rules! {
    acl_anonymous::AclAnonymous,
    acl_cluster_action::AclClusterAction,
    acl_cluster_alter::AclClusterAlter,
    acl_cluster_alter_configs::AclClusterAlterConfigs,
    acl_cluster_create::AclClusterCreate,
    acl_cluster_delete::AclClusterDelete,
    acl_cluster_describe::AclClusterDescribe,
    acl_cluster_describe_configs::AclClusterDescribeConfigs,
    acl_create_tokens::AclCreateTokens,
    acl_dead_glob::AclDeadGlob,
    acl_dead_host::AclDeadHost,
    acl_dead_name::AclDeadName,
    acl_dead_operation::AclDeadOperation,
    acl_delegation_token::AclDelegationToken,
    acl_deny_host_only::AclDenyHostOnly,
    acl_deny_partial::AclDenyPartial,
    acl_deny_useless::AclDenyUseless,
    acl_describe_tokens::AclDescribeTokens,
    acl_flips_default::AclFlipsDefault,
    acl_group_delete::AclGroupDelete,
    acl_group_wildcard::AclGroupWildcard,
    acl_idempotent_write::AclIdempotentWrite,
    acl_internal_topic::AclInternalTopic,
    acl_listing_untrusted::AclListingUntrusted,
    acl_operation_all::AclOperationAll,
    acl_orphan_group::AclOrphanGroup,
    acl_orphan_principal::AclOrphanPrincipal,
    acl_orphan_topic::AclOrphanTopic,
    acl_orphan_txn::AclOrphanTxn,
    acl_prefix_broad::AclPrefixBroad,
    acl_prefix_no_separator::AclPrefixNoSeparator,
    acl_redundant::AclRedundant,
    acl_shadowed_allow::AclShadowedAllow,
    acl_topic_alter::AclTopicAlter,
    acl_topic_alter_configs::AclTopicAlterConfigs,
    acl_topic_delete::AclTopicDelete,
    acl_transactional_wildcard::AclTransactionalWildcard,
    acl_unused::AclUnused,
    acl_user_no_credential::AclUserNoCredential,
    acl_wildcard_principal::AclWildcardPrincipal,
    acl_wildcard_resource::AclWildcardResource,
    allow_everyone::AllowEveryone,
    consumer_missing_group::ConsumerMissingGroup,
    host_wildcard::HostWildcard,
    listener_controller_exposed::ListenerControllerExposed,
    listener_plaintext::ListenerPlaintext,
    listener_sasl_plaintext::ListenerSaslPlaintext,
    no_authorizer::NoAuthorizer,
    pipeline_loop::PipelineLoop,
    principal_case_twin::PrincipalCaseTwin,
    principal_shared::PrincipalShared,
    producer_also_consumer::ProducerAlsoConsumer,
    scram_user_no_acl::ScramUserNoAcl,
    super_user::SuperUser,
    super_user_anonymous::SuperUserAnonymous,
    super_user_mismatch::SuperUserMismatch,
}

/// An ALLOW that gives its own principal something, after denies.
pub(crate) struct Given<'f> {
    /// Its number in the table.
    pub(crate) at: usize,
    /// The ACL.
    pub(crate) acl: &'f Acl,
    /// The operations that it gives, with what is left of its names.
    pub(crate) reaches: &'f [(Operation, Reach)],
    /// Where it stands.
    pub(crate) rung: Rung,
}

impl<'f> Given<'f> {
    fn new(facts: &'f Facts, at: usize, statement: usize) -> Option<Self> {
        let statement = facts.plan().statements.get(statement)?;
        Some(Self {
            at,
            acl: facts.acls.get(at)?,
            reaches: &statement.reaches,
            rung: statement.rung,
        })
    }

    /// That of an ACL, if it gives something.
    pub(crate) fn of(facts: &'f Facts, at: usize) -> Option<Self> {
        let all = &facts.plan().given;
        let found = all.binary_search_by_key(&at, |(at, _)| *at).ok()?;
        Self::new(facts, at, all.get(found)?.1)
    }

    /// Whether it gives the operation.
    pub(crate) fn gives(&self, operation: Operation) -> bool {
        self.reaches.iter().any(|(one, _)| *one == operation)
    }

    /// Whether it gives the operation over that name.
    pub(crate) fn gives_over(&self, operation: Operation, name: &str) -> bool {
        self.reaches.iter().any(|(one, reach)| {
            *one == operation
                && reach.pattern.matches(name)
                && !reach.except.iter().any(|except| except.matches(name))
        })
    }
}

/// The ALLOWs that give something, in the order of the table.
pub(crate) fn given(facts: &Facts) -> impl Iterator<Item = Given<'_>> {
    let plan = facts.plan();
    plan.given
        .iter()
        .filter_map(|(at, statement)| Given::new(facts, *at, *statement))
}

/// A finding about one ACL: its cause is the binding, its identity the principal, its resource what it is about.
pub(crate) fn about(meta: &'static Meta, facts: &Facts, acl: &Acl) -> Finding {
    let binding = facts.binding(acl);
    let (kind, name) = identity(facts, acl);
    Finding::new(meta, format!("ACL {binding}"), acl.place, binding)
        .identity(kind, name)
        .resource(kind_of(acl.kind).name, &resource(facts, acl))
}

/// The identity that an ACL is for, as lowering names it.
pub(crate) fn identity<'f>(facts: &'f Facts, acl: &Acl) -> (&'static str, &'f str) {
    let name = facts.word(acl.principal);
    (
        if name == EVERYBODY {
            EVERYONE.name
        } else {
            PRINCIPAL.name
        },
        name,
    )
}

/// The name of what an ACL is about; a prefix with a star behind it.
pub(crate) fn resource(facts: &Facts, acl: &Acl) -> String {
    let name = facts.word(acl.name);
    match acl.pattern {
        PatternType::Literal => name.to_owned(),
        PatternType::Prefixed => format!("{name}*"),
    }
}

/// One finding a listener that others than the broker's own host reach: its cause is the listener's name, its title
/// says what it does, and each place where it is set is evidence.
pub(crate) fn listeners(
    meta: &'static Meta,
    facts: &Facts,
    does: &str,
    wanted: impl Fn(&Listener) -> bool,
) -> Vec<Finding> {
    let mut named: BTreeMap<&str, Vec<&Listener>> = BTreeMap::new();
    for one in facts.listeners().filter(|one| wanted(one) && !one.loopback()) {
        named.entry(&one.name).or_default().push(one);
    }
    let says = |one: &Listener| format!("{}://{} is {}", one.name, one.endpoint(), one.protocol.as_str());
    let mut all = Vec::new();
    for (name, listeners) in named {
        let Some((first, others)) = listeners.split_first() else {
            continue;
        };
        let finding = Finding::new(meta, format!("listener {name}"), first.place, says(first))
            .title(format!("Listener {name} at {} {does}", first.endpoint()))
            .resource("cluster", "kafka-cluster");
        let with = |finding: Finding, more: &&Listener| finding.evidence(more.place, says(more));
        all.push(others.iter().fold(finding, with));
    }
    all
}

/// The ALLOWs that give an operation over the cluster.
pub(crate) fn over_cluster(facts: &Facts, operation: Operation) -> impl Iterator<Item = Given<'_>> {
    given(facts).filter(move |one| {
        one.acl.kind == ResourceType::Cluster && one.gives_over(operation, crate::facts::CLUSTER_NAME)
    })
}

#[cfg(test)]
mod tests {
    /// The folder and the list agree, and so do files' names and rules' names.
    #[test]
    fn each_file_is_a_rule_and_each_rule_a_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| {
                entry
                    .unwrap()
                    .file_name()
                    .to_str()?
                    .strip_suffix(".rs")
                    .map(str::to_owned)
            })
            .filter(|name| name != "mod")
            .map(|name| format!("kafka-{}", name.replace('_', "-")))
            .collect();
        files.sort();
        let mut rules: Vec<String> = super::all()
            .iter()
            .map(|rule| rule.meta().id.to_owned())
            .collect();
        rules.sort();
        assert_eq!(files, rules);
        for rule in super::all() {
            for section in ["Why", "Evidence", "Fix"] {
                assert!(
                    rule.meta().section(section).len() > 10,
                    "{} has no {section}",
                    rule.meta().id
                );
            }
        }
    }
}
