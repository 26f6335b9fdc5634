//! The ways out of a container, as rows. None of them is ever run.

use foursee_core::model::{Foothold, Technique, Verb};

macro_rules! technique {
    ($(#[$doc:meta])* $name:ident, $id:literal, $verb:ident, $says:literal, $source:literal) => {
        $(#[$doc])*
        pub static $name: Technique = Technique {
            id: $id,
            verb: Verb::$verb,
            needs: Foothold::Runs,
            gives: Foothold::Runs,
            says: $says,
            source: $source,
        };
    };
}

technique!(
    /// Ask the engine for a container that has everything.
    ENGINE_SOCKET, "container-engine-socket", Become, "drives the engine of", "docs.docker.com/engine/security/protect-access"
);
technique!(
    /// All capabilities, all devices, nothing filtered.
    PRIVILEGED, "container-privileged-escape", Become, "is privileged on", "docs.docker.com/reference/cli/docker/container/run#privileged"
);
technique!(
    /// Take over a process of the host that is visible.
    HOST_PID_PTRACE, "container-host-pid-ptrace", Become, "takes over a process of", "ptrace(2), capabilities(7)"
);
technique!(
    /// Mount the host's filesystems and kernel switches.
    SYS_ADMIN, "container-cap-sys-admin", Become, "mounts what is the host's, on", "capabilities(7), core(5)"
);
technique!(
    /// Load code into the host's kernel.
    SYS_MODULE, "container-cap-sys-module", Become, "loads a kernel module into", "init_module(2), capabilities(7)"
);
technique!(
    /// Open any file of the host by its handle.
    DAC_READ_SEARCH, "container-cap-dac-read-search", Become, "opens files by handle on", "open_by_handle_at(2), capabilities(7)"
);
technique!(
    /// Write to the host's memory or ports.
    SYS_RAWIO, "container-cap-sys-rawio", Become, "writes raw memory of", "iopl(2), mem(4), capabilities(7)"
);
technique!(
    /// Write what the host's root runs or trusts.
    HOST_PATH_WRITE, "container-host-path-write", Become, "writes what root runs on", "docs.docker.com/engine/storage/bind-mounts"
);
technique!(
    /// Write to a disk of the host, below its files' modes.
    HOST_DISK, "container-host-disk", Become, "writes a disk of", "docs.docker.com/reference/cli/docker/container/run#device"
);
technique!(
    /// Take over a process of a container whose process namespace is shared.
    SHARED_NAMESPACE, "container-shared-namespace", Become, "takes over a process of", "pid_namespaces(7), ptrace(2)"
);
technique!(
    /// Read a mounted path of the host.
    HOST_PATH, "container-host-path", Read, "has mounted", "docs.docker.com/engine/storage/bind-mounts"
);
