//! How the command ends.

use std::process::ExitCode;

/// An exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// It ran: findings or gaps alone never change it.
    Ran,
    /// The gate failed.
    Gate,
    /// Usage, configuration or baseline, before any work.
    Usage,
    /// A path or target that was named gave nothing, or coverage is below what was required.
    Nothing,
    /// A bug.
    Internal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ran => 0,
            Exit::Gate => 1,
            Exit::Usage => 2,
            Exit::Nothing => 3,
            Exit::Internal => 4,
        })
    }
}

/// Why the command ends early.
#[derive(Debug)]
pub struct Failure {
    /// With which code.
    pub exit: Exit,
    message: Option<String>,
}

impl Failure {
    /// A mistake in how the command was called or configured.
    pub fn usage(message: impl ToString) -> Self {
        Self {
            exit: Exit::Usage,
            message: Some(message.to_string()),
        }
    }

    /// Something that was named and is not there.
    pub fn nothing(message: impl ToString) -> Self {
        Self {
            exit: Exit::Nothing,
            message: Some(message.to_string()),
        }
    }

    /// Says why, on standard error.
    pub fn print(&self) {
        if let Some(message) = &self.message {
            eprintln!("foursee: {}", foursee::report::plain(message));
        }
    }
}

impl From<foursee::Error> for Failure {
    fn from(error: foursee::Error) -> Self {
        Self::usage(error)
    }
}

impl From<std::io::Error> for Failure {
    /// Whoever reads the results may stop reading: that is no failure.
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self {
                exit: Exit::Ran,
                message: None,
            };
        }
        Self {
            exit: Exit::Internal,
            message: Some(format!("cannot write the results: {error}")),
        }
    }
}

/// How a subcommand ends.
pub type Outcome = Result<Exit, Failure>;
