//! One session: the first address that answers, TLS, login, and the script run in it.
//!
//! Nothing is spawned while a session works: the connection is driven by the future that uses it, so that dropping the
//! future closes the socket. A server notices that late while it computes, so a session that is dropped in the middle
//! also asks the server to stop what it is doing.

mod stream;

use crate::script::{self, Failure, Printed, Rows, Session};
use crate::settings::{Address, Attributes, Password, Settings, SslMode};
use crate::tls;
use futures_util::{StreamExt, TryStreamExt};
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;
use stream::{Meter, Wire};
use tokio::time::timeout;
use tokio_postgres::error::Severity;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{CancelToken, Client, Error, SimpleQueryMessage, config};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long saying good-bye, or asking the server to stop, may take.
const MANNERS: Duration = Duration::from_secs(2);

/// Why a database was not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum NotRead {
    /// The server, or we, refused the login.
    Refused { code: String, why: String },
    /// No address answered, or the session broke.
    Unreachable(String),
    /// It said more than was to be taken.
    TooLarge(u64),
}

/// What makes sessions.
pub(crate) struct Connector {
    settings: Settings,
    tls: Vec<MakeRustlsConnect>,
}

impl Connector {
    /// Reads the certificates that the settings name.
    pub(crate) fn new(settings: Settings) -> Result<Self, String> {
        let tls = settings
            .addresses
            .iter()
            .map(|address| match address.mode {
                // No file is read for what will not be used.
                _ if address.is_socket() => tls::connector(&plain(&settings), SslMode::Prefer),
                SslMode::Disable => tls::connector(&plain(&settings), SslMode::Prefer),
                mode => tls::connector(&settings, mode),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { settings, tls })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Logs in to a database: at that address, or at the first that will do. Gives which one it was.
    pub(crate) async fn open(
        &self,
        at: Option<usize>,
        database: &str,
        largest: u64,
    ) -> Result<(usize, Open), NotRead> {
        let all = match at {
            Some(at) => at..at + 1,
            None => 0..self.tls.len(),
        };
        let wanted = match self.settings.attributes {
            _ if at.is_some() => &[Attributes::Any][..],
            Attributes::PreferStandby => &[Attributes::Standby, Attributes::Any],
            Attributes::Any => &[Attributes::Any],
            Attributes::ReadWrite => &[Attributes::ReadWrite],
            Attributes::ReadOnly => &[Attributes::ReadOnly],
            Attributes::Primary => &[Attributes::Primary],
            Attributes::Standby => &[Attributes::Standby],
        };
        let mut said = Vec::new();
        for wanted in wanted {
            for one in all.clone() {
                let (Some(address), Some(tls)) = (self.settings.addresses.get(one), self.tls.get(one)) else {
                    continue;
                };
                let why = match timeout(
                    self.settings.patience,
                    self.login(address, tls, database, largest),
                )
                .await
                {
                    Ok(Ok(mut open)) => {
                        if open.is(*wanted).await {
                            open.cancel.armed = true;
                            return Ok((one, open));
                        }
                        "it is not what target_session_attrs asks for".to_owned()
                    }
                    // As libpq has it: who is refused at one address is not tried at the next.
                    Ok(Err(NotRead::Unreachable(why))) => why,
                    Ok(Err(other)) => return Err(other),
                    Err(_) => format!("no answer within {} s", self.settings.patience.as_secs()),
                };
                said.push(if self.tls.len() > 1 {
                    format!("{address}: {why}")
                } else {
                    why
                });
            }
        }
        Err(NotRead::Unreachable(said.join("; ")))
    }

    async fn login(
        &self,
        address: &Address,
        tls: &MakeRustlsConnect,
        database: &str,
        largest: u64,
    ) -> Result<Open, NotRead> {
        let settings = &self.settings;
        let (password, unused) = settings.password_for(address, database);
        let mode = if address.is_socket() {
            SslMode::Disable
        } else {
            address.mode
        };
        let mut config = config::Config::new();
        config
            .user(settings.user.as_str())
            .dbname(database)
            .application_name(settings.application.as_str())
            .channel_binding(settings.binding)
            .ssl_mode(match mode {
                SslMode::Disable => config::SslMode::Disable,
                SslMode::Prefer => config::SslMode::Prefer,
                SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => config::SslMode::Require,
            })
            .ssl_negotiation(if settings.direct && !address.is_socket() {
                config::SslNegotiation::Direct
            } else {
                config::SslNegotiation::Postgres
            });
        if let Some(options) = &settings.options {
            config.options(options.as_str());
        }
        if let Some(Password(password)) = &password {
            config.password(password.as_bytes());
        }
        let meter = Meter::new(largest);
        let wire = Wire::open(address, meter.clone())
            .await
            .map_err(|error| NotRead::Unreachable(error.to_string()))?;
        let handshake = handshake(tls, &address.host);
        let (client, connection) = config
            .connect_raw(wire, handshake)
            .await
            .map_err(|error| self.refusal(&error, address, password.as_ref(), unused.as_deref()))?;
        let cancel = Cancel {
            token: client.cancel_token(),
            address: address.clone(),
            tls: tls.clone(),
            armed: false,
        };
        Ok(Open {
            cancel,
            client,
            connection: Some(Box::pin(connection)),
            meter,
            password,
        })
    }

    /// What a failed login says, for a person.
    fn refusal(
        &self,
        error: &Error,
        address: &Address,
        password: Option<&Password>,
        unused: Option<&str>,
    ) -> NotRead {
        let mut why = words(error, password);
        if let Some(code) = error.code() {
            let code = code.code().to_owned();
            // 28: login; 42501: no CONNECT; 3D000: no such database. The rest (starting up, too many) may pass.
            if code.starts_with("28") || code == "42501" || code == "3D000" || code == "53300" {
                if let (Some(unused), "28P01") = (unused, code.as_str()) {
                    why = format!("{why}; {unused}");
                }
                return NotRead::Refused { code, why };
            }
            return NotRead::Unreachable(why);
        }
        if why.contains("password missing") {
            let unused = unused.map_or_else(String::new, |unused| format!("; {unused}"));
            return NotRead::Refused {
                code: "28P01".to_owned(),
                why: format!(
                    "it asks for a password and there is none: PGPASSWORD, ~/.pgpass, or the service's{unused}"
                ),
            };
        }
        if why.starts_with("authentication error") {
            return NotRead::Refused {
                code: "28000".to_owned(),
                why,
            };
        }
        if why.starts_with("error performing TLS")
            && !self.settings.mode_said
            && address.mode == SslMode::VerifyFull
        {
            why = format!(
                "{why}. sslmode is verify-full for other machines unless said otherwise: sslrootcert=FILE names the \
                 CA, and sslmode=require encrypts without knowing to whom"
            );
        }
        NotRead::Unreachable(why)
    }
}

/// Settings without certificates.
fn plain(settings: &Settings) -> Settings {
    Settings {
        certificate: None,
        ..settings.clone()
    }
}

type Handshake = <MakeRustlsConnect as MakeTlsConnect<Wire>>::TlsConnect;

fn handshake(tls: &MakeRustlsConnect, host: &str) -> Handshake {
    let mut tls = tls.clone();
    let Ok(handshake) = <MakeRustlsConnect as MakeTlsConnect<Wire>>::make_tls_connect(&mut tls, host);
    handshake
}

/// An error and its causes in one line, without the password and without what a terminal would obey.
fn words(error: &Error, password: Option<&Password>) -> String {
    let text = match error.as_db_error() {
        Some(db) => db.message().to_owned(),
        None => {
            let mut all = vec![error.to_string()];
            let mut next = std::error::Error::source(error);
            while let Some(cause) = next {
                let text = cause.to_string();
                if all.last() != Some(&text) {
                    all.push(text);
                }
                next = cause.source();
            }
            all.join(": ")
        }
    };
    spoken(&text, password)
}

fn spoken(text: &str, password: Option<&Password>) -> String {
    let text = match password {
        Some(Password(secret)) if !secret.is_empty() => text.replace(secret.as_str(), "(the password)"),
        _ => text.to_owned(),
    };
    text.chars()
        .flat_map(|letter| {
            let escape = letter.is_control().then(|| letter.escape_default());
            let plain = escape.is_none().then_some(letter);
            escape.into_iter().flatten().chain(plain)
        })
        .collect()
}

type Driving = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// A session that is logged in.
pub(crate) struct Open {
    // Dropped first: the server is to be asked before the socket closes.
    cancel: Cancel,
    client: Client,
    connection: Option<Driving>,
    meter: Meter,
    password: Option<Password>,
}

impl Open {
    /// Whether the server is what `target_session_attrs` asks for.
    async fn is(&mut self, wanted: Attributes) -> bool {
        let (question, yes) = match wanted {
            Attributes::Any | Attributes::PreferStandby => return true,
            Attributes::ReadWrite => ("SHOW transaction_read_only", "off"),
            Attributes::ReadOnly => ("SHOW transaction_read_only", "on"),
            Attributes::Primary => ("SELECT pg_catalog.pg_is_in_recovery()", "f"),
            Attributes::Standby => ("SELECT pg_catalog.pg_is_in_recovery()", "t"),
        };
        let live = Live {
            client: &self.client,
            password: self.password.as_ref(),
        };
        let (answer, _) = driven(&mut self.connection, live.query(question)).await;
        let value = answer
            .ok()
            .and_then(|rows| rows.into_iter().flatten().find_map(|(_, value)| value));
        value.as_deref() == Some(yes)
    }

    /// Runs the script, and ends the session.
    pub(crate) async fn run(mut self, text: &str) -> Result<Printed, NotRead> {
        let live = Live {
            client: &self.client,
            password: self.password.as_ref(),
        };
        let (printed, ended) = driven(&mut self.connection, script::run(text, &live)).await;
        let printed = printed.map_err(|lost| match self.meter.spent() {
            Some(limit) => NotRead::TooLarge(limit),
            None => NotRead::Unreachable(ended.map_or(lost, |error| words(&error, self.password.as_ref()))),
        })?;
        let Self {
            cancel,
            client,
            connection,
            ..
        } = self;
        cancel.disarm();
        drop(client);
        if let Some(connection) = connection {
            let _ = timeout(MANNERS, connection).await;
        }
        Ok(printed)
    }
}

/// Drives a connection for as long as some work with it takes. Gives what the connection ended with, if it did.
async fn driven<T>(connection: &mut Option<Driving>, work: impl Future<Output = T>) -> (T, Option<Error>) {
    let mut work = pin!(work);
    let mut ended = None;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return (done, ended),
            end = end_of(connection) => {
                // Whoever waits for an answer waits until the connection is dropped.
                *connection = None;
                ended = end.err();
            }
        }
    }
}

async fn end_of(connection: &mut Option<Driving>) -> Result<(), Error> {
    match connection {
        Some(connection) => connection.await,
        None => std::future::pending().await,
    }
}

struct Live<'c> {
    client: &'c Client,
    password: Option<&'c Password>,
}

impl Session for Live<'_> {
    async fn query(&self, sql: &str) -> Result<Rows, Failure> {
        let lost = |error: Error| {
            let why = words(&error, self.password);
            match error.as_db_error() {
                Some(db) if !matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) => {
                    Failure::Refused {
                        code: db.code().code().to_owned(),
                        message: db.message().to_owned(),
                    }
                }
                _ => Failure::Lost(why),
            }
        };
        let mut messages = pin!(
            self.client
                .simple_query_raw(sql)
                .await
                .map_err(lost)?
                .map(|one| one.map_err(lost))
        );
        let mut rows = Rows::new();
        let mut readable = true;
        while let Some(message) = messages.try_next().await? {
            let SimpleQueryMessage::Row(row) = message else {
                continue;
            };
            let fields = row.columns().iter().enumerate().map(|(at, column)| {
                let text = row.try_get(at).map(|text| text.map(str::to_owned));
                text.map(|text| (column.name().to_owned(), text))
            });
            match fields.collect() {
                Ok(fields) => rows.push(fields),
                Err::<Vec<_>, Error>(_) => readable = false,
            }
        }
        if readable {
            Ok(rows)
        } else {
            Err(Failure::Unreadable(
                "what the server gave is not UTF-8 (a database of encoding SQL_ASCII?)".to_owned(),
            ))
        }
    }
}

/// Asks the server to stop when a session is dropped in the middle.
struct Cancel {
    token: CancelToken,
    address: Address,
    tls: MakeRustlsConnect,
    armed: bool,
}

impl Cancel {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Cancel {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        // Outside of a runtime, the script's statement_timeout has to do.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (token, address, tls) = (self.token.clone(), self.address.clone(), self.tls.clone());
        runtime.spawn(timeout(MANNERS, async move {
            if let Ok(wire) = Wire::open(&address, Meter::new(u64::MAX)).await {
                let _ = token.cancel_query_raw(wire, handshake(&tls, &address.host)).await;
            }
        }));
    }
}
