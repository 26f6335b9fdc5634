//! What is wrong with containers: one file a rule. Rules look at facts and say; they never judge.

mod cap_dangerous;
mod device_block;
mod engine_tcp_no_tls;
mod env_secret;
mod host_mount_sensitive;
mod host_namespace;
mod no_new_privileges_missing;
mod port_sensitive;
mod privileged;
mod root_user;
mod runtime_api_env;
mod runtime_socket;
mod seccomp_unconfined;

use crate::authorize::Equation;
use crate::facts::{Container, Facts};
use crate::lower::stands;
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::Rule;
use foursee_core::model::{Certainty, Rung, Severity};
use std::collections::BTreeMap;

/// All of them.
#[must_use]
pub fn all() -> Vec<Box<dyn Rule<Facts>>> {
    vec![
        Box::new(privileged::Privileged),
        Box::new(runtime_socket::RuntimeSocket),
        Box::new(host_mount_sensitive::HostMountSensitive),
        Box::new(root_user::RootUser),
        Box::new(env_secret::EnvSecret),
        Box::new(no_new_privileges_missing::NoNewPrivilegesMissing),
        Box::new(cap_dangerous::CapDangerous),
        Box::new(host_namespace::HostNamespace),
        Box::new(seccomp_unconfined::SeccompUnconfined),
        Box::new(port_sensitive::PortSensitive),
        Box::new(engine_tcp_no_tls::EngineTcpNoTls),
        Box::new(device_block::DeviceBlock),
        Box::new(runtime_api_env::RuntimeApiEnv),
    ]
}

/// What one rule says of one container.
struct Hit {
    /// The thing to change once.
    cause: String,
    /// One sentence's end, behind the containers' names.
    title: String,
    severity: Severity,
    certainty: Certainty,
    place: Place,
    says: String,
    resource: Option<(&'static str, String)>,
}

/// One finding a cause, with all containers that share it, as bad and as certain as its worst.
fn report(
    meta: &'static Meta,
    facts: &Facts,
    out: &mut Findings,
    look: impl Fn(&Container, &Equation) -> Vec<Hit>,
) {
    let mut causes: BTreeMap<String, Vec<(&Container, Rung, Hit)>> = BTreeMap::new();
    for (container, eq) in facts.equations() {
        let hits = look(container, eq);
        if hits.is_empty() {
            continue;
        }
        let (rung, _) = stands(facts, container, eq);
        for hit in hits {
            causes
                .entry(hit.cause.clone())
                .or_default()
                .push((container, rung, hit));
        }
    }
    for (cause, hits) in causes {
        let Some((_, _, first)) = hits.first() else {
            continue;
        };
        let mut finding = Finding::new(meta, cause, first.place, first.says.clone())
            .title(title(&hits))
            .severity(
                hits.iter()
                    .map(|(_, _, h)| h.severity)
                    .max()
                    .unwrap_or(meta.severity),
            )
            .certainty(hits.iter().map(|(_, _, h)| h.certainty).min().unwrap_or_default());
        if let Some(rung) = hits.iter().map(|(_, rung, _)| *rung).min() {
            finding = if NOT_ABOUT_WIDTH.contains(&meta.id) {
                finding.on_rung(rung, Rung::Narrow)
            } else {
                finding.rung(rung, Rung::Narrow)
            };
        }
        if let Some((kind, name)) = &first.resource {
            finding = finding.resource(kind, name);
        }
        for (at, (container, _, hit)) in hits.iter().enumerate() {
            finding = finding.identity("container", &container.node);
            if at > 0 {
                finding = finding.evidence(hit.place, hit.says.clone());
            }
        }
        out.push(finding);
    }
}

/// What is wrong however little the container may do.
const NOT_ABOUT_WIDTH: [&str; 3] = [
    "container-env-secret",
    "container-port-sensitive",
    "container-runtime-api-env",
];

fn title(hits: &[(&Container, Rung, Hit)]) -> String {
    let Some((first, _, hit)) = hits.first() else {
        return String::new();
    };
    let idle = if hits.iter().all(|(c, _, _)| !c.running) {
        " (not running)"
    } else {
        ""
    };
    match hits.len() {
        1 => format!("container {}{idle} {}", first.node, hit.title),
        more => format!(
            "container {} and {} more{idle} {}",
            first.node,
            more - 1,
            hit.title
        ),
    }
}

/// What a container is an instance of, as a name that outlives it: the service of Compose or Swarm, else itself.
fn unit(container: &Container) -> String {
    let label = |key: &str| {
        container
            .labels
            .iter()
            .find(|(k, _, _)| k == key)
            .map(|(_, value, _)| value.as_str())
    };
    match (
        label("com.docker.compose.project"),
        label("com.docker.compose.service"),
        label("com.docker.swarm.service.name"),
    ) {
        (_, _, Some(service)) => format!("service {service}"),
        (Some(project), Some(service), _) => format!("service {project}/{service}"),
        _ => format!("container {}", container.node),
    }
}

/// An image's name without tag and digest: what stays when it is built again.
fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

/// One step less bad.
const fn less(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    }
}
