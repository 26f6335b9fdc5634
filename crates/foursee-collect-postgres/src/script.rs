//! The published script, run as psql runs it.
//!
//! `sql/capture.sql` is a psql script, and the capture that a person makes with psql is what this crate has to equal:
//! so it sends the statements that psql would send, in their order, and puts their rows together as `psql -XAt` prints
//! them. Of psql's own language it knows what the script uses: `\set`, `\gset`, `\if`, `\else`, `\endif`, variables
//! (`:name`, `:'name'`), a savepoint around each statement of a transaction (`ON_ERROR_ROLLBACK`); `\pset` and
//! `\encoding` ask for what it does anyway. Anything else is an error, and a test reads the whole script.

mod lexer;

use lexer::{Command, Piece};
use std::collections::BTreeMap;
use std::future::Future;

/// The script: the same file as the PostgreSQL layer publishes.
pub(crate) const TEXT: &str = include_str!("../sql/capture.sql");

/// How often a variable may stand in the value of a variable.
const DEPTH: usize = 8;

/// The rows of a statement: of each, its columns' names and texts.
pub(crate) type Rows = Vec<Vec<(String, Option<String>)>>;

/// Why a statement gave no rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// The server refused it, and the session goes on.
    Refused { code: String, message: String },
    /// What it gave cannot be read, though the server did not refuse it.
    Unreadable(String),
    /// The session is over.
    Lost(String),
}

/// Who runs a statement.
pub(crate) trait Session: Sync {
    fn query(&self, sql: &str) -> impl Future<Output = Result<Rows, Failure>> + Send;
}

/// What a run printed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Printed {
    pub(crate) text: String,
    /// The first refusal, as (code, message).
    pub(crate) refused: Option<(String, String)>,
}

/// Runs a script to its end.
///
/// # Errors
///
/// What ended it: the session, or a command that is not known.
pub(crate) async fn run(script: &str, session: &impl Session) -> Result<Printed, String> {
    let commands = lexer::commands(script)?;
    let mut machine = Machine {
        session,
        variables: BTreeMap::new(),
        inside: Vec::new(),
        transaction: false,
        printed: Printed::default(),
    };
    for command in &commands {
        machine.step(command).await?;
    }
    Ok(machine.printed)
}

/// A branch that has been entered.
struct Branch {
    /// Whether its commands count now.
    active: bool,
    /// Whether the branch around it counts.
    outer: bool,
}

struct Machine<'s, S> {
    session: &'s S,
    variables: BTreeMap<String, String>,
    inside: Vec<Branch>,
    transaction: bool,
    printed: Printed,
}

impl<S: Session> Machine<'_, S> {
    async fn step(&mut self, command: &Command<'_>) -> Result<(), String> {
        let active = self.inside.last().is_none_or(|branch| branch.active);
        match command {
            Command::If(pieces) => {
                let yes = active && truth(&self.expand(pieces, 0)?);
                self.inside.push(Branch {
                    active: yes,
                    outer: active,
                });
            }
            Command::Else => {
                let branch = self.inside.last_mut().ok_or("\\else without \\if")?;
                branch.active = branch.outer && !branch.active;
            }
            Command::EndIf => {
                self.inside.pop().ok_or("\\endif without \\if")?;
            }
            _ if !active => {}
            Command::Set(name, value) => {
                self.variables.insert((*name).to_owned(), value.clone());
            }
            Command::Send(pieces) => {
                for row in self.send(pieces).await? {
                    let fields: Vec<String> = row
                        .into_iter()
                        .map(|(_, text)| text.unwrap_or_default())
                        .collect();
                    self.printed.text.push_str(&fields.join("|"));
                    self.printed.text.push('\n');
                }
            }
            Command::Gset(pieces) => {
                for (name, text) in self.send(pieces).await?.into_iter().next().unwrap_or_default() {
                    match text {
                        Some(text) => self.variables.insert(name, text),
                        None => self.variables.remove(&name),
                    };
                }
            }
        }
        Ok(())
    }

    /// Sends a statement as psql does with ON_ERROR_ROLLBACK; one that is refused gives no rows.
    async fn send(&mut self, pieces: &[Piece<'_>]) -> Result<Rows, String> {
        let sql = self.expand(pieces, 0)?;
        let guarded = self.transaction;
        if guarded {
            self.own("SAVEPOINT pg_psql_temporary_savepoint").await?;
        }
        let answer = self.session.query(&sql).await;
        let word = sql
            .split(|letter: char| !letter.is_ascii_alphabetic())
            .next()
            .unwrap_or_default();
        match word.to_ascii_uppercase().as_str() {
            "BEGIN" if answer.is_ok() => self.transaction = true,
            "COMMIT" | "ROLLBACK" => self.transaction = false,
            _ => {}
        }
        let (failed, rolled_back) = match &answer {
            Ok(_) => (None, false),
            Err(Failure::Lost(why)) => return Err(why.clone()),
            Err(Failure::Refused { code, message }) => (Some((code.clone(), message.clone())), true),
            Err(Failure::Unreadable(why)) => (Some(("22021".to_owned(), why.clone())), false),
        };
        if guarded && self.transaction {
            let word = if rolled_back { "ROLLBACK TO" } else { "RELEASE" };
            self.own(&format!("{word} pg_psql_temporary_savepoint")).await?;
        }
        let failure = if failed.is_some() { "true" } else { "false" };
        self.variables.insert("ERROR".to_owned(), failure.to_owned());
        if let Some((code, message)) = failed {
            self.printed
                .refused
                .get_or_insert((code.clone(), message.clone()));
            self.variables.insert("LAST_ERROR_SQLSTATE".to_owned(), code);
            self.variables.insert("LAST_ERROR_MESSAGE".to_owned(), message);
        }
        Ok(answer.unwrap_or_default())
    }

    /// Sends what is psql's own.
    async fn own(&self, sql: &str) -> Result<(), String> {
        match self.session.query(sql).await {
            Ok(_) => Ok(()),
            Err(Failure::Lost(why) | Failure::Unreadable(why) | Failure::Refused { message: why, .. }) => {
                Err(why)
            }
        }
    }

    /// Text with variables put in. What the value of `:name` holds is read once more, as psql does.
    fn expand(&self, pieces: &[Piece<'_>], depth: usize) -> Result<String, String> {
        if depth > DEPTH {
            return Err("a variable stands in its own value".to_owned());
        }
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Raw(name) => match self.variables.get(*name) {
                    Some(value) => text.push_str(&self.expand(&lexer::pieces(value), depth + 1)?),
                    None => {
                        text.push(':');
                        text.push_str(name);
                    }
                },
                Piece::Literal(name) => {
                    let value = self.variables.get(*name).map_or("", String::as_str);
                    text.push_str(&literal(value));
                }
            }
        }
        Ok(text)
    }
}

/// A string as PQescapeLiteral writes it.
fn literal(value: &str) -> String {
    let quoted = value.replace('\'', "''");
    if quoted.contains('\\') {
        format!(" E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

fn truth(text: &str) -> bool {
    matches!(
        text.trim().to_ascii_lowercase().as_str(),
        "t" | "tr" | "tru" | "true" | "on" | "1" | "y" | "ye" | "yes"
    )
}

#[cfg(test)]
mod tests;
