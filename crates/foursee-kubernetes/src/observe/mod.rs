//! Audit logs, folded: audit.k8s.io/v1 events as lines, EventLists, or as CloudWatch Logs exports them.
//!
//! A use is a request that ended, or a long one that began, and that the authorizers allowed: code 403 is none, even
//! with decision allow (a second check refused), nor is 401, nor what was turned away before it was authorized. What was
//! asked is read from requestURI, as the server itself reads it: the name of a create in objectRef comes from its body,
//! and authorization saw none. Second checks, which leave no event, are added from what was done.

mod bodies;
mod event;
mod second;

pub(crate) use bodies::secrets;

use crate::authorize::Request as Parsed;
use crate::facts::Facts;
use crate::usage::{Count, Identity, Request, day};
use event::{Event, User};
use foursee_core::document::{Format, Head};
use foursee_core::layer::{Claim, ScopeClaim};
use foursee_core::model::Time;

/// The kind of documents.
pub(crate) const LOG: &str = "audit-log";
/// The keys of the lists that hold events: of an EventList, and of what `aws logs` prints.
pub(crate) const WRAPS: &[&str] = &["items", "events"];
/// How every event of it names its API.
const API: &str = "audit.k8s.io/";
/// The longest word that is kept.
const LONGEST: usize = 4 * 1024;

/// Whether a document is an audit log.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Claim> {
    let ours = |api: &str| head.get(api).is_some_and(|api| api.starts_with(API));
    let message = |text: &str| text.trim_start().starts_with('{') && text.contains(API);
    let yes = match head.format() {
        Format::JsonObject => {
            (ours("/apiVersion") && matches!(head.get("/kind"), Some("Event" | "EventList")))
                || (ours("/items/0/apiVersion") && head.get("/items/0/kind") == Some("Event"))
                || head.get("/message").is_some_and(message)
                || head
                    .scalars()
                    .any(|(at, text)| at.starts_with("/events/") && at.ends_with("/message") && message(text))
        }
        Format::JsonArray => ours("/0/apiVersion") && head.get("/0/kind") == Some("Event"),
        // A log group in a bucket: a time before each event.
        Format::Text => head.lines().take(200).any(|line| {
            let at = line.find('{').unwrap_or(line.len());
            let (time, rest) = line.split_at_checked(at).unwrap_or((line, ""));
            Time::parse(time).is_some() && rest.contains(API)
        }),
        _ => false,
    };
    yes.then(|| Claim {
        kinds: vec![LOG],
        scope: ScopeClaim::Unsaid,
        events: true,
    })
}

/// Folds a record in: an event, or what holds one.
pub(crate) fn observe(record: &str, facts: &mut Facts) -> Result<(), &'static str> {
    let text = match record.trim_start().strip_prefix('{') {
        Some(_) => record.trim_start(),
        None => {
            let at = record.find('{').filter(|_| record.contains(API));
            match at.and_then(|at| record.get(at..)) {
                Some(text) => text,
                None => return Ok(()),
            }
        }
    };
    let event: Event<'_> = serde_json::from_str(text).map_err(wrong)?;
    if let (Some(message), true) = (&event.message, event.kind.is_empty()) {
        if !(message.trim_start().starts_with('{') && message.contains(API)) {
            return Ok(());
        }
        return fold(&serde_json::from_str(message).map_err(wrong)?, facts);
    }
    fold(&event, facts)
}

fn wrong(error: serde_json::Error) -> &'static str {
    if error.is_data() {
        "an audit event with a field of another type"
    } else {
        "it is not JSON to its end"
    }
}

fn fold(event: &Event<'_>, facts: &mut Facts) -> Result<(), &'static str> {
    if &*event.kind != "Event" || !event.api_version.starts_with(API) {
        return Ok(());
    }
    let time = Time::parse(&event.request_received_timestamp)
        .or_else(|| Time::parse(&event.stage_timestamp))
        .ok_or("an audit event without a time")?;
    if event.verb.is_empty() || event.stage.is_empty() {
        return Err("an audit event without a verb or a stage");
    }
    let usage = &mut facts.usage;
    usage.at(time);
    let count = match &*event.stage {
        "ResponseComplete" | "Panic" => Count { began: 0, ended: 1 },
        "ResponseStarted" => Count { began: 1, ended: 0 },
        // What became of it is not known yet.
        _ => return Ok(()),
    };
    usage.ended += 1;
    if !allowed(event) {
        return Ok(());
    }
    // Who fails to authenticate is nobody: such an event has no user, and is no use either.
    let user = event.user.as_ref().filter(|user| !user.username.is_empty());
    let user = user.ok_or("an audit event without a user")?;
    let (what, name) = request(event);
    let words = [
        &*what.verb,
        &what.group,
        &what.resource,
        &what.subresource,
        &what.namespace,
        &name,
    ];
    let acting = event
        .impersonated_user
        .as_ref()
        .filter(|other| !other.username.is_empty());
    let all = std::iter::once(user).chain(acting);
    let long =
        |user: &User<'_>| user.username.len() > LONGEST || user.groups.iter().any(|one| one.len() > LONGEST);
    if words.iter().any(|word| word.len() > LONGEST) || all.clone().any(long) {
        return Err("an audit event with a word longer than 4 KiB");
    }
    let day = day(time);
    if let Some(other) = acting {
        let mode = event.authentication_metadata.as_ref();
        let mode = mode.map_or("", |one| &*one.impersonation_constraint);
        let who = identity(user);
        for (what, name) in second::impersonating(other, mode, &what, &name) {
            usage.count(&who, what, &name, day, count);
        }
    }
    let who = identity(acting.unwrap_or(user));
    let code = event.response_status.as_ref().map_or(0, |status| status.code);
    let body = event.object_ref.as_ref().map_or("", |object| &*object.name);
    for (more, name) in second::checks(&what, &name, body, code) {
        usage.count(&who, more, &name, day, count);
    }
    usage.count(&who, what, &name, day, count);
    Ok(())
}

/// Whether the authorizers let it through.
fn allowed(event: &Event<'_>) -> bool {
    let code = event.response_status.as_ref().map_or(0, |status| status.code);
    let decision = event.annotations.as_ref().map_or("", |all| &*all.decision);
    match decision {
        // 429 is said before authorization too; then nothing was decided.
        "" => !matches!(code, 401 | 403 | 429),
        "allow" => !matches!(code, 401 | 403),
        _ => false,
    }
}

fn identity(user: &User<'_>) -> Identity {
    let mut groups: Vec<Box<str>> = user.groups.iter().map(|one| (&**one).into()).collect();
    groups.sort_unstable();
    groups.dedup();
    Identity {
        user: (&*user.username).into(),
        groups: groups.into(),
    }
}

/// What was asked, and the name that authorization saw.
fn request(event: &Event<'_>) -> (Request, String) {
    let verb = &*event.verb;
    let method = match verb {
        "create" => "POST",
        "update" => "PUT",
        "patch" => "PATCH",
        "delete" | "deletecollection" => "DELETE",
        "get" | "list" | "watch" => "GET",
        other => other,
    };
    let object = event
        .object_ref
        .as_ref()
        .filter(|object| !object.resource.is_empty());
    let parsed = Parsed::parse(method, &event.request_uri).map(|parsed| Request::of(&parsed));
    match (parsed, object) {
        (Some((what, name)), Some(object))
            if *what.verb == *verb
                && *what.resource == *object.resource
                && *what.group == *object.api_group =>
        {
            (what, name)
        }
        (Some((what, path)), None) if what.resource.is_empty() => (
            Request {
                verb: verb.into(),
                ..what
            },
            path,
        ),
        // Without a requestURI that agrees: objectRef, whose name is the request's where its verb has one.
        (_, Some(object)) => {
            let named = match verb {
                "create" => !object.subresource.is_empty(),
                "list" | "watch" | "deletecollection" => false,
                _ => true,
            };
            let what = Request::new(
                verb,
                &object.api_group,
                &object.resource,
                &object.subresource,
                &object.namespace,
            );
            (
                what,
                if named {
                    object.name.to_string()
                } else {
                    String::new()
                },
            )
        }
        (_, None) => {
            let path = event.request_uri.split('?').next().unwrap_or_default();
            (Request::new(verb, "", "", "", ""), path.to_owned())
        }
    }
}
