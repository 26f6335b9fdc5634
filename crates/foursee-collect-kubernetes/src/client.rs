//! One call of the API server that changes nothing, answered with the body as the server wrote it.
//!
//! A server that is busy says when to come back (429, 503 with Retry-After): that is done until the deadline. What
//! fails otherwise on the server's side, or on the way, is tried again a few times.

use crate::target::Found;
use foursee_capture::{CollectError, Terms};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use kube::client::{AuthError, Body};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout_at};

/// The largest body that is taken, in bytes: 500 pods have 2 to 8 MB.
const LARGEST: usize = 256 << 20;
/// How often a call that failed is tried.
const TRIES: u32 = 4;
/// The first wait before a call is made again; each further one is twice as long, up to [`LONGEST`].
const WAIT: Duration = Duration::from_millis(200);
/// The longest wait that is not the server's wish.
const LONGEST: Duration = Duration::from_secs(20);

/// A cluster, until when it may be asked, and how many calls may be under way.
#[derive(Clone)]
pub(crate) struct Client {
    kube: kube::Client,
    until: Instant,
    calls: Arc<Semaphore>,
}

/// Why a call gave nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// It is not allowed; what was said.
    Denied(String),
    /// The login does not count (any more); what was said.
    Login(String),
    /// The server has no such thing.
    Absent,
    /// The place in a listing from which to go on is too old.
    Expired,
    /// The server answered with this status and text.
    Answer(u16, String),
    /// No answer, or half of one.
    Lost(String),
    /// The answer is larger than [`LARGEST`].
    TooLarge,
    /// The answer is not of the form that API servers give.
    Malformed,
    /// The deadline came first.
    Deadline,
}

/// What to do after a call.
enum Next {
    Body(Vec<u8>),
    /// Again, after what the server asked for, if it did; else what it is.
    Again(Option<Duration>, Failure),
    Fails(Failure),
}

impl Client {
    pub(crate) async fn connect(found: &Found, terms: &Terms) -> Result<Self, CollectError> {
        let now = Instant::now();
        let until = now.checked_add(terms.deadline).unwrap_or(now);
        let target = || found.name.clone();
        let config = found.config().await?;
        // Exec plugins run here, for as long as they like.
        let making = tokio::task::spawn_blocking(move || kube::Client::try_from(config));
        let kube = match timeout_at(until, making).await {
            Ok(Ok(Ok(kube))) => kube,
            Ok(Ok(Err(error))) => return Err(unusable(target(), &error)),
            Ok(Err(_)) => {
                return Err(CollectError::Settings {
                    target: target(),
                    why: "its login cannot be used".to_owned(),
                });
            }
            Err(_) => {
                return Err(CollectError::Deadline {
                    target: target(),
                    deadline: terms.deadline,
                });
            }
        };
        Ok(Self {
            kube,
            until,
            calls: Arc::new(Semaphore::new(terms.concurrency.get())),
        })
    }

    /// The body of a GET.
    pub(crate) async fn get(&self, path: &str, accept: &str) -> Result<String, Failure> {
        self.call(path, accept, None).await
    }

    /// The answer to a question that is put as an object, of which the server keeps nothing.
    pub(crate) async fn ask(&self, path: &str, question: &str) -> Result<String, Failure> {
        self.call(path, "application/json", Some(question)).await
    }

    async fn call(&self, path: &str, accept: &str, question: Option<&str>) -> Result<String, Failure> {
        let answered = timeout_at(self.until, self.answered(path, accept, question)).await;
        let body = answered.unwrap_or(Err(Failure::Deadline))?;
        String::from_utf8(body).map_err(|_| Failure::Malformed)
    }

    async fn answered(&self, path: &str, accept: &str, question: Option<&str>) -> Result<Vec<u8>, Failure> {
        let Ok(_one) = self.calls.acquire().await else {
            return Err(Failure::Deadline);
        };
        let (mut tries, mut wait) = (0, WAIT);
        loop {
            match self.once(path, accept, question).await {
                Next::Body(body) => return Ok(body),
                Next::Fails(failure) => return Err(failure),
                Next::Again(asked, failure) => {
                    // Whoever is told when to come back is welcome.
                    tries += u32::from(asked.is_none());
                    if tries >= TRIES {
                        return Err(failure);
                    }
                    let now = Instant::now();
                    let back = now.checked_add(asked.unwrap_or(wait)).unwrap_or(self.until);
                    sleep_until(back.min(self.until)).await;
                    wait = wait.saturating_mul(2).min(LONGEST);
                }
            }
        }
    }

    async fn once(&self, path: &str, accept: &str, question: Option<&str>) -> Next {
        let request = match question {
            None => Request::get(path)
                .header(header::ACCEPT, accept)
                .body(Body::empty()),
            Some(question) => Request::post(path)
                .header(header::ACCEPT, accept)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(question.as_bytes().to_vec())),
        };
        let Ok(request) = request else {
            return Next::Fails(Failure::Malformed);
        };
        let answer = match self.kube.send(request).await {
            Ok(answer) => answer,
            Err(kube::Error::Auth(error)) => return Next::Fails(Failure::Login(login(&error))),
            Err(error) => return Next::Again(None, Failure::Lost(innermost(&error))),
        };
        let status = answer.status();
        let asked = answer
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let mut body = answer.into_body();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return Next::Again(None, Failure::Lost("the answer was cut off".to_owned()));
            };
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > LARGEST {
                return Next::Fails(Failure::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
        if matches!(status, StatusCode::OK | StatusCode::CREATED) {
            return Next::Body(bytes);
        }
        judge(status, asked, &bytes)
    }
}

/// What an answer other than 200 means.
fn judge(status: StatusCode, asked: Option<Duration>, body: &[u8]) -> Next {
    /// The server's word instead of what was asked for.
    #[derive(Deserialize, Default)]
    struct Status {
        #[serde(default)]
        message: Option<String>,
    }
    let said: Status = serde_json::from_slice(body).unwrap_or_default();
    let said = shown(&said.message.unwrap_or_default());
    match status {
        StatusCode::UNAUTHORIZED => Next::Fails(Failure::Login(said)),
        StatusCode::FORBIDDEN => Next::Fails(Failure::Denied(said)),
        StatusCode::NOT_FOUND => Next::Fails(Failure::Absent),
        StatusCode::GONE => Next::Fails(Failure::Expired),
        StatusCode::TOO_MANY_REQUESTS => {
            let failure = Failure::Answer(status.as_u16(), said);
            Next::Again(Some(asked.unwrap_or(Duration::from_secs(1))), failure)
        }
        other if other.is_server_error() => Next::Again(asked, Failure::Answer(other.as_u16(), said)),
        other => Next::Fails(Failure::Answer(other.as_u16(), said)),
    }
}

/// Why there is no client.
fn unusable(target: String, error: &kube::Error) -> CollectError {
    match error {
        kube::Error::Auth(error) => CollectError::Refused {
            target,
            why: login(error),
        },
        other => CollectError::Settings {
            target,
            why: innermost(other),
        },
    }
}

/// Why a login cannot be made, without what its plugin printed.
fn login(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecStart(io) => format!("the context's login command cannot be run: {io}"),
        AuthError::AuthExecRun { out, .. } => {
            format!("the context's login command failed with {}", out.status)
        }
        AuthError::ReadTokenFile(io, path) => {
            format!("the token file `{}` cannot be read: {io}", path.display())
        }
        AuthError::AuthExecParse(_)
        | AuthError::ExecPluginFailed
        | AuthError::UnrefreshableTokenResponse
        | AuthError::MalformedTokenExpirationDate(_) => {
            "the context's login command gave no credential that can be read".to_owned()
        }
        AuthError::MissingCommand => "the context's login command is not named".to_owned(),
        _ => "the context's login cannot be used".to_owned(),
    }
}

/// What a server said, for a person: short, on one line.
pub(crate) fn shown(said: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    said.trim().chars().take(300).map(plain).collect()
}

/// What is at the bottom of an error.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    shown(&at.to_string())
}
