//! A psql script as commands: statements up to their `;` or `\gset`, and the backslash commands that the script uses.

/// A part of a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// `:name`
    Raw(&'t str),
    /// `:'name'`
    Literal(&'t str),
}

/// One command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Command<'t> {
    Send(Vec<Piece<'t>>),
    /// A statement whose one row becomes variables.
    Gset(Vec<Piece<'t>>),
    Set(&'t str, String),
    If(Vec<Piece<'t>>),
    Else,
    EndIf,
}

/// Reads a script.
pub(super) fn commands(script: &str) -> Result<Vec<Command<'_>>, String> {
    let mut all = Vec::new();
    let mut rest = script;
    while !rest.is_empty() {
        let (text, end, after) = statement(rest);
        let words = uncommented(text);
        match end {
            End::Semicolon => {
                all.push(Command::Send(pieces(words)));
                rest = after;
            }
            End::Backslash => {
                let (line, after) = after.split_once('\n').unwrap_or((after, ""));
                let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                all.extend(backslash(name, argument.trim(), words)?);
                rest = after;
            }
            End::Script if words.is_empty() => break,
            End::Script => return Err("the script ends within a statement".to_owned()),
        }
    }
    Ok(all)
}

fn backslash<'t>(name: &str, argument: &'t str, before: &'t str) -> Result<Option<Command<'t>>, String> {
    if name == "gset" {
        return Ok(Some(Command::Gset(pieces(before))));
    }
    if !before.is_empty() {
        return Err(format!("\\{name} within a statement"));
    }
    match name {
        "pset" | "encoding" => Ok(None),
        "if" => Ok(Some(Command::If(pieces(argument)))),
        "else" => Ok(Some(Command::Else)),
        "endif" => Ok(Some(Command::EndIf)),
        "set" => {
            let (variable, value) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
            let value = value.trim();
            let value = match value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
                Some(quoted) => quoted.replace("''", "'"),
                None => value.to_owned(),
            };
            Ok(Some(Command::Set(variable, value)))
        }
        other => Err(format!("\\{other} is not known")),
    }
}

enum End {
    Semicolon,
    Backslash,
    Script,
}

/// The text up to the next `;` or `\` that stands outside of strings, names, comments and brackets.
fn statement(text: &str) -> (&str, End, &str) {
    let mut brackets = 0_usize;
    let mut at = 0;
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let end = match letter {
            ';' if brackets == 0 => End::Semicolon,
            '\\' => End::Backslash,
            _ => {
                match letter {
                    '(' => brackets += 1,
                    ')' => brackets = brackets.saturating_sub(1),
                    _ => {}
                }
                at += opaque(rest).unwrap_or(letter.len_utf8());
                continue;
            }
        };
        return (
            text.get(..at).unwrap_or_default(),
            end,
            text.get(at + 1..).unwrap_or_default(),
        );
    }
    (text, End::Script, "")
}

/// How long the string, quoted name or comment is that a text begins with.
fn opaque(text: &str) -> Option<usize> {
    let after = |close: &str, skip: usize| {
        let from = text.get(skip..)?;
        Some(from.find(close).map_or(text.len(), |at| skip + at + close.len()))
    };
    match text.as_bytes() {
        [b'\'', ..] => after("'", 1),
        [b'"', ..] => after("\"", 1),
        [b'-', b'-', ..] => Some(text.find('\n').unwrap_or(text.len())),
        [b'/', b'*', ..] => after("*/", 2),
        _ => None,
    }
}

/// A statement without the white space around it and the comments before it, which psql does not send.
fn uncommented(text: &str) -> &str {
    let mut text = text.trim();
    while text.starts_with("--") {
        text = text.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    text
}

/// A text as its variables and what stands between them. `::` is a cast, and nothing in a string is a variable, but
/// `:'name'` is no string.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let found = if rest.starts_with("::") {
            at += 2;
            continue;
        } else {
            rest.strip_prefix(':').and_then(variable)
        };
        match found {
            Some((piece, length)) => {
                all.push(Piece::Text(text.get(from..at).unwrap_or_default()));
                all.push(piece);
                at += 1 + length;
                from = at;
            }
            None => at += opaque(rest).unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8)),
        }
    }
    all.push(Piece::Text(text.get(from..).unwrap_or_default()));
    all.retain(|piece| *piece != Piece::Text(""));
    all
}

/// The variable whose name a text begins with, and how long that is.
fn variable(text: &str) -> Option<(Piece<'_>, usize)> {
    let named = |text: &str| {
        text.bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count()
    };
    if let Some(rest) = text.strip_prefix('\'') {
        let length = named(rest);
        let name = rest.get(..length).filter(|name| !name.is_empty())?;
        return rest
            .get(length..)?
            .starts_with('\'')
            .then_some((Piece::Literal(name), length + 2));
    }
    let length = named(text);
    let name = text.get(..length).filter(|name| !name.is_empty())?;
    Some((Piece::Raw(name), length))
}
