//! One reading call of the engine's API, answered with the body as the engine wrote it.
//!
//! bollard's typed answers lose the fields that its models do not have: Podman's capability sets, whatever a later engine
//! adds. Of its calls only the export of a container gives bytes, so each call is built as that one, and its path
//! replaced before it is sent. Whatever goes wrong, it is a GET.

use bollard::Docker;
use bollard::errors::Error;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The largest body that is taken, in bytes. A container's is 5 to 50 KB.
const LARGEST: usize = 64 << 20;

/// An engine, and until when it may be asked.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    docker: Docker,
    until: Instant,
}

/// Why a call gave nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// It is not allowed; what was said.
    Denied(String),
    /// There is no such thing (any more).
    Absent,
    /// The engine answered with this status and text.
    Answer(u16, String),
    /// No answer, or half of one.
    Lost(String),
    /// The answer is larger than [`LARGEST`].
    TooLarge,
    /// The answer is no JSON, or not of the form that engines give.
    Malformed,
    /// The deadline came first.
    Deadline,
}

impl Client {
    pub(crate) fn new(docker: Docker, deadline: Duration) -> Self {
        let now = Instant::now();
        let until = now.checked_add(deadline).unwrap_or(now);
        Self { docker, until }
    }

    /// The body of a GET. The path is the caller's, made of [`segment`]s.
    pub(crate) async fn get(&self, path: &str) -> Result<String, Failure> {
        timeout_at(self.until, self.bytes(path))
            .await
            .unwrap_or(Err(Failure::Deadline))
            .and_then(|body| String::from_utf8(body).map_err(|_| Failure::Malformed))
    }

    async fn bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let path = path.to_owned();
        let docker = self.docker.clone().with_request_modifier(move |mut request| {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = path.parse().ok();
            if let Ok(uri) = parts.try_into() {
                *request.uri_mut() = uri;
            }
            request
        });
        let mut chunks = docker.export_container("foursee");
        let mut body = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| failure(&error))?;
            if body.len() + chunk.len() > LARGEST {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// An identifier, if it can stand in a path as it is.
pub(crate) fn segment(id: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':');
    let dots = id.bytes().all(|byte| byte == b'.');
    (!dots && id.len() <= 128 && id.bytes().all(plain)).then_some(id)
}

/// What an engine said, for a person: short, on one line.
pub(crate) fn shown(said: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    said.trim().chars().take(200).map(plain).collect()
}

fn failure(error: &Error) -> Failure {
    match error {
        Error::DockerResponseServerError {
            status_code: 401 | 403,
            message,
        } => Failure::Denied(shown(message)),
        Error::DockerResponseServerError { status_code: 404, .. } => Failure::Absent,
        Error::DockerResponseServerError {
            status_code, message, ..
        } => Failure::Answer(*status_code, shown(message)),
        Error::RequestTimeoutError => Failure::Deadline,
        Error::JsonDataError { .. } | Error::JsonSerdeError { .. } => Failure::Malformed,
        other => {
            let (why, denied) = innermost(other);
            if denied {
                Failure::Denied(why)
            } else {
                Failure::Lost(why)
            }
        }
    }
}

/// What is at the bottom of an error, and whether the system refused.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> (String, bool) {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    let denied = at
        .downcast_ref::<std::io::Error>()
        .is_some_and(|io| io.kind() == std::io::ErrorKind::PermissionDenied);
    (shown(&at.to_string()), denied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_identifiers_stand_in_paths() {
        for id in ["8b90c01251e5", "sha256:678dad5f", "a_b-c.d"] {
            assert_eq!(segment(id), Some(id));
        }
        for id in [
            "",
            ".",
            "..",
            "../info",
            "a/b",
            "a?all=1",
            "a%2f",
            "a b",
            "a\n",
            "\u{e9}",
            &"a".repeat(129),
        ] {
            assert_eq!(segment(id), None, "{id:?}");
        }
    }

    #[test]
    fn what_engines_say_is_shown_on_one_short_line() {
        assert_eq!(shown(" a\u{1b}[2J\nb "), "a [2J b");
        assert_eq!(shown(&"x".repeat(999)).len(), 200);
    }
}
