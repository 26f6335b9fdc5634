//! A finding against the rung that was asked for.

use crate::model::Rung;
use crate::report::Status;

/// Whether what stands there is what was asked for. Nobody can be asked for more than the platform can express.
pub(crate) fn status(rung: Option<Rung>, attainable: Option<Rung>, target: Option<Rung>) -> Status {
    match (rung, target) {
        (Some(rung), Some(target)) if rung >= target.min(attainable.unwrap_or(target)) => Status::AtTarget,
        _ => Status::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_for_three() {
        let three = Some(Rung::Scoped);
        assert_eq!(
            status(Some(Rung::ServiceWide), Some(Rung::Narrow), three),
            Status::Open
        );
        assert_eq!(
            status(Some(Rung::Scoped), Some(Rung::Narrow), three),
            Status::AtTarget
        );
        assert_eq!(
            status(Some(Rung::ServiceWide), Some(Rung::ServiceWide), three),
            Status::AtTarget
        );
        assert_eq!(status(Some(Rung::Scoped), None, None), Status::Open);
        assert_eq!(status(None, None, three), Status::Open);
    }
}
