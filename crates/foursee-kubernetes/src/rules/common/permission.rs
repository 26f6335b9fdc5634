//! Rules about one permission: what an entry of a role gives to whoever is bound to the role.
//!
//! A row counts what is written out. What an entry gives by `*` alone is one cause, `kubernetes-wildcard-verbs-or-
//! resources`, which names the worst of what it covers. Roles that the API server keeps by itself are quiet: who is
//! bound to `admin`, `edit` or `view` in a namespace is meant to have what they give.

use super::{Cause, causes_by};
use crate::authorize;
use crate::facts::{Binding, Facts, PolicyRule, Subject};
use crate::holds::as_asker;
use crate::lower::subject_node;
use crate::reach::is_admin;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::Who;
use foursee_core::model::Severity;

/// A right: any of the verbs on a resource.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Right {
    verbs: &'static [&'static str],
    /// The API group; empty for core.
    group: &'static str,
    /// `pods`, `pods/exec`, or a path that begins with `/`.
    resource: &'static str,
    /// The one name that it is about; `*` where any name will do; none where it must not be limited to names.
    name: Option<&'static str>,
    /// Whether an entry that is limited to names is another rule's matter.
    whole: bool,
}

/// Any of the verbs on a resource of a group.
pub(in crate::rules) const fn right(
    verbs: &'static [&'static str],
    group: &'static str,
    resource: &'static str,
) -> Right {
    Right {
        verbs,
        group,
        resource,
        name: None,
        whole: false,
    }
}

impl Right {
    /// On the object of that name.
    pub(in crate::rules) const fn named(self, name: &'static str) -> Self {
        Self {
            name: Some(name),
            ..self
        }
    }

    /// Not limited to names.
    pub(in crate::rules) const fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// Whether a rule speaks of the resource: literally, or (`wild`) by `*` too.
    fn speaks(&self, rule: &PolicyRule, wild: bool) -> bool {
        let has = |all: &[Box<str>], one: &str, star: bool| {
            all.iter()
                .any(|entry| **entry == *one || (star && &**entry == "*"))
        };
        let verb = self.verbs.iter().any(|verb| has(&rule.verbs, verb, wild));
        if self.resource.starts_with('/') {
            return verb && rule.urls.iter().any(|url| covers(url, self.resource, wild));
        }
        let any_of = |resource: &str| {
            resource.split_once('/').is_some_and(|(_, sub)| {
                rule.resources
                    .iter()
                    .any(|one| one.strip_prefix("*/") == Some(sub))
            })
        };
        verb && has(&rule.groups, self.group, true)
            && (has(&rule.resources, self.resource, wild) || any_of(self.resource))
    }

    /// What a rule gives of it.
    fn of(&self, rule: &PolicyRule, wild: bool) -> Option<Given> {
        if !self.speaks(rule, wild) {
            return None;
        }
        if rule.names.is_empty() {
            return Some(Given::All);
        }
        let verb = |one: &str| {
            self.verbs.contains(&one)
                && rule
                    .verbs
                    .iter()
                    .any(|verb| **verb == *one || (wild && &**verb == "*"))
        };
        // A create of a collection names nothing, but an applied one does, which asks patch too; deletecollection
        // never does.
        let collection = !self.resource.contains('/');
        let nameable = self.verbs.iter().filter(|one| verb(one)).any(|one| match *one {
            "deletecollection" => false,
            "create" if collection => rule.verbs.iter().any(|verb| matches!(&**verb, "patch" | "*")),
            _ => true,
        });
        if !nameable {
            return None;
        }
        match self.name {
            Some("*") => Some(Given::All),
            Some(name) => rule.names.iter().any(|one| **one == *name).then_some(Given::All),
            None if self.whole => None,
            None => Some(Given::Named),
        }
    }
}

/// `*`, the path itself, or a prefix before trailing `*`s.
fn covers(url: &str, path: &str, wild: bool) -> bool {
    match url.strip_suffix('*') {
        Some("") => wild,
        Some(_) => path.starts_with(url.trim_end_matches('*')),
        None => url.trim_end_matches('/') == path.trim_end_matches('/'),
    }
}

/// How much of a right.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    All,
    /// On the names that the rule lists.
    Named,
}

/// One permission, as a rule.
#[derive(Debug)]
pub(in crate::rules) struct Permission {
    /// Its page.
    pub meta: &'static Meta,
    /// How bad where it is bound to the whole cluster; none where that is another rule's matter.
    pub cluster: Option<Severity>,
    /// How bad where it is bound in one namespace; none where it then gives nothing, or what it should.
    pub namespace: Option<Severity>,
    /// The only namespaces in which it counts; all where there are none.
    pub only: &'static [&'static str],
    /// "reads Secrets": after the role's name.
    pub says: &'static str,
    /// Any of these.
    pub any: &'static [Right],
    /// Of each of these one too, held by the same subject in the same place.
    pub with: &'static [&'static [Right]],
    /// Whether it counts in that cluster at all.
    pub when: fn(&Facts) -> bool,
}

impl Permission {
    /// Every finding of it.
    pub(in crate::rules) fn check(&self, facts: &Facts, out: &mut Findings) {
        if !(self.when)(facts) {
            return;
        }
        let found = causes_by(
            facts,
            |rule| !is_admin(rule) && self.given(rule, false).is_some(),
            |_, binding| self.severity(&binding.meta.namespace).is_some() && self.with_others(facts, binding),
        );
        for cause in found.iter().filter(|cause| !cause.role.shipped) {
            self.report(cause, out);
        }
    }

    fn report(&self, cause: &Cause<'_>, out: &mut Findings) {
        let worst = cause
            .bindings
            .iter()
            .filter_map(|binding| self.severity(&binding.meta.namespace))
            .max();
        let (Some(worst), Some(given)) = (worst, self.given(cause.rule, false)) else {
            return;
        };
        let (severity, says) = match given {
            Given::All => (worst, self.says.to_owned()),
            Given::Named => (
                lower(worst),
                format!("{}: {}", self.says, names(&cause.rule.names)),
            ),
        };
        for finding in cause.findings(self.meta, &says) {
            out.push(finding.severity(severity));
        }
    }

    /// How bad it is where it is bound in that namespace, or ("") to the whole cluster.
    fn severity(&self, namespace: &str) -> Option<Severity> {
        if namespace.is_empty() {
            return self.cluster;
        }
        let counts = self.only.is_empty() || self.only.contains(&namespace);
        let own = self.namespace.filter(|_| counts)?;
        // What stands in kube-system is the cluster's own.
        let whole = self.cluster.filter(|_| namespace == "kube-system");
        Some(whole.map_or(own, |whole| whole.max(own)))
    }

    fn given(&self, rule: &PolicyRule, wild: bool) -> Option<Given> {
        let mut named = None;
        for right in self.any {
            match right.of(rule, wild) {
                Some(Given::All) => return Some(Given::All),
                Some(Given::Named) => named = Some(Given::Named),
                None => {}
            }
        }
        named
    }

    /// Whether some subject of a binding holds there what must be held too.
    fn with_others(&self, facts: &Facts, binding: &Binding) -> bool {
        self.with.is_empty()
            || binding.subjects.iter().any(|subject| {
                let rules = held(facts, subject, &binding.meta.namespace);
                self.with.iter().all(|any| {
                    any.iter()
                        .any(|right| rules.iter().any(|rule| right.of(rule, true) == Some(Given::All)))
                })
            })
    }

    /// How bad it is that an access policy counts in that namespace, or ("") in the whole cluster, for whoever holds the
    /// rest there; none where this is not given, or not by the policy. Open are resources of which that is not sure.
    pub(in crate::rules) fn by_policy(
        &self,
        facts: &Facts,
        namespace: &str,
        (policy, open): (&[&PolicyRule], &[(&str, &str)]),
        rest: &[&PolicyRule],
    ) -> Option<Severity> {
        let severity = self.severity(namespace).filter(|_| (self.when)(facts))?;
        let of = |right: &Right, rules: &[&PolicyRule]| {
            rules.iter().any(|rule| right.of(rule, true) == Some(Given::All))
        };
        let sure = |right: &Right| {
            let (plural, sub) = right.resource.split_once('/').unwrap_or((right.resource, ""));
            !(right.group.is_empty() && open.contains(&(plural, sub)))
        };
        let own = |right: &Right| sure(right) && of(right, policy);
        let any = self.any.iter().any(own);
        let with = |given: &dyn Fn(&Right) -> bool| self.with.iter().all(|all| all.iter().any(given));
        let joins = || self.any.iter().any(|right| of(right, rest)) && !with(&|right| of(right, rest));
        (with(&|right| own(right) || of(right, rest)) && (any || joins())).then_some(severity)
    }

    /// How bad an entry is where it is bound in some namespace, if it gives this.
    pub(in crate::rules) fn in_namespace(&self, rule: &PolicyRule) -> Option<Severity> {
        let severity = self.namespace.filter(|_| self.only.is_empty())?;
        (self.with.is_empty() && self.given(rule, true) == Some(Given::All)).then_some(severity)
    }

    /// How bad what an entry gives by `*` alone is, if it gives this.
    pub(in crate::rules) fn by_wildcard(&self, rule: &PolicyRule, namespace: &str) -> Option<Severity> {
        let severity = self.severity(namespace)?;
        (self.with.is_empty() && self.given(rule, true) == Some(Given::All)).then_some(severity)
    }
}

/// The rules that a subject of a binding holds where the binding stands.
pub(in crate::rules) fn held<'f>(
    facts: &'f Facts,
    subject: &Subject,
    namespace: &str,
) -> Vec<&'f PolicyRule> {
    let Some((kind, name)) = subject_node(subject, namespace) else {
        return Vec::new();
    };
    let who = Who {
        kind: kind.name,
        name: &name,
    };
    as_asker(facts, who, |who| authorize::held(facts, who, namespace))
}

fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        _ => Severity::Low.min(severity),
    }
}

/// The first names of a list.
fn names(all: &[Box<str>]) -> String {
    const SHOWN: usize = 3;
    let first: Vec<&str> = all.iter().take(SHOWN).map(|one| &**one).collect();
    match all.len() {
        len if len > SHOWN => format!("{} and {} more", first.join(", "), len - SHOWN),
        _ => first.join(", "),
    }
}

/// Declares a rule about one permission, and its cases.
macro_rules! permission {
    (
        $(#[doc = $page:expr])*
        pub $name:ident: $id:literal, $severity:ident,
        cluster: $cluster:expr,
        namespace: $namespace:expr,
        only: $only:expr,
        $(when: $when:expr,)?
        says: $says:expr,
        any: $any:expr,
        with: $with:expr,
        given: $given:expr,
        fires: [$($fires:expr),* $(,)?],
        silent: [$($silent:expr),* $(,)?],
        twin: [$($twin:expr),* $(,)?],
    ) => {
        foursee_core::rule! {
            $(#[doc = $page])*
            #[doc = ""]
            #[doc = " ## Evidence"]
            #[doc = " The role's entry, and each binding through which it counts. Roles that nobody is bound to, and those that the API server keeps by itself, are quiet; what `*` gives is `kubernetes-wildcard-verbs-or-resources`."]
            pub $name: $id, $severity, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
        }

        impl $name {
            pub(super) const PERMISSION: $crate::rules::common::permission::Permission =
                $crate::rules::common::permission::Permission {
                    meta: &Self::META,
                    cluster: $cluster,
                    namespace: $namespace,
                    only: $only,
                    says: $says,
                    any: $any,
                    with: $with,
                    when: $crate::rules::common::permission::permission!(@when $($when)?),
                };
        }

        impl foursee_core::layer::Rule<$crate::facts::Facts> for $name {
            fn meta(&self) -> &'static foursee_core::finding::Meta {
                &Self::META
            }

            fn check(
                &self,
                see: &foursee_core::layer::View<'_, $crate::facts::Facts>,
                out: &mut foursee_core::finding::Findings,
            ) {
                Self::PERMISSION.check(see.facts, out);
            }
        }

        #[cfg(test)]
        mod tests {
            #[test]
            fn its_cases() {
                $crate::rules::common::permission::cases(
                    &super::$name::PERMISSION,
                    $given,
                    &[$($fires),*],
                    &[$($silent),*],
                    &[$($twin),*],
                );
            }
        }
    };
    (@when) => { |_| true };
    (@when $when:expr) => { $when };
}
pub(in crate::rules) use permission;

/// Checks a permission's cases: each a list of entries of a ClusterRole, bound to the cluster and in a namespace,
/// beside what else is given.
#[cfg(test)]
pub(in crate::rules) fn cases(
    permission: &Permission,
    given: &str,
    fires: &[&str],
    silent: &[&str],
    twin: &[&str],
) {
    use super::testing::{causes, role_and_binding};
    let id = permission.meta.id;
    let with = |rule: &str, namespace: &str| {
        let mut all = role_and_binding(rule, namespace);
        if !given.is_empty() {
            all = format!("{all}---\n{given}");
        }
        causes(id, &all).len()
    };
    assert_eq!(
        Some(permission.meta.severity),
        permission.cluster.max(permission.namespace),
        "{id}: its page says how bad it is at the worst"
    );
    let home = permission.only.first().copied().unwrap_or("shop");
    assert!(
        !fires.is_empty() && !silent.is_empty() && !twin.is_empty(),
        "{id}"
    );
    for rule in fires {
        assert_eq!(
            with(rule, ""),
            usize::from(permission.cluster.is_some()),
            "{id}: {rule}"
        );
        assert_eq!(
            with(rule, home),
            usize::from(permission.namespace.is_some()),
            "{id} in a namespace: {rule}"
        );
        if !permission.only.is_empty() {
            assert_eq!(with(rule, "shop"), 0, "{id} elsewhere: {rule}");
        }
    }
    for rule in silent.iter().chain(twin) {
        for namespace in ["", home] {
            assert_eq!(with(rule, namespace), 0, "{id} in `{namespace}`: {rule}");
        }
    }
}
