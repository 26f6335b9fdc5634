//! Whether names of objects stay the same, so that resourceNames would go on to fit.

/// Resources whose objects controllers and servers name.
const NAMED_BY_OTHERS: &[&str] = &[
    "pods",
    "replicasets",
    "jobs",
    "events",
    "endpointslices",
    "controllerrevisions",
    "persistentvolumes",
    "certificatesigningrequests",
    "podcertificaterequests",
    "volumeattachments",
    "resourceclaims",
    "resourceslices",
    "nodes",
    "csinodes",
    "csistoragecapacities",
    "virtualmachineinstances",
];

/// What Kubernetes makes random names of (apimachinery, util/rand).
const RANDOM: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Whether the names of that resource's objects are people's, as far as the names themselves show.
pub(super) fn stable<'a>(resource: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
    let plural = resource.split('/').next().unwrap_or_default();
    !NAMED_BY_OTHERS.contains(&plural) && names.all(|name| !made_up(name))
}

fn made_up(name: &str) -> bool {
    let last = name.rsplit('-').next().unwrap_or_default();
    let random = last.len() == 5 && last.chars().all(|one| RANDOM.contains(one)) && last.len() < name.len();
    let digits = last.bytes().any(|byte| byte.is_ascii_digit());
    let hex = last.len() >= 8 && digits && last.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hash = last.len() >= 8 && digits && last.chars().all(|one| RANDOM.contains(one));
    let uuid = name.len() >= 36
        && name.get(name.len() - 36..).is_some_and(|end| {
            end.bytes().filter(|byte| *byte == b'-').count() >= 4
                && end.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        });
    random || hex || hash || uuid
}

#[cfg(test)]
mod tests {
    use super::stable;

    #[test]
    fn names_that_are_made_up_are_known() {
        for (resource, name, want) in [
            ("configmaps", "settings", true),
            ("configmaps", "kube-root-ca.crt", true),
            ("secrets", "db-password", true),
            ("secrets", "default-token-x7k2p", false),
            ("secrets", "sh.helm.release.v1.shop.v3", true),
            ("leases", "0c1f2d3e-4b5a-6978-8796-a5b4c3d2e1f0", false),
            ("configmaps", "app-6d4cf56db6", false),
            ("deployments/scale", "web", true),
            ("pods/log", "web", false),
            ("pods", "postgres-0", false),
            // A word of five of these letters behind a dash.
            ("configmaps", "x-tests", true),
            ("configmaps", "plain", true),
        ] {
            assert_eq!(stable(resource, std::iter::once(name)), want, "{resource} {name}");
        }
    }
}
