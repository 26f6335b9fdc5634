//! Smaller grants, proposed from evidence of use.

use crate::Opened;
use foursee_core::audit;
use foursee_core::layer::QuestionError;
use foursee_core::model::{Gap, ScopeId};
use foursee_core::registry::Loaded;
use foursee_core::rightsize::{Ask, Proposals};
use std::sync::Arc;

/// What is proposed for one scope.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rightsized {
    /// The layer.
    pub layer: String,
    /// The scope's name.
    pub scope: String,
    /// What it is called.
    pub title: String,
    /// Where use was seen: the same scope, or another of its layer.
    pub used: String,
    /// The proposals.
    pub proposals: Proposals,
}

impl Opened {
    /// Smaller grants for the identities of each scope whose layer proposes any, or of the scopes that `scope` says (by
    /// name, title or environment), from the use that was seen there, or in the one scope that `used` says: dev's, for
    /// prod. Each is proven by its layer's authorizer; nothing is applied.
    ///
    /// # Errors
    /// When no scope is called `scope` or `used`, or several that could be meant are `used`.
    pub fn rightsize(
        &self,
        ask: &Ask,
        scope: Option<&str>,
        used: Option<&str>,
    ) -> Result<Vec<Rightsized>, QuestionError> {
        let facts = self.facts();
        let called = |loaded: &Arc<dyn Loaded>, word: &str| {
            facts.scopes().get(loaded.scope().index()).is_some_and(|one| {
                *one.name == *word || *one.title == *word || one.environment.as_deref() == Some(word)
            })
        };
        let proposes = |loaded: &&Arc<dyn Loaded>| loaded.rightsize(None, &nobody()).is_some();
        let able: Vec<&Arc<dyn Loaded>> = facts.loaded().iter().filter(proposes).collect();
        let unknown = |word: &str| QuestionError::Unknown {
            what: word.to_owned(),
            scope: able
                .iter()
                .filter_map(|one| facts.scopes().get(one.scope().index()))
                .map(|one| one.title.to_string())
                .collect::<Vec<_>>()
                .join(", "),
        };
        let from = match used {
            None => None,
            Some(word) => match able
                .iter()
                .filter(|one| called(one, word))
                .collect::<Vec<_>>()
                .as_slice()
            {
                [] => return Err(unknown(word)),
                [one] => Some(**one),
                several => {
                    let title = |one: &&&Arc<dyn Loaded>| {
                        facts
                            .scopes()
                            .get(one.scope().index())
                            .map(|one| one.title.to_string())
                    };
                    return Err(QuestionError::Ambiguous {
                        scopes: several.iter().filter_map(title).collect(),
                    });
                }
            },
        };
        let meant: Vec<&&Arc<dyn Loaded>> = able
            .iter()
            .filter(|one| scope.is_none_or(|word| called(one, word)))
            .collect();
        if let (Some(word), []) = (scope, meant.as_slice()) {
            return Err(unknown(word));
        }
        let title = |loaded: &Arc<dyn Loaded>| facts.scopes().get(loaded.scope().index());
        Ok(meant
            .into_iter()
            .filter_map(|one| {
                let mut proposals = one.rightsize(from.map(|from| &**from), ask)?;
                proposals.gaps.extend(unread(facts, from.unwrap_or(one).scope()));
                let row = title(one)?;
                let used = from.map_or(Some(row), title)?;
                Some(Rightsized {
                    layer: one.layer().to_owned(),
                    scope: row.name.to_string(),
                    title: row.title.to_string(),
                    used: used.title.to_string(),
                    proposals,
                })
            })
            .collect())
    }
}

/// What could not be read of the logs that show use in a scope: they were folded, and their texts let go.
fn unread(facts: &audit::Opened, scope: ScopeId) -> impl Iterator<Item = Gap> {
    let folded = move |gap: &&Gap| {
        let document = gap
            .place
            .and_then(|place| facts.library().documents().get(place.doc.index()));
        gap.scope == Some(scope) && document.is_some_and(|one| one.text.is_empty())
    };
    facts.gaps().iter().filter(folded).cloned()
}

/// A question about nobody, which costs nothing.
fn nobody() -> Ask {
    Ask {
        identities: vec![String::new()],
        backtest: None,
    }
}
