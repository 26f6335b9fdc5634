//! A small layer for tests: people and teams that may read or open boxes, and a log of what they did. It can be told to
//! make one mistake, so that each conformance check is seen to fail.

use foursee_core::document::{Document, Head, Notes};
use foursee_core::estate::{Lowering, Over};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{
    Claim, DocumentKind, Holds, Hop, Layer, QuestionError, Rule, ScopeClaim, View, Who,
};
use foursee_core::model::{Certainty, Class, Foothold, Gap, Kind, Pattern, Reason, Rung, Technique, Verb};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

static PERSON: Kind = Kind::new("person", Class::Identity);
static TEAM: Kind = Kind::new("team", Class::Group);
static BOX: Kind = Kind::new("box", Class::Resource);
static READ: Technique = technique("toy-read", "reads");
static OPEN: Technique = technique("toy-open", "opens");

const fn technique(id: &'static str, says: &'static str) -> Technique {
    Technique {
        id,
        verb: Verb::Read,
        needs: Foothold::Acts,
        gives: Foothold::Acts,
        says,
        source: "the toy's manual",
    }
}

/// The mistake that the layer makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    None,
    /// Facts depend on how often something was parsed before.
    Counts,
    /// A broken document is read as an empty one.
    Silent,
    /// A list without items says nothing.
    Forgets,
    /// The last event counts.
    LastEvent,
    /// A grant over a pattern has no row in the privileges table, and no edge.
    NotLowered,
    /// A grant has no edge.
    NoEdge,
    /// An edge is over what its grant excepts, too.
    Wide,
    /// A condition is dropped.
    Unconditional,
    /// A condition is not stated.
    Unstated,
    /// One edge a member.
    SpelledOut,
    /// Nothing is ever confirmed.
    Mute,
    /// Everything is.
    Credulous,
}

#[derive(Clone)]
pub struct Toy(pub Fault);

static PARSED: AtomicU32 = AtomicU32::new(0);

#[derive(Deserialize)]
struct Export {
    #[serde(default)]
    grants: Vec<Grant>,
    #[serde(default)]
    boxes: Vec<String>,
    #[serde(default)]
    teams: Vec<Team>,
}

#[derive(Deserialize)]
struct Grant {
    who: String,
    #[serde(rename = "do")]
    action: String,
    of: String,
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    when: String,
}

#[derive(Deserialize)]
struct Team {
    team: String,
    /// A name, or a pattern of names.
    members: String,
}

#[derive(Default)]
pub struct Facts {
    grants: Vec<(Grant, foursee_core::document::Place)>,
    boxes: BTreeSet<String>,
    teams: Vec<(Team, foursee_core::document::Place)>,
    people: BTreeSet<String>,
    events: BTreeMap<String, u64>,
    last: Option<String>,
    here: Option<foursee_core::document::Place>,
    serial: u32,
}

impl Facts {
    fn teams_of<'a>(&'a self, who: &'a str) -> impl Iterator<Item = &'a str> {
        let mine = move |team: &&(Team, _)| Pattern::from_glob(&team.0.members).matches(who);
        self.teams.iter().filter(mine).map(|team| &*team.0.team)
    }
}

impl Layer for Toy {
    type Facts = Facts;

    fn id(&self) -> &'static str {
        "toy"
    }

    fn kinds(&self) -> &'static [DocumentKind] {
        const fn kind(name: &'static str) -> DocumentKind {
            DocumentKind {
                name,
                made_by: "toy export",
            }
        }
        const KINDS: &[DocumentKind] = &[kind("export"), kind("list"), kind("log")];
        KINDS
    }

    fn recognise(&self, head: &Head<'_>) -> Option<Claim> {
        if let Some(name) = head.get("/toy") {
            return Some(Claim::state("export", ScopeClaim::One(name.to_owned())));
        }
        let first = head.lines().next()?;
        if first == "toy-list acme" {
            return Some(Claim::state("list", ScopeClaim::One("acme".to_owned())));
        }
        let event = first.starts_with("toy-event ");
        event.then(|| Claim {
            events: true,
            ..Claim::state("log", ScopeClaim::One("acme".to_owned()))
        })
    }

    fn parse(&self, document: &Document, notes: &mut Notes) -> Facts {
        let mut facts = Facts {
            here: Some(document.at(0)),
            ..Facts::default()
        };
        if self.0 == Fault::Counts {
            facts.serial = PARSED.fetch_add(1, Ordering::Relaxed);
        }
        let gap = |reason| Gap::new(reason, "the export").at(document.at(0));
        if document.kind == "list" {
            facts.boxes = document.text.lines().skip(1).map(str::to_owned).collect();
            if facts.boxes.is_empty() && self.0 != Fault::Forgets {
                notes.gap(gap(Reason::Truncated));
            }
            return facts;
        }
        match serde_json::from_str::<Export>(&document.text) {
            Ok(export) => {
                let places = |at: usize| document.at(at + 1);
                let grants = export.grants.into_iter().enumerate();
                facts.grants = grants.map(|(at, one)| (one, places(at))).collect();
                facts.boxes = export.boxes.into_iter().collect();
                let teams = export.teams.into_iter();
                facts.teams = teams.map(|one| (one, places(0))).collect();
            }
            Err(_) if self.0 == Fault::Silent => {}
            Err(_) => notes.gap(gap(Reason::Truncated)),
        }
        let named = |name: &&(Grant, _)| !name.0.who.starts_with("team-");
        facts.people = facts
            .grants
            .iter()
            .filter(named)
            .map(|one| one.0.who.clone())
            .collect();
        facts
    }

    fn merge(&self, into: &mut Facts, part: Facts) {
        into.grants.extend(part.grants);
        into.boxes.extend(part.boxes);
        into.teams.extend(part.teams);
        into.people.extend(part.people);
        for (event, count) in part.events {
            *into.events.entry(event).or_default() += count;
        }
        into.last = part.last.or(into.last.take());
        into.here = into.here.or(part.here);
        into.serial = into.serial.max(part.serial);
    }

    fn observe(&self, line: &str, facts: &mut Facts) -> Result<(), &'static str> {
        let Some(event) = line.strip_prefix("toy-event ") else {
            return Ok(());
        };
        let mut words = event.split(' ');
        let (Some(who), Some(what), None) = (words.next(), words.next(), words.next()) else {
            return Err("not two words");
        };
        *facts.events.entry(format!("{who} {what}")).or_default() += 1;
        facts.last = Some(event.to_owned());
        Ok(())
    }

    fn lower(&self, facts: &Facts, out: &mut Lowering<'_>) {
        let Some(here) = facts.here else { return };
        for name in &facts.boxes {
            out.node(&BOX, name);
        }
        for name in &facts.people {
            out.node(&PERSON, name);
        }
        for (team, place) in &facts.teams {
            let group = out.node(&TEAM, &team.team);
            let members = out.select(Over {
                kind: &PERSON,
                pattern: &Pattern::from_glob(&team.members),
                except: &[],
            });
            out.member(members, group, *place);
        }
        for (grant, place) in &facts.grants {
            let kind = if grant.who.starts_with("team-") {
                &TEAM
            } else {
                &PERSON
            };
            let holder = out.node(kind, &grant.who);
            let except: Vec<Pattern> = grant.except.iter().map(|one| Pattern::from_glob(one)).collect();
            let pattern = Pattern::from_glob(&grant.of);
            let over = |except| Over {
                kind: &BOX,
                pattern: &pattern,
                except,
            };
            let how = if grant.action == "read" { &READ } else { &OPEN };
            let when = out.condition(&grant.when);
            let meant = out.select(over(&except));
            let lost = self.0 == Fault::NotLowered && !matches!(pattern, Pattern::Exact(_));
            let targets = match self.0 {
                Fault::NoEdge => Vec::new(),
                _ if lost => Vec::new(),
                Fault::Wide => vec![out.select(over(&[]))],
                Fault::SpelledOut => {
                    let names = facts.boxes.iter().filter(|name| pattern.matches(name));
                    let names = names.filter(|name| !except.iter().any(|one| one.matches(name)));
                    names.map(|name| out.node(&BOX, name)).collect()
                }
                _ => vec![meant],
            };
            for target in targets {
                let edge = out.edge(holder, how, target, *place);
                match self.0 {
                    Fault::Unconditional => {}
                    Fault::Unstated => {
                        edge.certainty(Certainty::Conditional);
                    }
                    _ => {
                        edge.when(when);
                    }
                }
            }
            if !lost {
                out.privilege(holder, Verb::Read, &grant.action, meant, Rung::Scoped, *place)
                    .when(when);
            }
        }
        for (event, count) in &facts.events {
            let person = out_person(out, event);
            out.tag(person, "seen", &count.to_string(), here);
        }
        if let (Fault::LastEvent, Some(last)) = (self.0, &facts.last) {
            out.node(&PERSON, &format!("last {last}"));
        }
        if self.0 == Fault::Counts {
            out.node(&BOX, &format!("box {}", facts.serial));
        }
    }

    fn holds(&self, facts: &Facts, hop: &Hop<'_>) -> Holds {
        match (self.0, hop.technique) {
            (Fault::Mute, _) => Holds::Unknown("no word".to_owned()),
            (Fault::Credulous, _) => Holds::Yes,
            (_, "core-member") if facts.teams_of(hop.from.name).any(|team| team == hop.to.name) => Holds::Yes,
            (_, "toy-read") => self.may(facts, &hop.from, "read", hop.to.name),
            (_, "toy-open") => self.may(facts, &hop.from, "open", hop.to.name),
            _ => Holds::No("no such hop".to_owned()),
        }
    }

    fn may(&self, facts: &Facts, who: &Who<'_>, action: &str, resource: &str) -> Holds {
        let mine =
            |grant: &Grant| grant.who == who.name || facts.teams_of(who.name).any(|team| team == grant.who);
        let fitting = facts.grants.iter().map(|one| &one.0).filter(|grant| {
            mine(grant)
                && grant.action == action
                && Pattern::from_glob(&grant.of).matches(resource)
                && !grant.except.iter().any(|one| one == resource)
        });
        match fitting.map(|grant| &*grant.when).min() {
            None => Holds::No("no grant".to_owned()),
            Some("") => Holds::Yes,
            Some(when) => Holds::If(when.to_owned()),
        }
    }

    fn decide(&self, _: &Facts, _: &str, _: &mut Vec<u8>) -> Result<(), QuestionError> {
        Ok(())
    }

    fn rules(&self) -> Vec<Box<dyn Rule<Facts>>> {
        vec![Box::new(Seen)]
    }
}

fn out_person(out: &mut Lowering<'_>, event: &str) -> foursee_core::model::NodeId {
    out.node(&PERSON, event.split(' ').next().unwrap_or_default())
}

foursee_core::rule! {
    /// Somebody was seen in the log.
    Seen: "toy-seen", Low, needs ["export"]
}

impl Rule<Facts> for Seen {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for (event, count) in &see.facts.events {
            if let Some(here) = see.facts.here {
                out.push(Finding::new(
                    &Self::META,
                    event.clone(),
                    here,
                    format!("{count} times"),
                ));
            }
        }
    }
}
