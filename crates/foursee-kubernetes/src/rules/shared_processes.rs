//! The rule `kubernetes-shared-processes`.

use crate::facts::{Container, Facts, VolumeSource, Workload};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A workload's containers see each other's processes, and one of them is given what the others are not.
    ///
    /// ## Why
    /// With `shareProcessNamespace` a container reads the environment and the files of every other one of the same user
    /// (`/proc/PID/root`), so that a Secret or token that was given to one is given to all: a sidecar that is broken into
    /// has it. A container that starts as another user is kept out, unless it has SYS_PTRACE.
    ///
    /// ## Evidence
    /// The workload, which container is given what, and which other one sees it.
    ///
    /// ## Fix
    /// Leave `shareProcessNamespace` out, or give the containers users of their own with `runAsUser`.
    pub SharedProcesses: "kubernetes-shared-processes", Low, needs [], reads ["pods", "controllers", "jobs"]
}

/// What a container is given: Secrets of its environment, and mounted Secrets and tokens.
fn given(one: &Workload, container: &Container) -> Vec<String> {
    let variables = container
        .secrets
        .iter()
        .map(|(name, ..)| format!("Secret {name}"));
    let mounted = container.mounts.iter().filter_map(|mount| {
        let volume = one.pod.mounted(mount)?;
        match &volume.source {
            VolumeSource::Secret(name) => Some(format!("Secret {name}")),
            VolumeSource::Tokens(_) => Some(format!("token {}", volume.name)),
            VolumeSource::HostPath(_) | VolumeSource::Claim(_) => None,
        }
    });
    variables.chain(mounted).collect()
}

/// Whether a container may look into another's processes: as the same user, for all that is known, or by SYS_PTRACE.
fn sees(one: &Container, other: &Container) -> bool {
    let traces = one
        .capabilities
        .iter()
        .map(|name| name.to_uppercase())
        .any(|name| matches!(name.trim_start_matches("CAP_"), "SYS_PTRACE" | "ALL"));
    one.privileged || traces || one.user == other.user
}

impl Rule<Facts> for SharedProcesses {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for group in &see.facts.groups.all {
            let Some(root) = group.root_row(see.facts).filter(|one| one.pod.shared_processes) else {
                continue;
            };
            let all = &root.pod.containers;
            let found = all.iter().find_map(|holder| {
                let held = given(root, holder);
                all.iter().filter(|one| one.name != holder.name).find_map(|one| {
                    let own = given(root, one);
                    let more = held.iter().find(|what| !own.contains(*what))?;
                    sees(one, holder).then(|| (holder, one, more.clone()))
                })
            });
            let Some((holder, other, what)) = found else {
                continue;
            };
            out.push(
                Finding::new(
                    &Self::META,
                    format!("pod {}", group.name),
                    holder.place,
                    "shareProcessNamespace: true",
                )
                .title(format!(
                    "{} {} gives {what} to container {}, and container {} sees its processes",
                    root.kind.to_lowercase(),
                    group.name,
                    holder.name,
                    other.name
                ))
                .identity("pod", &group.name),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::found;

    const RULE: &str = "kubernetes-shared-processes";

    fn world(share: &str, one: &str, other: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{spec: {{{share}containers: [{{name: a, image: i, envFrom: [{{secretRef: {{name: db}}}}]{one}}}, {{name: b, image: i{other}}}]}}}}}}\n"
        )
    }

    const SHARED: &str = "shareProcessNamespace: true, ";

    #[test]
    fn a_sidecar_sees_what_another_container_is_given() {
        let all = found(RULE, &world(SHARED, "", ""));
        assert_eq!(
            all[0].title,
            "deployment shop/web gives Secret db to container a, and container b sees its processes"
        );
    }

    #[test]
    fn without_the_setting_it_is_silent() {
        assert!(found(RULE, &world("", "", "")).is_empty());
    }

    #[test]
    fn another_user_is_kept_out_unless_it_traces_and_what_all_have_is_no_matter() {
        let user = ", securityContext: {runAsUser: 1000}";
        assert!(found(RULE, &world(SHARED, "", user)).is_empty());
        let traces = ", securityContext: {runAsUser: 1000, capabilities: {add: [SYS_PTRACE]}}";
        assert_eq!(found(RULE, &world(SHARED, "", traces)).len(), 1);
        let both = ", envFrom: [{secretRef: {name: db}}]";
        assert!(found(RULE, &world(SHARED, "", both)).is_empty());
    }
}
