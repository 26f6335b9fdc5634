//! The rule `postgres-superuser-reachable`.

use crate::facts::{Facts, Flow, NOBODY, RoleId};
use crate::lower::ROLE;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// A membership leads to a superuser by SET ROLE.
    ///
    /// ## Why
    /// A superuser's power is not inherited, but whoever may SET ROLE to it has it in one statement, and then keeps it:
    /// ALTER ROLE ... SUPERUSER. A list of roles shows such a member as an ordinary one. NOINHERIT changes nothing here,
    /// and ADMIN OPTION without SET is enough: its holder grants itself SET.
    ///
    /// ## Evidence
    /// The membership in the superuser role.
    ///
    /// ## Fix
    /// REVOKE the superuser role from the member, and grant what is used; from 16 on, WITH SET FALSE and no ADMIN
    /// OPTION where only its privileges are meant.
    pub SuperuserReachable: "postgres-superuser-reachable", Critical, needs ["catalog"]
}

impl Rule<Facts> for SuperuserReachable {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let closures = &facts.closures;
        let mut done: Vec<(RoleId, RoleId)> = Vec::new();
        for one in facts.memberships.values() {
            let (member, role) = (closures.id(&one.member), closures.id(&one.role));
            if member == NOBODY || !closures.superuser(role) || closures.superuser(member) {
                continue;
            }
            let set = facts.major() < 16 || one.set.unwrap_or(true);
            if !(set || one.admin) || done.contains(&(member, role)) {
                continue;
            }
            done.push((member, role));
            let who: Vec<RoleId> = facts
                .role_ids()
                .filter(|id| !closures.superuser(*id) && closures.reaches(*id, member, Flow::Set))
                .collect();
            let login = |id: &RoleId| facts.role(*id).is_some_and(|role| role.login);
            let says = if set { "SET" } else { "ADMIN OPTION" };
            let mut finding = Finding::new(
                &Self::META,
                format!("membership of {} in superuser {}", one.member, one.role),
                one.place,
                format!("role: {}, member: {}, {says}", one.role, one.member),
            )
            .title(format!(
                "{} is one SET ROLE away from superuser {}",
                one.member, one.role
            ))
            .severity(if who.iter().any(login) {
                Severity::Critical
            } else {
                Severity::High
            })
            .resource(ROLE.name, &one.role)
            .rung(Rung::Unbounded, Rung::Narrow)
            .fix(format!(
                "REVOKE {} FROM {}; grant what is used.",
                one.role, one.member
            ));
            if let Some(role) = facts.roles.get(&one.role) {
                finding = finding.evidence(role.place, "super: true");
            }
            for id in who {
                finding = finding.identity(ROLE.name, closures.name(id).unwrap_or_default());
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{affected, causes, document, found};
    use foursee_core::model::Severity;
    use serde_json::json;

    const RULE: &str = "postgres-superuser-reachable";

    #[test]
    fn a_chain_to_a_superuser_fires_at_its_last_membership() {
        let text = document(|all| {
            all["roles"][2]["inherit"] = false.into();
            all["memberships"] =
                json!([{"role": "postgres", "member": "team"}, {"role": "team", "member": "web"}]);
        });
        assert_eq!(causes(RULE, &text), ["membership of team in superuser postgres"]);
        let all = found(RULE, &text);
        assert_eq!(affected(&all[0]), ["role team", "role web"]);
        assert_eq!(all[0].severity, Severity::Critical);
    }

    #[test]
    fn a_member_of_an_ordinary_role_is_silent() {
        let text = document(|all| all["memberships"] = json!([{"role": "team", "member": "web"}]));
        assert!(causes(RULE, &text).is_empty());
    }

    /// The twin: from 16 on, a membership that inherits and allows no SET ROLE gives the privileges and not the power.
    #[test]
    fn a_membership_without_set_is_silent_from_16_on() {
        let with = |version: u32, admin: bool| {
            document(|all| {
                all["server_version_num"] = version.into();
                all["memberships"] = json!([{"role": "postgres", "member": "web", "admin": admin, "inherit": true, "set": false}]);
            })
        };
        assert!(causes(RULE, &with(160_011, false)).is_empty());
        assert_eq!(
            causes(RULE, &with(160_011, true)).len(),
            1,
            "ADMIN OPTION grants itself SET"
        );
        assert_eq!(
            causes(RULE, &with(150_018, false)).len(),
            1,
            "before 16 every membership allows SET ROLE"
        );
    }
}
