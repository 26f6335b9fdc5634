//! Text of a policy in which `*` and `?` may be wild and `${...}` may stand for a value of the request.
//!
//! Sources: IAM User Guide, reference_policies_variables and reference_policies_elements_resource.

use super::{Context, Value};
use foursee_core::model::{Wild, glob, wild};
use std::collections::BTreeSet;

/// Text of a policy, compiled once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    text: Box<str>,
    /// None where there is no variable.
    pieces: Option<Box<[Piece]>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece {
    /// Text in which `*` and `?` are wild, where the template is one that has wild characters.
    Text(Box<str>),
    /// Text that means itself: `${*}`.
    Literal(Box<str>),
    Variable {
        key: Box<str>,
        default: Option<Box<str>>,
    },
}

/// A template with the request's values in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filled {
    tokens: Vec<Wild>,
    /// Some variable's value is not known; any text stands for it.
    pub unknown: bool,
}

impl Template {
    /// Compiles a text; variables count only from policy version 2012-10-17 on.
    #[must_use]
    pub fn new(text: &str, variables: bool) -> Self {
        let pieces = (variables && text.contains("${")).then(|| pieces_of(text));
        Self {
            text: text.into(),
            pieces,
        }
    }

    /// The text as the policy has it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it has variables or escaped characters.
    #[must_use]
    pub const fn has_variables(&self) -> bool {
        self.pieces.is_some()
    }

    /// The keys of its variables.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().flatten().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(&**key),
            Piece::Text(_) | Piece::Literal(_) => None,
        })
    }

    /// With the request's values: none where a variable has no value and no default. Keys without a known value are
    /// added to `missing`.
    #[must_use]
    pub fn fill(&self, context: &Context, missing: &mut BTreeSet<String>) -> Option<Filled> {
        let mut filled = Filled {
            tokens: Vec::new(),
            unknown: false,
        };
        let literal = |filled: &mut Filled, text: &str| filled.tokens.extend(text.chars().map(Wild::Char));
        let pattern = |filled: &mut Filled, text: &str| filled.tokens.extend(text.chars().map(Wild::from));
        let Some(pieces) = &self.pieces else {
            pattern(&mut filled, &self.text);
            return Some(filled);
        };
        for piece in pieces {
            match piece {
                Piece::Text(text) => pattern(&mut filled, text),
                Piece::Literal(text) => literal(&mut filled, text),
                Piece::Variable { key, default } => match (context.get(key), default) {
                    (Some(Value::One(value)), _) if !value.is_empty() => literal(&mut filled, value),
                    (Some(_), Some(default)) => literal(&mut filled, default),
                    (Some(_), None) => return None,
                    (None, _) => {
                        missing.insert(key.to_string());
                        filled.unknown = true;
                        filled.tokens.push(Wild::Any);
                    }
                },
            }
        }
        Some(filled)
    }

    /// Whether it matches without variables: only for templates that have none.
    #[must_use]
    pub fn matches_plain(&self, name: &str) -> bool {
        glob(&self.text, name)
    }
}

impl Filled {
    /// Whether the name matches, with `*` and `?` wild.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        wild(&self.tokens, &name.chars().collect::<Vec<char>>())
    }

    /// The text, with `*` and `?` as letters. Only meant where nothing is unknown.
    #[must_use]
    pub fn text(&self) -> String {
        self.tokens
            .iter()
            .map(|token| match token {
                Wild::Char(one) => *one,
                Wild::One => '?',
                Wild::Any => '*',
            })
            .collect()
    }

    /// The text as a glob, if every literal character can stand in one.
    #[must_use]
    pub fn glob(&self) -> Option<String> {
        let literal_wild = self
            .tokens
            .iter()
            .any(|token| matches!(token, Wild::Char('*' | '?')));
        (!literal_wild).then(|| self.text())
    }
}

fn pieces_of(text: &str) -> Box<[Piece]> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, behind)) = after.split_once('}') else {
            break;
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before.into()));
        }
        pieces.push(match inside {
            "*" | "?" | "$" => Piece::Literal(inside.into()),
            _ => {
                let (key, default) = match inside.split_once(',') {
                    Some((key, default)) => {
                        let default = default.trim();
                        let quoted = default
                            .strip_prefix('\'')
                            .and_then(|text| text.strip_suffix('\''));
                        (key.trim(), Some(quoted.unwrap_or(default).into()))
                    }
                    None => (inside.trim(), None),
                };
                Piece::Variable {
                    key: key.into(),
                    default,
                }
            }
        });
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.into()));
    }
    pieces.into()
}
