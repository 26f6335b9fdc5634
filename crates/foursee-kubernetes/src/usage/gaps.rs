//! What audit logs do not show.

use super::{ENOUGH, REQUESTS, Usage, day};
use foursee_core::model::{Gap, Reason};

impl Usage {
    /// What these logs do not show of use.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let Some((first, last)) = self.window else {
            return Vec::new();
        };
        let mut all = vec![
            Gap::new(Reason::Inherent, "requests that leave no event")
                .facet("level None and omitted stages of the audit policy; what kubelets and others ask about by SubjectAccessReviews")
                .hides("use that no event records: what is not seen may be used")
                .closes("the API server's --audit-policy-file, with a rule of level Metadata for everything"),
            Gap::new(Reason::Inherent, "use outside of the audit log")
                .facet(format!("it covers {first} to {last}"))
                .hides("what is used less often than that, or was before and after")
                .closes(format!("audit logs of a longer time; {ENOUGH} days or more")),
        ];
        let blank = self.blank(day(first), day(last));
        if blank > 0 {
            all.push(
                Gap::new(Reason::NotCaptured, format!("{blank} days within the audit log"))
                    .facet("no event at all")
                    .hides("what was used on them")
                    .closes("the audit logs of these days"),
            );
        }
        if self.ended == 0 {
            all.push(
                Gap::new(
                    Reason::NotCaptured,
                    "what became of the requests in the audit log",
                )
                .facet("stages ResponseStarted and ResponseComplete")
                .hides("which requests were allowed: none counts as use")
                .closes("an audit policy that does not omit these stages"),
            );
        }
        if self.unnamed {
            all.push(
                Gap::new(Reason::Inherent, "events without an auditID")
                    .facet("how often what they record was asked")
                    .hides("which of them stand in several logs: they are counted as often as they were read")
                    .closes("the audit log as the API server writes it, whose events have one"),
            );
        }
        if self.too_many {
            all.push(
                Gap::new(Reason::TooLarge, "the audit log")
                    .facet(format!("more than {REQUESTS} different requests"))
                    .hides("all use: none is counted")
                    .closes("logs of fewer identities at a time"),
            );
        }
        all
    }
}
