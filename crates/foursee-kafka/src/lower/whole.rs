//! Those who have everything: super users, everybody where no ACL is found, everybody where nobody decides.

use super::{
    ALLOW_EVERYONE, CLUSTER, GRANT, NO_AUTHORIZER, PRINCIPAL, SUPER_USERS, TOPIC, kind_of, scram, tokens,
    verb,
};
use crate::facts::{Authorizer, CLUSTER_NAME, Facts, Operation, ResourceType};
use crate::techniques as technique;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{Certainty, NodeId, Pattern, Rung, Technique};
use std::collections::BTreeMap;

/// Where a grant of everything stands, and how sure it is.
#[derive(Clone, Copy)]
struct Whole {
    rung: Rung,
    certainty: Certainty,
    place: Place,
}

/// Everything, from one node, over what `over` leaves of each type.
fn everything(
    facts: &Facts,
    holder: NodeId,
    whole: Whole,
    mut over: impl FnMut(ResourceType, &mut Lowering<'_>) -> Option<NodeId>,
    out: &mut Lowering<'_>,
) {
    let edge = |technique: &'static Technique, to: NodeId, more: &str, out: &mut Lowering<'_>| {
        let condition = out.condition(more);
        let edge = out.edge(holder, technique, to, whole.place).rung(whole.rung);
        edge.certainty(whole.certainty).when(condition);
    };
    for kind in ResourceType::KNOWN {
        let Some(node) = over(kind, out) else { continue };
        out.privilege(
            holder,
            verb(kind, Operation::All),
            "*",
            node,
            whole.rung,
            whole.place,
        )
        .certainty(whole.certainty);
        match kind {
            ResourceType::Topic => {
                for one in [
                    &technique::READ,
                    &technique::WRITE,
                    &technique::DELETE,
                    &technique::ALTER_CONFIGS,
                ] {
                    edge(one, node, "", out);
                }
            }
            ResourceType::User => {
                if let Some(more) = tokens(facts) {
                    edge(&technique::CREATE_TOKENS, node, more, out);
                }
            }
            ResourceType::Cluster => {
                edge(&technique::ALTER_ACLS, node, "", out);
                edge(&technique::ALTER_CONFIGS, node, "", out);
                let topics = out.select(Over {
                    kind: &TOPIC,
                    pattern: &Pattern::Any,
                    except: &[],
                });
                edge(&technique::DELETE, topics, "", out);
                edge(&technique::FETCH_AS_FOLLOWER, topics, "", out);
                if let Some(more) = scram(facts) {
                    let everybody = out.select(Over {
                        kind: &PRINCIPAL,
                        pattern: &Pattern::Any,
                        except: &[],
                    });
                    edge(&technique::RESET_SCRAM, everybody, more, out);
                }
            }
            _ => {}
        }
    }
}

fn all_names(kind: ResourceType, except: &[Pattern], out: &mut Lowering<'_>) -> Option<NodeId> {
    match kind {
        ResourceType::Cluster if except.iter().any(|one| one.matches(CLUSTER_NAME)) => None,
        ResourceType::Cluster => Some(out.node(&CLUSTER, CLUSTER_NAME)),
        kind => Some(out.select(Over {
            kind: kind_of(kind),
            pattern: &Pattern::Any,
            except,
        })),
    }
}

/// The super users: one grant node, and an edge of their own to the cluster.
pub(super) fn super_users(facts: &Facts, out: &mut Lowering<'_>) {
    let all = facts.super_users();
    let Some((_, first)) = all.first().copied() else {
        return;
    };
    let grant = out.node(&GRANT, SUPER_USERS);
    let cluster = out.node(&CLUSTER, CLUSTER_NAME);
    for (name, place) in &all {
        let node = out.node(&PRINCIPAL, name);
        out.member(node, grant, *place).rung(Rung::Unbounded);
        out.edge(node, &technique::SUPER_USER, cluster, *place)
            .certainty(facts.certainty())
            .rung(Rung::Unbounded);
    }
    let whole = Whole {
        rung: Rung::Unbounded,
        certainty: facts.certainty(),
        place: first,
    };
    everything(facts, grant, whole, |kind, out| all_names(kind, &[], out), out);
}

/// `allow.everyone.if.no.acl.found`, and a cluster without authorizer.
pub(super) fn open_to_all(
    facts: &Facts,
    principals: &BTreeMap<String, (NodeId, Place)>,
    out: &mut Lowering<'_>,
) {
    let (name, place, closed) = match (facts.authorizer(), facts.allow_everyone()) {
        (Authorizer::None(place), _) => (NO_AUTHORIZER, place, false),
        (_, Some(place)) => (ALLOW_EVERYONE, place, true),
        _ => return,
    };
    let rung = if closed {
        Rung::ServiceWide
    } else {
        Rung::Unbounded
    };
    if closed && !facts.quirks().everyone_per_resource {
        // Before 3.3.2 it also lets in whom no ACL of a resource concerns: each principal is asked, name by name.
        let whole = Whole {
            rung,
            certainty: Certainty::Ask,
            place,
        };
        for (node, _) in principals.values() {
            everything(facts, *node, whole, |kind, out| all_names(kind, &[], out), out);
        }
        return;
    }
    let grant = out.node(&GRANT, name);
    for (node, _) in principals.values() {
        out.member(*node, grant, place);
    }
    let over = |kind: ResourceType, out: &mut Lowering<'_>| {
        let except = if closed { facts.covered(kind)? } else { Vec::new() };
        all_names(kind, &except, out)
    };
    everything(
        facts,
        grant,
        Whole {
            rung,
            certainty: facts.certainty(),
            place,
        },
        over,
        out,
    );
}
