//! How an item is filed: from a borrowed shape into the facts' tables.

use super::shapes::*;
use super::{Source, peek_kind, refused, survey, yaml};
use crate::facts::*;
use foursee_core::connection::connections;
use foursee_core::document::{Notes, Place, Str};
use foursee_core::model::{Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Files one object. `of_list` is its kind where it does not say it itself.
pub(super) fn item(
    source: Source<'_>,
    text: &str,
    of_list: Option<&str>,
    facts: &mut Facts,
    notes: &mut Notes,
) {
    let own = peek_kind(text);
    let Some(kind) = own.as_deref().or(of_list) else {
        redact_all(source, text, notes);
        notes.gap(
            Gap::new(Reason::Malformed, "an object without a kind")
                .hides("whatever it says")
                .closes("the same export again: every object of a List says its kind")
                .at(source.document.at(source.base)),
        );
        return;
    };
    let filed = match kind {
        "Role" => shape(text).map(|one| role(source, RoleKind::Role, &one, facts, notes)),
        "ClusterRole" => shape(text).map(|one| role(source, RoleKind::ClusterRole, &one, facts, notes)),
        "RoleBinding" => shape(text).map(|one| binding(source, true, &one, facts, notes)),
        "ClusterRoleBinding" => shape(text).map(|one| binding(source, false, &one, facts, notes)),
        "ServiceAccount" => shape(text).map(|one| account(source, &one, facts, notes)),
        "Pod" => shape(text)
            .map(|one: PodShape<'_>| workload(source, "Pod", &one.metadata, Some(&one), facts, notes)),
        "Deployment" => controller(source, "Deployment", text, facts, notes),
        "StatefulSet" => controller(source, "StatefulSet", text, facts, notes),
        "DaemonSet" => controller(source, "DaemonSet", text, facts, notes),
        "ReplicaSet" => controller(source, "ReplicaSet", text, facts, notes),
        "ReplicationController" => controller(source, "ReplicationController", text, facts, notes),
        "Job" => controller(source, "Job", text, facts, notes),
        "CronJob" => shape(text).map(|one: CronShape<'_>| {
            let template = one.spec.job_template.spec.template.as_ref();
            workload(source, "CronJob", &one.metadata, template, facts, notes)
        }),
        "Namespace" => shape(text).map(|one: AnyShape<'_>| {
            let meta = meta(source, &one.metadata, false, notes);
            let live = meta.live;
            facts.namespaces.push(Plain { meta });
            live
        }),
        "Node" => shape(text).map(|one: AnyShape<'_>| {
            let meta = meta(source, &one.metadata, false, notes);
            let live = meta.live;
            facts.nodes.push(Plain { meta });
            live
        }),
        "Secret" => shape(text).map(|one| secret(source, &one, facts, notes)),
        "ConfigMap" => shape(text).map(|one| config_map(source, &one, facts, notes)),
        "Service" => shape(text).map(|one| service(source, &one, facts, notes)),
        "Ingress" => shape(text).map(|one| ingress(source, &one, facts, notes)),
        "Status" => shape(text).map(|one: StatusShape<'_>| {
            notes.gap(refused(&one.message, &one.reason).at(source.document.at(source.base)));
            false
        }),
        _ => shape(text).map(|one: AnyShape<'_>| meta(source, &one.metadata, false, notes).live),
    };
    match filed {
        Ok(live) => {
            let known = survey::document_kind(kind).is_some() || matches!(kind, "ConfigMap" | "Status");
            if !known && !facts.kinds.contains_key(kind) {
                notes.gap(unsupported(kind).at(source.document.at(source.base)));
            }
            *facts.kinds.entry(kind.into()).or_default() |= live;
        }
        Err(_) => {
            redact_all(source, text, notes);
            let name = shape::<LiveShape<'_>>(text).map_or_else(
                |_| String::new(),
                |one| full_name(&one.metadata.namespace, &one.metadata.name),
            );
            notes.gap(
                Gap::new(Reason::Malformed, format!("{kind} {name}").trim_end().to_owned())
                    .facet("the object")
                    .hides("everything that it says")
                    .closes("the object as the server prints it: kubectl get -o json")
                    .at(source.document.at(source.base)),
            );
        }
    }
}

fn unsupported(kind: &str) -> Gap {
    Gap::new(Reason::Unsupported, format!("objects of kind {kind}"))
        .facet("what they mean")
        .hides("whom they let do something, or what they run, through their own controllers")
        .closes("nothing: this version of foursee does not read the kind")
}

/// An object's uid and name, and nothing else.
#[derive(Deserialize, Default)]
#[serde(default)]
struct LiveShape<'a> {
    #[serde(borrow)]
    metadata: LiveMeta<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LiveMeta<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    namespace: Str<'a>,
    #[serde(borrow)]
    uid: Str<'a>,
}

fn shape<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

/// Overwrites the whole of a text of which nobody knows what it holds.
pub(super) fn redact_all(source: Source<'_>, text: &str, notes: &mut Notes) {
    // Line by line, so that the lines behind it keep their numbers.
    for line in source.yaml.unwrap_or(text).lines() {
        notes.redact(source.document, line.trim());
    }
}

/// Overwrites the value of a secret: in JSON between its quotes, in YAML wherever its lines stand.
fn redact(source: Source<'_>, raw: &RawValue, notes: &mut Notes) {
    let inside = raw.get();
    match source.yaml {
        None => {
            let bare = inside
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
                .unwrap_or(inside);
            notes.redact(source.document, bare);
        }
        Some(text) => {
            let Some(value) = text_of(raw) else { return };
            for line in value.lines().map(str::trim).filter(|line| !line.is_empty()) {
                for (at, _) in text.match_indices(line) {
                    // Whole words only: a value "web" must not overwrite the half of a name.
                    let ends = |one: Option<char>| one.is_none_or(|one| !one.is_alphanumeric());
                    let before = text.get(..at).and_then(|part| part.chars().next_back());
                    let after = text.get(at + line.len()..).and_then(|part| part.chars().next());
                    if line.len() > 24 || (ends(before) && ends(after)) {
                        notes.redact(source.document, text.get(at..at + line.len()).unwrap_or_default());
                    }
                }
            }
        }
    }
}

fn boxed(all: &[Str<'_>]) -> Vec<Box<str>> {
    all.iter().map(|one| (&**one).into()).collect()
}

fn pairs(all: &Pairs<'_>) -> Vec<(Box<str>, Box<str>)> {
    all.0
        .iter()
        .map(|(key, value)| ((&**key).into(), (&**value).into()))
        .collect()
}

/// Whether an annotation is kept: who owns the object, its cloud role, how it is exposed.
fn kept(key: &str) -> bool {
    let lower = key.to_lowercase();
    [
        "owner",
        "team",
        "contact",
        "data-class",
        "classification",
        "load-balancer",
        "eks.amazonaws.com/",
        "alb.ingress",
    ]
    .iter()
    .any(|part| lower.contains(part))
        || matches!(
            key,
            "kubernetes.io/service-account.name"
                | "kubernetes.io/ingress.class"
                | "iam.gke.io/gcp-service-account"
                | "rbac.authorization.kubernetes.io/autoupdate"
        )
}

fn meta(source: Source<'_>, from: &MetaShape<'_>, namespaced: bool, notes: &mut Notes) -> Meta {
    let mut annotations = Vec::new();
    for (key, raw) in &from.annotations.0 {
        if &**key == LAST_APPLIED {
            redact(source, raw, notes);
        } else if kept(key)
            && let Some(value) = text_of(raw)
        {
            annotations.push(((&**key).into(), (&*value).into()));
        }
    }
    let name = if from.name.is_empty() {
        &from.generate_name
    } else {
        &from.name
    };
    let namespace = match (namespaced, from.namespace.is_empty()) {
        (false, _) => "",
        (true, false) => &*from.namespace,
        (true, true) => {
            let known = notes.gaps.iter().any(|gap| gap.target == NO_NAMESPACE);
            if !known {
                notes.gap(
                    Gap::new(Reason::Ambiguous, NO_NAMESPACE)
                        .facet("metadata.namespace")
                        .hides("where they are applied: they are read as of namespace default")
                        .closes("helm template --namespace NS with templates that print it, or an export of the cluster")
                        .at(source.place(name)),
                );
            }
            "default"
        }
    };
    Meta {
        namespace: namespace.into(),
        name: (&**name).into(),
        live: !from.uid.is_empty(),
        labels: pairs(&from.labels),
        annotations,
        place: source.place(name),
    }
}

/// What the gap about manifests without a namespace is about.
const NO_NAMESPACE: &str = "manifests that do not say their namespace";

fn role(
    source: Source<'_>,
    kind: RoleKind,
    from: &RoleShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, kind == RoleKind::Role, notes);
    let live = meta.live;
    let rules = from
        .rules
        .iter()
        .enumerate()
        .map(|(number, rule)| {
            let place = match source
                .yaml
                .and_then(|text| yaml::item_offset(text, "rules", number))
            {
                Some(at) => source.document.at(source.base + at),
                None => source.place(
                    rule.verbs
                        .first()
                        .or_else(|| rule.resources.first())
                        .or_else(|| rule.non_resource_urls.first())
                        .map_or("", |text| text),
                ),
            };
            (policy_rule(rule), place)
        })
        .collect();
    let aggregation = from.aggregation_rule.as_ref().map(|rule| {
        rule.cluster_role_selectors
            .iter()
            .map(|selector| {
                let labels = selector.match_labels.0.iter().map(|(key, value)| Requirement {
                    key: (&**key).into(),
                    operator: "In".into(),
                    values: vec![(&**value).into()],
                });
                let expressions = selector.match_expressions.iter().map(|one| Requirement {
                    key: (&*one.key).into(),
                    operator: (&*one.operator).into(),
                    values: boxed(&one.values),
                });
                LabelSelector(labels.chain(expressions).collect())
            })
            .collect()
    });
    facts.roles.push(Role {
        kind,
        meta,
        rules,
        aggregation,
    });
    live
}

pub(crate) fn policy_rule(rule: &RuleShape<'_>) -> PolicyRule {
    PolicyRule {
        verbs: boxed(&rule.verbs),
        groups: boxed(&rule.api_groups),
        resources: boxed(&rule.resources),
        names: boxed(&rule.resource_names),
        urls: boxed(&rule.non_resource_urls),
    }
}

fn binding(
    source: Source<'_>,
    namespaced: bool,
    from: &BindingShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, namespaced, notes);
    let live = meta.live;
    let subjects = from
        .subjects
        .iter()
        .enumerate()
        .map(|(number, subject)| Subject {
            kind: (&*subject.kind).into(),
            name: (&*subject.name).into(),
            namespace: (&*subject.namespace).into(),
            place: match source
                .yaml
                .and_then(|text| yaml::item_offset(text, "subjects", number))
            {
                Some(at) => source.document.at(source.base + at),
                None => source.place(&subject.name),
            },
        })
        .collect();
    facts.bindings.push(Binding {
        meta,
        role_kind: (&*from.role_ref.kind).into(),
        role_name: (&*from.role_ref.name).into(),
        subjects,
    });
    live
}

fn account(source: Source<'_>, from: &AccountShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    facts.accounts.push(ServiceAccount {
        meta,
        automount: from.automount_service_account_token,
    });
    live
}

fn controller(
    source: Source<'_>,
    kind: &'static str,
    text: &str,
    facts: &mut Facts,
    notes: &mut Notes,
) -> Result<bool, serde_json::Error> {
    let one: ControllerShape<'_> = shape(text)?;
    Ok(workload(
        source,
        kind,
        &one.metadata,
        one.spec.template.as_ref(),
        facts,
        notes,
    ))
}

fn workload(
    source: Source<'_>,
    kind: &'static str,
    from: &MetaShape<'_>,
    pod: Option<&PodShape<'_>>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, from, true, notes);
    let live = meta.live;
    let owner = from
        .owner_references
        .iter()
        .find(|owner| owner.controller.unwrap_or(false))
        .map(|owner| ((&*owner.kind).into(), (&*owner.name).into()));
    let place = meta.place;
    let (pod_labels, pod) = match pod {
        Some(pod) => (
            pairs(&pod.metadata.labels),
            pod_spec(source, &pod.spec, &meta, notes),
        ),
        None => (Vec::new(), pod_spec(source, &SpecShape::default(), &meta, notes)),
    };
    facts.workloads.push(Workload {
        kind,
        meta,
        owner,
        pod_labels,
        pod: PodSpec { place, ..pod },
    });
    live
}

fn pod_spec(source: Source<'_>, from: &SpecShape<'_>, meta: &Meta, notes: &mut Notes) -> PodSpec {
    let account = [&*from.service_account_name, &*from.service_account, "default"]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or("default");
    let mut volumes = Vec::new();
    for volume in from.volumes.iter() {
        let mut push = |what: VolumeSource| {
            volumes.push(Volume {
                name: (&*volume.name).into(),
                source: what,
                place: source.place(&volume.name),
            });
        };
        if let Some(path) = &volume.host_path {
            push(VolumeSource::HostPath((&*path.path).into()));
        }
        if let Some(secret) = &volume.secret {
            push(VolumeSource::Secret((&*secret.secret_name).into()));
        }
        if let Some(projected) = &volume.projected {
            let tokens: Vec<Box<str>> = projected
                .sources
                .iter()
                .filter_map(|one| one.service_account_token.as_ref())
                .map(|token| (&*token.audience).into())
                .collect();
            if !tokens.is_empty() {
                push(VolumeSource::Tokens(tokens));
            }
            for secret in projected.sources.iter().filter_map(|one| one.secret.as_ref()) {
                push(VolumeSource::Secret((&*secret.name).into()));
            }
        }
    }
    let containers = from
        .containers
        .iter()
        .chain(from.init_containers.iter())
        .chain(from.ephemeral_containers.iter())
        .map(|one| container(source, one, notes))
        .collect();
    PodSpec {
        account: account.into(),
        automount: from.automount_service_account_token,
        node: (!from.node_name.is_empty()).then(|| (&*from.node_name).into()),
        host_pid: from.host_pid.unwrap_or(false),
        host_ipc: from.host_ipc.unwrap_or(false),
        host_network: from.host_network.unwrap_or(false),
        own_users: from.host_users == Some(false),
        volumes,
        containers,
        place: meta.place,
    }
}

fn container(source: Source<'_>, from: &ContainerShape<'_>, notes: &mut Notes) -> Container {
    let mut settings: Vec<(&str, Cow<'_, str>, Place)> = Vec::new();
    let mut secrets = Vec::new();
    for env in from.env.iter() {
        if let Some(raw) = env.value {
            redact(source, raw, notes);
            if let Some(value) = text_of(raw) {
                settings.push((&env.name, value, source.place(&env.name)));
            }
        }
        let secret = env
            .value_from
            .as_ref()
            .and_then(|from| from.secret_key_ref.as_ref());
        if let Some(secret) = secret {
            secrets.push((
                (&*secret.name).into(),
                (&*env.name).into(),
                source.place(&env.name),
            ));
        }
    }
    // Arguments are settings of the program; only those that carry a password are overwritten.
    for argument in from.command.iter().chain(&from.args).flatten() {
        let Some(value) = text_of(argument) else { continue };
        if carries_password(&value) {
            redact(source, argument, notes);
        }
        settings.push(("argument", value, source.place(argument.get())));
    }
    for secret in from.env_from.iter().filter_map(|from| from.secret_ref.as_ref()) {
        secrets.push(((&*secret.name).into(), "".into(), source.place(&secret.name)));
    }
    let given: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value, _)| (*name, &**value))
        .collect();
    let (connections, unread) = connections(&given);
    let connections = connections
        .into_iter()
        .map(|one| {
            let place = settings
                .get(one.setting)
                .map_or_else(|| source.place(&from.name), |setting| setting.2);
            (one, place)
        })
        .collect();
    let access_keys = settings
        .iter()
        .filter(|(name, value, _)| {
            name.eq_ignore_ascii_case("AWS_ACCESS_KEY_ID")
                && (16..=128).contains(&value.len())
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
        .map(|(_, value, place)| ((&**value).into(), *place))
        .collect();
    let security = from.security_context.as_ref();
    Container {
        name: (&*from.name).into(),
        privileged: security.and_then(|one| one.privileged).unwrap_or(false),
        capabilities: security
            .and_then(|one| one.capabilities.as_ref())
            .map(|one| boxed(&one.add))
            .unwrap_or_default(),
        mounts: from
            .volume_mounts
            .iter()
            .map(|mount| {
                (
                    (&*mount.name).into(),
                    (&*mount.mount_path).into(),
                    mount.read_only.unwrap_or(false),
                )
            })
            .collect(),
        connections,
        access_keys,
        unread,
        secrets,
        place: source.place(&from.name),
    }
}

/// Whether an argument seems to hold a password.
fn carries_password(value: &str) -> bool {
    let lower = value.to_lowercase();
    let in_url = lower.split("://").skip(1).any(|rest| {
        rest.split(['/', ' ', '?'])
            .next()
            .is_some_and(|host| host.contains('@'))
    });
    in_url
        || [
            "password",
            "passwd",
            "secret",
            "token",
            "api-key",
            "apikey",
            "credential",
        ]
        .iter()
        .any(|word| lower.contains(word))
}

fn secret(source: Source<'_>, from: &DataShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    for (_, raw) in from.data.0.iter().chain(&from.string_data.0) {
        redact(source, raw, notes);
    }
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    facts.secrets.push(Secret {
        meta,
        sort: (&*from.sort).into(),
    });
    live
}

fn config_map(source: Source<'_>, from: &DataShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    for (_, raw) in from.data.0.iter().chain(&from.binary_data.0) {
        redact(source, raw, notes);
    }
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    if (&*meta.namespace, &*meta.name) != ("kube-system", "aws-auth") {
        return live;
    }
    for (section, role) in [("mapRoles", true), ("mapUsers", false)] {
        let Some((key, raw)) = from.data.0.iter().find(|(key, _)| &**key == section) else {
            continue;
        };
        let text = text_of(raw).unwrap_or_default();
        let place = source.place(key);
        let Some((lines, bad)) = yaml::lines::<AwsAuthLine>(&text) else {
            notes.gap(aws_auth_gap(section, "the whole section: it is not YAML").at(place));
            continue;
        };
        if bad > 0 {
            notes.gap(aws_auth_gap(section, "lines that are not as they should be").at(place));
        }
        for line in lines {
            if line.arn.is_empty() {
                notes.gap(aws_auth_gap(section, "lines without an ARN").at(place));
                continue;
            }
            // In JSON the line stands inside an escaped text: its ARN is found there as it is.
            let at = source
                .document
                .offset(raw.get())
                .and_then(|base| Some(base as usize + raw.get().find(line.arn.as_str())?));
            facts.aws_auth.push(AwsAuth {
                place: at.map_or_else(|| source.place(&line.arn), |at| source.document.at(at)),
                arn: line.arn.into(),
                role,
                username: line.username.into(),
                groups: line.groups.into_iter().map(Into::into).collect(),
            });
        }
    }
    if let Some((key, _)) = from.data.0.iter().find(|(key, _)| &**key == "mapAccounts") {
        notes.gap(
            aws_auth_gap("mapAccounts", "which principals of these accounts there are").at(source.place(key)),
        );
    }
    live
}

fn aws_auth_gap(section: &str, what: &str) -> Gap {
    Gap::new(
        Reason::Malformed,
        format!("ConfigMap kube-system/aws-auth {section}"),
    )
    .facet(what)
    .hides("which AWS principals they let into the cluster")
    .closes("a section that aws-iam-authenticator reads: a list with rolearn or userarn, username and groups")
}

fn service(source: Source<'_>, from: &ServiceShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    facts.services.push(Service {
        meta,
        ingress: false,
        sort: (&*from.spec.sort).into(),
        selector: pairs(&from.spec.selector),
        backends: Vec::new(),
        source_ranges: boxed(&from.spec.load_balancer_source_ranges),
    });
    live
}

fn ingress(source: Source<'_>, from: &IngressShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    let paths = from
        .spec
        .rules
        .iter()
        .filter_map(|rule| rule.http.as_ref())
        .flat_map(|http| http.paths.iter().map(|path| &path.backend));
    let mut backends: Vec<Box<str>> = from
        .spec
        .default_backend
        .iter()
        .chain(paths)
        .map(|backend| match &backend.service {
            Some(service) => &*service.name,
            None => &*backend.service_name,
        })
        .filter(|name| !name.is_empty())
        .map(Into::into)
        .collect();
    backends.sort();
    backends.dedup();
    let class = if from.spec.ingress_class_name.is_empty() {
        meta.annotation("kubernetes.io/ingress.class")
            .unwrap_or_default()
            .into()
    } else {
        (&*from.spec.ingress_class_name).into()
    };
    facts.services.push(Service {
        meta,
        ingress: true,
        sort: class,
        selector: Vec::new(),
        backends,
        source_ranges: Vec::new(),
    });
    live
}

/// Files what `aws eks describe-cluster` prints.
pub(super) fn describe_cluster(source: Source<'_>, text: &str, facts: &mut Facts, notes: &mut Notes) {
    let Ok(one) = shape::<DescribeShape<'_>>(text) else {
        notes.gap(
            Gap::new(Reason::Malformed, "the EKS cluster")
                .hides("its issuer and how AWS principals get in")
                .closes("aws eks describe-cluster --name NAME")
                .at(source.document.at(source.base)),
        );
        return;
    };
    let cluster = &one.cluster;
    if !cluster.identity.oidc.issuer.is_empty() {
        issuer(source, &cluster.identity.oidc.issuer, facts);
    }
    if let Some(minor) = minor(&cluster.version) {
        facts.versions.push((minor, source.place(&cluster.version)));
    }
    facts.eks.push(Eks {
        arn: (&*cluster.arn).into(),
        authentication_mode: (&*cluster.access_config.authentication_mode).into(),
        place: source.place(&cluster.arn),
    });
    facts.kinds.insert("Cluster".into(), true);
}

/// Files the document that the server prints under /.well-known/openid-configuration.
pub(super) fn openid(source: Source<'_>, text: &str, facts: &mut Facts, notes: &mut Notes) {
    match shape::<IssuerShape<'_>>(text) {
        Ok(one) if !one.issuer.is_empty() => issuer(source, &one.issuer, facts),
        _ => notes.gap(
            Gap::new(Reason::Malformed, "the issuer of service accounts' tokens")
                .hides("which clouds trust this cluster's tokens")
                .closes("kubectl get --raw /.well-known/openid-configuration")
                .at(source.document.at(source.base)),
        ),
    }
}

fn issuer(source: Source<'_>, issuer: &str, facts: &mut Facts) {
    let bare = issuer
        .strip_prefix("https://")
        .unwrap_or(issuer)
        .trim_end_matches('/');
    facts.issuers.push((bare.into(), source.place(issuer)));
}

/// The minor version of "1.34" or "v1.34.2-eks-1".
fn minor(version: &str) -> Option<u32> {
    let rest = version.trim_start_matches('v').strip_prefix("1.")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
