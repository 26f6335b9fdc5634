//! Files that only their owner reads, from their creation on, each whole or not there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Where files stand until they are whole, below the capture's folder. Hidden, so that reading passes it over.
pub(crate) const PARTIAL: &str = ".foursee-partial";
/// The list of files that were begun, in [`PARTIAL`]: what an interrupted capture calls its own.
const JOURNAL: &str = "journal";

/// The folder of a capture.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    /// Open, and locked, for as long as the capture is written.
    journal: File,
    /// What an interrupted capture had begun.
    pub(crate) begun: Vec<String>,
}

impl Disk {
    /// Opens a folder that exists, and waits for nobody: two captures into one folder at a time are an error.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let partial = root.join(PARTIAL);
        private_folder(&partial)?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let mut journal = private(&mut options).open(partial.join(JOURNAL))?;
        journal.try_lock().map_err(|_| {
            io::Error::new(
                io::ErrorKind::ResourceBusy,
                "another capture is being written into it",
            )
        })?;
        let mut text = String::new();
        journal.read_to_string(&mut text)?;
        for entry in fs::read_dir(&partial)? {
            let entry = entry?;
            if entry.file_name() != JOURNAL {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self {
            root: root.to_owned(),
            journal,
            begun: text.lines().map(str::to_owned).collect(),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Notes that a file is this capture's, before it is there.
    pub(crate) fn own(&self, name: &str) -> io::Result<()> {
        (&self.journal).write_all(format!("{name}\n").as_bytes())
    }

    /// Writes a file whole under another name, then gives it its own. No link is followed.
    pub(crate) fn put(&self, number: u64, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut folder = self.root.clone();
        let (folders, _) = name.rsplit_once('/').unwrap_or_default();
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            folder.push(part);
            private_folder(&folder)?;
        }
        let partial = self.root.join(PARTIAL).join(number.to_string());
        let mut options = OpenOptions::new();
        let written = private(options.write(true).create_new(true))
            .open(&partial)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&partial, self.path(name)));
        if written.is_err() {
            let _ = fs::remove_file(&partial);
        }
        written
    }

    /// Removes a file, and the folders that it leaves empty.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        let mut folder = self.root.clone();
        let (folders, _) = name.rsplit_once('/').unwrap_or_default();
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            folder.push(part);
            if fs::symlink_metadata(&folder)?.is_symlink() {
                return Err(io::Error::new(
                    io::ErrorKind::NotADirectory,
                    "a link is in its way",
                ));
            }
        }
        fs::remove_file(self.path(name))?;
        let mut rest = name;
        while let Some((folder, _)) = rest.rsplit_once('/') {
            if fs::remove_dir(self.path(folder)).is_err() {
                break;
            }
            rest = folder;
        }
        Ok(())
    }

    /// Ends the writing: nothing is left but the capture.
    pub(crate) fn close(&self) -> io::Result<()> {
        let partial = self.root.join(PARTIAL);
        fs::remove_file(partial.join(JOURNAL))?;
        fs::remove_dir(partial)
    }
}

/// Whether a name stays below the folder that it stands in.
pub(crate) fn is_below(name: &str) -> bool {
    !name.contains(['\\', '\0']) && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Makes a folder that only its owner enters, if it is not there. A link in its place is an error.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "is there, and is no folder",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match owners_alone(&mut DirBuilder::new()).create(path) {
                // Another thread was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
                made => made,
            }
        }
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn owners_alone(builder: &mut DirBuilder) -> &mut DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    builder.mode(0o700)
}

#[cfg(not(unix))]
fn owners_alone(builder: &mut DirBuilder) -> &mut DirBuilder {
    builder
}

/// Files that are created by these options are their owner's alone.
#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

/// Files that are created by these options are their owner's alone, where the folder's rules say so.
#[cfg(not(unix))]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
