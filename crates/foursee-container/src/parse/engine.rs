//! What the engine says of itself: `docker info`, `podman info`, daemon.json.

use super::{broken, dto, error, owned};
use crate::facts::{Daemon, Engine, Facts};
use foursee_core::document::{Document, Notes};

pub(super) fn info(document: &Document, text: &str, facts: &mut Facts, notes: &mut Notes) {
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

pub(super) fn daemon(document: &Document, text: &str, facts: &mut Facts, notes: &mut Notes) {
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
        tls_verify: dto.tlsverify.unwrap_or(false),
        data_root: dto.data_root.map(|s| (*s).to_owned()),
        seccomp_profile: dto.seccomp_profile.map(|s| (*s).to_owned()),
        place: Some(place),
    });
}
