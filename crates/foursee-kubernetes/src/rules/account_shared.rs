//! The rule `kubernetes-account-shared`.

use crate::facts::Facts;
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use std::collections::BTreeMap;

foursee_core::rule! {
    /// Several workloads run as one service account that is granted something.
    ///
    /// ## Why
    /// Each of them has the rights of all: whoever breaks into the least of them holds what the most trusted one needs,
    /// and no log tells them apart.
    ///
    /// ## Evidence
    /// The workloads that mount the account's token, and that some binding names the account. The account default is
    /// `kubernetes-default-serviceaccount-granted`. Accounts that no binding names, though several workloads act as them, in
    /// a cloud for one, are `core-identity-shared`, which is silent about these.
    ///
    /// ## Fix
    /// Give each workload an account of its own, with what it needs.
    pub AccountShared: "kubernetes-account-shared", Low, needs [], reads ["pods", "controllers", "jobs", "serviceaccounts", "rolebindings", "clusterrolebindings"], instead of ["core-identity-shared"]
}

impl Rule<Facts> for AccountShared {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut used: BTreeMap<String, Vec<(&str, Place)>> = BTreeMap::new();
        for group in &facts.groups.all {
            if let Some(one) = group.rows(facts).find(|one| facts.token_mounted(one)) {
                let account = group.account(facts);
                used.entry(account)
                    .or_default()
                    .push((&group.name, one.pod.place));
            }
        }
        for (account, workloads) in used {
            let (namespace, name) = account.split_once('/').unwrap_or(("", &account));
            let user = format!("system:serviceaccount:{namespace}:{name}");
            let [(_, place), (_, second), ..] = workloads.as_slice() else {
                continue;
            };
            if name == "default" || !facts.index.user_is_bound(&user) {
                continue;
            }
            let names: Vec<&str> = workloads.iter().map(|(name, _)| *name).collect();
            let mut finding = Finding::new(
                &Self::META,
                format!("serviceaccount {account}"),
                *place,
                format!("serviceAccountName: {name}"),
            )
            .title(format!(
                "{} workloads share service account {account}: {}",
                names.len(),
                names.iter().take(3).copied().collect::<Vec<_>>().join(", ")
            ))
            .evidence(*second, format!("serviceAccountName: {name}"))
            .identity("serviceaccount", &account);
            for name in names {
                finding = finding.identity("pod", name);
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{causes, role_and_binding};
    use foursee_core::audit::{Documents, Options, audit};
    use foursee_core::judge::Policy;
    use foursee_core::registry::Registry;

    const RULE: &str = "kubernetes-account-shared";
    const CORE: &str = "core-identity-shared";

    /// Which of the two rules report something, and what.
    fn both(text: &str) -> Vec<(String, String)> {
        let registry = Registry::new().layer(crate::Kubernetes).unwrap();
        let mut documents = Documents::new();
        documents.push_text("manifest.yaml", text);
        let report = audit(
            documents,
            &registry,
            &Policy::default(),
            &Options::default(),
            &mut |_| {},
        );
        let mut all: Vec<(String, String)> = report
            .findings
            .iter()
            .filter(|one| matches!(one.rule, RULE | CORE))
            .map(|one| (one.rule.to_string(), one.cause.to_string()))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn one_cause_is_reported_once_and_what_is_only_the_graphs_by_it() {
        let said =
            |rule: &str, account: &str| vec![(rule.to_owned(), format!("serviceaccount shop/{account}"))];
        let of = |account: &str| {
            let named = format!("serviceAccountName: {account}");
            both(&world(&named, &named))
        };
        assert_eq!(of("web"), said(RULE, "web"));
        // Nothing is granted to it; and the account default is another rule's.
        assert_eq!(of("api"), said(CORE, "api"));
        assert_eq!(of("default"), said(CORE, "default"));
    }

    fn world(first: &str, second: &str) -> String {
        let one = |name: &str, account: &str| {
            format!(
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{template: {{spec: {{{account}, containers: [{{name: c, image: i}}]}}}}}}\n"
            )
        };
        let rule = "{verbs: [get], apiGroups: [''], resources: [pods]}";
        format!(
            "{}{}{}",
            role_and_binding(rule, "shop"),
            one("a", first),
            one("b", second)
        )
    }

    #[test]
    fn two_workloads_of_a_granted_account_fire() {
        let web = "serviceAccountName: web";
        assert_eq!(causes(RULE, &world(web, web)), ["serviceaccount shop/web"]);
    }

    #[test]
    fn accounts_of_their_own_are_silent() {
        assert!(causes(RULE, &world("serviceAccountName: web", "serviceAccountName: api")).is_empty());
        let api = "serviceAccountName: api";
        assert!(
            causes(RULE, &world(api, api)).is_empty(),
            "nothing is granted to it"
        );
    }

    #[test]
    fn who_mounts_no_token_shares_nothing() {
        let off = "serviceAccountName: web, automountServiceAccountToken: false";
        assert!(causes(RULE, &world("serviceAccountName: web", off)).is_empty());
    }
}
