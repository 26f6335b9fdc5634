//! What a namespace's labels ask.

use super::{version_word, word};
use crate::authorize::pod_security::{Level, parse_version};
use crate::facts::Meta;

/// Why a mode is as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// A label says it.
    Label,
    /// No label does: the cluster's default, privileged unless its file says otherwise.
    Default,
    /// A label that cannot be read.
    Invalid,
    /// `warn` without a label follows a stricter `enforce`.
    Enforce,
}

/// A level as of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mode {
    /// The level.
    pub level: Level,
    /// The minor version; `u32::MAX` is the newest.
    pub minor: u32,
    /// Why.
    pub said: Said,
}

impl Mode {
    const DEFAULT: Self = Self {
        level: Level::Privileged,
        minor: u32::MAX,
        said: Said::Default,
    };

    /// "baseline v1.30".
    pub(crate) fn text(self) -> String {
        format!("{} {}", word(self.level), version_word(self.minor))
    }
}

/// What a namespace asks of the pods that are created there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Policy {
    /// What is refused.
    pub enforce: Mode,
    /// What the audit log is told.
    pub audit: Mode,
    /// What the caller is told.
    pub warn: Mode,
    /// Labels that cannot be read: key, value, and how it is read instead.
    pub invalid: Vec<(String, String, &'static str)>,
}

impl Default for Policy {
    /// What a namespace without labels asks.
    fn default() -> Self {
        Self {
            enforce: Mode::DEFAULT,
            audit: Mode::DEFAULT,
            warn: Mode::DEFAULT,
            invalid: Vec::new(),
        }
    }
}

/// Reads a namespace's labels as the admission plugin does.
pub(crate) fn policy(meta: &Meta) -> Policy {
    let mut invalid = Vec::new();
    let mut mode = |name: &str, failed: Level, instead: &'static str| -> Mode {
        let mut mode = Mode::DEFAULT;
        let key = format!("pod-security.kubernetes.io/{name}");
        if let Some(value) = meta.label(&key) {
            (mode.level, mode.said) = match Level::parse(value) {
                Some(level) => (level, Said::Label),
                None => {
                    invalid.push((key, value.to_owned(), instead));
                    (failed, Said::Invalid)
                }
            };
        }
        let key = format!("pod-security.kubernetes.io/{name}-version");
        if let Some(value) = meta.label(&key) {
            // An empty version is none of the two forms.
            match parse_version(value).filter(|_| !value.is_empty()) {
                Some(minor) => mode.minor = minor,
                None => invalid.push((key, value.to_owned(), "latest")),
            }
        }
        mode
    };
    let enforce = mode("enforce", Level::Restricted, "restricted");
    let audit = mode("audit", Level::Privileged, "privileged");
    let mut warn = mode("warn", Level::Privileged, "privileged");
    if enforce.said == Said::Label && warn.said == Said::Default && enforce.level != Level::Privileged {
        warn.level = enforce.level;
        warn.said = Said::Enforce;
        if meta.label("pod-security.kubernetes.io/warn-version").is_none() {
            warn.minor = enforce.minor;
        }
    }
    Policy {
        enforce,
        audit,
        warn,
        invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::read;

    fn of(labels: &str) -> Policy {
        let (facts, _) = read(&[&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n"
        )]);
        policy(&facts.namespaces[0].meta)
    }

    #[test]
    fn labels_are_read_as_the_server_does() {
        let own = of(
            "pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.30",
        );
        assert_eq!(own.enforce.text(), "baseline v1.30");
        assert_eq!(own.warn.text(), "baseline v1.30", "warn follows");
        assert_eq!(own.audit.text(), "privileged latest");
        let none = of("team: a");
        assert_eq!((none.enforce, none.warn), (Mode::DEFAULT, Mode::DEFAULT));
    }

    #[test]
    fn a_broken_label_enforces_the_strictest_and_warns_of_nothing() {
        let broken = of(
            "pod-security.kubernetes.io/enforce: Baseline, pod-security.kubernetes.io/audit: x, pod-security.kubernetes.io/enforce-version: v1.030",
        );
        assert_eq!(broken.enforce.text(), "restricted latest");
        assert_eq!(broken.audit.text(), "privileged latest");
        assert_eq!(
            broken.warn.text(),
            "privileged latest",
            "an error is not followed"
        );
        assert_eq!(broken.invalid.len(), 3);
    }

    #[test]
    fn a_warn_version_of_its_own_stays() {
        let own = of(
            "pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn-version: v1.24",
        );
        assert_eq!(own.warn.text(), "restricted v1.24");
    }
}
