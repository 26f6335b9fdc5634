//! Secrets that are logins once somebody writes them: tokens of accounts, and bootstrap tokens.

use super::grants::{allows, bare, pattern};
use crate::facts::{Facts, PolicyRule, Secret};
use crate::techniques::*;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{Certainty, NodeId, Pattern};

const TOKEN: &str = "kubernetes.io/service-account-token";

fn creates(rule: &PolicyRule) -> bool {
    allows(rule, "create", "secrets", "", "")
}

fn changes(rule: &PolicyRule) -> bool {
    ["update", "patch"].iter().any(|verb| {
        allows(rule, verb, "secrets", "", "")
            || rule
                .names
                .iter()
                .any(|name| allows(rule, verb, "secrets", "", name))
    })
}

/// Whether rules create Secrets and read them: a Secret of an account's token is filled by the server.
pub(crate) fn minted(rules: &[&PolicyRule]) -> bool {
    rules.iter().any(|rule| creates(rule))
        && rules.iter().any(|rule| {
            ["get", "list", "watch"]
                .iter()
                .any(|verb| allows(rule, verb, "secrets", "", ""))
        })
}

/// Whether rules change a token Secret that a namespace has, and read it: emptied, and naming another account, it is
/// filled with that one's token.
pub(crate) fn refills(facts: &Facts, namespace: &str, rules: &[&PolicyRule]) -> bool {
    // INVARIANT (tables sorted): by namespace, then name.
    let first = facts
        .secrets
        .partition_point(|one| *one.meta.namespace < *namespace);
    facts
        .secrets
        .iter()
        .skip(first)
        .take_while(|one| *one.meta.namespace == *namespace)
        .any(|one| refilled(one, rules))
}

fn refilled(secret: &Secret, rules: &[&PolicyRule]) -> bool {
    let may = |verbs: &[&str], name: &str| {
        rules
            .iter()
            .any(|rule| verbs.iter().any(|verb| allows(rule, verb, "secrets", "", name)))
    };
    let name = &*secret.meta.name;
    &*secret.sort == TOKEN && may(&["update", "patch"], name) && may(&["get", "list", "watch"], name)
}

/// The first of the groups of bootstrap tokens' users: all are in it, and in others whose names go on from it.
pub(crate) const BOOTSTRAPPERS: &str = "system:bootstrappers";
/// Under which condition a bootstrap token is a login.
pub(crate) const BOOTSTRAP_CONDITION: &str = "the API server runs with --enable-bootstrap-token-auth";

/// Whether rules, where they count, create Secrets in kube-system.
pub(crate) fn makes_bootstrap_tokens(namespace: &str, rules: &[&PolicyRule]) -> bool {
    matches!(namespace, "" | "kube-system") && rules.iter().any(|rule| creates(rule))
}

/// What rules make of Secrets that hold tokens.
pub(super) fn tokens(
    facts: &Facts,
    holder: NodeId,
    namespace: &str,
    rules: &[(&PolicyRule, Place)],
    out: &mut Lowering<'_>,
) {
    let creating = rules.iter().find(|(rule, _)| creates(rule)).map(|one| one.1);
    let changing = rules.iter().find(|(rule, _)| changes(rule)).map(|one| one.1);
    let bare = bare(rules);
    let refills = |wide: bool| {
        facts
            .secrets
            .iter()
            .filter(|one| wide || *one.meta.namespace == *namespace)
            .any(|one| refilled(one, &bare))
    };
    let accounts = |out: &mut Lowering<'_>| {
        out.select(Over {
            kind: &SERVICEACCOUNT,
            pattern: &pattern(&SERVICEACCOUNT, namespace, None),
            except: &[],
        })
    };
    let wide = namespace.is_empty();
    match (creating, changing) {
        (Some(place), _) if minted(&bare) => {
            let to = accounts(out);
            out.edge(holder, &MINT_TOKEN, to, place);
        }
        (_, Some(place)) if refills(wide) => {
            let to = accounts(out);
            let edge = out.edge(holder, &MINT_TOKEN, to, place);
            // Bound to the whole cluster it is so in the namespaces that have such a Secret.
            if wide {
                edge.certainty(Certainty::Ask);
            }
        }
        _ => {}
    }
    // A bootstrap token is a Secret of kube-system that names its groups itself.
    if let Some(place) = creating
        && makes_bootstrap_tokens(namespace, &bare)
    {
        let groups = out.select(Over {
            kind: &GROUP,
            pattern: &Pattern::Prefix(BOOTSTRAPPERS.into()),
            except: &[],
        });
        let condition = out.condition(BOOTSTRAP_CONDITION);
        out.edge(holder, &BOOTSTRAP, groups, place).when(condition);
    }
}
