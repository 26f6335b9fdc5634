//! One container. Literal values of its environment are looked at for what they connect to, and overwritten.

use super::posture::APP_ARMOR;
use crate::facts::{Armor, Container, ContainerPort, Mount, Protocol, User, Within};
use crate::parse::Source;
use crate::parse::file::{boxed, hold, number, redact};
use crate::parse::shapes::*;
use foursee_core::connection::connections;
use foursee_core::document::{Held, Notes};
use foursee_core::secret;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;

pub(super) fn container(
    source: Source<'_>,
    from: &ContainerShape<'_>,
    pod: &PodShape<'_>,
    notes: &mut Notes,
) -> Container {
    let place = source.place(&from.name);
    let within = |part: &str| Within::of(source.place(part), place);
    let mut settings: Vec<(&str, Cow<'_, str>, Within)> = Vec::new();
    let mut secrets = Vec::new();
    let values: Vec<Option<Cow<'_, str>>> = from.env.iter().map(|env| text_of(env.value?)).collect();
    // Arguments are settings of the program; only those that carry a password are overwritten.
    let arguments: Vec<_> = from
        .command
        .iter()
        .chain(&from.args)
        .flatten()
        .filter_map(|raw| Some((raw, text_of(raw)?)))
        .collect();
    let referred: BTreeSet<String> = values
        .iter()
        .flatten()
        .chain(arguments.iter().map(|(_, value)| value))
        .filter(|value| value.contains('$'))
        .flat_map(|value| secret::references(value).map(str::to_owned))
        .collect();
    for (env, value) in from.env.iter().zip(values) {
        if let Some(raw) = env.value {
            let open = referred.contains(&*env.name)
                && value
                    .as_ref()
                    .is_some_and(|value| secret::named(&env.name, value));
            let held = if open {
                Held::Open
            } else {
                Held::Setting((&*env.name).into())
            };
            redact(source, raw, Some(held), notes);
            if let Some(value) = value {
                settings.push((&env.name, value, within(&env.name)));
            }
        }
        let secret = env
            .value_from
            .as_ref()
            .and_then(|from| from.secret_key_ref.as_ref());
        if let Some(secret) = secret {
            secrets.push(((&*secret.name).into(), (&*env.name).into(), within(&env.name)));
        }
    }
    let words: Vec<String> = arguments
        .iter()
        .map(|(_, value)| value.clone().into_owned())
        .collect();
    for ((argument, value), name) in arguments.into_iter().zip(secret::arguments_as(&words)) {
        if carries_password(&value) {
            redact(
                source,
                argument,
                name.map(|name| Held::Setting(name.into())),
                notes,
            );
        } else if let Some(name) = name {
            hold(source, argument, Held::Setting(name.into()), notes);
        }
        settings.push(("argument", value, within(argument.get())));
    }
    for secret in from.env_from.iter().filter_map(|from| from.secret_ref.as_ref()) {
        secrets.push(((&*secret.name).into(), "".into(), within(&secret.name)));
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
                .map_or_else(|| Within::of(place, place), |setting| setting.2);
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
    let of_pod = pod.spec.security_context.as_ref();
    Container {
        name: (&*from.name).into(),
        privileged: security.and_then(|one| one.privileged).unwrap_or(false),
        capabilities: security
            .and_then(|one| one.capabilities.as_ref())
            .map(|one| boxed(&one.add))
            .unwrap_or_default(),
        user: user(security, of_pod),
        gains: security.and_then(|one| one.allow_privilege_escalation) != Some(false),
        armor: armor(&from.name, security, pod),
        host_process: [security, of_pod]
            .into_iter()
            .flatten()
            .find_map(|one| one.windows_options.as_ref()?.host_process)
            .unwrap_or(false),
        ports: ports(from),
        mounts: from
            .volume_mounts
            .iter()
            .map(|mount| Mount {
                volume: number_of(pod, &mount.name),
                path: (&*mount.mount_path).into(),
                read_only: mount.read_only.unwrap_or(false),
                sub_path: (&*mount.sub_path).into(),
            })
            .collect(),
        connections,
        access_keys,
        unread,
        secrets,
    }
}

/// Which of the pod's volumes has that name.
fn number_of(pod: &PodShape<'_>, name: &str) -> u32 {
    let at = pod.spec.volumes.iter().position(|one| *one.name == *name);
    at.and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX)
}

/// The ports that it declares; what is no port is none.
fn ports(from: &ContainerShape<'_>) -> Vec<ContainerPort> {
    from.ports
        .iter()
        .filter_map(|one| {
            let host: Option<IpAddr> = one.host_ip.parse().ok();
            Some(ContainerPort {
                name: (&*one.name).into(),
                number: one.container_port.and_then(number)?,
                protocol: Protocol::parse(&one.protocol)?,
                host_port: one.host_port.and_then(number).unwrap_or(0),
                loopback: host.is_some_and(|one| one.is_loopback()),
            })
        })
        .collect()
}

/// As which user it starts: each field by its own word, else the pod's.
fn user(own: Option<&SecurityShape<'_>>, pod: Option<&SecurityShape<'_>>) -> User {
    let both = [own, pod];
    let uid = both.into_iter().flatten().find_map(|one| one.run_as_user);
    let non_root = both.into_iter().flatten().find_map(|one| one.run_as_non_root);
    match (uid, non_root) {
        (Some(0), _) => User::Root,
        (None, None | Some(false)) => User::Image,
        _ => User::Other,
    }
}

/// Its AppArmor profile: a field, else the annotation for the container of that name.
fn armor(name: &str, own: Option<&SecurityShape<'_>>, pod: &PodShape<'_>) -> Armor {
    let field = [own, pod.spec.security_context.as_ref()]
        .into_iter()
        .flatten()
        .find_map(|one| one.app_armor_profile.as_ref())
        .map(|one| &*one.sort);
    let annotation = || {
        pod.metadata
            .annotations
            .0
            .iter()
            .find(|(key, _)| key.strip_prefix(APP_ARMOR) == Some(name))
            .and_then(|(_, raw)| text_of(raw))
    };
    match field {
        Some("Unconfined") => Armor::Unconfined,
        Some("RuntimeDefault") => Armor::Runtime,
        Some(_) => Armor::Local,
        None => match annotation().as_deref() {
            None | Some("") => Armor::Unsaid,
            Some("unconfined") => Armor::Unconfined,
            Some("runtime/default") => Armor::Runtime,
            Some(_) => Armor::Local,
        },
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
