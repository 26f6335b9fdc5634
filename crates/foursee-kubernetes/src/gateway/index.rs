//! The objects of the API by their names. What a server holds is what counts, beside a manifest of the same name.

use crate::facts::{Facts, Gateway, GatewayClass, ListenerSet, Meta, ReferenceGrant, Route};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use std::hash::Hash;

pub(super) struct Index<'f> {
    pub facts: &'f Facts,
    classes: HashMap<&'f str, &'f GatewayClass>,
    gateways: HashMap<(&'f str, &'f str), &'f Gateway>,
    sets: HashMap<(&'static str, &'f str, &'f str), &'f ListenerSet>,
    routes: Vec<&'f Route>,
    grants: HashMap<&'f str, Vec<&'f ReferenceGrant>>,
    namespaces: HashMap<&'f str, &'f Meta>,
}

/// One object a name: the server's before a manifest's, and else the first.
fn by_name<'f, T, K: Hash + Eq>(
    all: &'f [T],
    key: impl Fn(&'f T) -> K,
    meta: impl Fn(&T) -> &Meta,
) -> HashMap<K, &'f T> {
    let mut known: HashMap<K, &'f T> = HashMap::with_capacity(all.len());
    for one in all {
        match known.entry(key(one)) {
            Entry::Vacant(entry) => {
                entry.insert(one);
            }
            Entry::Occupied(mut entry) => {
                let rank = |one: &T| (!meta(one).live, meta(one).place);
                if rank(one) < rank(entry.get()) {
                    entry.insert(one);
                }
            }
        }
    }
    known
}

impl<'f> Index<'f> {
    pub(super) fn new(facts: &'f Facts) -> Self {
        let mut grants: HashMap<&str, Vec<&ReferenceGrant>> = HashMap::new();
        for grant in &facts.reference_grants {
            grants.entry(&grant.meta.namespace).or_default().push(grant);
        }
        let routes = by_name(
            &facts.routes,
            |one| (one.kind, &*one.meta.namespace, &*one.meta.name),
            |one| &one.meta,
        );
        let mut routes: Vec<_> = routes.into_iter().collect();
        routes.sort_unstable_by_key(|(key, _)| *key);
        let namespaces = by_name(&facts.namespaces, |one| &*one.meta.name, |one| &one.meta);
        Self {
            facts,
            classes: by_name(&facts.gateway_classes, |one| &*one.meta.name, |one| &one.meta),
            gateways: by_name(
                &facts.gateways,
                |one| (&*one.meta.namespace, &*one.meta.name),
                |one| &one.meta,
            ),
            sets: by_name(
                &facts.listener_sets,
                |one| (one.kind, &*one.meta.namespace, &*one.meta.name),
                |one| &one.meta,
            ),
            routes: routes.into_iter().map(|(_, one)| one).collect(),
            grants,
            namespaces: namespaces
                .into_iter()
                .map(|(name, one)| (name, &one.meta))
                .collect(),
        }
    }

    /// The routes, by kind and name.
    pub(super) fn routes(&self) -> impl Iterator<Item = &'f Route> + '_ {
        self.routes.iter().copied()
    }

    pub(super) fn class(&self, name: &str) -> Option<&'f GatewayClass> {
        self.classes.get(name).copied()
    }

    pub(super) fn gateway(&self, namespace: &str, name: &str) -> Option<&'f Gateway> {
        self.gateways.get(&(namespace, name)).copied()
    }

    /// The Gateways, by name.
    pub(super) fn gateways(&self) -> Vec<&'f Gateway> {
        let mut all: Vec<_> = self.gateways.iter().collect();
        all.sort_unstable_by_key(|(key, _)| **key);
        all.into_iter().map(|(_, one)| *one).collect()
    }

    pub(super) fn set(&self, kind: &'static str, namespace: &str, name: &str) -> Option<&'f ListenerSet> {
        self.sets.get(&(kind, namespace, name)).copied()
    }

    pub(super) fn sets(&self) -> impl Iterator<Item = &'f ListenerSet> + '_ {
        self.sets.values().copied()
    }

    pub(super) fn grants(&self, namespace: &str) -> &[&'f ReferenceGrant] {
        self.grants.get(namespace).map_or(&[], Vec::as_slice)
    }

    pub(super) fn namespace(&self, name: &str) -> Option<&'f Meta> {
        self.namespaces.get(name).copied()
    }
}
