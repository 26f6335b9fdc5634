//! Audit logs, folded: audit.k8s.io/v1 events as lines, EventLists, or as CloudWatch Logs exports them.
//!
//! A use is a request that ended, or a long one that began, and that the authorizers allowed: code 403 is none, even
//! with decision allow (a second check refused), nor is 401, nor what was turned away before it was authorized. What was
//! asked is read from requestURI, as the server itself reads it: the name of a create in objectRef comes from its body,
//! and authorization saw none. Second checks, which leave no event, are added from what was done.
//!
//! An event is known by its auditID and by all that is counted of it, but for its stage: the same event in two logs counts
//! once, and so do both stages of a long request. The auditID alone would not do, as a client may choose it
//! (kubernetes/kubernetes 1.37, apiserver/pkg/endpoints/filters/audit_init.go), and hide one request behind another.

mod bodies;
mod event;
mod second;

pub(crate) use bodies::secrets;

use crate::authorize::Request as Parsed;
use crate::facts::Facts;
use crate::usage::{Event as Counted, Identity, Request, Sort, day};
use event::{Event, User};
use foursee_core::document::{Format, Head};
use foursee_core::layer::{Claim, ScopeClaim};
use foursee_core::model::Time;
use std::hash::{DefaultHasher, Hash, Hasher};

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
    let stage = match &*event.stage {
        "ResponseComplete" | "Panic" => Counted::Ended,
        "ResponseStarted" => Counted::Began,
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
    let long = |user: &User<'_>| {
        user.username.len() > LONGEST
            || user.groups.iter().any(|one| one.len() > LONGEST)
            || principal(user).len() > LONGEST
    };
    if words.iter().any(|word| word.len() > LONGEST) || all.clone().any(long) {
        return Err("an audit event with a word longer than 4 KiB");
    }
    let day = day(time);
    let code = event.response_status.as_ref().map_or(0, |status| status.code);
    let body = event.object_ref.as_ref().map_or("", |object| &*object.name);
    let mut uses: Vec<(Identity, Request, String)> = Vec::new();
    if let Some(other) = acting {
        let mode = event.authentication_metadata.as_ref();
        let mode = mode.map_or("", |one| &*one.impersonation_constraint);
        let who = identity(user, principal(user));
        let asked = second::impersonating(other, mode, &what, &name);
        uses.extend(asked.into_iter().map(|(what, name)| (who.clone(), what, name)));
    }
    let who = match acting {
        // The principal stays with who impersonates.
        Some(other) => identity(other, ""),
        None => identity(user, principal(user)),
    };
    let asked = second::checks(&what, &name, body, code);
    uses.extend(asked.into_iter().map(|(what, name)| (who.clone(), what, name)));
    let sort = if elsewhere(event) {
        Sort::Elsewhere
    } else {
        Sort::Asked
    };
    uses.push((who, what.sort(sort), name));
    let counted = if event.audit_id.is_empty() {
        usage.unnamed = true;
        stage
    } else {
        let mut hasher = DefaultHasher::new();
        (&*event.audit_id, &*event.request_received_timestamp, day, &uses).hash(&mut hasher);
        Counted::Known(hasher.finish())
    };
    for (who, what, name) in uses {
        usage.count(&who, what, &name, day, counted);
    }
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

/// Whether another authorizer than RBAC says that it allowed it: the one that decides gives the reason, and RBAC's begins
/// so (kubernetes/kubernetes 1.37, plugin/pkg/auth/authorizer/rbac/rbac.go). EKS's policies say `EKS Access Policy: allowed
/// by ...`; the others of the server say nothing.
fn elsewhere(event: &Event<'_>) -> bool {
    event.annotations.as_ref().is_some_and(|all| {
        &*all.decision == "allow" && !all.reason.is_empty() && !all.reason.starts_with("RBAC: allowed by ")
    })
}

/// The IAM principal that EKS's authenticator notes beside a user: a role or user, where `arn` may be a session.
fn principal<'e>(user: &'e User<'_>) -> &'e str {
    let extra = user.extra.as_ref();
    let noted = extra.and_then(|all| all.iter().find(|(key, _)| ***key == *"canonicalArn"));
    noted
        .and_then(|(_, values)| values.iter().next())
        .map_or("", |one| &**one)
}

fn identity(user: &User<'_>, principal: &str) -> Identity {
    let mut groups: Vec<Box<str>> = user.groups.iter().map(|one| (&**one).into()).collect();
    groups.sort_unstable();
    groups.dedup();
    Identity {
        user: (&*user.username).into(),
        groups: groups.into(),
        principal: principal.into(),
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
