//! Which documents are an engine's, and how they are filed. Values of secrets are overwritten here and kept nowhere.

mod dto;
pub mod secrets;

use crate::authorize::paths::tidy;
use crate::facts::{Container, Daemon, Device, Engine, Env, Facts, Image, Modes, Mount, Places, Port};
use foursee_core::connection::connections;
use foursee_core::document::{Document, Format, Head, Notes, Place, each, json_texts};
use foursee_core::layer::{Claim, ScopeClaim};
use foursee_core::model::{Gap, Reason};
use serde::de::DeserializeSeed;
use serde_json::value::RawValue;
use std::hash::{Hash, Hasher};

/// What engines print where a listing should be.
const ERRORS: [&str; 8] = [
    "permission denied while trying to connect to the docker",
    "cannot connect to the docker daemon",
    "failed to connect to the docker api",
    "error response from daemon",
    "error: no such object",
    "error during connect: ",
    "unable to connect to podman",
    "cannot connect to podman",
];

/// Keys that only daemon.json has at its top.
const DAEMON_KEYS: [&str; 26] = [
    "live-restore",
    "log-driver",
    "log-opts",
    "userns-remap",
    "no-new-privileges",
    "insecure-registries",
    "registry-mirrors",
    "storage-driver",
    "storage-opts",
    "data-root",
    "exec-opts",
    "exec-root",
    "seccomp-profile",
    "userland-proxy",
    "default-runtime",
    "default-address-pools",
    "default-ulimits",
    "default-cgroupns-mode",
    "cgroup-parent",
    "authorization-plugins",
    "metrics-addr",
    "ip-forward",
    "max-concurrent-downloads",
    "max-concurrent-uploads",
    "selinux-enabled",
    "tlsverify",
];

/// Whether a document is an engine's.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Claim> {
    if head.format() == Format::Text {
        return error_line(head.text()).map(|_| Claim {
            kinds: Vec::new(),
            scope: ScopeClaim::Unsaid,
            events: false,
        });
    }
    if head.has_key("ServerVersion") && (head.has_key("DockerRootDir") || head.has_key("SecurityOptions"))
        || head.has_key("ServerErrors") && head.has_key("ClientInfo")
    {
        let scope = match head.get("/ID").filter(|id| !id.is_empty()) {
            Some(id) => ScopeClaim::One(id.to_owned()),
            None => ScopeClaim::Unsaid,
        };
        return Some(Claim::state("info", scope));
    }
    if head.has_key("host")
        && head.has_key("store")
        && (head.has_key("version") || head.has_key("registries"))
    {
        return Some(Claim::state("info", ScopeClaim::Unsaid));
    }
    if !head.has_key("kind") && !head.has_key("apiVersion") {
        let daemon = DAEMON_KEYS.iter().any(|key| head.has_key(key))
            || head
                .get("/hosts/0")
                .is_some_and(|host| ["unix://", "tcp://", "fd://"].iter().any(|s| host.starts_with(s)));
        if daemon {
            return Some(Claim::state("daemon", ScopeClaim::Unsaid));
        }
    }
    let (mut containers, mut images) = (false, false);
    // A container has identifier, name and settings; so has nothing else that engines inspect.
    let (mut identified, mut named, mut configured) = (false, false, false);
    for (pointer, _) in head.scalars() {
        let path = pointer.trim_start_matches('/');
        let path = match path.split_once('/') {
            Some((index, rest)) if !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) => rest,
            _ => path,
        };
        let below = |key: &str| path.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'));
        containers |= below("HostConfig") || path == "AppArmorProfile" || path == "ResolvConfPath";
        images |= below("RootFS") || below("RepoTags") || below("RepoDigests");
        identified |= path == "Id";
        named |= path == "Name";
        configured |= below("Config") || below("Mounts") || below("State");
        if containers && images {
            break;
        }
    }
    containers |= identified && named && configured;
    let kinds: Vec<&'static str> = [containers.then_some("containers"), images.then_some("images")]
        .into_iter()
        .flatten()
        .collect();
    (!kinds.is_empty()).then_some(Claim {
        kinds,
        scope: ScopeClaim::Unsaid,
        events: false,
    })
}

fn error_line(text: &str) -> Option<&str> {
    text.lines().take(20).find(|line| {
        let lower = line.to_ascii_lowercase();
        ERRORS.iter().any(|error| lower.contains(error))
    })
}

/// One document's facts.
pub(crate) fn parse(document: &Document, notes: &mut Notes) -> Facts {
    let mut facts = Facts::default();
    let begins = document.text.trim_start();
    if !begins.starts_with(['{', '[']) {
        error(document, begins, notes);
        return facts;
    }
    let many = json_texts(&document.text).take(2).count() > 1;
    for (index, text) in json_texts(&document.text).enumerate() {
        if !text.starts_with(['{', '[']) {
            // Standard error behind a listing: what could not be inspected.
            error(document, text, notes);
            continue;
        }
        match document.kind {
            "info" => info(document, text, &mut facts, notes),
            "daemon" => daemon(document, text, &mut facts, notes),
            _ if text.starts_with('[') => list(document, text, &mut facts, notes),
            _ => {
                if many {
                    notes
                        .landmarks
                        .item("", index, document.offset(text).unwrap_or(0));
                }
                item(document, text, index, &mut facts, notes);
            }
        }
    }
    facts
}

fn error(document: &Document, text: &str, notes: &mut Notes) {
    let denied = text.to_ascii_lowercase().contains("permission denied");
    let reason = if denied {
        Reason::Denied
    } else if text.is_empty() {
        Reason::NotCaptured
    } else {
        Reason::Malformed
    };
    let closes = if denied {
        "run the export as root or as a member of the engine's group"
    } else {
        "run the export again where the engine answers: docker inspect $(docker ps -aq)"
    };
    notes.gap(
        Gap::new(reason, format!("engine export {}", document.name))
            .facet("whole document")
            .hides("what the engine would have said: the document holds an error where a listing should be")
            .closes(closes)
            .at(document.place(text)),
    );
}

fn broken(document: &Document, what: String, why: &serde_json::Error, at: Place, notes: &mut Notes) {
    let (reason, how) = if why.is_eof() {
        (Reason::Truncated, "it ends before its end")
    } else {
        (Reason::Malformed, "it is not of the form that engines print")
    };
    notes.gap(
        Gap::new(reason, what)
            .facet(how)
            .hides("what it would have said; everything before it was read")
            .closes(format!("export {} again", document.name))
            .at(at),
    );
}

fn list(document: &Document, text: &str, facts: &mut Facts, notes: &mut Notes) {
    let mut index = 0;
    let mut from = serde_json::Deserializer::from_str(text);
    let read = each(|raw: &RawValue| {
        notes
            .landmarks
            .item("", index, document.offset(raw.get()).unwrap_or(0));
        item(document, raw.get(), index, facts, notes);
        index += 1;
    })
    .deserialize(&mut from);
    if let Err(why) = read {
        let at = document.at(document.text.len().saturating_sub(1));
        broken(
            document,
            format!("items from number {} on of {}", index + 1, document.name),
            &why,
            at,
            notes,
        );
    }
}

/// A container or an image.
fn item(document: &Document, text: &str, index: usize, facts: &mut Facts, notes: &mut Notes) {
    let place = document.place(text);
    let dto: dto::Item<'_> = match serde_json::from_str(text) {
        Ok(dto) => dto,
        Err(why) => {
            blind(document, text, notes);
            return broken(
                document,
                format!("item number {} of {}", index + 1, document.name),
                &why,
                place,
                notes,
            );
        }
    };
    let at = At {
        document,
        item: place,
    };
    if dto.host_config.is_some() && dto.root_fs.is_none() {
        let container = container(&at, dto, notes);
        facts.containers.push(container);
    } else if dto.root_fs.is_some() || !dto.architecture.is_empty() || dto.repo_tags.is_some() {
        let image = image(&at, &dto, notes);
        facts.images.push(image);
    } else {
        blind(document, text, notes);
        notes.gap(
            Gap::new(
                Reason::Unsupported,
                format!("item number {} of {}", index + 1, document.name),
            )
            .facet("neither a container nor an image")
            .hides("what it says")
            .closes("give docker inspect of containers and docker image inspect of images")
            .at(place),
        );
    }
}

/// What cannot be read may hold values of secrets too: whatever stands behind a `=` in its texts is overwritten.
fn blind(document: &Document, text: &str, notes: &mut Notes) {
    for part in text.split('"') {
        if let Some((name, value)) = part.split_once('=')
            && !name.is_empty()
            && !value.is_empty()
        {
            notes.redact(document, value);
        }
    }
}

/// Where an item's parts stand.
struct At<'a> {
    document: &'a Document,
    item: Place,
}

impl At<'_> {
    /// The place of a part, or of the item where the part does not stand there as it is.
    fn of(&self, part: &str) -> Place {
        self.document
            .offset(part)
            .map_or(self.item, |_| self.document.place(part))
    }

    fn first(&self, parts: Option<&Vec<foursee_core::document::Str<'_>>>) -> Place {
        parts
            .and_then(|all| all.first())
            .map_or(self.item, |first| self.of(first))
    }
}

/// The texts of a JSON string or list of strings, each with what stands in the document.
fn texts(raw: Option<&RawValue>) -> Vec<(String, &str)> {
    let Some(raw) = raw else { return Vec::new() };
    let many: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_else(|_| vec![raw]);
    many.into_iter().filter_map(text).collect()
}

/// A JSON string: what it says, and what stands in the document between its quotes.
fn text(raw: &RawValue) -> Option<(String, &str)> {
    let said: String = serde_json::from_str(raw.get()).ok()?;
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    Some((said, inner))
}

fn owned(all: Option<Vec<foursee_core::document::Str<'_>>>) -> Vec<String> {
    all.unwrap_or_default()
        .iter()
        .map(|one| (**one).to_owned())
        .collect()
}

/// The environment, filed and overwritten; with the values, which the caller forgets.
fn environment(
    at: &At<'_>,
    raws: Option<&Vec<&RawValue>>,
    notes: &mut Notes,
) -> (Vec<Env>, Vec<(String, String)>) {
    let (mut env, mut settings) = (Vec::new(), Vec::new());
    for (said, inner) in raws.into_iter().flatten().filter_map(|raw| text(raw)) {
        let Some((name, value)) = said.split_once('=') else {
            env.push(Env {
                name: said,
                secret: None,
                digest: 0,
                place: at.of(inner),
            });
            settings.push((String::new(), String::new()));
            continue;
        };
        // Every literal value goes, secret or not; an escaped `=` takes the whole entry with it.
        notes.redact(
            at.document,
            inner.split_once('=').map_or(inner, |(_, value)| value),
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

/// Overwrites the arguments that hold a secret; gives all of them.
fn arguments(at: &At<'_>, all: Vec<(String, &str)>, notes: &mut Notes) -> Vec<(String, Place)> {
    let words: Vec<String> = all.iter().map(|(said, _)| said.clone()).collect();
    for (index, _) in secrets::arguments(&words) {
        if let Some((_, inner)) = all.get(index) {
            let flag = inner.starts_with('-').then(|| inner.split_once('=')).flatten();
            notes.redact(at.document, flag.map_or(*inner, |(_, value)| value));
        }
    }
    all.into_iter()
        .map(|(said, inner)| (said, at.of(inner)))
        .collect()
}

fn container(at: &At<'_>, dto: dto::Item<'_>, notes: &mut Notes) -> Container {
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
            notes.redact(at.document, inner);
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

    let mut labels = Vec::new();
    for (key, raw) in config.iter().filter_map(|c| c.labels.as_ref()).flatten() {
        let Some((said, inner)) = text(raw) else { continue };
        let hash = said.contains("$apr1$") || said.contains("$2y$") || said.contains("{SHA}");
        if hash || secrets::secret(key, &said).is_some() {
            notes.redact(at.document, inner);
        } else if said.len() <= 256 {
            labels.push(((**key).to_owned(), said, at.of(inner)));
        }
    }

    let mut mounts: Vec<Mount> = dto
        .mounts
        .iter()
        .flatten()
        .filter(|m| &*m.kind == "bind" && m.source.starts_with('/'))
        .map(|m| Mount {
            source: tidy(&m.source),
            destination: (*m.destination).to_owned(),
            writable: m.rw.unwrap_or(true),
            place: at.of(&m.source),
        })
        .collect();
    for bind in host
        .iter()
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

    let mut ports = Vec::new();
    let bound = host.iter().filter_map(|h| h.port_bindings.as_ref());
    for (inside, bindings) in dto
        .network_settings
        .iter()
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
        devices: Vec::new(),
        device_rules: Vec::new(),
        ports,
        env,
        connections,
        access_keys,
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

fn image(at: &At<'_>, dto: &dto::Item<'_>, notes: &mut Notes) -> Image {
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
            notes.redact(at.document, inner);
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

fn info(document: &Document, text: &str, facts: &mut Facts, notes: &mut Notes) {
    let place = document.place(text);
    if let Ok(podman) = serde_json::from_str::<dto::PodmanInfo<'_>>(text) {
        let security = podman.host.security.unwrap_or_default();
        let options = [
            ("rootless", security.rootless),
            ("apparmor", security.apparmor_enabled),
            ("selinux", security.selinux_enabled),
        ];
        facts.engine.get_or_insert(Engine {
            name: (*podman.host.hostname).to_owned(),
            server_version: podman
                .version
                .map_or_else(String::new, |v| (*v.version).to_owned()),
            kernel_version: (*podman.host.kernel).to_owned(),
            security_options: options
                .iter()
                .filter(|(_, on)| *on)
                .map(|(name, _)| format!("name={name}"))
                .collect(),
            root_dir: podman
                .store
                .map_or_else(String::new, |s| (*s.graph_root).to_owned()),
            podman: true,
            place: Some(place),
            ..Engine::default()
        });
        return;
    }
    let dto: dto::Info<'_> = match serde_json::from_str(text) {
        Ok(dto) => dto,
        Err(why) => {
            return broken(
                document,
                format!("engine information {}", document.name),
                &why,
                place,
                notes,
            );
        }
    };
    if let Some(first) = dto.server_errors.as_ref().and_then(|all| all.first()) {
        error(document, first, notes);
        if dto.server_version.is_empty() {
            return;
        }
    }
    facts.engine.get_or_insert(Engine {
        id: (*dto.id).to_owned(),
        name: (*dto.name).to_owned(),
        server_version: (*dto.server_version).to_owned(),
        kernel_version: (*dto.kernel_version).to_owned(),
        security_options: owned(dto.security_options),
        root_dir: (*dto.docker_root_dir).to_owned(),
        cgroup_two: &*dto.cgroup_version == "2",
        podman: false,
        labels: owned(dto.labels),
        place: Some(place),
    });
}

fn daemon(document: &Document, text: &str, facts: &mut Facts, notes: &mut Notes) {
    let place = document.place(text);
    let dto: dto::Daemon<'_> = match serde_json::from_str(text) {
        Ok(dto) => dto,
        Err(why) => {
            return broken(
                document,
                format!("engine configuration {}", document.name),
                &why,
                place,
                notes,
            );
        }
    };
    facts.daemon.get_or_insert(Daemon {
        userns_remap: dto.userns_remap.map(|s| (*s).to_owned()),
        no_new_privileges: dto.no_new_privileges,
        hosts: owned(dto.hosts),
        data_root: dto.data_root.map(|s| (*s).to_owned()),
        seccomp_profile: dto.seccomp_profile.map(|s| (*s).to_owned()),
        place: Some(place),
    });
}
