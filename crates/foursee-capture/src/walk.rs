//! Arguments and folders: which files are read, in which order, and which are passed over.

use crate::digest::Digested;
use crate::gaps::{self, About};
use crate::manifest;
use crate::read::{At, Reader};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// How deep folders are walked, and how many parts a name in an archive may have.
pub(crate) const DEEPEST: usize = 128;

/// Whether a file of a folder or archive is none of ours, by its name below it: hidden, or written for people or for
/// foursee's own configuration.
pub(crate) fn passed_over(name: &str) -> bool {
    if name.split('/').any(is_hidden) {
        return true;
    }
    let last = name.rsplit('/').next().unwrap_or_default();
    let lower = last.to_ascii_lowercase();
    let (stem, ending) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    let for_people = |stem: &str| ["readme", "license", "licence", "changelog", "notice"].contains(&stem);
    lower == "foursee.toml"
        || matches!(ending, "md" | "markdown")
        || (matches!(ending, "" | "txt" | "rst" | "adoc") && for_people(stem))
}

/// Files and folders that their makers hide: `.git`, `.DS_Store`, what macOS adds to archives.
fn is_hidden(part: &str) -> bool {
    (part.starts_with('.') && part.len() > 1) || part == "__MACOSX"
}

impl Reader<'_> {
    /// Reads one argument.
    pub(crate) fn argument(&mut self, argument: usize, path: &Path) {
        let shown = path.display().to_string();
        if self.budget.stopped().is_some() {
            let (sort, gap) = gaps::not_reached(&shown);
            return self.gaps.push(About::Other(argument), sort, gap);
        }
        if path == Path::new("-") {
            // Read twice, it has nothing more to give.
            if self.first(Path::new("-"), argument) {
                self.source(&At::argument(argument, "stdin"), &mut io::stdin().lock(), None);
            }
            return;
        }
        let is_folder = match fs::metadata(path) {
            Ok(metadata) => metadata.is_dir(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (sort, gap) = gaps::not_found(&shown);
                return self.gaps.push(About::Other(argument), sort, gap);
            }
            Err(error) => {
                let (sort, gap) = gaps::unreadable(&shown, &error);
                return self.gaps.push(About::Other(argument), sort, gap);
            }
        };
        // What has no path of its own (a pipe of the shell) is known by the name that it was given.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let before = self.gaps.len();
        if is_folder {
            self.folder(&Folder {
                argument,
                root: &real,
                path: real.clone(),
                name: String::new(),
                depth: 0,
            });
        } else {
            let name = path
                .file_name()
                .map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
            self.file(&At::argument(argument, &name), &real);
        }
        if !self.gave.contains(&argument) && self.gaps.len() == before {
            let (sort, gap) = gaps::nothing_in(&shown);
            self.gaps.push(About::Other(argument), sort, gap);
        }
    }

    /// Whether a file was not read yet. If it was, the argument that names it again did give something.
    fn first(&mut self, path: &Path, argument: usize) -> bool {
        let first = self.read.insert(path.to_owned());
        if !first {
            self.gave.insert(argument);
        }
        first
    }

    fn file(&mut self, at: &At, path: &Path) {
        if !self.first(path, at.argument) {
            return;
        }
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        match opened {
            Ok((metadata, file)) => {
                self.found(at, metadata.len());
                let size = metadata.is_file().then_some(metadata.len());
                let mut source = BufReader::with_capacity(64 << 10, file);
                match size.filter(|_| self.has_digest(at)) {
                    None => self.source(at, &mut source, size),
                    Some(bytes) => {
                        let mut source = Digested::new(source);
                        self.source(at, &mut source, size);
                        if self.budget.stopped().is_none() {
                            self.digest(at, source.finish(bytes));
                        }
                    }
                }
            }
            Err(error) => self.gap(at, gaps::unreadable(&at.name, &error)),
        }
    }

    fn folder(&mut self, folder: &Folder<'_>) {
        let argument = folder.argument;
        let (about, shown) = if folder.name.is_empty() {
            (About::Other(argument), folder.path.display().to_string())
        } else {
            (About::File(argument), folder.name.clone())
        };
        if folder.depth > DEEPEST {
            let (sort, gap) = gaps::folder_too_deep(&shown, DEEPEST);
            return self.gaps.push(about, sort, gap);
        }
        let mut entries = Vec::new();
        let listing = fs::read_dir(&folder.path).and_then(|listing| {
            for entry in listing {
                let entry = entry?;
                entries.push((entry.file_name(), entry.file_type()?));
            }
            Ok(())
        });
        if let Err(error) = listing {
            let (sort, gap) = gaps::unreadable(&shown, &error);
            self.gaps.push(about, sort, gap);
        }
        // A manifest first: it says of which files a digest is known.
        entries.sort_by(|a, b| {
            let is_manifest = |file: &OsString| file.to_str() == Some(manifest::NAME);
            (!is_manifest(&a.0), &a.0).cmp(&(!is_manifest(&b.0), &b.0))
        });
        for (file, kind) in entries {
            let part = file.to_string_lossy();
            if is_hidden(&part) {
                continue;
            }
            let name = if folder.name.is_empty() {
                part.into_owned()
            } else {
                format!("{}/{part}", folder.name)
            };
            if self.budget.stopped().is_some() || self.budget.entry().is_err() {
                return self.say_stop(About::File(argument), &name);
            }
            let path = folder.path.join(&file);
            let at = At::file(argument, &name);
            if kind.is_dir() {
                self.folder(&Folder {
                    path,
                    name,
                    depth: folder.depth + 1,
                    ..*folder
                });
            } else if passed_over(&name) {
                // Written for people, or for foursee itself.
            } else if kind.is_symlink() {
                self.link(folder, &at, &path);
            } else if kind.is_file() {
                self.file(&at, &path);
            } else {
                self.gap(&at, gaps::special(&name));
            }
        }
    }

    /// A symbolic link of a folder. What it leads to is read under its own name if that is in the folder too and not
    /// hidden, and under the link's if it is a hidden file (as in volumes that Kubernetes mounts). Any other is a gap.
    fn link(&mut self, folder: &Folder<'_>, at: &At, path: &Path) {
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.gap(at, gaps::link(&at.name, "a symbolic link to what is not there"));
            }
            Err(error) => return self.gap(at, gaps::unreadable(&at.name, &error)),
        };
        let Ok(below) = real.strip_prefix(folder.root) else {
            return self.gap(
                at,
                gaps::link(
                    &at.name,
                    "a symbolic link that leads out of the folder is not followed",
                ),
            );
        };
        if !below.iter().any(|part| is_hidden(&part.to_string_lossy())) {
            return;
        }
        match fs::metadata(&real) {
            Ok(metadata) if metadata.is_file() => self.file(at, &real),
            Ok(metadata) if metadata.is_dir() => {
                self.gap(
                    at,
                    gaps::link(&at.name, "a symbolic link to a hidden folder is not followed"),
                );
            }
            Ok(_) => self.gap(at, gaps::special(&at.name)),
            Err(error) => self.gap(at, gaps::unreadable(&at.name, &error)),
        }
    }
}

/// A folder being walked.
struct Folder<'a> {
    argument: usize,
    /// The argument, with every link resolved.
    root: &'a Path,
    path: PathBuf,
    /// Its name below the argument; "" for the argument.
    name: String,
    depth: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_passed_over() {
        for name in [
            ".git/config",
            "a/.DS_Store",
            "a/._roles.json",
            "__MACOSX/x.json",
            "foursee.toml",
            "a/README.md",
            "NOTES.MD",
            "README",
            "docs/readme.txt",
            "LICENSE",
        ] {
            assert!(passed_over(name), "{name}");
        }
        for name in [
            "roles.json",
            "a/b",
            "readme.json",
            "license.json",
            "md",
            "a.b/c.yaml",
            "foursee.toml/x.json",
        ] {
            assert!(!passed_over(name), "{name}");
        }
    }
}
