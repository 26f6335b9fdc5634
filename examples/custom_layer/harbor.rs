//! harbor-host, a hosting provider with four roles that all cover the whole account: a layer, whole.
//! An export that is cut off is one gap; foursee's own layers use `document::each` to keep what came before the cut.

use foursee_core::{document::*, estate::Lowering, finding::*, layer::*, model::Rung::*, model::*};
use serde::Deserialize;
use serde_json::value::RawValue;

static MEMBER: Kind = Kind::new("member", Class::Identity);
static SERVICES: Kind = Kind::new("services", Class::Resource);
/// The actions, the least role that may do each, and where that stands.
static ACTIONS: [(&str, Role, Rung, Technique); 4] = [
    ("services.read", Role::ReadOnly, ServiceWide, technique("harbor-read", Verb::Read, "reads")),
    ("services.deploy", Role::Manage, ServiceWide, technique("harbor-deploy", Verb::Write, "deploys")),
    ("services.set", Role::Admin, ServiceWide, technique("harbor-set", Verb::Administer, "configures")),
    ("members.set", Role::Owner, Unbounded, technique("harbor-set-role", Verb::Delegate, "gives roles over")),
];
const fn technique(id: &'static str, verb: Verb, says: &'static str) -> Technique {
    let (needs, gives, source) = (Foothold::Acts, Foothold::Acts, "harbor-host manual, roles");
    Technique { id, verb, needs, gives, says, source }
}
#[derive(Deserialize)]
struct Export<'a> {
    #[serde(borrow)]
    members: Vec<&'a RawValue>,
}
/// Each may do what those before it may, over all services.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Deserialize)]
enum Role {
    ReadOnly,
    Manage,
    Admin,
    Owner,
}
#[derive(Deserialize)]
struct Member {
    email: String,
    role: Role,
    team: Option<String>,
}
#[derive(Deserialize)]
struct Question {
    member: String,
    action: String,
}
/// One account: its members, and whether some could not be read.
#[derive(Default)]
pub struct Account(Vec<(Member, Place)>, bool);
#[derive(Clone)]
pub struct Harbor;
impl Layer for Harbor {
    type Facts = Account;
    fn id(&self) -> &'static str {
        "harbor"
    }
    fn kinds(&self) -> &'static [DocumentKind] {
        &[DocumentKind { name: "members", made_by: "harbor members export" }]
    }
    fn recognise(&self, head: &Head<'_>) -> Option<Claim> {
        let scope = head.get("/account").map_or(ScopeClaim::Unsaid, |name| ScopeClaim::One(name.to_owned()));
        (head.get("/provider") == Some("harbor-host")).then_some(Claim::state("members", scope))
    }
    fn parse(&self, document: &Document, notes: &mut Notes) -> Account {
        let mut members = Vec::new();
        let mut gap = |reason, place, what: String| {
            notes.gaps.push(Gap::new(reason, what).hides("what they may do").closes("a new export").at(place))
        };
        let export = serde_json::from_str::<Export<'_>>(&document.text);
        if let Err(error) = &export {
            let reason = if error.is_eof() { Reason::Truncated } else { Reason::Malformed };
            gap(reason, document.at(0), format!("the members: {error}"));
        }
        for (number, raw) in export.into_iter().flat_map(|export| export.members).enumerate() {
            let place = document.place(raw.get());
            notes.landmarks.item("/members", number, place.at);
            match serde_json::from_str::<Member>(raw.get()) {
                Ok(one) => members.push((one, place)),
                Err(error) => gap(Reason::Malformed, place, format!("member {number}: {error}")),
            }
        }
        Account(members, !notes.gaps.is_empty())
    }
    fn merge(&self, into: &mut Account, part: Account) {
        into.0.extend(part.0);
        into.1 |= part.1;
    }
    fn lower(&self, account: &Account, out: &mut Lowering<'_>) {
        for (one, place) in &account.0 {
            let (member, services) = (out.node(&MEMBER, &one.email), out.node(&SERVICES, "services"));
            one.team.iter().for_each(|team| out.tag(member, "team", team, *place));
            for (action, _, rung, how) in ACTIONS.iter().filter(|action| one.role >= action.1) {
                out.edge(member, how, services, *place).rung(*rung);
                let row = out.privilege(member, how.verb, action, services, *rung, *place);
                row.attainable(ServiceWide);
            }
        }
    }
    fn holds(&self, account: &Account, hop: &Hop<'_>) -> Holds {
        let row = ACTIONS.iter().find(|row| row.3.id == hop.technique);
        self.may(account, &hop.from, row.map_or("", |row| row.0), hop.to.name)
    }
    fn may(&self, account: &Account, who: &Who<'_>, action: &str, _services: &str) -> Holds {
        let own = account.0.iter().filter(|(one, _)| who.kind == MEMBER.name && one.email == who.name);
        match ACTIONS.iter().find(|row| row.0 == action) {
            None => Holds::Unknown(format!("no action `{action}` is known")),
            Some((_, least, ..)) if own.clone().any(|(one, _)| one.role >= *least) => Holds::Yes,
            _ if own.count() == 0 && account.1 => Holds::Unknown("not every member was read".to_owned()),
            _ => Holds::No(format!("no role of {} gives {action}", who.name)),
        }
    }
    fn decide(&self, account: &Account, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError> {
        let wrong = |error| QuestionError::Malformed { layer: "harbor", why: format!("{error}") };
        let Question { member, action } = serde_json::from_str(question).map_err(wrong)?;
        let says = match self.may(account, &Who { kind: "member", name: &member }, &action, "services") {
            Holds::Yes => serde_json::json!({"allowed": true}),
            Holds::No(why) => serde_json::json!({"allowed": false, "why": why}),
            Holds::If(why) | Holds::Unknown(why) => serde_json::json!({"allowed": null, "why": why}),
        };
        serde_json::to_writer(answer, &says).map_err(wrong)
    }
    fn rules(&self) -> Vec<Box<dyn Rule<Account>>> {
        vec![Box::new(RoleWide)]
    }
}

foursee_core::rule! {
    /// A role reaches every service of the account.
    /// ## Why
    /// Whoever gets hold of the login may change what any team runs.
    /// ## Evidence
    /// The member, with its role.
    /// ## Fix
    /// harbor-host cannot say anything tighter than service-wide: no role is over one service. Give Admin instead
    /// of Owner, ReadOnly where that is enough, and keep services that must be apart in accounts of their own.
    RoleWide: "harbor-role-wide", Medium, needs ["members"]
}
impl Rule<Account> for RoleWide {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }
    fn check(&self, see: &View<'_, Account>, out: &mut Findings) {
        // Whoever has ReadOnly changes nothing.
        for (one, place) in see.facts.0.iter().filter(|(one, _)| one.role > Role::ReadOnly) {
            let rung = if one.role == Role::Owner { Unbounded } else { ServiceWide };
            let (cause, says) =
                (format!("{:?} for {}", one.role, one.email), format!("role: {:?}", one.role));
            let finding = Finding::new(&Self::META, cause, *place, says).identity("member", &one.email);
            out.push(finding.resource("services", "services").rung(rung, ServiceWide));
        }
    }
}
