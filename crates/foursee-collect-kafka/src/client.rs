//! librdkafka, as far as it is used: a client that never writes, its errors, and its calls in threads of their own.

use crate::settings::{Settings, Token};
use foursee_capture::CollectError;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A client of a cluster.
pub(crate) type Client = BaseConsumer<Watch>;

/// How long one look at what happened takes.
const LOOK: Duration = Duration::from_millis(50);
/// How long an unsigned token holds, and how long librdkafka is told that any does: longer than a capture takes.
const LIFETIME: Duration = Duration::from_secs(3600);

/// What librdkafka tells beside its answers.
pub(crate) struct Watch {
    settings: Settings,
    seen: Mutex<Seen>,
}

#[derive(Default, Clone)]
struct Seen {
    refused: Option<String>,
    /// Why a broker was not reached.
    lost: Option<String>,
    /// How the last connection ended that was no error.
    closed: Option<String>,
    all_down: bool,
}

impl Watch {
    fn new(settings: Settings) -> Self {
        Self {
            settings,
            seen: Mutex::default(),
        }
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was said, without any secret that it may repeat.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.settings
            .secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    /// Why the last broker was lost, where one was.
    pub(crate) fn lost(&self) -> Option<String> {
        let seen = self.seen();
        seen.lost.or(seen.closed)
    }
}

impl ClientContext for Watch {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, _level: RDKafkaLogLevel, fac: &str, message: &str) {
        // A connection that a broker closes is no error yet: only the log says how it ended.
        if fac == "FAIL" {
            // It begins with the thread's name.
            let message = self.clean(message.split_once("]: ").map_or(message, |(_, rest)| rest));
            let own = self
                .settings
                .client
                .get("security.protocol")
                .map_or("", |one| one);
            let message = format!("{message}; is its security.protocol {own}?");
            self.note(|seen| seen.closed = Some(message));
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let reason = self.clean(reason);
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => {
                self.note(|seen| seen.refused = Some(reason));
            }
            Some(RDKafkaErrorCode::AllBrokersDown) => self.note(|seen| seen.all_down = true),
            _ => self.note(|seen| seen.lost = Some(reason)),
        }
    }

    fn generate_oauth_token(&self, _config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let (token, principal_name) = match &self.settings.token {
            None => return Err("no token".into()),
            Some(Token::Static(token)) => (token.clone(), "token".to_owned()),
            Some(Token::File(path)) => {
                let text =
                    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
                let text = text.inspect_err(|why| self.note(|seen| seen.refused = Some(why.clone())))?;
                (text.trim().to_owned(), "token".to_owned())
            }
            Some(Token::Unsigned(subject)) => (unsigned(subject, now), subject.clone()),
        };
        Ok(OAuthToken {
            token,
            principal_name,
            lifetime_ms: i64::try_from((now + LIFETIME).as_millis())?,
        })
    }
}

impl ConsumerContext for Watch {}

/// A token without a signature: header, claims, nothing.
fn unsigned(subject: &str, now: Duration) -> String {
    let (from, to) = (now.as_secs(), (now + LIFETIME).as_secs());
    let claims = serde_json::json!({"sub": subject, "iat": from, "exp": to}).to_string();
    format!(
        "{}.{}.",
        base64url(br#"{"alg":"none"}"#),
        base64url(claims.as_bytes())
    )
}

/// Base64 in its alphabet for URLs, without padding (RFC 4648, 5).
fn base64url(bytes: &[u8]) -> String {
    let digit = |six: u32| -> char {
        let six = u8::try_from(six & 63).unwrap_or_default();
        char::from(match six {
            0..26 => b'A' + six,
            26..52 => b'a' + six - 26,
            52..62 => b'0' + six - 52,
            62 => b'-',
            _ => b'_',
        })
    };
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        out.extend((0..=chunk.len()).map(|at| digit(group >> (18 - 6 * at))));
    }
    out
}

/// A client that reads: it creates no topic, commits nothing, and pushes no metrics.
pub(crate) fn client(settings: &Settings, group: Option<&str>) -> Result<Client, KafkaError> {
    let mut config = ClientConfig::new();
    config.set("client.id", "foursee");
    for (key, value) in &settings.client {
        config.set(*key, value);
    }
    config
        .set("allow.auto.create.topics", "false")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.metrics.push", "false")
        .set("topic.metadata.refresh.interval.ms", "-1")
        .set("socket.connection.setup.timeout.ms", "10000")
        .set_log_level(RDKafkaLogLevel::Info);
    if let Some(group) = group {
        config.set("group.id", group);
    }
    let client: Client = config.create_with_context(Watch::new(settings.clone()))?;
    if settings.token.is_some() {
        // The token is made when its event is served.
        client.poll(LOOK);
    }
    Ok(client)
}

/// Logs in, and gives the cluster's metadata.
pub(crate) fn connect(settings: &Settings, deadline: Instant) -> Result<(Client, Metadata), CollectError> {
    let target = || settings.servers.clone();
    let client = client(settings, None).map_err(|error| CollectError::Settings {
        target: target(),
        why: refusal_of_settings(settings, &error),
    })?;
    let began = Instant::now();
    loop {
        client.poll(LOOK);
        let seen = client.context().seen();
        if let Some(why) = seen.refused {
            return Err(CollectError::Refused {
                target: target(),
                why,
            });
        }
        // A second look: the reason may come after the word that all are down.
        if seen.all_down && (seen.lost.is_some() || began.elapsed() > Duration::from_secs(1)) {
            let why = seen.lost.or(seen.closed);
            let why = why.unwrap_or_else(|| "no broker answers".to_owned());
            return Err(CollectError::Unreachable {
                target: target(),
                why,
            });
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(match seen.lost {
                Some(why) => CollectError::Unreachable {
                    target: target(),
                    why,
                },
                None => CollectError::Deadline {
                    target: target(),
                    deadline: began.elapsed(),
                },
            });
        }
        if let Ok(metadata) = client.fetch_metadata(None, left.min(Duration::from_millis(500))) {
            return Ok((client, metadata));
        }
    }
}

/// Why librdkafka takes no such settings: it may repeat a value.
fn refusal_of_settings(settings: &Settings, error: &KafkaError) -> String {
    Watch::new(settings.clone()).clean(&error.to_string())
}

/// Runs what blocks in a thread of its own, and gives up on it when the future is dropped: a runtime that ends does not
/// wait for it. None: it panicked, as the binding does on names that are not UTF-8.
pub(crate) async fn apart<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (give, take) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("foursee-kafka".to_owned());
    thread
        .spawn(move || {
            let _ = give.send(run());
        })
        .ok()?;
    take.await.ok()
}

/// A client that several threads ask.
pub(crate) type Shared = Arc<Client>;

#[cfg(test)]
mod tests {
    use super::{base64url, unsigned};
    use std::time::Duration;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let all = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64url(text.as_bytes()));
        assert_eq!(all, ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"]);
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn an_unsigned_token_has_an_empty_signature() {
        let token = unsigned("alice", Duration::from_secs(100));
        assert!(
            token.starts_with("eyJhbGciOiJub25lIn0.") && token.ends_with('.'),
            "{token}"
        );
    }
}
