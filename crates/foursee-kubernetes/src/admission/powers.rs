//! What whoever may create pods in a namespace can still run there.

use super::Mode;
use super::verdict::judge;

/// A pod that has one power, and what that is. Each stands beside what restricted asks, so that it fails for its power
/// alone.
struct Power {
    says: &'static str,
    spec: &'static str,
}

const fn power(says: &'static str, spec: &'static str) -> Power {
    Power { says, spec }
}

/// What restricted asks of a container, without its braces' end.
macro_rules! hard {
    ($pod:literal, $context:literal) => {
        concat!(
            r#"{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"#,
            $pod,
            r#""containers":[{"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}"#,
            $context,
            r#"}}]}}"#
        )
    };
}

/// Worst first.
const POWERS: &[Power] = &[
    power("privileged containers", hard!("", r#","privileged":true"#)),
    power(
        "any path of the node (hostPath)",
        hard!(r#""volumes":[{"hostPath":{}}],"#, ""),
    ),
    power("the node's processes (hostPID)", hard!(r#""hostPID":true,"#, "")),
    power(
        "the node's network (hostNetwork)",
        hard!(r#""hostNetwork":true,"#, ""),
    ),
    power(
        "the node's shared memory (hostIPC)",
        hard!(r#""hostIPC":true,"#, ""),
    ),
    power(
        "any capability, such as SYS_ADMIN",
        r#"{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"],"add":["SYS_ADMIN"]}}}]}}"#,
    ),
    power(
        "no seccomp profile (Unconfined)",
        r#"{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"Unconfined"}},"containers":[{"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}"#,
    ),
    power(
        "all of /proc (procMount Unmasked)",
        hard!("", r#","procMount":"Unmasked""#),
    ),
    power(
        "ports of the node (hostPort)",
        r#"{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"ports":[{"hostPort":80}],"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}"#,
    ),
    power(
        "probes of any host",
        r#"{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"livenessProbe":{"httpGet":{"host":"h"}},"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}"#,
    ),
    power(
        "volumes of any kind, such as nfs",
        hard!(r#""volumes":[{}],"#, ""),
    ),
    power(
        "root, with the runtime's default capabilities",
        r#"{"spec":{"containers":[{"securityContext":{"runAsUser":0}}]}}"#,
    ),
];

/// What a mode lets through on a server of that version.
pub(crate) fn still(mode: Mode, server: u32) -> Vec<&'static str> {
    POWERS
        .iter()
        .filter(|one| judge(one.spec, mode.level, mode.minor.min(server), server).is_empty())
        .map(|one| one.says)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::Said;
    use crate::authorize::pod_security::Level;

    #[test]
    fn each_level_takes_its_powers() {
        let at = |level, minor| {
            still(
                Mode {
                    level,
                    minor,
                    said: Said::Label,
                },
                u32::MAX,
            )
        };
        assert_eq!(at(Level::Privileged, u32::MAX).len(), POWERS.len());
        assert_eq!(
            at(Level::Baseline, u32::MAX),
            [
                "volumes of any kind, such as nfs",
                "root, with the runtime's default capabilities"
            ]
        );
        assert!(at(Level::Baseline, 30).contains(&"probes of any host"));
        assert!(at(Level::Restricted, u32::MAX).is_empty());
        for one in POWERS {
            let failed = judge(one.spec, Level::Restricted, u32::MAX, u32::MAX);
            assert!(!failed.is_empty(), "{}", one.says);
        }
    }
}
