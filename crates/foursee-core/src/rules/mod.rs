//! The findings that only the graph can make: one file a rule.

use crate::layer::Rule;
use std::sync::Arc;

mod credential_broken;
mod credential_dormant;
mod identity_shared;

/// All of them.
pub(crate) fn all() -> Vec<Arc<dyn Rule<()>>> {
    vec![
        Arc::new(credential_broken::CredentialBroken),
        Arc::new(credential_dormant::CredentialDormant),
        Arc::new(identity_shared::IdentityShared),
    ]
}
