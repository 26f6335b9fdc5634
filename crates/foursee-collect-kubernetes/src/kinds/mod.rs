//! What is read: one row a kind of objects, and two documents of the server itself. Each row is one permission.

mod rows;

use foursee_capture::Permission;
use k8s_openapi::{ListableResource, Resource};

pub(crate) use rows::{KINDS, NAMESPACES, SAID};

/// How much of an object is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Read {
    /// All of it.
    Whole,
    /// Its metadata and the type that `kubectl get` shows.
    Metadata,
    /// All of the one with this name in kube-system.
    Named(&'static str),
}

/// A kind of objects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// `Role`.
    pub kind: &'static str,
    /// `RoleList`.
    pub list: &'static str,
    /// `rbac.authorization.k8s.io/v1`.
    pub api_version: &'static str,
    /// In which versions of the API older servers have it, the newest first.
    older: &'static [&'static str],
    /// `roles`.
    pub plural: &'static str,
    /// The kind of documents that its objects are read from.
    pub document: &'static str,
    pub read: Read,
    /// Whether a cluster has it only where somebody installed it.
    pub installed: bool,
    pub permission: Permission,
}

impl Kind {
    const fn of<T: ListableResource + Resource>(document: &'static str, permission: Permission) -> Self {
        Self {
            kind: T::KIND,
            list: T::LIST_KIND,
            api_version: T::API_VERSION,
            older: &[],
            plural: T::URL_PATH_SEGMENT,
            document,
            read: Read::Whole,
            installed: false,
            permission,
        }
    }

    /// A kind that somebody installed: its names, and in which version of the API.
    const fn installed(
        [kind, list, plural]: [&'static str; 3],
        api_version: &'static str,
        document: &'static str,
        permission: Permission,
    ) -> Self {
        Self {
            kind,
            list,
            api_version,
            older: &[],
            plural,
            document,
            read: Read::Whole,
            installed: true,
            permission,
        }
    }

    const fn read(mut self, read: Read) -> Self {
        self.read = read;
        self
    }

    const fn older(mut self, versions: &'static [&'static str]) -> Self {
        self.older = versions;
        self
    }

    /// Whether there are servers that have no such kind at all.
    pub(crate) const fn recent(&self) -> bool {
        !self.older.is_empty()
    }

    /// The kind in every version of the API that is read, the newest first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = Self> {
        let newest = *self;
        let older = self.older.iter().map(move |version| Self {
            api_version: version,
            ..newest
        });
        std::iter::once(newest).chain(older)
    }

    /// Where all of its objects are listed.
    pub(crate) fn path(&self) -> String {
        let root = if self.api_version.contains('/') {
            format!("/apis/{}", self.api_version)
        } else {
            format!("/api/{}", self.api_version)
        };
        match self.read {
            Read::Named(_) => format!("{root}/namespaces/kube-system/{}", self.plural),
            Read::Whole | Read::Metadata => format!("{root}/{}", self.plural),
        }
    }
}

/// A document of the server itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub path: &'static str,
    pub file: &'static str,
    pub document: &'static str,
    pub permission: Permission,
}

const fn all() -> [Permission; KINDS.len() + SAID.len()] {
    let mut all = [NAMESPACES.permission; KINDS.len() + SAID.len()];
    let (mut rest, mut at) = (all.as_mut_slice(), 0);
    while let Some((first, more)) = rest.split_first_mut() {
        *first = if at < KINDS.len() {
            let (_, from) = KINDS.split_at(at);
            match from {
                [kind, ..] => kind.permission,
                [] => *first,
            }
        } else {
            let (_, from) = SAID.split_at(at - KINDS.len());
            match from {
                [said, ..] => said.permission,
                [] => *first,
            }
        };
        rest = more;
        at += 1;
    }
    all
}

/// All that the collector uses. Each grant is a rule of the ClusterRole that [`grant`] prints.
pub const PERMISSIONS: &[Permission] = &all();

/// The ClusterRole to apply. What only `foursee verify kubernetes --live` needs is in it as a comment.
#[must_use]
pub fn grant() -> String {
    let rules: Vec<&str> = PERMISSIONS.iter().map(|one| one.grant).collect();
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: foursee
rules:
{}
# Only for `foursee verify kubernetes --live`, which asks the server what others may do:
# - {{apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create]}}
# kubectl create clusterrolebinding foursee --clusterrole=foursee --user=NAME
",
        rules.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_permission_is_that_of_its_kind() {
        for kind in KINDS {
            let permission = kind.permission;
            let named = match kind.read {
                Read::Named(name) => format!("list {} named {name}", kind.plural),
                Read::Whole | Read::Metadata => format!("list {}", kind.plural),
            };
            assert_eq!(permission.name, named);
            for one in kind.versions() {
                let group = one.api_version.split_once('/').map_or("", |(group, _)| group);
                let rule = format!("- {{apiGroups: [\"{group}\"], resources: [{}], ", kind.plural);
                assert!(permission.grant.starts_with(&rule), "{}", permission.grant);
            }
        }
        let names: Vec<&str> = PERMISSIONS.iter().map(|one| one.name).collect();
        assert_eq!(names.len(), KINDS.len() + SAID.len());
        assert_eq!(names.first(), Some(&"list namespaces"));
        assert_eq!(names.last(), Some(&"get /.well-known/openid-configuration"));
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len());
    }

    #[test]
    fn paths_are_those_of_the_api() {
        let path = |kind: &str| KINDS.iter().find(|one| one.kind == kind).unwrap().path();
        assert_eq!(path("Pod"), "/api/v1/pods");
        assert_eq!(path("CronJob"), "/apis/batch/v1/cronjobs");
        assert_eq!(path("ConfigMap"), "/api/v1/namespaces/kube-system/configmaps");
    }

    #[test]
    fn what_is_printed_is_a_cluster_role_that_only_reads() {
        let printed = grant();
        assert!(printed.starts_with("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"));
        for line in printed.lines().filter(|line| line.starts_with("- {")) {
            assert!(
                line.ends_with("verbs: [list]}") || line.ends_with("verbs: [get]}"),
                "{line}"
            );
        }
        let rules = printed.lines().filter(|line| line.starts_with("- {")).count();
        assert_eq!(rules, PERMISSIONS.len());
    }
}
