//! `authorizeByResourceType`: may the principal do it to at least one resource of a type? Another function than
//! `authorize` (`Authorizer.authorizeByResourceType`), and not its sum over names:
//!
//! it first asks for a resource named `hardcode`; no operation implies another; a LITERAL DENY of `*` ends it; a
//! PREFIXED DENY takes every ALLOW whose name starts so; a LITERAL DENY takes the LITERAL ALLOW of that name only.

use super::{Client, Decision, Question, Quirks, Why};
use crate::facts::{Acl, Facts, Operation, PatternType, Permission, ResourceType};
use foursee_core::model::Sym;
use std::collections::HashSet;

impl Facts {
    /// The authorizer's answer for at least one resource of the type.
    #[must_use]
    pub fn decide_any(
        &self,
        principal: &str,
        client: &Client,
        operation: Operation,
        kind: ResourceType,
        quirks: Quirks,
    ) -> Decision {
        let hardcode = self.decide_as(
            &Question {
                principal,
                client,
                operation,
                kind,
                name: "hardcode",
            },
            quirks,
        );
        if hardcode.allowed {
            return hardcode;
        }
        let denied = |acl| Decision {
            allowed: false,
            acl,
            why: if acl.is_some() {
                Why::Denied
            } else {
                Why::NotAllowed
            },
        };
        let (mut literal, mut prefixed): (HashSet<Sym>, HashSet<&str>) = (HashSet::new(), HashSet::new());
        let mut taken = None;
        for at in self.those(principal, client, operation, kind, Permission::Deny, quirks) {
            let Some(acl) = self.acls.get(at) else { continue };
            taken = Some(at);
            match acl.pattern {
                PatternType::Prefixed => {
                    prefixed.insert(self.word(acl.name));
                }
                PatternType::Literal if self.wild(acl) => return denied(Some(at)),
                PatternType::Literal => {
                    literal.insert(acl.name);
                }
            }
        }
        let mut allowed = None;
        for at in self.those(principal, client, operation, kind, Permission::Allow, quirks) {
            let Some(acl) = self.acls.get(at) else { continue };
            let wild = self.wild(acl);
            let hidden = !wild
                && (acl.pattern == PatternType::Literal && literal.contains(&acl.name)
                    || !prefixed.is_empty() && starts_with_any(self.word(acl.name), &prefixed));
            if !hidden {
                allowed = Some(at);
                break;
            }
        }
        match allowed {
            Some(at) => Decision {
                allowed: true,
                acl: Some(at),
                why: Why::Allowed,
            },
            None => denied(taken),
        }
    }

    /// The ACLs of one permission that name the operation or ALL and concern the client, in the order of the table.
    fn those<'f>(
        &'f self,
        principal: &str,
        client: &'f Client,
        operation: Operation,
        kind: ResourceType,
        permission: Permission,
        quirks: Quirks,
    ) -> impl Iterator<Item = usize> + 'f {
        let typed = self.index.types.get(&kind);
        let own = self.words.find(principal);
        let everybody = self.index.everybody.filter(|sym| own != Some(*sym));
        let all = (operation != Operation::All).then_some(Operation::All);
        let principals = [own, everybody].into_iter().flatten();
        let wanted = principals.flat_map(move |one| {
            [Some(operation), all]
                .into_iter()
                .flatten()
                .map(move |op| (one, op))
        });
        wanted
            .flat_map(move |(principal, operation)| {
                let range = typed
                    .and_then(|typed| typed.principals.get(&principal))
                    .cloned()
                    .unwrap_or_default();
                let rows = typed.and_then(|typed| typed.order.get(range)).unwrap_or_default();
                let key = |at: &usize| {
                    self.acls
                        .get(*at)
                        .map(|acl: &Acl| (acl.permission, acl.operation))
                };
                let want = Some((permission, operation));
                let begin = rows.partition_point(|at| key(at) < want);
                let rest = rows.get(begin..).unwrap_or_default();
                rest.get(..rest.partition_point(|at| key(at) == want))
                    .unwrap_or_default()
                    .iter()
                    .copied()
            })
            .filter(move |at| {
                self.acls
                    .get(*at)
                    .is_some_and(|acl| self.concerns(acl, client, quirks))
            })
    }
}

fn starts_with_any(name: &str, prefixes: &HashSet<&str>) -> bool {
    let ends = name.char_indices().map(|(at, _)| at).skip(1).chain([name.len()]);
    ends.into_iter()
        .any(|end| name.get(..end).is_some_and(|part| prefixes.contains(part)))
}
