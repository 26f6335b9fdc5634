//! Where a container's settings grants stand on the spectrum, and what an engine cannot say.

use foursee_core::model::{Ladder, Limit, Rung, step};

/// As `lower.rs` decides: the container as a whole, and each setting that gives it something.
pub(crate) const LADDER: Ladder = Ladder {
    steps: &[
        step(
            Rung::Unbounded,
            "--privileged, its users not mapped to others of the host",
        ),
        step(
            Rung::ServiceWide,
            "a way out to the host: the engine's socket, SYS_ADMIN and its like, a host path whose writing takes the host, a disk",
        ),
        step(
            Rung::Broad,
            "root with the default capabilities or more, a sensitive host path, the host's pid, network or ipc namespace",
        ),
        step(
            Rung::Scoped,
            "another user than root, some settings left open: capabilities, writable files, privileges to gain",
        ),
        step(
            Rung::Narrow,
            "another user than root, --cap-drop ALL, no-new-privileges, --read-only, seccomp, nothing mounted writable",
        ),
    ],
    limits: &[
        Limit {
            id: "engine-socket",
            actions: "the engine's API over its socket",
            wish: "a part of the API",
            attainable: Rung::ServiceWide,
            instead: "a proxy before the socket, an authorisation plugin, or a builder without the socket",
            source: "Docker documentation, Docker daemon attack surface: who may use the daemon's socket has the powers of root on the host",
        },
        Limit {
            id: "container-network",
            actions: "connections to other hosts",
            wish: "a limit to some addresses",
            attainable: Rung::Narrow,
            instead: "networks of their own, the host's firewall, a network policy of the orchestrator",
            source: "Docker Engine API reference, HostConfig: it has no field for destinations",
        },
    ],
};
