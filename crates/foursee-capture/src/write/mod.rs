//! Writing a capture: a folder or a `.tar.zst` of documents and a manifest, that only its owner reads.

pub(crate) mod disk;
pub(crate) mod names;

use crate::collect::{Collected, Sink, SinkError, Step};
use crate::manifest::{self, Listed, Manifest, NotCollected};
use disk::Disk;
use names::hex;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Names that end so are written as one file.
const ARCHIVE: &str = ".tar.zst";
/// What an archive's folder is called until it is whole.
const UNFINISHED: &str = ".partial";

/// What is said of a capture before it begins.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// When collecting began, RFC 3339. This crate has no clock.
    pub created: Option<String>,
    /// The context under which all of it is collected, where documents do not say another.
    pub context: Option<String>,
}

impl Options {
    /// A capture begun at a time (RFC 3339).
    #[must_use]
    pub fn created(created: impl Into<String>) -> Self {
        Self {
            created: Some(created.into()),
            context: None,
        }
    }

    /// The context under which all of it is collected.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }
}

/// Why a capture cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The folder holds files and no manifest, so that it is somebody else's.
    #[error("`{}` holds files and is no capture: name a new or empty folder", .0.display())]
    Foreign(PathBuf),
    /// An archive, or something that is no folder, is there already.
    #[error("`{}` is there already: name another file, or remove it", .0.display())]
    Exists(PathBuf),
    /// An archive was asked for, of a foursee that was built without them.
    #[error("`{}` would be an archive, and this foursee was built without the feature `archives`: name a folder", .0.display())]
    WithoutArchives(PathBuf),
    /// The manifest that is there is not read by this foursee.
    #[error("cannot go on with the capture in `{}`", path.display())]
    Manifest {
        /// The capture.
        path: PathBuf,
        /// Why.
        source: manifest::Unread,
    },
    /// The disk refuses.
    #[error("cannot write `{}`", path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Written {
    /// The folder or archive.
    pub path: PathBuf,
    /// How many documents the manifest lists.
    pub documents: usize,
    /// How many of them were there already with the same content, and were left as they are.
    pub kept: usize,
    /// How many of an earlier run were removed, because their target no longer gave them.
    pub removed: usize,
    /// How many gaps the manifest lists.
    pub gaps: usize,
    /// Whether collecting came to its end.
    pub complete: bool,
}

/// Writes a capture.
///
/// The path names a folder, or one file where it ends in `.tar.zst`. Until it ends, an archive is a folder
/// `NAME.tar.zst.partial` beside it, so that whatever interrupts a capture leaves one that reads, marked incomplete.
///
/// Folders have mode 0700 and files 0600 from their creation on. A document is written under another name and then
/// renamed; the manifest is there from the start, with `complete: false`, and is replaced as the capture grows. A
/// second run into the same folder goes on with it: documents whose SHA-256 is unchanged are kept, those that the
/// same target no longer gives are removed when it ends whole, and other targets' documents and gaps stay. A folder
/// that holds files and no manifest is never written to, and neither is a file that the manifest does not list.
///
/// Each target ([`Writer::sink`]) has a folder of its own, `LAYER/TARGET`; names are encoded so that a stranger's name
/// can neither leave the folder, hide in it, nor meet another.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("foursee-doc-{}", std::process::id()));
/// use foursee_capture::{Collected, Limits, Options, Sink, Writer, read};
/// let writer = Writer::create(&folder, Options::created("2026-11-28T04:00:00Z"))?;
/// let sink = writer.sink("postgres", "db.shop:5432");
/// sink.document(Collected::new("shop.json", "roles", "{}"))?;
/// assert_eq!(writer.finish(true)?.documents, 1);
/// let reading = read(&[folder.clone()], &Limits::default(), &mut |_| {});
/// assert_eq!(reading.inputs[0].name, "postgres/db.shop%3a5432/shop.json");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Writer {
    /// What was asked for.
    path: PathBuf,
    /// Where documents are written: the same, or the archive's folder.
    #[cfg_attr(
        not(feature = "archives"),
        expect(dead_code, reason = "only an archive is made of it")
    )]
    folder: PathBuf,
    archive: bool,
    disk: Disk,
    options: Options,
    state: Mutex<State>,
}

/// What the writing has come to.
#[derive(Debug, Default)]
struct State {
    /// The documents of the manifest, by file.
    listed: BTreeMap<String, Listed>,
    /// Gaps by (layer, target), as they came.
    gaps: BTreeMap<Target, Vec<NotCollected>>,
    /// Targets of this run.
    targets: BTreeSet<Target>,
    /// Documents of this run, by target and the name that the collector gave.
    given: BTreeSet<(Target, String)>,
    /// Files that this run wrote or kept.
    fresh: BTreeSet<String>,
    /// Files that this capture may replace.
    own: BTreeSet<String>,
    /// Folders that hold documents.
    folders: BTreeSet<String>,
    kept: usize,
    /// Changes since the manifest was last written.
    changes: usize,
    number: u64,
    ended: bool,
}

type Target = (String, String);

impl Writer {
    /// Begins a capture, or goes on with the one that is there.
    ///
    /// # Errors
    ///
    /// [`WriteError`] where something else is there, another capture is being written into it, or the disk refuses.
    pub fn create(path: &Path, options: Options) -> Result<Self, WriteError> {
        let archive = path.to_string_lossy().ends_with(ARCHIVE);
        let mut folder = path.to_owned();
        if archive {
            if !cfg!(feature = "archives") {
                return Err(WriteError::WithoutArchives(path.to_owned()));
            }
            if fs::symlink_metadata(path).is_ok() {
                return Err(WriteError::Exists(path.to_owned()));
            }
            folder.as_mut_os_string().push(UNFINISHED);
        }
        let there = existing(&folder)?.is_some();
        let io = |source| WriteError::Io {
            path: folder.clone(),
            source,
        };
        if !there {
            if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
                DirBuilder::new().recursive(true).create(above).map_err(io)?;
            }
            disk::private_folder(&folder).map_err(io)?;
        }
        let disk = Disk::open(&folder).map_err(io)?;
        // Again, now that nobody else writes it.
        let there = existing(&folder)?;
        let mut state = State::default();
        state.own.extend(disk.begun.iter().cloned());
        for document in there.iter().flat_map(|manifest| &manifest.documents) {
            state.own.insert(document.file.clone());
            state.folders.extend(above(&document.file).map(str::to_owned));
            state.listed.insert(document.file.clone(), document.clone());
        }
        for gap in there.into_iter().flat_map(|manifest| manifest.gaps) {
            let target = (gap.layer.clone(), gap.from.clone().unwrap_or_default());
            state.gaps.entry(target).or_default().push(gap);
        }
        let writer = Self {
            path: path.to_owned(),
            folder,
            archive,
            disk,
            options,
            state: Mutex::new(state),
        };
        writer.manifest(&mut writer.state(), false)?;
        Ok(writer)
    }

    /// Where the documents of one target go. What an earlier run said could not be read of it is forgotten.
    #[must_use]
    pub fn sink(&self, layer: &str, target: &str) -> TargetSink<'_> {
        let target = (layer.to_owned(), target.to_owned());
        let mut state = self.state();
        if state.targets.insert(target.clone()) {
            state.gaps.remove(&target);
        }
        drop(state);
        TargetSink { writer: self, target }
    }

    /// Where copies of somebody's exports go: under their own names, in no target's folder.
    #[must_use]
    pub fn exports(&self) -> TargetSink<'_> {
        self.sink("", "")
    }

    /// Puts a `foursee.toml` beside the documents, which is no document of the capture.
    ///
    /// # Errors
    ///
    /// [`WriteError`] where another one is there, or the disk refuses. An archive takes none: nobody would read it.
    pub fn configuration(&self, text: &str) -> Result<(), WriteError> {
        const NAME: &str = "foursee.toml";
        let path = self.disk.path(NAME);
        let fails = |source| WriteError::Io {
            path: path.clone(),
            source,
        };
        if self.archive {
            return Ok(());
        }
        match fs::read(&path) {
            Ok(there) if there == text.as_bytes() => Ok(()),
            Ok(_) => Err(WriteError::Exists(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut state = self.state();
                state.number += 1;
                self.disk.put(state.number, NAME, text.as_bytes()).map_err(fails)
            }
            Err(source) => Err(fails(source)),
        }
    }

    /// Ends the capture. `complete` says whether collecting came to its end: not that it saw everything, which is what
    /// gaps are for. A writer that is dropped instead leaves a capture marked incomplete.
    ///
    /// # Errors
    ///
    /// [`WriteError`] where the disk refuses.
    pub fn finish(self, complete: bool) -> Result<Written, WriteError> {
        let mut state = self.state();
        let mut removed = 0;
        if complete {
            let State {
                listed,
                targets,
                fresh,
                ..
            } = &mut *state;
            let gone: Vec<String> = listed
                .values()
                .filter(|one| !fresh.contains(&one.file) && targets.contains(&target_of(one)))
                .map(|one| one.file.clone())
                .collect();
            for file in gone {
                match self.disk.remove(&file) {
                    Err(source) if source.kind() != io::ErrorKind::NotFound => {
                        let path = self.disk.path(&file);
                        return Err(WriteError::Io { path, source });
                    }
                    _ => removed += 1,
                }
                listed.remove(&file);
            }
        }
        self.manifest(&mut state, complete)?;
        state.ended = true;
        let written = Written {
            path: self.path.clone(),
            documents: state.listed.len(),
            kept: state.kept,
            removed,
            gaps: state.gaps.values().map(Vec::len).sum(),
            complete,
        };
        self.disk.close().map_err(|source| self.io(source))?;
        #[cfg(feature = "archives")]
        if self.archive {
            let files: Vec<&str> = std::iter::once(manifest::NAME)
                .chain(state.listed.keys().map(String::as_str))
                .collect();
            self.pack(&files).map_err(|source| self.io(source))?;
        }
        Ok(written)
    }

    #[cfg(feature = "archives")]
    fn pack(&self, files: &[&str]) -> io::Result<()> {
        let mut whole = self.folder.clone();
        whole.as_mut_os_string().push(ARCHIVE);
        let _ = fs::remove_file(&whole);
        let mut options = OpenOptions::new();
        let out = disk::private(options.write(true).create_new(true)).open(&whole)?;
        crate::archive::pack(&self.folder, files, out)?;
        fs::rename(&whole, &self.path)?;
        fs::remove_dir_all(&self.folder)
    }

    fn io(&self, source: io::Error) -> WriteError {
        WriteError::Io {
            path: self.path.clone(),
            source,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the manifest as it stands.
    fn manifest(&self, state: &mut State, complete: bool) -> Result<(), WriteError> {
        state.changes = 0;
        state.number += 1;
        let manifest = Manifest {
            foursee_capture: manifest::VERSION,
            created: self.options.created.clone(),
            context: self.options.context.clone(),
            complete: Some(complete),
            documents: state.listed.values().cloned().collect(),
            gaps: state.gaps.values().flatten().cloned().collect(),
        };
        let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| self.io(error.into()))?;
        text.push(b'\n');
        self.disk
            .put(state.number, manifest::NAME, &text)
            .map_err(|source| WriteError::Io {
                path: self.disk.path(manifest::NAME),
                source,
            })
    }

    /// Writes the manifest when an eighth of it is new, so that writing it stays in proportion.
    fn grown(&self, state: &mut State) -> Result<(), WriteError> {
        state.changes += 1;
        if state.changes * 8 > state.listed.len() {
            self.manifest(state, false)?;
        }
        Ok(())
    }

    fn document(&self, target: &Target, document: Collected) -> Result<(), String> {
        let (layer, of) = target;
        let sha256 = hex(&Sha256::digest(document.text.as_bytes()));
        let (file, number, earlier) = {
            let mut state = self.state();
            if !state.given.insert((target.clone(), document.file.clone())) {
                return Err("two documents of this name".to_owned());
            }
            let mut file = if layer.is_empty() && of.is_empty() {
                names::export(&document.file)
            } else {
                names::encode(layer, of, &document.file)
            };
            let blocked =
                state.folders.contains(&file) || above(&file).any(|folder| state.own.contains(folder));
            if blocked {
                file = names::flat(layer, of, &document.file);
            }
            state.folders.extend(above(&file).map(str::to_owned));
            state.number += 1;
            let earlier = state.listed.get(&file).cloned();
            if state.own.insert(file.clone()) {
                if fs::symlink_metadata(self.disk.path(&file)).is_ok() {
                    state.own.remove(&file);
                    return Err("a file that is not of this capture is in its place".to_owned());
                }
                self.disk.own(&file).map_err(|error| error.to_string())?;
            }
            (file, state.number, earlier)
        };
        let kept = earlier.is_some_and(|one| one.sha256.as_deref() == Some(&*sha256))
            && digest_of(&self.disk.path(&file)).is_ok_and(|there| there == sha256);
        if !kept {
            self.disk
                .put(number, &file, document.text.as_bytes())
                .map_err(|error| error.to_string())?;
        }
        let mut state = self.state();
        state.kept += usize::from(kept);
        state.fresh.insert(file.clone());
        let listed = Listed {
            file: file.clone(),
            layer: layer.clone(),
            target: Some(of.clone()),
            kind: document.kind,
            scope: document.scope,
            context: document.context,
            sha256: Some(sha256),
            bytes: Some(document.text.len() as u64),
        };
        state.listed.insert(file, listed);
        self.grown(&mut state).map_err(|error| error.to_string())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.state();
        if !state.ended {
            // The manifest there says `complete: false` already; this one lists more.
            let _ = self.manifest(&mut state, false);
        }
    }
}

/// The sink of one target of a [`Writer`].
#[derive(Debug)]
pub struct TargetSink<'w> {
    writer: &'w Writer,
    target: Target,
}

impl Sink for TargetSink<'_> {
    fn document(&self, document: Collected) -> Result<(), SinkError> {
        let file = document.file.clone();
        self.writer
            .document(&self.target, document)
            .map_err(|why| SinkError { file, why })
    }

    fn gap(&self, gap: NotCollected) {
        let mut state = self.writer.state();
        let gap = gap.of(&self.target.0, &self.target.1);
        state.gaps.entry(self.target.clone()).or_default().push(gap);
    }

    fn step(&self, _: Step) {}
}

/// Writes a file that only its owner reads: under another name first, in the same folder, then under its own.
///
/// # Errors
///
/// Where the disk refuses.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut partial = path.to_owned();
    partial.as_mut_os_string().push(UNFINISHED);
    let _ = fs::remove_file(&partial);
    let mut options = OpenOptions::new();
    let mut file = disk::private(options.write(true).create_new(true)).open(&partial)?;
    io::Write::write_all(&mut file, bytes)?;
    fs::rename(&partial, path)
}

/// The manifest of the folder, if it is there and not empty.
fn existing(folder: &Path) -> Result<Option<Manifest>, WriteError> {
    let io = |source| WriteError::Io {
        path: folder.to_owned(),
        source,
    };
    match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
        Ok(metadata) if !metadata.is_dir() => return Err(WriteError::Exists(folder.to_owned())),
        Ok(_) => {}
    }
    match fs::read_to_string(folder.join(manifest::NAME)) {
        Ok(text) => match Manifest::read(&text) {
            // A capture that somebody gave may list what is not in it; foursee never writes such a name.
            Ok(manifest) if !manifest.documents.iter().all(|one| disk::is_below(&one.file)) => {
                Err(WriteError::Foreign(folder.to_owned()))
            }
            Ok(manifest) => Ok(Some(manifest)),
            Err(source) => Err(WriteError::Manifest {
                path: folder.to_owned(),
                source,
            }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            for entry in fs::read_dir(folder).map_err(io)? {
                if entry.map_err(io)?.file_name() != disk::PARTIAL {
                    return Err(WriteError::Foreign(folder.to_owned()));
                }
            }
            Ok(Some(Manifest::default()))
        }
        Err(error) => Err(io(error)),
    }
}

/// The folders that a file stands in, by name.
fn above(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').filter_map(|(end, _)| file.get(..end))
}

fn target_of(listed: &Listed) -> Target {
    (listed.layer.clone(), listed.target.clone().unwrap_or_default())
}

fn digest_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(buffer.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
#[cfg(feature = "archives")]
mod tests;
