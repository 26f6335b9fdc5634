//! server.properties: what of it says who may do what. Java's properties syntax, with its continued lines and escapes.
//!
//! Values of secrets (passwords, JAAS settings, keys) are overwritten, in comments too; only the names of the users
//! that JAAS settings name are kept.

use crate::facts::{Facts, Listener, Protocol, Settings};
use foursee_core::document::{Document, Held, Notes, Place};
use foursee_core::model::{Gap, Reason};
use std::borrow::Cow;

/// Keys that no other program's properties have.
const OURS: [&str; 7] = [
    "authorizer.class.name",
    "super.users",
    "allow.everyone.if.no.acl.found",
    "advertised.listeners",
    "listener.security.protocol.map",
    "inter.broker.listener.name",
    "controller.quorum.voters",
];

/// Whether a text is a broker's settings: a key that only brokers have, a listener that is no web server's, or a
/// broker's number beside its log directories.
pub(super) fn recognise(text: &str) -> bool {
    let (mut number, mut logs) = (false, false);
    text.lines().take(5_000).any(|line| {
        let line = line.trim_start();
        let key = line.split(['=', ':', ' ', '\t']).next().unwrap_or_default();
        let rest = line.strip_prefix(key).unwrap_or_default().trim_start();
        let Some(value) = rest.strip_prefix(['=', ':']).map(str::trim) else {
            return false;
        };
        number |= matches!(key, "broker.id" | "node.id");
        logs |= matches!(key, "log.dirs" | "log.dir");
        let web = value
            .get(..4)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"));
        OURS.contains(&key) || key == "listeners" && value.contains("://") && !web || number && logs
    })
}

/// One entry. `raw` is the value as it stands in the text, over all its lines.
struct Line<'a> {
    key: Cow<'a, str>,
    value: Cow<'a, str>,
    raw_key: &'a str,
    raw: &'a str,
    comment: bool,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut all = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let comment = rest
            .trim_start_matches([' ', '\t', '\u{c}'])
            .starts_with(['#', '!']);
        let mut end = 0;
        loop {
            let tail = rest.get(end..).unwrap_or_default();
            let stop = tail.find('\n').map_or(rest.len(), |at| end + at);
            let line = rest.get(end..stop).unwrap_or_default().trim_end_matches('\r');
            let slashes = line.len() - line.trim_end_matches('\\').len();
            end = (stop + 1).min(rest.len());
            if comment || slashes % 2 == 0 || end == rest.len() {
                break;
            }
        }
        let (logical, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after;
        let logical = logical
            .trim_end_matches(['\n', '\r'])
            .trim_start_matches([' ', '\t', '\u{c}']);
        let logical = if comment {
            logical.trim_start_matches(['#', '!', ' ', '\t'])
        } else {
            logical
        };
        if !logical.is_empty() {
            all.push(split(logical, comment));
        }
    }
    all
}

fn split(logical: &str, comment: bool) -> Line<'_> {
    let mut escaped = false;
    let key_end = logical
        .char_indices()
        .find(|(_, one)| {
            let stop = !escaped && matches!(one, '=' | ':' | ' ' | '\t' | '\u{c}');
            escaped = *one == '\\' && !escaped;
            stop
        })
        .map_or(logical.len(), |(at, _)| at);
    let (raw_key, rest) = logical.split_at_checked(key_end).unwrap_or((logical, ""));
    let blank = [' ', '\t', '\u{c}'];
    let rest = rest.trim_start_matches(blank);
    let raw = rest
        .strip_prefix(['=', ':'])
        .unwrap_or(rest)
        .trim_start_matches(blank);
    Line {
        key: unescape(raw_key),
        value: unescape(raw),
        raw_key,
        raw,
        comment,
    }
}

fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut from = raw.chars().peekable();
    while let Some(one) = from.next() {
        if one != '\\' {
            out.push(one);
            continue;
        }
        match from.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let digits: String = from.by_ref().take(4).collect();
                out.push(
                    u32::from_str_radix(&digits, 16)
                        .ok()
                        .and_then(char::from_u32)
                        .unwrap_or('\u{fffd}'),
                );
            }
            // A continued line: its end and the blanks that follow are dropped.
            Some('\r' | '\n') => {
                while from
                    .next_if(|one| matches!(one, '\r' | '\n' | ' ' | '\t' | '\u{c}'))
                    .is_some()
                {}
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    Cow::Owned(out)
}

fn secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    [
        "password",
        "jaas.config",
        "secret",
        "keystore.key",
        "master.key",
        "credential",
        "sasl.oauthbearer.assertion",
    ]
    .iter()
    .any(|word| key.contains(word))
}

/// Files the settings.
pub(super) fn parse(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    let mut settings = Settings {
        place: Some(document.at(0)),
        ..Settings::default()
    };
    let mut map: Vec<(String, Protocol)> = Vec::new();
    let (mut bound, mut advertised) = (None, None);
    let mut controllers: Vec<String> = Vec::new();
    let mut client_auth: Vec<(String, bool)> = Vec::new();
    let mut sasl = Sasl::default();
    for line in lines(&document.text) {
        let place = document.place(line.raw_key);
        let key = &*line.key;
        if secret(key) && !line.raw.is_empty() {
            notes.redact(document, line.raw);
            notes.hold(document, line.raw, Held::Setting(key.into()));
        }
        if line.comment {
            continue;
        }
        let value = line.value.trim();
        match key {
            "node.id" | "broker.id" => settings.node = value.to_owned(),
            "super.users" => settings.super_users = super_users(document, &line.value, place),
            "allow.everyone.if.no.acl.found" => {
                settings.allow_everyone = Some((value.eq_ignore_ascii_case("true"), place));
            }
            "authorizer.class.name" => settings.authorizer = Some((value.to_owned(), place)),
            "listeners" => bound = Some((value.to_owned(), place)),
            "advertised.listeners" => advertised = Some((value.to_owned(), place)),
            "controller.listener.names" => {
                controllers = value.split(',').map(|one| one.trim().to_owned()).collect()
            }
            "listener.security.protocol.map" => {
                map = value
                    .split(',')
                    .filter_map(|pair| pair.trim().rsplit_once(':'))
                    .map(|(name, protocol)| {
                        (name.trim().to_ascii_uppercase(), Protocol::parse(protocol.trim()))
                    })
                    .collect();
            }
            "inter.broker.protocol.version" => settings.version = Some((value.to_owned(), place)),
            "delegation.token.secret.key" | "delegation.token.master.key" if !value.is_empty() => {
                settings.tokens = Some(place);
            }
            _ if key.ends_with("ssl.client.auth") => {
                let of = key.strip_suffix("ssl.client.auth").unwrap_or_default();
                let of = of
                    .strip_prefix("listener.name.")
                    .unwrap_or(of)
                    .trim_end_matches('.');
                client_auth.push((of.to_ascii_uppercase(), value.eq_ignore_ascii_case("required")));
            }
            _ if own(key) == "ssl.principal.mapping.rules" => {
                settings
                    .certificates
                    .push((listener_of(key), value.to_owned(), place));
            }
            _ if maps_principals(key)
                && !value.is_empty()
                && value != "DEFAULT"
                && !value.ends_with(".DefaultKafkaPrincipalBuilder") =>
            {
                settings.mappings.push((key.to_owned(), place));
            }
            _ if key.ends_with("sasl.enabled.mechanisms") => {
                settings.scram |= value.contains("SCRAM");
                let all = value
                    .split(',')
                    .map(|one| one.trim().to_ascii_uppercase())
                    .collect();
                sasl.mechanisms.push((listener_of(key), all));
            }
            _ if key.ends_with("plain.sasl.server.callback.handler.class") => {
                sasl.handlers.push(listener_of(key))
            }
            _ if key.ends_with("jaas.config") => {
                let (users, own) = jaas_users(&line.value);
                settings
                    .sasl_users
                    .extend(users.iter().chain(&own).map(|name| (name.clone(), place)));
                settings.broker_users.extend(own);
                if key.contains("plain.sasl") {
                    sasl.plain.push((listener_of(key), users));
                }
            }
            _ => {}
        }
    }
    settings.sasl_users.sort_unstable();
    settings.sasl_users.dedup_by(|a, b| a.0 == b.0);
    settings.listeners = listeners(bound, advertised, document, notes);
    for one in &mut settings.listeners {
        let name = one.name.to_ascii_uppercase();
        let mapped = map
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, protocol)| *protocol);
        one.protocol = mapped.unwrap_or_else(|| Protocol::parse(&name));
        one.controller = controllers.iter().any(|known| known.eq_ignore_ascii_case(&name));
        let own = client_auth
            .iter()
            .find(|(of, _)| *of == name)
            .or_else(|| client_auth.iter().find(|(of, _)| of.is_empty()));
        one.client_certificates = own.is_some_and(|(_, required)| *required);
        one.users = sasl.only_users(&name);
        one.scram_alone = sasl.scram_alone(&name);
    }
    facts.settings.push(settings);
}

fn super_users(document: &Document, value: &str, place: Place) -> Vec<(String, Place)> {
    value
        .split(';')
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .map(|one| {
            (
                one.to_owned(),
                document.offset(one).map_or(place, |at| document.at(at as usize)),
            )
        })
        .collect()
}

/// What the settings say of SASL, by listener in upper case; empty for all.
#[derive(Default)]
struct Sasl {
    mechanisms: Vec<(String, Vec<String>)>,
    /// The users of PLAIN.
    plain: Vec<(String, Vec<String>)>,
    /// Listeners whose passwords are checked by another class.
    handlers: Vec<String>,
}

impl Sasl {
    fn mechanisms(&self, listener: &str) -> &[String] {
        let of = |wanted: &str| self.mechanisms.iter().find(|(of, _)| of == wanted);
        of(listener).or_else(|| of("")).map_or(&[], |(_, all)| all)
    }

    /// The users of PLAIN at a listener, where its settings list them all.
    fn plain_users(&self, listener: &str) -> Option<&[String]> {
        let (_, users) = self.plain.iter().find(|(of, _)| of == listener)?;
        let handled = self.handlers.iter().any(|of| of.is_empty() || of == listener);
        (!handled && !users.is_empty()).then_some(users)
    }

    /// The users of a listener, where its settings list all that may log in.
    fn only_users(&self, listener: &str) -> Option<Vec<String>> {
        let plain = self.mechanisms(listener).iter().eq(["PLAIN"]);
        self.plain_users(listener)
            .filter(|_| plain)
            .map(<[String]>::to_vec)
    }

    /// Whether SCRAM, with PLAIN and a list or without, is all by which clients log in.
    fn scram_alone(&self, listener: &str) -> bool {
        let all = self.mechanisms(listener);
        let known = |one: &String| {
            one.starts_with("SCRAM-") || one == "PLAIN" && self.plain_users(listener).is_some()
        };
        !all.is_empty() && all.iter().all(known)
    }
}

/// Whether a setting makes principals of logins: of the broker, or of one listener (`listener.name.NAME.` before it).
fn maps_principals(key: &str) -> bool {
    matches!(
        own(key),
        "principal.builder.class" | "sasl.kerberos.principal.to.local.rules"
    )
}

/// A key without the listener that it is for.
fn own(key: &str) -> &str {
    key.strip_prefix("listener.name.")
        .and_then(|rest| rest.split_once('.'))
        .map_or(key, |(_, own)| own)
}

/// The listener that a key is for, in upper case; empty for all.
fn listener_of(key: &str) -> String {
    let rest = key
        .strip_prefix("listener.name.")
        .and_then(|rest| rest.split('.').next());
    rest.unwrap_or_default().to_ascii_uppercase()
}

/// The names that a JAAS setting gives: the users that may log in (`user_NAME="..."` of PLAIN), and as whom the broker
/// itself does (`username="NAME"`). No password is kept.
fn jaas_users(value: &str) -> (Vec<String>, Vec<String>) {
    let (mut users, mut own) = (Vec::new(), Vec::new());
    for part in value.split([' ', '\t', ';', '\n']) {
        let Some((key, word)) = part.split_once('=') else {
            continue;
        };
        if let Some(name) = key.strip_prefix("user_") {
            users.push(name.to_owned());
        } else if key == "username" {
            own.push(word.trim_matches(['"', '\'']).to_owned());
        }
    }
    for names in [&mut users, &mut own] {
        names.retain(|name| !name.is_empty());
    }
    (users, own)
}

type Said = Option<(String, Place)>;

fn listeners(bound: Said, advertised: Said, document: &Document, notes: &mut Notes) -> Vec<Listener> {
    let mut all: Vec<Listener> = Vec::new();
    if bound.is_none() && advertised.is_none() {
        return all;
    }
    for (said, advertised) in [(bound, false), (advertised, true)] {
        let Some((text, place)) = said else { continue };
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let Some(listener) = listener(one, place, advertised) else {
                notes.gap(
                    Gap::new(Reason::Malformed, "a listener in server.properties")
                        .facet("its name, host or port")
                        .hides("who connects there, and how")
                        .closes("a listener written NAME://host:port")
                        .at(document.at(place.at as usize)),
                );
                continue;
            };
            match all
                .iter_mut()
                .find(|known| known.name.eq_ignore_ascii_case(&listener.name))
            {
                Some(known) if advertised => *known = listener,
                _ => all.push(listener),
            }
        }
    }
    // Without advertised.listeners, clients are told what is bound.
    let none = !all.iter().any(|one| one.advertised);
    for one in &mut all {
        one.advertised |= none;
    }
    all
}

fn listener(text: &str, place: Place, advertised: bool) -> Option<Listener> {
    let (name, address) = text.split_once("://")?;
    let (host, port) = address.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Some(Listener {
        name: name.trim().to_owned(),
        protocol: Protocol::Unknown,
        host: host.to_owned(),
        port: port.trim().parse().ok()?,
        advertised,
        controller: false,
        client_certificates: false,
        users: None,
        scram_alone: false,
        place,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javas_syntax_is_read() {
        let text = "# a comment\n a = 1\nb: 2\\\n   3\r\nc\\=d=\\u0041\\n\n!x=y\nlast";
        let all: Vec<(String, String, bool)> = lines(text)
            .iter()
            .map(|one| (one.key.to_string(), one.value.to_string(), one.comment))
            .collect();
        let want = [
            ("a", "comment", true),
            ("a", "1", false),
            ("b", "23", false),
            ("c=d", "A\n", false),
            ("x", "y", true),
            ("last", "", false),
        ];
        assert_eq!(
            all,
            want.map(|(key, value, comment)| (key.to_owned(), value.to_owned(), comment))
        );
    }

    #[test]
    fn jaas_gives_names_and_no_passwords() {
        let value = "org.x.PlainLoginModule required username=\"admin\" password=\"p w\" user_admin=\"a\" user_bob=\"b\";";
        let names = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        assert_eq!(jaas_users(value), (names(&["admin", "bob"]), names(&["admin"])));
    }
}
