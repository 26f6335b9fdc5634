//! What standard output is, where it is a terminal.

use std::io::IsTerminal;

/// How wide the terminal is; none where standard output is none.
pub fn width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(usize::from(width.0)).filter(|width| *width > 0)
}

/// Whether to print in colours: on a terminal, unless NO_COLOR is set (no-color.org).
pub fn colors() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
