//! What is wrong with a cluster: one file a rule.

use crate::facts::Facts;
use foursee_core::layer::Rule;

mod allow_everyone;
mod super_user;

/// All of them.
pub(crate) fn all() -> Vec<Box<dyn Rule<Facts>>> {
    vec![
        Box::new(allow_everyone::AllowEveryone),
        Box::new(super_user::SuperUser),
    ]
}
