//! Evidence of use, folded from audit logs: which requests were allowed to whom, how often, on which days.
//!
//! No event is kept, but 64 bits of each that counts: that it is counted once, though logs overlap, or one is given twice.
//! That is 8 bytes an event and request, up to 16 while logs are read. Whatever order events come in, and however they are
//! split over documents, the counts are the same; each cap is on what was seen altogether, so that this holds of them too.

mod events;
mod gaps;
mod served;

pub(crate) use events::Event;
pub use events::Events;
pub(crate) use served::{key, unseen};

use crate::authorize::{Asker, Attributes, Request as Parsed};
use crate::facts::Facts;
use foursee_core::model::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// So many names are kept of one request; of more it is only known that there are more.
pub const NAMES: usize = 64;
/// So many different requests are kept of a cluster; of more nothing is known.
pub const REQUESTS: usize = 1_000_000;
/// From so many days on, what was not seen is taken for not used.
pub const ENOUGH: i64 = 30;

/// What a cluster's audit logs show.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Usage {
    /// By whom, then what.
    by: BTreeMap<Identity, BTreeMap<Request, Seen>>,
    requests: usize,
    /// Whether there were more than are kept: then none are.
    pub too_many: bool,
    /// The first and the last time of an event.
    pub window: Option<(Time, Time)>,
    /// The days that have an event, from 1970-01-01.
    pub days: BTreeSet<i32>,
    /// How many events were read, those that were read twice too.
    pub events: u64,
    /// How many of them say how a request ended.
    pub ended: u64,
    /// Whether some of these have no auditID, so that they are counted as often as they were read.
    pub unnamed: bool,
    /// The identities in each group; made by seal.
    members: BTreeMap<Box<str>, Vec<Identity>>,
}

/// Who asked: a user name, with all groups in order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Identity {
    /// The user name.
    pub user: Arc<str>,
    /// Its groups.
    pub groups: Arc<[Box<str>]>,
    /// The ARN of the AWS principal that EKS let in so; empty for others, and for whom somebody impersonates.
    pub principal: Arc<str>,
}

impl Identity {
    /// Calls something with who asked, as the authorizers are asked.
    pub(crate) fn ask<T>(&self, ask: impl FnOnce(Asker<'_>) -> T) -> T {
        let groups: Vec<&str> = self.groups.iter().map(|one| &**one).collect();
        ask(Asker {
            user: &self.user,
            groups: &groups,
            principal: &self.principal,
        })
    }
}

/// How a request is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sort {
    /// It was asked, and allowed: by RBAC, where the event says by which authorizer.
    Asked,
    /// It was asked, and another authorizer than RBAC allowed it, by the event's own words: no role served.
    Elsewhere,
    /// The server may have asked it besides, which leaves no event: used where it is held.
    Implied,
    /// The same, of an object that the event does not name.
    AsHeld,
    /// A role or binding was written, whose rules had to be held unless bind or escalate was.
    Passed,
}

/// What was asked, without its object's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Request {
    /// How it is known.
    pub sort: Sort,
    /// The verb.
    pub verb: Box<str>,
    /// The API group.
    pub group: Box<str>,
    /// The resource; empty for what is no resource: then the names are paths.
    pub resource: Box<str>,
    /// The subresource, or empty.
    pub subresource: Box<str>,
    /// The namespace, or empty.
    pub namespace: Box<str>,
}

/// By day, which events showed it.
type Days = BTreeMap<i32, Events>;

/// When, and on which objects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// By name and day, "" for none.
    Named(BTreeMap<Box<str>, Days>),
    /// By day, of more than [`NAMES`] names.
    Unnamed(Days),
}

impl Default for Seen {
    fn default() -> Self {
        Self::Named(BTreeMap::new())
    }
}

impl Seen {
    /// The names, where they are known.
    pub fn names(&self) -> Option<&BTreeMap<Box<str>, Days>> {
        match self {
            Self::Named(names) => Some(names),
            Self::Unnamed(_) => None,
        }
    }

    /// Whether there was any on these days.
    #[must_use]
    pub fn within(&self, days: &RangeInclusive<i32>) -> bool {
        let some = |all: &Days| all.range(days.clone()).next().is_some();
        match self {
            Self::Named(names) => names.values().any(some),
            Self::Unnamed(all) => some(all),
        }
    }

    /// How many requests there were on these days, on the object of a name or (none) on all.
    #[must_use]
    pub fn requests(&self, name: Option<&str>, days: &RangeInclusive<i32>) -> u64 {
        let sum = |all: &Days| {
            all.range(days.clone())
                .map(|(_, one)| one.requests())
                .sum::<u64>()
        };
        match (self, name) {
            (Self::Named(names), Some(name)) => names.get(name).map_or(0, sum),
            (Self::Named(names), None) => names.values().map(sum).sum(),
            (Self::Unnamed(all), _) => sum(all),
        }
    }

    fn add(&mut self, name: &str, day: i32, event: Event) {
        match self {
            Self::Named(names) => {
                match names.get_mut(name) {
                    Some(days) => days.entry(day).or_default().add(event),
                    None => {
                        let mut events = Events::default();
                        events.add(event);
                        names.insert(name.into(), BTreeMap::from([(day, events)]));
                    }
                }
                self.cap();
            }
            Self::Unnamed(days) => days.entry(day).or_default().add(event),
        }
    }

    fn merge(&mut self, part: Self) {
        let add = |all: &mut Days, part: Days| {
            for (day, events) in part {
                all.entry(day).or_default().merge(events);
            }
        };
        match (&mut *self, part) {
            (Self::Named(all), Self::Named(part)) => {
                for (name, days) in part {
                    add(all.entry(name).or_default(), days);
                }
                self.cap();
            }
            (Self::Named(all), Self::Unnamed(mut part)) => {
                std::mem::take(all)
                    .into_values()
                    .for_each(|days| add(&mut part, days));
                *self = Self::Unnamed(part);
            }
            (Self::Unnamed(all), Self::Named(part)) => {
                part.into_values().for_each(|days| add(all, days));
            }
            (Self::Unnamed(all), Self::Unnamed(part)) => add(all, part),
        }
    }

    /// Forgets the names where there are too many.
    fn cap(&mut self) {
        if let Self::Named(all) = self
            && all.len() > NAMES
        {
            let all = std::mem::take(all);
            *self = Self::Unnamed(Days::new());
            self.merge(Self::Named(all));
        }
    }

    fn seal(&mut self) {
        match self {
            Self::Named(names) => names
                .values_mut()
                .flat_map(BTreeMap::values_mut)
                .for_each(Events::seal),
            Self::Unnamed(days) => days.values_mut().for_each(Events::seal),
        }
    }
}

impl Request {
    /// A request as it was asked, of an object of that name; "" for none.
    #[must_use]
    pub fn attributes<'a>(&'a self, name: &'a str) -> Attributes<'a> {
        if self.resource.is_empty() {
            return Attributes::Path {
                verb: &self.verb,
                path: name,
            };
        }
        Attributes::Resource {
            verb: &self.verb,
            group: &self.group,
            resource: &self.resource,
            subresource: &self.subresource,
            name,
            namespace: &self.namespace,
        }
    }

    /// The request in an event, and its name.
    pub(crate) fn of(parsed: &Parsed) -> (Self, String) {
        match parsed.attributes() {
            Attributes::Path { verb, path } => (Self::new(verb, "", "", "", ""), path.to_owned()),
            Attributes::Resource {
                verb,
                group,
                resource,
                subresource,
                name,
                namespace,
            } => (
                Self::new(verb, group, resource, subresource, namespace),
                name.to_owned(),
            ),
        }
    }

    pub(crate) fn new(verb: &str, group: &str, resource: &str, subresource: &str, namespace: &str) -> Self {
        Self {
            sort: Sort::Asked,
            verb: verb.into(),
            group: group.into(),
            resource: resource.into(),
            subresource: subresource.into(),
            namespace: namespace.into(),
        }
    }

    pub(crate) fn sort(self, sort: Sort) -> Self {
        Self { sort, ..self }
    }
}

impl Usage {
    /// Counts one use.
    pub(crate) fn count(&mut self, who: &Identity, what: Request, name: &str, day: i32, event: Event) {
        if self.too_many {
            return;
        }
        if !self.by.contains_key(who) {
            self.by.insert(who.clone(), BTreeMap::new());
        }
        let Some(requests) = self.by.get_mut(who) else {
            return;
        };
        let before = requests.len();
        requests.entry(what).or_default().add(name, day, event);
        self.requests += requests.len() - before;
        self.cap();
    }

    fn cap(&mut self) {
        if self.too_many || self.requests > REQUESTS {
            self.too_many = true;
            self.by = BTreeMap::new();
            self.requests = 0;
        }
    }

    /// Notes that there was an event.
    pub(crate) fn at(&mut self, time: Time) {
        self.events += 1;
        self.days.insert(day(time));
        self.window = Some(match self.window {
            None => (time, time),
            Some((first, last)) => (first.min(time), last.max(time)),
        });
    }

    /// Takes what another document shows in.
    pub(crate) fn merge(&mut self, part: Self) {
        self.events += part.events;
        self.ended += part.ended;
        self.unnamed |= part.unnamed;
        self.days.extend(part.days);
        self.window = match (self.window, part.window) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
        self.too_many |= part.too_many;
        if !self.too_many {
            for (who, requests) in part.by {
                let all = self.by.entry(who).or_default();
                let before = all.len();
                for (what, seen) in requests {
                    match all.entry(what) {
                        std::collections::btree_map::Entry::Vacant(entry) => {
                            entry.insert(seen);
                        }
                        std::collections::btree_map::Entry::Occupied(mut entry) => {
                            entry.get_mut().merge(seen)
                        }
                    }
                }
                self.requests += all.len() - before;
            }
        }
        self.cap();
    }

    /// Counts each event once, and notes who is in which group.
    pub(crate) fn seal(&mut self) {
        let all = self.by.values_mut().flat_map(BTreeMap::values_mut);
        all.for_each(Seen::seal);
        for who in self.by.keys() {
            for group in &*who.groups {
                self.members.entry(group.clone()).or_default().push(who.clone());
            }
        }
    }

    /// Everybody who was seen, with what they asked.
    pub fn everybody(&self) -> impl Iterator<Item = (&Identity, &BTreeMap<Request, Seen>)> {
        self.by.iter()
    }

    /// Those who act as a user, or as a member of a group.
    pub fn of<'u>(
        &'u self,
        group: bool,
        name: &'u str,
    ) -> impl Iterator<Item = (&'u Identity, &'u BTreeMap<Request, Seen>)> {
        let members = self.members.get(name).filter(|_| group);
        let first = Identity {
            user: name.into(),
            groups: Arc::from([]),
            principal: "".into(),
        };
        let own = (!group).then(|| {
            self.by
                .range(first..)
                .take_while(move |(who, _)| *who.user == *name)
        });
        own.into_iter().flatten().chain(
            members
                .into_iter()
                .flatten()
                .filter_map(|who| self.by.get_key_value(who)),
        )
    }

    /// How many days there are from the first to the last event, both counted; none without events.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.window.map_or(0, |(first, last)| {
            i64::from(day(last)) - i64::from(day(first)) + 1
        })
    }

    /// Whether so much was seen that what was not seen is taken for not used.
    #[must_use]
    pub fn enough(&self) -> bool {
        !self.too_many && self.ended > 0 && self.length() >= ENOUGH
    }

    /// Days within the window without any event.
    #[must_use]
    pub fn blank(&self, from: i32, to: i32) -> u32 {
        let seen = self.days.range(from..=to.max(from)).count();
        let all = to.saturating_sub(from).saturating_add(1).max(0).unsigned_abs();
        all.saturating_sub(u32::try_from(seen).unwrap_or(u32::MAX))
    }
}

/// The day of a time, from 1970-01-01.
pub(crate) fn day(time: Time) -> i32 {
    i32::try_from(time.0.div_euclid(86_400)).unwrap_or(i32::MAX)
}

impl Facts {
    /// What its audit logs show.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.usage
    }
}
