//! The end of a reading: what manifests say of the documents, and the names under which they go on.

use crate::gaps::{self, About};
use crate::manifest::{Listed, Manifest};
use crate::read::{Piece, Reader};
use crate::{Input, Reading};
use foursee_core::model::Gap;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

impl Reader<'_> {
    /// Holds the documents against the manifests, and gives all their names.
    pub(crate) fn finish(mut self, paths: &[PathBuf]) -> Reading {
        self.drop_copies();
        self.apply_manifests();
        let below = self.colliding(paths);
        let mut missing = Vec::new();
        for (argument, path) in paths.iter().enumerate() {
            if !self.gave.contains(&argument) {
                missing.push(path.clone());
            }
        }
        let inputs = self.pieces.into_iter().map(|piece| {
            let Piece {
                argument,
                file,
                part,
                text,
                scope,
                context,
                created,
                ..
            } = piece;
            let name = match below.get(&argument) {
                Some(prefix) if self.single.contains(&argument) => prefix.clone(),
                Some(prefix) => format!("{prefix}/{file}"),
                None => file,
            };
            let name = part.map_or(name.clone(), |part| format!("{name}#{part}"));
            Input {
                name,
                argument,
                text,
                scope,
                context,
                created,
            }
        });
        let inputs = inputs.collect();
        let shown = |argument: usize| {
            paths
                .get(argument)
                .map_or(String::new(), |path| path.display().to_string())
        };
        let gaps = self.gaps.finish(&shown, &below);
        Reading {
            inputs,
            gaps,
            missing,
        }
    }

    /// Of several entries of an archive with one name, keeps the last.
    fn drop_copies(&mut self) {
        let copies = std::mem::take(&mut self.copies);
        self.pieces.retain(|piece| {
            copies
                .get(&(piece.argument, piece.file.clone()))
                .is_none_or(|copies| *copies == piece.copy)
        });
        for ((argument, file), times) in copies.into_iter().filter(|(_, times)| *times > 1) {
            let (sort, gap) = gaps::twice(&file, times);
            self.gaps.push(About::File(argument), sort, gap);
        }
    }

    /// Gives the documents what manifests say of them, and says what is not as they say. An inner manifest has the
    /// last word.
    fn apply_manifests(&mut self) {
        let manifests = std::mem::take(&mut self.manifests);
        let mut folders: BTreeMap<(usize, &str), Listing<'_>> = BTreeMap::new();
        for ((argument, name), manifest) in &manifests {
            let (argument, folder) = (*argument, name.rsplit_once('/').map_or("", |(folder, _)| folder));
            if manifest.complete != Some(true) {
                let (sort, gap) = gaps::incomplete(name);
                self.gaps.push(About::File(argument), sort, gap);
            }
            let mut listed = BTreeMap::new();
            for document in &manifest.documents {
                let file = document.path();
                let name = if folder.is_empty() {
                    file.to_owned()
                } else {
                    format!("{folder}/{file}")
                };
                let kind = &document.kind;
                let said = match self.found.get(&(argument, name.clone())) {
                    None => Some(gaps::listed_absent(&name, kind)),
                    Some(found) => {
                        let size = document.bytes.filter(|said| *said != found.bytes);
                        let digests = document.sha256.as_ref().zip(found.sha256.as_ref());
                        match (size, digests) {
                            (Some(said), _) => Some(gaps::listed_size(&name, kind, said, found.bytes)),
                            (None, Some((said, found))) if !said.eq_ignore_ascii_case(found) => {
                                Some(gaps::listed_digest(&name, kind))
                            }
                            _ => None,
                        }
                    }
                };
                if let Some((sort, gap)) = said {
                    let gap = Gap {
                        layer: document.layer.as_str().into(),
                        ..gap
                    };
                    self.gaps.push(About::File(argument), sort, gap);
                }
                listed.insert(file, document);
            }
            for gap in &manifest.gaps {
                self.gaps.push(About::Other(argument), gaps::STATED, gap.to_gap());
            }
            folders.insert((argument, folder), Listing { manifest, listed });
        }
        if folders.is_empty() {
            return;
        }
        for piece in &mut self.pieces {
            for (folder, file) in folders_of(&piece.file) {
                let Some(Listing { manifest, listed }) = folders.get(&(piece.argument, folder)) else {
                    continue;
                };
                // A listed file may itself be an archive: its documents' names begin with its name.
                let ends = file.match_indices('/').map(|(end, _)| end).chain([file.len()]);
                let Some(document) = ends.filter_map(|end| listed.get(file.get(..end)?)).next_back() else {
                    continue;
                };
                let said = |one: &Option<String>| one.clone().filter(|one| !one.is_empty());
                piece.scope = said(&document.scope).or_else(|| piece.scope.take());
                piece.context = said(&document.context)
                    .or_else(|| said(&manifest.context))
                    .or_else(|| piece.context.take());
                piece.created = said(&manifest.created).or_else(|| piece.created.take());
            }
        }
    }

    /// The arguments whose documents' names another's have too, with the name that goes before theirs: the argument's
    /// own, or all of it where that is not enough.
    fn colliding(&self, paths: &[PathBuf]) -> BTreeMap<usize, String> {
        let mut holders: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for piece in &self.pieces {
            holders.entry(&piece.file).or_default().insert(piece.argument);
        }
        let colliding: BTreeSet<usize> = holders
            .into_values()
            .filter(|one| one.len() > 1)
            .flatten()
            .collect();
        let own = |argument: usize| {
            let path = paths.get(argument)?;
            Some(
                path.file_name()
                    .unwrap_or(path.as_os_str())
                    .to_string_lossy()
                    .into_owned(),
            )
        };
        let mut names: BTreeMap<usize, String> = colliding
            .into_iter()
            .filter_map(|argument| Some((argument, own(argument)?)))
            .collect();
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for name in names.values() {
            *times.entry(name.clone()).or_default() += 1;
        }
        for (argument, name) in &mut names {
            if times.get(name).is_some_and(|times| *times > 1)
                && let Some(path) = paths.get(*argument)
            {
                *name = path
                    .to_string_lossy()
                    .replace('\\', "/")
                    .trim_end_matches('/')
                    .to_owned();
            }
        }
        names
    }
}

/// A manifest, and its documents by their files.
struct Listing<'a> {
    manifest: &'a Manifest,
    listed: BTreeMap<&'a str, &'a Listed>,
}

/// The folders that a name stands in, from the outermost, each with the rest of the name.
fn folders_of(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let inner = name
        .match_indices('/')
        .filter_map(|(end, _)| Some((name.get(..end)?, name.get(end + 1..)?)));
    std::iter::once(("", name)).chain(inner)
}
