//! Connections named in settings: which database or broker, as whom. Passwords are looked at by nobody.

/// What a workload's settings (environment variables, arguments) say it connects to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Connection {
    /// "postgres-login" or "sasl": the sort of credential.
    pub kind: &'static str,
    /// Where: "host:port", lower case.
    pub realm: String,
    /// As whom.
    pub subject: String,
    /// The database, where it is a database.
    pub audience: Option<String>,
    /// Which of the settings says so, by index.
    pub setting: usize,
}
