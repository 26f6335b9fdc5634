//! A finding's fingerprint: the same as long as the cause is there, whatever moves around it.

use sha2::{Digest, Sha256};

/// The hash of length-framed (schema version, rule's first name, layer, scope, cause, resource), as 32 hex digits.
/// Never of line numbers, times, counts or folders.
#[must_use]
pub fn fingerprint(rule: &str, layer: &str, scope: &str, cause: &str, resource: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["v1", rule, layer, scope, cause, resource] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digits =
        |byte: &u8| [byte >> 4, byte & 15].map(|one| char::from_digit(one.into(), 16).unwrap_or('0'));
    hash.finalize().iter().take(16).flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(
            fingerprint("a", "b", "c", "d1", "2"),
            fingerprint("a", "b", "c", "d", "12")
        );
        assert_eq!(
            fingerprint("a", "b", "c", "d", "e"),
            fingerprint("a", "b", "c", "d", "e")
        );
        assert_eq!(fingerprint("a", "b", "c", "d", "e").len(), 32);
    }
}
