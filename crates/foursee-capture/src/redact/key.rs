//! Links: the same secret gives the same link under the same key, and nothing without the key.

use crate::write::names::hex;
use foursee_core::model::{Gap, Reason};
use foursee_core::secret::slug;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The variable of the environment that holds the key.
pub const LINK_KEY: &str = "FOURSEE_LINK_KEY";
/// How many characters a key that is given has at least: a shorter one could be guessed with the secrets.
const LEAST: usize = 16;
/// How many hexadecimal digits of the HMAC a link has.
const DIGITS: usize = 20;

/// The key of links.
#[derive(Clone)]
pub struct LinkKey {
    mac: Hmac<Sha256>,
    /// "k1" for a key that was given, "r1" for one of this run; the number is that of the way links are made.
    word: &'static str,
}

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkKey")
            .field("word", &self.word)
            .finish_non_exhaustive()
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It can be guessed.
    #[error(
        "{LINK_KEY} has fewer than {LEAST} characters: use a random one, such as `openssl rand -hex 32` prints"
    )]
    Short,
    /// It is no text.
    #[error("{LINK_KEY} is not UTF-8")]
    NotText,
    /// The system gives no random bytes.
    #[error("the system gives no random key: {0}")]
    Random(String),
}

impl LinkKey {
    /// The key that `FOURSEE_LINK_KEY` holds, else a random one for this run.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where the variable's key is too short, or the system gives no random one.
    pub fn from_environment() -> Result<Self, KeyError> {
        match std::env::var(LINK_KEY) {
            Ok(key) => Self::given(&key),
            Err(std::env::VarError::NotPresent) => Self::random(),
            Err(std::env::VarError::NotUnicode(_)) => Err(KeyError::NotText),
        }
    }

    /// A key that others have too, or will have again: links under it can be compared.
    ///
    /// # Errors
    ///
    /// [`KeyError::Short`] where it has fewer than 16 characters.
    pub fn given(key: &str) -> Result<Self, KeyError> {
        if key.trim().chars().count() < LEAST {
            return Err(KeyError::Short);
        }
        Self::new(key.trim().as_bytes(), "k1")
    }

    /// A key that nobody will ever have again.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`] where the system gives no random bytes.
    pub fn random() -> Result<Self, KeyError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| KeyError::Random(error.to_string()))?;
        Self::new(&key, "r1")
    }

    fn new(key: &[u8], word: &'static str) -> Result<Self, KeyError> {
        let mac = Hmac::new_from_slice(key).map_err(|_| KeyError::Short)?;
        Ok(Self { mac, word })
    }

    /// What stands in the place of a secret: `redacted:SORT:KEY:LINK`.
    #[must_use]
    pub fn mark(&self, sort: &str, secret: &[u8]) -> String {
        let mut mac = self.mac.clone();
        mac.update(secret.trim_ascii());
        let link = hex(&mac.finalize().into_bytes());
        format!(
            "redacted:{}:{}:{}",
            slug(sort),
            self.word,
            link.get(..DIGITS).unwrap_or(&link)
        )
    }

    /// What links under a key of this run alone do not say.
    #[must_use]
    pub fn gap(&self) -> Option<Gap> {
        (self.word == "r1").then(|| {
            Gap::new(Reason::NotCaptured, "links of redacted secrets")
                .facet("were made with a random key of this run")
                .hides("whether a secret here is the same as one in another capture")
                .closes(format!(
                    "capture both with the same {LINK_KEY} in the environment"
                ))
        })
    }
}
