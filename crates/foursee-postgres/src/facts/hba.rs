//! pg_hba.conf: who is asked for what proof, by where they come from. The first line that matches decides.

use foursee_core::document::Place;
use std::net::IpAddr;

/// The file, line by line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hba {
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// A line. One that is not understood, or stands for lines of another file, may match anybody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// As it is written, without what stands around it.
    pub text: String,
    /// Which connections it is for.
    pub connections: Connections,
    /// For which databases.
    pub databases: Vec<Word>,
    /// For which roles.
    pub roles: Vec<Word>,
    /// From which addresses.
    pub from: From,
    /// The method: "scram-sha-256", "trust", "reject"; empty where it is not known.
    pub method: String,
    /// Where it stands.
    pub place: Place,
}

/// Which connections a line is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connections {
    /// `local`: by the socket.
    Local,
    /// `host`: by TCP, encrypted or not.
    Host,
    /// `hostssl`.
    Tls,
    /// `hostnossl`.
    NoTls,
    /// `hostgssenc`.
    Gss,
    /// `hostnogssenc`.
    NoGss,
    /// What the line says is not known.
    Unknown,
}

/// A word of a list of databases or roles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// A name, or a keyword: where it is quoted it is only a name.
    Name {
        /// The text without its quotes.
        text: String,
        /// Whether it began with a quote.
        quoted: bool,
    },
    /// A list in a file of its own.
    Elsewhere,
}

/// The addresses of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum From {
    /// All of them; of a `local` line too.
    All,
    /// A network: what differs from the address in no bit of the mask.
    Network(IpAddr, IpAddr),
    /// The server's own addresses or networks, or a host's name: only the server can tell.
    AskServer,
}
