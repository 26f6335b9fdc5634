//! The layer's rules: one file a rule.

use crate::facts::Facts;
use foursee_core::layer::Rule;

mod default_privileges_public;
mod definer_search_path_missing;
mod grant_unusable;
mod hba_trust;
mod public_table_grant;
mod superuser_login;
mod superuser_reachable;

/// All of them.
pub(crate) fn all() -> Vec<Box<dyn Rule<Facts>>> {
    vec![
        Box::new(default_privileges_public::DefaultPrivilegesPublic),
        Box::new(definer_search_path_missing::DefinerSearchPathMissing),
        Box::new(grant_unusable::GrantUnusable),
        Box::new(hba_trust::HbaTrust),
        Box::new(public_table_grant::PublicTableGrant),
        Box::new(superuser_login::SuperuserLogin),
        Box::new(superuser_reachable::SuperuserReachable),
    ]
}
