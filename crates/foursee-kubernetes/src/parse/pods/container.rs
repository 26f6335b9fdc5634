//! One container. Literal values of its environment are looked at for what they connect to, and overwritten.

use crate::facts::Container;
use crate::parse::Source;
use crate::parse::file::{boxed, hold, redact};
use crate::parse::shapes::*;
use foursee_core::connection::connections;
use foursee_core::document::{Held, Notes, Place};
use foursee_core::secret;
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(super) fn container(source: Source<'_>, from: &ContainerShape<'_>, notes: &mut Notes) -> Container {
    let mut settings: Vec<(&str, Cow<'_, str>, Place)> = Vec::new();
    let mut secrets = Vec::new();
    let referred: BTreeSet<String> = from
        .env
        .iter()
        .filter_map(|env| text_of(env.value?))
        .chain(
            from.command
                .iter()
                .chain(&from.args)
                .flatten()
                .filter_map(|raw| text_of(raw)),
        )
        .flat_map(|value| secret::references(&value).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for env in from.env.iter() {
        if let Some(raw) = env.value {
            let open = referred.contains(&*env.name)
                && text_of(raw).is_some_and(|value| secret::named(&env.name, &value));
            let held = if open {
                Held::Open
            } else {
                Held::Setting((&*env.name).into())
            };
            redact(source, raw, Some(held), notes);
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
    let arguments: Vec<_> = from
        .command
        .iter()
        .chain(&from.args)
        .flatten()
        .filter_map(|raw| Some((raw, text_of(raw)?)))
        .collect();
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
