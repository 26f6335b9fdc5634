//! The rule `kubernetes-token-lifetime-long`.

use crate::facts::{Facts, VolumeSource};
use crate::lower::irsa;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

/// A day: what the clouds' own webhooks ask for.
const LONGEST: u64 = 86_400;

foursee_core::rule! {
    /// A workload asks for a token that is good for more than a day.
    ///
    /// ## Why
    /// Who copies a token out of a pod is its account, at whoever its audience is, until it ends. (The token that is put
    /// into every pod asks for an hour, but is good for a year while its pod lives, unless the server runs with
    /// --service-account-extend-token-expiration=false.)
    ///
    /// ## Evidence
    /// The volume's `expirationSeconds` and `audience`, or the annotation that tells EKS's webhook how long to ask for.
    ///
    /// ## Fix
    /// Ask for an hour: the kubelet renews it before it ends.
    pub TokenLifetimeLong: "kubernetes-token-lifetime-long", Low, needs [], reads ["pods", "controllers", "jobs", "serviceaccounts"]
}

impl Rule<Facts> for TokenLifetimeLong {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for group in &facts.groups.all {
            let Some(root) = group.root_row(facts) else {
                continue;
            };
            let made = !(root.kind == "Pod" && root.meta.live);
            if let Some(one) = irsa(facts, group).filter(|one| made && one.seconds > LONGEST) {
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("pod {}: {}", group.name, one.audience),
                        one.place,
                        format!("eks.amazonaws.com/token-expiration: {}", one.seconds),
                    )
                    .title(format!(
                        "{} {} is given a token for {} that is good for {} hours",
                        root.kind.to_lowercase(),
                        group.name,
                        one.audience,
                        one.seconds / 3600
                    ))
                    .identity("pod", &group.name),
                );
            }
            for volume in &root.pod.volumes {
                let VolumeSource::Tokens(tokens) = &volume.source else {
                    continue;
                };
                for token in tokens.iter().filter(|one| one.seconds > LONGEST) {
                    let audience = match &*token.audience {
                        "" => "the API server",
                        other => other,
                    };
                    out.push(
                        Finding::new(
                            &Self::META,
                            format!("pod {} volume {}: {audience}", group.name, volume.name),
                            volume.place,
                            format!("expirationSeconds: {}", token.seconds),
                        )
                        .title(format!(
                            "{} {} asks for a token for {audience} that is good for {} hours",
                            root.kind.to_lowercase(),
                            group.name,
                            token.seconds / 3600
                        ))
                        .identity("pod", &group.name),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{causes, found};

    const RULE: &str = "kubernetes-token-lifetime-long";

    fn pod(token: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop}}\nspec:\n  containers: [{{name: c, image: i}}]\n  volumes: [{{name: t, projected: {{sources: [{{serviceAccountToken: {{path: t{token}}}}}]}}}}]\n"
        )
    }

    #[test]
    fn a_week_fires() {
        let all = found(RULE, &pod(", audience: vault, expirationSeconds: 604800"));
        assert_eq!(
            all[0].title,
            "pod shop/web asks for a token for vault that is good for 168 hours"
        );
    }

    #[test]
    fn an_hour_and_a_day_are_silent() {
        assert!(causes(RULE, &pod("")).is_empty());
        assert!(causes(RULE, &pod(", expirationSeconds: 86400")).is_empty());
    }

    #[test]
    fn what_the_webhook_is_told_fires_and_the_pods_own_word_wins() {
        let annotated = |account: &str, pod: &str| {
            causes(
                RULE,
                &format!(
                    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: web, namespace: shop, annotations: {{eks.amazonaws.com/role-arn: r, eks.amazonaws.com/token-expiration: '{account}'}}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{metadata: {{annotations: {{{pod}}}}}, spec: {{serviceAccountName: web, containers: [{{name: c}}]}}}}}}\n"
                ),
            )
        };
        assert_eq!(annotated("86401", ""), ["pod shop/web: sts.amazonaws.com"]);
        assert!(annotated("86400", "").is_empty());
        assert!(annotated("604800", "eks.amazonaws.com/token-expiration: '3600'").is_empty());
        assert!(annotated("soon", "").is_empty());
    }

    #[test]
    fn the_next_second_is_longer_than_a_day() {
        assert_eq!(
            causes(RULE, &pod(", expirationSeconds: 86401")),
            ["pod shop/web volume t: the API server"]
        );
    }
}
