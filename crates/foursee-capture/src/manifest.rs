//! The manifest of a capture: which documents belong to it, whose they are, and what was not collected.
//!
//! It stands beside its documents as [`NAME`]. A folder or archive without one is read all the same; with one, what is
//! lost on the way shows. Readers ignore fields that they do not know; a new version is for changes that they could
//! not ignore.

use foursee_core::model::{Gap, Reason};
use serde::{Deserialize, Serialize};

/// The file name of a manifest.
pub const NAME: &str = "foursee-capture.json";

/// The version that this crate reads.
pub const VERSION: u64 = 1;

/// What a capture says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The version of this form.
    pub foursee_capture: u64,
    /// When collecting began, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// The context or cluster name under which all of it was collected, where documents do not say another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Whether collecting came to its end. Not said counts as no.
    #[serde(default)]
    pub complete: Option<bool>,
    /// The documents.
    #[serde(default)]
    pub documents: Vec<Listed>,
    /// What could not be collected.
    #[serde(default)]
    pub gaps: Vec<NotCollected>,
}

/// One document of a capture.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Listed {
    /// Its path below the manifest's folder, with `/`.
    pub file: String,
    /// The layer that collected it.
    #[serde(default)]
    pub layer: String,
    /// The target that it was collected from, as its collector names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What the layer calls it. For people: documents are recognised by their content.
    #[serde(default)]
    pub kind: String,
    /// The scope it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The context or cluster name under which it was collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// SHA-256 of its bytes, as they lie there, in hexadecimal. A file that has another is a gap: it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How many bytes the file has, as it lies there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// Something that a collector could not read: a [`Gap`] as it is written down.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotCollected {
    /// The layer.
    #[serde(default)]
    pub layer: String,
    /// The scope, where it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The target that was being collected, as its collector names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What was not read.
    #[serde(default)]
    pub target: String,
    /// Which part of it.
    #[serde(default)]
    pub facet: String,
    /// Why: a word of [`Reason::as_str`].
    #[serde(default)]
    pub reason: String,
    /// What that keeps us from knowing.
    #[serde(default)]
    pub hides: String,
    /// What would close it.
    #[serde(default)]
    pub closes: String,
}

/// Why a manifest is not read. Its folder then is, as one without a manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unread {
    /// It is of another version.
    #[error("manifest of version {0}; this foursee reads version 1")]
    Version(u64),
    /// It is no manifest.
    #[error("no manifest")]
    Malformed(#[from] serde_json::Error),
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Versioned {
    foursee_capture: u64,
}

impl Listed {
    /// The path, without `./` before it.
    pub(crate) fn path(&self) -> &str {
        self.file.trim_start_matches("./")
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// [`Unread::Version`] where it is of another version, [`Unread::Malformed`] where it is no manifest.
    pub fn read(text: &str) -> Result<Self, Unread> {
        let Versioned {
            foursee_capture: version,
        } = serde_json::from_str(text)?;
        if version != VERSION {
            return Err(Unread::Version(version));
        }
        Ok(serde_json::from_str(text)?)
    }
}

impl NotCollected {
    /// The same, of a collector's layer and target where it does not say them itself.
    #[must_use]
    pub fn of(mut self, layer: &str, from: &str) -> Self {
        if self.layer.is_empty() {
            self.layer = layer.to_owned();
        }
        self.from.get_or_insert_with(|| from.to_owned());
        self
    }

    /// The gap as it is written down.
    #[must_use]
    pub fn from_gap(gap: &Gap) -> Self {
        Self {
            layer: gap.layer.to_string(),
            from: None,
            scope: None,
            target: gap.target.clone(),
            facet: gap.facet.clone(),
            reason: gap.reason.as_str().to_owned(),
            hides: gap.hides.clone(),
            closes: gap.closes.clone(),
        }
    }

    /// The gap. A scope that was known stands with the target, since a manifest's scopes have no ids yet; a reason
    /// that is not known (a later foursee's) is kept in the facet.
    #[must_use]
    pub fn to_gap(&self) -> Gap {
        let known = [
            Reason::NotCaptured,
            Reason::Denied,
            Reason::Malformed,
            Reason::Truncated,
            Reason::Unsupported,
            Reason::TooLarge,
            Reason::Inherent,
            Reason::Ambiguous,
        ];
        let reason = known.into_iter().find(|reason| reason.as_str() == self.reason);
        let target = match self.scope.as_deref().filter(|scope| !scope.is_empty()) {
            Some(scope) => format!("{} (scope {scope})", self.target),
            None => self.target.clone(),
        };
        let facet = match reason {
            None if !self.reason.is_empty() => format!("{} ({})", self.facet, self.reason),
            _ => self.facet.clone(),
        };
        let gap = Gap::new(reason.unwrap_or(Reason::NotCaptured), target).facet(facet.trim());
        Gap {
            layer: self.layer.as_str().into(),
            ..gap.hides(self.hides.as_str()).closes(self.closes.as_str())
        }
    }
}

/// Whether a file is a manifest, by the last part of its name.
pub(crate) fn is_manifest(name: &str) -> bool {
    name.rsplit('/').next() == Some(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_what_it_writes_and_ignores_the_unknown() {
        let text = r#"{"foursee_capture":1,"created":"2026-11-25T08:00:00Z","complete":true,"later":{"x":1},
            "documents":[{"file":"aws/gaad.json","layer":"aws","kind":"gaad","scope":"111122223333","bytes":12,"new":1}],
            "gaps":[{"layer":"kafka","scope":"k1","target":"acls","facet":"all","reason":"denied","hides":"h","closes":"c"}]}"#;
        let manifest = Manifest::read(text).unwrap();
        assert_eq!(manifest.documents[0].scope.as_deref(), Some("111122223333"));
        assert_eq!(
            Manifest::read(&serde_json::to_string(&manifest).unwrap()).unwrap(),
            manifest
        );
        let gap = manifest.gaps[0].to_gap();
        assert_eq!(
            (&*gap.layer, gap.reason, &*gap.target),
            ("kafka", Reason::Denied, "acls (scope k1)")
        );
    }

    #[test]
    fn another_version_is_told_from_no_manifest() {
        assert!(matches!(
            Manifest::read(r#"{"foursee_capture":2,"documents":7}"#),
            Err(Unread::Version(2))
        ));
        assert!(matches!(
            Manifest::read(r#"{"foursee_capture":1,"documents":7}"#),
            Err(Unread::Malformed(_))
        ));
        assert!(matches!(Manifest::read("{}"), Err(Unread::Malformed(_))));
        let later = NotCollected {
            reason: "quota".into(),
            facet: "names".into(),
            ..NotCollected::default()
        };
        assert_eq!(
            (later.to_gap().reason, &*later.to_gap().facet),
            (Reason::NotCaptured, "names (quota)")
        );
    }
}
