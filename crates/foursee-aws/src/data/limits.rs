//! What an IAM policy cannot say, so that distance is measured to what is attainable and not to what is wished for.

use foursee_core::model::{Limit, Rung};

/// The limits that are known.
pub static LIMITS: [Limit; 4] = [
    Limit {
        id: "s3-object-size",
        actions: "s3:PutObject",
        wish: "a limit on an object's size",
        attainable: Rung::Narrow,
        instead: "a presigned POST whose policy has content-length-range: that limits the form that was signed, not the identity",
        source: "Service Authorization Reference, list_amazons3: none of the condition keys of s3:PutObject is the size of the object; Amazon S3 API reference, sigv4-HTTPPOSTConstructPolicy",
    },
    Limit {
        id: "s3-object-content",
        actions: "s3:PutObject",
        wish: "a limit on an object's content or content type",
        attainable: Rung::Narrow,
        instead: "a pattern over the key's suffix, and a check after the upload",
        source: "Service Authorization Reference, list_amazons3: s3:PutObject has no condition key for Content-Type",
    },
    Limit {
        id: "iam-pass-role-tags",
        actions: "iam:PassRole",
        wish: "a limit by the tags of the role that is passed",
        attainable: Rung::Narrow,
        instead: "roles named or put under a path by purpose, and iam:PassedToService",
        source: "IAM User Guide, id_roles_use_passrole: iam:ResourceTag cannot restrict what is passed",
    },
    Limit {
        id: "wildcard-only-actions",
        actions: "actions without a resource type, such as ec2:DescribeInstances",
        wish: "a limit to some resources",
        attainable: Rung::Broad,
        instead: "conditions, such as aws:RequestedRegion",
        source: "Service Authorization Reference: the column Resource types is empty for these actions",
    },
];

#[cfg(test)]
mod tests {
    use super::LIMITS;

    #[test]
    fn the_size_of_an_object_is_beyond_a_policy() {
        let row = LIMITS.iter().find(|row| row.id == "s3-object-size").unwrap();
        assert!(row.source.contains("condition keys") && row.actions == "s3:PutObject");
    }
}
