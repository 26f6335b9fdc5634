//! `aws iam get-account-authorization-details`: whole, in pages, one after the other, or filtered to one of its lists.

use super::{account_of_key, broken, policy_of, scope};
use crate::facts::{Attached, Facts, Grants, Group, Inline, Managed, Role, Tag, User};
use foursee_core::document::{self, Document, Head, Landmarks, Many, Notes, Place, Str, each};
use foursee_core::layer::Claim;
use foursee_core::model::{Gap, Reason};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

pub(super) fn claim(head: &Head<'_>) -> Option<Claim> {
    let listed = LISTS.iter().take(3).any(|list| head.has_key(list));
    // A page of policies alone, or a list that was picked out of a page, is known by its items.
    let items = || {
        head.scalars().take(200).any(|(at, value)| {
            let depth = at.matches('/').count();
            let own = at.ends_with("/RoleId")
                || at.ends_with("/UserId")
                || at.ends_with("/GroupId")
                || at.ends_with("/PolicyId");
            let list = at.starts_with("/Policies/")
                || at
                    .split('/')
                    .nth(1)
                    .is_some_and(|part| part.parse::<u32>().is_ok());
            let inner = at.split('/').any(|part| LISTS.contains(&part));
            own && (inner || list) && depth <= 5 && value.len() >= 12
        })
    };
    if !listed && !items() {
        return None;
    }
    Some(Claim::state("gaad", scope(account_of_key(head.text(), "Arn"))))
}

/// Files the document in one pass. Where an item is not as it should be, the document is read anew with each item's
/// text in hand, so that only what is wrong is lost.
pub(super) fn parse(document: &Document, notes: &mut Notes, facts: &mut Facts) {
    let before = notes.gaps.len();
    if read(document, notes, facts, true).is_err() {
        *facts = Facts::default();
        notes.gaps.truncate(before);
        notes.landmarks = Landmarks::default();
        if let Err(error) = read(document, notes, facts, false) {
            let hides = "the users, groups, roles and policies behind it";
            notes.gap(broken(&error, "authorization details", hides));
        }
    }
}

/// Reads every JSON text of the document; `regular` if items are filed while they are read.
fn read(
    document: &Document,
    notes: &mut Notes,
    facts: &mut Facts,
    regular: bool,
) -> Result<(), serde_json::Error> {
    let mut from = serde_json::Deserializer::from_str(&document.text);
    let mut sink = Sink {
        document,
        notes,
        facts,
        regular,
    };
    while from.end().is_err() {
        (Texts { sink: &mut sink }).deserialize(&mut from)?;
    }
    Ok(())
}

/// Where items go.
struct Sink<'s> {
    document: &'s Document,
    notes: &'s mut Notes,
    facts: &'s mut Facts,
    regular: bool,
}

/// One JSON text: a page, a list of pages, or a list of items.
struct Texts<'s, 'x> {
    sink: &'x mut Sink<'s>,
}

impl<'de> DeserializeSeed<'de> for Texts<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Texts<'_, '_> {
    type Value = ();
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("authorization details")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let sink = self.sink;
        let place = sink.facts.first_page;
        sink.facts.pages.0 += 1;
        let mut truncated = false;
        let mut lists = 0;
        while let Some(key) = map.next_key::<Str<'de>>()? {
            if let Some(list) = LISTS.iter().find(|list| ***list == *key) {
                lists += 1;
                if sink.regular {
                    map.next_value_seed(Regular {
                        sink: &mut *sink,
                        list,
                    })?;
                    continue;
                }
                let mut index = 0;
                map.next_value_seed(each(|item: &'de RawValue| {
                    sink.item(list, index, item);
                    index += 1;
                }))?;
            } else if &*key == "IsTruncated" {
                truncated = map.next_value::<Option<bool>>()?.unwrap_or(false);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        sink.facts.first_page = Some(place.unwrap_or_else(|| sink.document.at(0)));
        if !truncated {
            sink.facts.pages.1 += 1;
        }
        if lists == 0 {
            sink.notes.gap(
                Gap::new(Reason::Malformed, "authorization details")
                    .facet("a page without any list")
                    .hides("what it should hold")
                    .closes("aws iam get-account-authorization-details"),
            );
        }
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let sink = self.sink;
        if sink.regular {
            return Err(irregular());
        }
        let mut index = 0;
        let mut items = false;
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            let text = raw.get();
            let sniff: Sniff<'_> = serde_json::from_str(text).unwrap_or_default();
            if let Some(list) = sniff.list() {
                items = true;
                sink.item(list, index, raw);
            } else {
                let mut from = serde_json::Deserializer::from_str(text);
                if let Err(error) = (Texts { sink: &mut *sink }).deserialize(&mut from) {
                    sink.notes
                        .gap(broken(&error, "authorization details", "what the page holds"));
                }
            }
            index += 1;
        }
        if items {
            sink.facts.pages = (sink.facts.pages.0 + 1, sink.facts.pages.1 + 1);
            let place = sink.document.at(0);
            sink.facts.first_page.get_or_insert(place);
        }
        Ok(())
    }
}

fn irregular<E: de::Error>() -> E {
    E::custom("not a list of a page")
}

/// A list of a page, whose items are filed while they are read.
struct Regular<'s, 'x> {
    sink: &'x mut Sink<'s>,
    list: &'static str,
}

impl<'de> DeserializeSeed<'de> for Regular<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Regular<'_, '_> {
    type Value = ();
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0;
        let list = format!("/{}", self.list);
        while let Some(Begun { at, item }) = seq.next_element_seed(Begins(self.sink.document))? {
            let place = self.sink.document.at(at as usize);
            self.sink.notes.landmarks.item(&list, index, at);
            self.sink.read(self.list, index, &item, place);
            index += 1;
        }
        Ok(())
    }
}

/// An item, and where it begins: found by its first key.
struct Begun<'a> {
    at: u32,
    item: Item<'a>,
}

#[derive(Clone, Copy)]
struct Begins<'d>(&'d Document);

impl<'de> DeserializeSeed<'de> for Begins<'_> {
    type Value = Begun<'de>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Begun<'de>, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Begins<'_> {
    type Value = Begun<'de>;
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an item")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Begun<'de>, A::Error> {
        let key = map.next_key::<Str<'de>>()?.ok_or_else(irregular)?;
        let at = self.0.object_of(&key).ok_or_else(irregular)?;
        let from = MapAccessDeserializer::new(document::Begun { key: Some(key), map });
        Item::deserialize(from).map(|item| Begun { at, item })
    }
}

/// Enough of an item to tell which list it is of.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct RawProfile<'a> {
    arn: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Sniff<'a> {
    role_id: Option<Str<'a>>,
    user_id: Option<Str<'a>>,
    group_id: Option<Str<'a>>,
    policy_id: Option<Str<'a>>,
}

impl Sniff<'_> {
    fn list(&self) -> Option<&'static str> {
        if self.role_id.is_some() {
            Some("RoleDetailList")
        } else if self.user_id.is_some() {
            Some("UserDetailList")
        } else if self.group_id.is_some() {
            Some("GroupDetailList")
        } else {
            self.policy_id.as_ref().map(|_| "Policies")
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Item<'a> {
    arn: Str<'a>,
    user_name: Str<'a>,
    user_id: Str<'a>,
    group_name: Str<'a>,
    role_name: Str<'a>,
    role_id: Str<'a>,
    policy_name: Str<'a>,
    assume_role_policy_document: Option<&'a RawValue>,
    user_policy_list: Many<RawInline<'a>>,
    group_policy_list: Many<RawInline<'a>>,
    role_policy_list: Many<RawInline<'a>>,
    attached_managed_policies: Many<RawAttached<'a>>,
    permissions_boundary: Option<RawBoundary<'a>>,
    group_list: Many<Str<'a>>,
    tags: Many<RawTag<'a>>,
    instance_profile_list: Many<RawProfile<'a>>,
    default_version_id: Str<'a>,
    policy_version_list: Many<RawVersion<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct RawInline<'a> {
    policy_name: Str<'a>,
    policy_document: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct RawAttached<'a> {
    policy_arn: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct RawBoundary<'a> {
    permissions_boundary_arn: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct RawTag<'a> {
    key: Str<'a>,
    value: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct RawVersion<'a> {
    document: Option<&'a RawValue>,
    version_id: Str<'a>,
    is_default_version: bool,
}

impl Sink<'_> {
    fn item(&mut self, list: &'static str, index: usize, raw: &RawValue) {
        let text = raw.get();
        if let Some(at) = self.document.offset(text) {
            self.notes.landmarks.item(&format!("/{list}"), index, at);
        }
        let item: Item<'_> = match serde_json::from_str(text) {
            Ok(item) => item,
            Err(error) => {
                let sniffed: Option<Named<'_>> = serde_json::from_str(text).ok();
                let name = sniffed.map_or_else(
                    || format!("item {index} of {list}"),
                    |named| named.arn.to_string(),
                );
                self.notes.gap(
                    Gap::new(Reason::Malformed, name)
                        .facet(error.to_string())
                        .hides("what it is and may do")
                        .closes("an export in which it is whole")
                        .at(self.document.place(text)),
                );
                return;
            }
        };
        self.read(list, index, &item, self.document.place(text));
    }

    /// Files an item that begins at `place`.
    fn read(&mut self, list: &'static str, index: usize, item: &Item<'_>, place: Place) {
        let place = match self.document.offset(&item.arn) {
            Some(at) => Place {
                doc: self.document.id,
                at,
            },
            None => place,
        };
        if item.arn.is_empty() {
            self.notes.gap(
                Gap::new(Reason::Malformed, format!("item {index} of {list}"))
                    .facet("its ARN")
                    .hides("what it is and may do")
                    .closes("an export that holds ARNs")
                    .at(place),
            );
            return;
        }
        self.file(list, item, place);
    }

    fn file(&mut self, list: &str, item: &Item<'_>, place: Place) {
        let arn: Box<str> = (*item.arn).into();
        let at = |text: &Str<'_>, document: &Document| match document.offset(text) {
            Some(at) => Place { doc: document.id, at },
            None => place,
        };
        let tags = item.tags.iter().map(|tag| Tag {
            key: (*tag.key).into(),
            value: (*tag.value).into(),
            place: at(&tag.key, self.document),
        });
        let tags: Vec<Tag> = tags.collect();
        match list {
            "UserDetailList" => {
                let grants = self.grants(item, &item.user_policy_list, place);
                let groups = item
                    .group_list
                    .iter()
                    .map(|name| Attached {
                        arn: (**name).into(),
                        place: at(name, self.document),
                    })
                    .collect();
                self.facts.users.push(User {
                    arn,
                    name: (*item.user_name).into(),
                    id: (*item.user_id).into(),
                    grants,
                    groups,
                    tags,
                    place,
                });
            }
            "GroupDetailList" => {
                let grants = self.grants(item, &item.group_policy_list, place);
                self.facts.groups.push(Group {
                    arn,
                    name: (*item.group_name).into(),
                    grants,
                    place,
                });
            }
            "RoleDetailList" => {
                let grants = self.grants(item, &item.role_policy_list, place);
                let what = format!("trust policy of {arn}");
                let trust = policy_of(
                    item.assume_role_policy_document,
                    &what,
                    place,
                    self.document,
                    self.notes,
                );
                self.facts.roles.push(Role {
                    arn,
                    name: (*item.role_name).into(),
                    id: (*item.role_id).into(),
                    trust,
                    grants,
                    instance_profile: !item.instance_profile_list.is_empty(),
                    profiles: item
                        .instance_profile_list
                        .iter()
                        .map(|one| (&*one.arn).into())
                        .collect(),
                    tags,
                    place,
                });
            }
            _ => {
                let versions = &item.policy_version_list;
                let named = versions.iter().find(|one| {
                    !item.default_version_id.is_empty() && *one.version_id == *item.default_version_id
                });
                let version = versions.iter().find(|one| one.is_default_version).or(named);
                let policy = policy_of(
                    version.and_then(|one| one.document),
                    &arn,
                    place,
                    self.document,
                    self.notes,
                );
                self.facts.managed.push(Managed {
                    arn,
                    name: (*item.policy_name).into(),
                    policy,
                    place,
                });
            }
        }
    }

    fn grants(&mut self, item: &Item<'_>, inline: &[RawInline<'_>], place: Place) -> Grants {
        let at = |text: &Str<'_>, document: &Document| match document.offset(text) {
            Some(at) => Place { doc: document.id, at },
            None => place,
        };
        let mut grants = Grants::default();
        for one in inline {
            let what = format!("policy {} of {}", &*one.policy_name, &*item.arn);
            let policy = policy_of(one.policy_document, &what, place, self.document, self.notes);
            let place = at(&one.policy_name, self.document);
            grants.inline.push(Inline {
                name: (*one.policy_name).into(),
                policy,
                place,
            });
        }
        for one in item.attached_managed_policies.iter() {
            let place = at(&one.policy_arn, self.document);
            grants.attached.push(Attached {
                arn: (*one.policy_arn).into(),
                place,
            });
        }
        grants.boundary = item.permissions_boundary.as_ref().map(|one| {
            let place = at(&one.permissions_boundary_arn, self.document);
            Attached {
                arn: (*one.permissions_boundary_arn).into(),
                place,
            }
        });
        grants
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Named<'a> {
    arn: Str<'a>,
}
