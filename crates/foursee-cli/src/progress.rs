//! What is being done, on standard error, for a person who waits at a terminal.

use foursee::Progress;
use foursee::core::audit::Stage;
use std::io::{IsTerminal, Write};

/// One line on the terminal that is written over, and wiped at the end.
pub struct Line {
    shown: String,
    on: bool,
}

impl Line {
    /// Shows only on a terminal, and only if it was not turned off.
    pub fn new(off: bool) -> Self {
        Self {
            shown: String::new(),
            on: !off && std::io::stderr().is_terminal(),
        }
    }

    /// Shows a text in place of the last one.
    pub fn text(&mut self, text: &str) {
        if self.on && self.shown != text {
            text.clone_into(&mut self.shown);
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{text} ...");
        }
    }

    /// Writes a line that stays.
    #[cfg(feature = "collect")]
    pub fn stays(&mut self, text: &str) {
        self.wipe();
        eprintln!("{text}");
    }

    fn wipe(&mut self) {
        if !std::mem::take(&mut self.shown).is_empty() {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }

    /// Shows what is being done.
    pub fn show(&mut self, progress: &Progress) {
        self.text(match progress {
            Progress::Stage(stage) => match stage {
                Stage::Parse => "parsing",
                Stage::Lower => "lowering",
                Stage::Link => "joining credentials",
                Stage::Analyse => "searching the graph",
                Stage::Check => "checking rules",
                Stage::Judge => "judging",
            },
            _ => "reading",
        });
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.wipe();
    }
}
