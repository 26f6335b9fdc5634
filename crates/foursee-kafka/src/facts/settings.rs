//! What brokers' settings say, and their version.

use foursee_core::document::Place;
use std::fmt;

/// One broker's or controller's settings.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Settings {
    /// Where they begin.
    pub place: Option<Place>,
    /// `node.id` or `broker.id`.
    pub node: String,
    /// The entries of `super.users`.
    pub super_users: Vec<(String, Place)>,
    /// `allow.everyone.if.no.acl.found`, where it is set.
    pub allow_everyone: Option<(bool, Place)>,
    /// `authorizer.class.name`, where it is set.
    pub authorizer: Option<(String, Place)>,
    /// The listeners, as they are advertised where they are.
    pub listeners: Vec<Listener>,
    /// SASL users named in JAAS settings: those that may log in, and the broker's own.
    pub sasl_users: Vec<(String, Place)>,
    /// The SASL users as which the broker itself logs in.
    pub broker_users: Vec<String>,
    /// Settings by which logins become principals in another way than by Kafka's defaults, by key.
    pub mappings: Vec<(String, Place)>,
    /// `ssl.principal.mapping.rules`: the listener in upper case (empty for all), the rules, and where they stand.
    pub certificates: Vec<(String, String, Place)>,
    /// Whether a SCRAM mechanism is enabled on any listener.
    pub scram: bool,
    /// `delegation.token.secret.key` or its older name is set.
    pub tokens: Option<Place>,
    /// `inter.broker.protocol.version`, or another line that says the version.
    pub version: Option<(String, Place)>,
}

/// How a listener takes clients in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Protocol {
    /// In clear, without login.
    Plaintext,
    /// TLS; with a login only where client certificates are required.
    Ssl,
    /// A login in clear.
    SaslPlaintext,
    /// A login over TLS.
    SaslSsl,
    /// A name that nothing maps.
    Unknown,
}

impl Protocol {
    /// The protocol of a word.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match &*word.to_ascii_uppercase() {
            "PLAINTEXT" => Self::Plaintext,
            "SSL" => Self::Ssl,
            "SASL_PLAINTEXT" => Self::SaslPlaintext,
            "SASL_SSL" => Self::SaslSsl,
            _ => Self::Unknown,
        }
    }

    /// The platform's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
            Self::Unknown => "an unknown protocol",
        }
    }

    /// Whether clients log in by SASL.
    #[must_use]
    pub const fn sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }
}

/// One listener.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listener {
    /// Its name.
    pub name: String,
    /// Its protocol.
    pub protocol: Protocol,
    /// The host that it binds, or advertises; empty for all.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether clients are told of it.
    pub advertised: bool,
    /// Whether it is the controllers' own.
    pub controller: bool,
    /// Whether client certificates are required there.
    pub client_certificates: bool,
    /// The only SASL users that may log in there, where its settings list them all: PLAIN with a JAAS list, and no
    /// other mechanism. None where others may.
    pub users: Option<Vec<String>>,
    /// Whether SCRAM, with PLAIN and a JAAS list or without, is all by which clients log in there.
    pub scram_alone: bool,
    /// Where it stands.
    pub place: Place,
}

impl Listener {
    /// Whether a client that shows nothing is let in, as `User:ANONYMOUS`.
    #[must_use]
    pub fn lets_anybody_in(&self) -> bool {
        self.protocol == Protocol::Plaintext || self.protocol == Protocol::Ssl && !self.client_certificates
    }

    /// Whether a SASL user may log in there.
    #[must_use]
    pub fn lets_in(&self, user: &str) -> bool {
        self.protocol.sasl()
            && self
                .users
                .as_ref()
                .is_none_or(|users| users.iter().any(|one| one == user))
    }

    /// Whether only programs on the same machine reach it.
    #[must_use]
    pub fn loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// "host:port", lower case.
    #[must_use]
    pub fn endpoint(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host.to_lowercase(), self.port)
        } else {
            format!("{}:{}", self.host.to_lowercase(), self.port)
        }
    }
}

/// A broker's version, as far as it decides anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version(pub u16, pub u16, pub u16);

impl Version {
    /// The newest one whose authorizer was compared with this one.
    pub const NEWEST: Self = Self(4, 4, 0);

    /// Reads "4.3.1", "3.9" and "3.9-IV0".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(['.', '-', '+']);
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        Some(Self(
            major,
            minor,
            parts.next().and_then(|part| part.parse().ok()).unwrap_or(0),
        ))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}
