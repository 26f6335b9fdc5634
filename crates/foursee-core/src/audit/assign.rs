//! Whose each document is, where its own text does not say.

use super::open::Recognised;
use crate::judge::Policy;
use crate::layer::ScopeClaim;
use crate::model::{Gap, Reason, glob};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whose each document is: by its content, its capture's manifest, the configuration, or the folder that holds it.
pub(super) fn assign(
    known: &[Recognised],
    policy: &Policy,
    layer_of: &dyn Fn(usize) -> &'static str,
    gaps: &mut Vec<Gap>,
) -> Vec<Vec<Arc<str>>> {
    let mut names: Vec<Vec<Arc<str>>> = known
        .iter()
        .map(|one| match (&one.claim.scope, &one.stated) {
            (ScopeClaim::One(name), _) => vec![Arc::from(name.as_str())],
            (ScopeClaim::Shared(_), _) => Vec::new(),
            (ScopeClaim::Unsaid, Some(name)) => vec![Arc::from(name.as_str())],
            (ScopeClaim::Unsaid, None) => {
                let layer = layer_of(one.layer);
                let mut said = policy
                    .scopes
                    .iter()
                    .filter(|scope| scope.layer.as_deref().is_none_or(|only| only == layer));
                said.find(|scope| scope.files.iter().any(|file| glob(file, &one.document.name)))
                    .map(|scope| Arc::from(scope.name.as_str()))
                    .into_iter()
                    .collect()
            }
        })
        .collect();
    let layers: BTreeSet<usize> = known.iter().map(|one| one.layer).collect();
    for layer in layers {
        // Folder (and every folder above it) -> the scopes named by documents in it.
        let mut said: BTreeMap<&str, BTreeSet<Arc<str>>> = BTreeMap::new();
        for (one, names) in known.iter().zip(&names).filter(|(one, _)| one.layer == layer) {
            for name in names {
                for folder in folders(&one.document.name) {
                    said.entry(folder).or_default().insert(Arc::clone(name));
                }
            }
        }
        let mut unnamed: BTreeSet<&str> = BTreeSet::new();
        let mut waiting: Vec<(usize, &str)> = Vec::new();
        for (at, one) in known.iter().enumerate().filter(|(_, one)| one.layer == layer) {
            let open =
                matches!(one.claim.scope, ScopeClaim::Unsaid) && names.get(at).is_some_and(Vec::is_empty);
            if !open {
                continue;
            }
            let nearest = folders(&one.document.name).find_map(|folder| said.get(folder));
            match nearest {
                Some(only) if only.len() == 1 => {
                    if let Some(slot) = names.get_mut(at) {
                        slot.extend(only.iter().cloned());
                    }
                }
                _ => {
                    let folder = folders(&one.document.name).next().unwrap_or_default();
                    unnamed.insert(folder);
                    waiting.push((at, folder));
                }
            }
        }
        let lone = unnamed.len() == 1 && said.is_empty();
        for folder in &unnamed {
            let name = if lone {
                "unnamed"
            } else if folder.is_empty() {
                "."
            } else {
                folder
            };
            let files = if folder.is_empty() {
                "*".to_owned()
            } else {
                format!("{folder}/*")
            };
            let mut gap = Gap::new(Reason::Ambiguous, format!("the name of the scope of {files}"))
                .hides(if lone {
                    "how its findings compare with those of a report under its real name"
                } else {
                    "whether these documents belong to a scope that others name, and so what they say together"
                })
                .closes(format!("in foursee.toml: [scope.\"NAME\"] files = [\"{files}\"]"));
            gap.layer = layer_of(layer).into();
            gaps.push(gap);
            for (at, _) in waiting.iter().filter(|(_, of)| of == folder) {
                if let Some(slot) = names.get_mut(*at) {
                    slot.push(Arc::from(name));
                }
            }
        }
        let all: BTreeSet<Arc<str>> = known
            .iter()
            .zip(&names)
            .filter(|(one, _)| one.layer == layer)
            .flat_map(|(_, names)| names.iter().cloned())
            .collect();
        for (at, one) in known.iter().enumerate().filter(|(_, one)| one.layer == layer) {
            let ScopeClaim::Shared(bound) = &one.claim.scope else {
                continue;
            };
            // Bound scopes of which nothing else was read say nothing; a document that names none binds all.
            let binds = |name: &Arc<str>| bound.is_empty() || bound.iter().any(|one| **one == **name);
            let Some(slot) = names.get_mut(at) else {
                continue;
            };
            slot.extend(all.iter().filter(|name| binds(name)).cloned());
            if slot.is_empty() {
                let of = if bound.is_empty() {
                    "it binds".to_owned()
                } else {
                    bound.join(", ")
                };
                let mut gap = Gap::new(
                    Reason::NotCaptured,
                    format!("the scopes that {} binds", one.document.name),
                )
                .facet(of)
                .hides("whom its statements hold for")
                .closes("exports of these scopes beside it");
                gap.layer = layer_of(layer).into();
                gaps.push(gap);
            }
        }
    }
    names
}

/// The folder of a name, and those above it, nearest first; the last is "".
fn folders(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(name);
    std::iter::from_fn(move || {
        let of = rest?;
        let folder = of.rfind('/').and_then(|at| of.get(..at)).unwrap_or_default();
        rest = (!folder.is_empty()).then_some(folder);
        Some(folder)
    })
}
