//! One container or image, filed; its secrets overwritten.

use super::{At, dto, owned, secrets, text, texts};
use crate::authorize::paths::tidy;
use crate::facts::{Container, Device, Env, Image, Modes, Mount, Places, Port, Volume};
use foursee_core::connection::connections;
use foursee_core::document::{Held, Notes, Place};
use foursee_core::model::{Gap, Reason};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

/// The environment, filed and overwritten; with the values, which the caller forgets.
fn environment(
    at: &At<'_>,
    raws: Option<&Vec<&RawValue>>,
    notes: &mut Notes,
) -> (Vec<Env>, Vec<(String, String)>) {
    let (mut env, mut settings) = (Vec::new(), Vec::new());
    let all: Vec<(String, &str)> = raws.into_iter().flatten().filter_map(|raw| text(raw)).collect();
    let referred: BTreeSet<&str> = all
        .iter()
        .flat_map(|(said, _)| secrets::references(said))
        .collect();
    for (said, inner) in &all {
        let Some((name, value)) = said.split_once('=') else {
            env.push(Env {
                name: said.clone(),
                secret: None,
                digest: 0,
                place: at.of(inner),
            });
            settings.push((String::new(), String::new()));
            continue;
        };
        // Every literal value goes, secret or not; an escaped `=` takes the whole entry with it.
        let held = if referred.contains(name) && secrets::named(name, value) {
            Held::Open
        } else {
            Held::Setting(name.into())
        };
        redact(
            at,
            inner.split_once('=').map_or(inner, |(_, value)| value),
            held,
            notes,
        );
        let mut hasher = std::hash::DefaultHasher::new();
        value.hash(&mut hasher);
        let digest = hasher.finish();
        env.push(Env {
            name: name.to_owned(),
            secret: secrets::secret(name, value),
            digest,
            place: at.of(inner),
        });
        settings.push((name.to_owned(), value.to_owned()));
    }
    (env, settings)
}

/// Overwrites a text, and says what it holds.
fn redact(at: &At<'_>, text: &str, held: Held, notes: &mut Notes) {
    notes.redact(at.document, text);
    notes.hold(at.document, text, held);
}

/// Overwrites the arguments that hold a secret; gives all of them.
fn arguments(at: &At<'_>, all: Vec<(String, &str)>, notes: &mut Notes) -> Vec<(String, Place)> {
    let words: Vec<String> = all.iter().map(|(said, _)| said.clone()).collect();
    for (index, _) in secrets::arguments(&words) {
        if let Some((_, inner)) = all.get(index) {
            let flag = inner.starts_with('-').then(|| inner.split_once('=')).flatten();
            notes.redact(at.document, flag.map_or(*inner, |(_, value)| value));
        }
    }
    for (name, (_, inner)) in secrets::arguments_as(&words).into_iter().zip(&all) {
        if let Some(name) = name {
            notes.hold(at.document, inner, Held::Setting(name.into()));
        }
    }
    all.into_iter()
        .map(|(said, inner)| (said, at.of(inner)))
        .collect()
}

pub(super) fn container(at: &At<'_>, dto: dto::Item<'_>, notes: &mut Notes) -> Container {
    let name = dto.name.strip_prefix('/').unwrap_or(&dto.name).to_owned();
    let shown = if name.is_empty() {
        dto.id.chars().take(12).collect()
    } else {
        name.clone()
    };
    let host = dto.host_config;
    let config = dto.config;
    let (env, mut settings) = environment(at, config.as_ref().and_then(|c| c.env.as_ref()), notes);
    let mut places: Vec<Place> = env.iter().map(|e| e.place).collect();

    // Arguments stand in Path and Args, and again in Entrypoint and Cmd.
    let mut words: Vec<(String, &str)> = dto.path.and_then(text).into_iter().collect();
    words.extend(dto.args.iter().flatten().filter_map(|raw| text(raw)));
    let ran = arguments(at, words, notes);
    for raw in config
        .iter()
        .flat_map(|c| [c.entrypoint, c.cmd, c.healthcheck.as_ref().and_then(|h| h.test)])
    {
        arguments(at, texts(raw), notes);
    }
    for output in dto
        .state
        .iter()
        .filter_map(|s| s.health.as_ref())
        .filter_map(|h| h.log.as_ref())
        .flatten()
        .filter_map(|p| p.output)
    {
        if let Some((_, inner)) = text(output) {
            notes.redact(at.document, inner);
        }
    }
    for (option, raw) in host
        .iter()
        .filter_map(|h| h.log_config.as_ref())
        .filter_map(|l| l.config.as_ref())
        .flatten()
    {
        if let Some((said, inner)) = text(raw)
            && secrets::secret(option, &said).is_some()
        {
            redact(at, inner, Held::Setting((&**option).into()), notes);
        }
    }
    let mut flag = String::new();
    for (word, place) in ran {
        let named = if word.starts_with('-') || flag.is_empty() {
            "argument".to_owned()
        } else {
            flag.clone()
        };
        flag = if word.starts_with('-') && !word.contains('=') {
            word.clone()
        } else {
            String::new()
        };
        settings.push((named, word));
        places.push(place);
    }
    let pairs: Vec<(&str, &str)> = settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let (found, missed) = connections(&pairs);
    for why in missed {
        notes.gap(
            Gap::new(Reason::Unsupported, format!("connection of container {shown}"))
                .facet(why)
                .hides("which login the container has there")
                .closes("name host and user in the setting itself")
                .at(at.item),
        );
    }
    let place_of = |setting: usize| places.get(setting).copied().unwrap_or(at.item);
    let connections = found
        .into_iter()
        .map(|c| {
            let place = place_of(c.setting);
            (c, place)
        })
        .collect();
    let access_keys = settings
        .iter()
        .enumerate()
        .filter_map(|(index, (_, value))| {
            let key = secrets::access_key(value.trim()).filter(|key| key.starts_with("AKIA"))?;
            Some((key.to_owned(), place_of(index)))
        })
        .collect();

    let engine_apis = settings
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| {
            matches!(
                name.as_str(),
                "DOCKER_HOST" | "CONTAINER_HOST" | "CONTAINERD_ADDRESS"
            )
        })
        .filter_map(|(index, (name, value))| {
            let address = value.trim().strip_prefix("tcp://")?;
            let address = address
                .rsplit('@')
                .next()
                .unwrap_or(address)
                .trim_end_matches('/');
            Some((name.clone(), address.to_owned(), place_of(index)))
        })
        .collect();
    let labels = labels(at, config.as_ref(), notes);
    let mounts = mounts(at, dto.mounts.as_deref().unwrap_or_default(), host.as_ref());
    let volumes = dto
        .mounts
        .iter()
        .flatten()
        .filter(|m| &*m.kind == "volume" && !m.name.is_empty())
        .map(|m| Mount {
            source: (*m.name).to_owned(),
            destination: (*m.destination).to_owned(),
            writable: m.rw.unwrap_or(true),
            place: at.of(&m.name),
        })
        .collect();
    let ports = ports(at, dto.network_settings.as_ref(), host.as_ref());
    let podman_caps = match (dto.effective_caps, dto.bounding_caps) {
        (None, None) => None,
        (effective, bounding) => Some((owned(effective.flatten()), owned(bounding.flatten()))),
    };
    let user = config.as_ref().map_or("", |c| &*c.user);
    let places = Places {
        item: at.item,
        privileged: host
            .as_ref()
            .and_then(|h| h.privileged)
            .map_or(at.item, |raw| at.of(raw.get())),
        cap_add: at.first(host.as_ref().and_then(|h| h.cap_add.as_ref())),
        user: at.of(user),
        security_opt: at.first(host.as_ref().and_then(|h| h.security_opt.as_ref())),
        network: host.as_ref().map_or(at.item, |h| at.of(&h.network_mode)),
        pid: host.as_ref().map_or(at.item, |h| at.of(&h.pid_mode)),
    };
    let image = config
        .as_ref()
        .map(|c| &*c.image)
        .filter(|i| !i.is_empty())
        .unwrap_or(&dto.image_name);
    let mut out = Container {
        id: (*dto.id).to_owned(),
        node: shown,
        name,
        running: dto
            .state
            .as_ref()
            .is_some_and(|s| s.running.unwrap_or(false) || &*s.status == "running"),
        image: image.to_owned(),
        image_id: (*dto.image).to_owned(),
        privileged: false,
        cap_add: Vec::new(),
        cap_drop: Vec::new(),
        podman_caps,
        user: user.to_owned(),
        group_add: Vec::new(),
        security_opt: Vec::new(),
        apparmor: (*dto.app_armor_profile).to_owned(),
        read_only: false,
        modes: Modes::default(),
        unmasked: false,
        mounts,
        volumes,
        devices: Vec::new(),
        device_rules: Vec::new(),
        ports,
        env,
        connections,
        access_keys,
        engine_apis,
        labels,
        places,
    };
    if let Some(host) = host {
        out.privileged = host.privileged.is_some_and(|raw| raw.get() == "true");
        out.cap_add = owned(host.cap_add);
        out.cap_drop = owned(host.cap_drop);
        out.group_add = owned(host.group_add);
        out.security_opt = owned(host.security_opt);
        out.read_only = host.readonly_rootfs.unwrap_or(false);
        out.modes = Modes {
            pid: (*host.pid_mode).to_owned(),
            network: (*host.network_mode).to_owned(),
            ipc: (*host.ipc_mode).to_owned(),
            uts: (*host.uts_mode).to_owned(),
            cgroup: (*host.cgroupns_mode).to_owned(),
            user: (*host.userns_mode).to_owned(),
        };
        out.unmasked = host.masked_paths.is_some_and(|p| p.is_empty())
            && host.readonly_paths.is_some_and(|p| p.is_empty());
        out.devices = host
            .devices
            .iter()
            .flatten()
            .map(|d| Device {
                path: tidy(&d.path_on_host),
                permissions: (*d.cgroup_permissions).to_owned(),
                place: at.of(&d.path_on_host),
            })
            .collect();
        out.device_rules = owned(host.device_cgroup_rules);
    }
    out
}

/// The labels that hold no secret; those that do are overwritten.
fn labels(at: &At<'_>, config: Option<&dto::Config<'_>>, notes: &mut Notes) -> Vec<(String, String, Place)> {
    let mut labels = Vec::new();
    for (key, raw) in config.into_iter().filter_map(|c| c.labels.as_ref()).flatten() {
        let Some((said, inner)) = text(raw) else { continue };
        let hash = said.contains("$apr1$") || said.contains("$2y$") || said.contains("{SHA}");
        if hash {
            notes.redact(at.document, inner);
        } else if secrets::secret(key, &said).is_some() {
            redact(at, inner, Held::Setting((&**key).into()), notes);
        } else if said.len() <= 256 {
            labels.push(((**key).to_owned(), said, at.of(inner)));
        }
    }
    labels
}

/// The host paths that are mounted: Mounts, and what Binds says beside them.
fn mounts(at: &At<'_>, given: &[dto::Mount<'_>], host: Option<&dto::HostConfig<'_>>) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = given
        .iter()
        .filter(|m| &*m.kind == "bind" && m.source.starts_with('/'))
        .map(|m| Mount {
            source: tidy(&m.source),
            destination: (*m.destination).to_owned(),
            writable: m.rw.unwrap_or(true),
            place: at.of(&m.source),
        })
        .collect();
    for bind in host
        .into_iter()
        .filter_map(|h| h.binds.as_ref())
        .flatten()
        .filter(|b| b.starts_with('/'))
    {
        let mut parts = bind.splitn(3, ':');
        let (source, destination, options) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let source = tidy(source);
        // Mounts is what became of Binds; a container that was never started may have Binds alone.
        if !mounts.iter().any(|m| m.destination == destination) {
            let writable = !options.split(',').any(|o| o == "ro");
            mounts.push(Mount {
                source,
                destination: destination.to_owned(),
                writable,
                place: at.of(bind),
            });
        }
    }
    mounts
}

/// The ports that are published, each once.
fn ports(
    at: &At<'_>,
    network: Option<&dto::NetworkSettings<'_>>,
    host: Option<&dto::HostConfig<'_>>,
) -> Vec<Port> {
    let mut ports = Vec::new();
    let bound = host.into_iter().filter_map(|h| h.port_bindings.as_ref());
    for (inside, bindings) in network
        .into_iter()
        .filter_map(|n| n.ports.as_ref())
        .chain(bound)
        .flatten()
    {
        for binding in bindings.iter().flatten() {
            let port = Port {
                address: (*binding.host_ip).to_owned(),
                port: (*binding.host_port).to_owned(),
                inside: (**inside).to_owned(),
                place: at.of(&binding.host_port),
            };
            let known = |p: &Port| {
                p.inside == port.inside
                    && (p.port == port.port || port.port.is_empty())
                    && (p.address == port.address || port.address.is_empty())
            };
            if !ports.iter().any(known) {
                ports.push(port);
            }
        }
    }
    ports.sort();
    ports
}

/// A volume: the local driver's `type=none,o=bind,device=/path` is a host path behind a name.
/// Passwords of network shares among the options are overwritten.
pub(super) fn volume(at: &At<'_>, dto: &dto::Item<'_>, notes: &mut Notes) -> Volume {
    for (key, value) in dto.options.iter().flatten() {
        if secrets::secret(key, value).is_some() {
            redact(at, value, Held::Setting((&**key).into()), notes);
        }
    }
    let option = |name: &str| {
        dto.options
            .as_ref()
            .and_then(|all| all.iter().find(|(key, _)| &***key == name))
            .map(|(_, value)| &**value)
    };
    let has = |word: &str| option("o").is_some_and(|o| o.split(',').any(|one| one == word));
    let bound = has("bind") || has("rbind");
    Volume {
        name: (*dto.name).to_owned(),
        device: option("device")
            .filter(|d| d.starts_with('/') && (bound || d.starts_with("/dev/")))
            .map(tidy),
        read_only: has("ro"),
    }
}

pub(super) fn image(at: &At<'_>, dto: &dto::Item<'_>, notes: &mut Notes) -> Image {
    let config = dto.config.as_ref();
    let (env, _) = environment(at, config.and_then(|c| c.env.as_ref()), notes);
    for raw in config
        .iter()
        .flat_map(|c| [c.entrypoint, c.cmd, c.healthcheck.as_ref().and_then(|h| h.test)])
    {
        arguments(at, texts(raw), notes);
    }
    for (key, raw) in config.and_then(|c| c.labels.as_ref()).into_iter().flatten() {
        if let Some((said, inner)) = text(raw)
            && secrets::secret(key, &said).is_some()
        {
            redact(at, inner, Held::Setting((&**key).into()), notes);
        }
    }
    let first = |all: &dto::Strs<'_>| {
        all.as_ref()
            .and_then(|all| all.first())
            .map(|one| (**one).to_owned())
    };
    let user = config.map_or("", |c| &*c.user);
    Image {
        id: (*dto.id).to_owned(),
        name: first(&dto.repo_tags)
            .or_else(|| first(&dto.repo_digests))
            .unwrap_or_else(|| (*dto.id).to_owned()),
        user: user.to_owned(),
        user_place: at.of(user),
        env,
        place: at.item,
    }
}
