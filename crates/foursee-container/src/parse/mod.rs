//! How documents are filed. Values of secrets are overwritten here and kept nowhere.

mod container;
mod dto;
mod engine;
mod recognise;
pub(crate) use recognise::recognise;

use crate::facts::Facts;
use foursee_core::document::{Document, Notes, Place, each, json_texts};
use foursee_core::model::{Gap, Reason};
use foursee_core::secret as secrets;
use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

/// One document's facts. It may hold several JSON texts one after the other, and an error text behind them.
pub(crate) fn parse(document: &Document, notes: &mut Notes) -> Facts {
    let mut facts = Facts::default();
    let mut rest = document.text.trim_start();
    let mut index = 0;
    loop {
        if !rest.starts_with(['{', '[']) {
            if !rest.is_empty() || index == 0 {
                blind(document, rest, notes);
                error(document, rest, notes);
            }
            return facts;
        }
        let state = matches!(document.kind, "info" | "daemon");
        let read = if rest.starts_with('[') && !state {
            list(document, rest, &mut facts, notes)
        } else {
            json_texts(rest).next().map_or(rest.len(), str::len)
        };
        let (text, after) = rest.split_at_checked(read).unwrap_or((rest, ""));
        match document.kind {
            "info" => engine::info(document, text, &mut facts, notes),
            "daemon" => engine::daemon(document, text, &mut facts, notes),
            _ if text.starts_with('[') => {}
            _ => {
                if index > 0 || !after.trim_start().is_empty() {
                    notes
                        .landmarks
                        .item("", index, document.offset(text).unwrap_or(0));
                }
                item(document, text, index, &mut facts, notes);
            }
        }
        rest = after.trim_start();
        index += 1;
    }
}

fn error(document: &Document, text: &str, notes: &mut Notes) {
    let denied = text.to_ascii_lowercase().contains("permission denied");
    let reason = if denied {
        Reason::Denied
    } else if text.is_empty() {
        Reason::NotCaptured
    } else {
        Reason::Malformed
    };
    let closes = if denied {
        "run the export as root or as a member of the engine's group"
    } else {
        "run the export again where the engine answers: docker inspect $(docker ps -aq)"
    };
    notes.gap(
        Gap::new(reason, format!("engine export {}", document.name))
            .facet("whole document")
            .hides("what the engine would have said: the document holds an error where a listing should be")
            .closes(closes)
            .at(document.place(text)),
    );
}

fn broken(document: &Document, what: String, why: &serde_json::Error, at: Place, notes: &mut Notes) {
    let (reason, how) = if why.is_eof() {
        (Reason::Truncated, "it ends before its end")
    } else {
        (Reason::Malformed, "it is not of the form that engines print")
    };
    notes.gap(
        Gap::new(reason, what)
            .facet(how)
            .hides("what it would have said; everything before it was read")
            .closes(format!("export {} again", document.name))
            .at(at),
    );
}

/// Files the items of a list; gives how many bytes it took.
fn list(document: &Document, text: &str, facts: &mut Facts, notes: &mut Notes) -> usize {
    let (mut index, mut end) = (0, 1);
    let mut from = serde_json::Deserializer::from_str(text);
    let read = each(|raw: &RawValue| {
        let at = document.offset(raw.get()).unwrap_or(0);
        notes.landmarks.item("", index, at);
        item(document, raw.get(), index, facts, notes);
        index += 1;
        let begin = document.offset(text).unwrap_or(0);
        end = at.saturating_sub(begin) as usize + raw.get().len();
    })
    .deserialize(&mut from);
    let rest = text.get(end..).unwrap_or_default();
    match read {
        // INVARIANT (list closed): behind the last item stand blanks and the bracket.
        Ok(()) => end + rest.find(']').map_or(rest.len(), |at| at + 1),
        Err(why) => {
            blind(document, rest, notes);
            let at = document.at(document.text.len().saturating_sub(1));
            let what = format!("items from number {} on of {}", index + 1, document.name);
            broken(document, what, &why, at, notes);
            text.len()
        }
    }
}

/// A container, an image or a volume.
fn item(document: &Document, text: &str, index: usize, facts: &mut Facts, notes: &mut Notes) {
    let place = document.place(text);
    let dto: dto::Item<'_> = match serde_json::from_str(text) {
        Ok(dto) => dto,
        Err(why) => {
            blind(document, text, notes);
            let name = serde_json::from_str::<dto::Named<'_>>(text).map_or(String::new(), |named| {
                format!(" ({})", named.name.trim_start_matches('/'))
            });
            let what = format!("item number {}{name} of {}", index + 1, document.name);
            return broken(document, what, &why, place, notes);
        }
    };
    let at = At {
        document,
        item: place,
    };
    if dto.host_config.is_some() && dto.root_fs.is_none() {
        let container = container::container(&at, dto, notes);
        facts.containers.push(container);
    } else if dto.mountpoint.is_some() {
        facts.volumes.push(container::volume(&at, &dto, notes));
    } else if dto.root_fs.is_some() || !dto.architecture.is_empty() || dto.repo_tags.is_some() {
        let image = container::image(&at, &dto, notes);
        facts.images.push(image);
    } else {
        blind(document, text, notes);
        notes.gap(
            Gap::new(
                Reason::Unsupported,
                format!("item number {} of {}", index + 1, document.name),
            )
            .facet("neither a container, an image nor a volume")
            .hides("what it says")
            .closes("give docker inspect of containers, docker image inspect and docker volume inspect")
            .at(place),
        );
    }
}

/// What cannot be read may hold values of secrets too: every text that is no key is overwritten.
fn blind(document: &Document, text: &str, notes: &mut Notes) {
    let mut rest = text;
    while let Some((_, inside)) = rest.split_once('"') {
        let mut escaped = false;
        let end = inside.bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let (value, after) = match end {
            Some(end) => (
                inside.get(..end).unwrap_or_default(),
                inside.get(end + 1..).unwrap_or_default(),
            ),
            None => (inside, ""),
        };
        if !after.trim_start().starts_with(':') && !value.is_empty() {
            notes.redact(document, value);
        }
        rest = after;
    }
}

/// Where an item's parts stand.
struct At<'a> {
    document: &'a Document,
    item: Place,
}

impl At<'_> {
    /// The place of a part, or of the item where the part does not stand there as it is.
    fn of(&self, part: &str) -> Place {
        self.document
            .offset(part)
            .map_or(self.item, |_| self.document.place(part))
    }

    fn first(&self, parts: Option<&Vec<foursee_core::document::Str<'_>>>) -> Place {
        parts
            .and_then(|all| all.first())
            .map_or(self.item, |first| self.of(first))
    }
}

/// The texts of a JSON string or list of strings, each with what stands in the document.
fn texts(raw: Option<&RawValue>) -> Vec<(String, &str)> {
    let Some(raw) = raw else { return Vec::new() };
    let many: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_else(|_| vec![raw]);
    many.into_iter().filter_map(text).collect()
}

/// A JSON string: what it says, and what stands in the document between its quotes.
fn text(raw: &RawValue) -> Option<(String, &str)> {
    let said: String = serde_json::from_str(raw.get()).ok()?;
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    Some((said, inner))
}

fn owned(all: Option<Vec<foursee_core::document::Str<'_>>>) -> Vec<String> {
    all.unwrap_or_default()
        .iter()
        .map(|one| (**one).to_owned())
        .collect()
}
