//! A set of policies of real size: five managed policies of 5 to 40 statements, a permissions boundary, and two levels of
//! service control policies, as roles of applications have them beside their own.

use foursee::core::document::Place;
use foursee::core::model::DocId;
use foursee_aws::policy::Policy;
use serde_json::{Value, json};

/// The policies, parsed.
pub struct Policies {
    pub managed: Vec<Policy>,
    pub boundary: Policy,
    pub levels: [Policy; 2],
}

/// Services, each with some of its actions and a resource.
const SERVICES: [(&str, [&str; 4], &str); 12] = [
    (
        "ec2",
        [
            "DescribeInstances",
            "DescribeSubnets",
            "StartInstances",
            "StopInstances",
        ],
        "instance/*",
    ),
    (
        "logs",
        [
            "CreateLogStream",
            "PutLogEvents",
            "DescribeLogGroups",
            "GetLogEvents",
        ],
        "log-group:/app/*",
    ),
    (
        "sqs",
        ["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueUrl"],
        "jobs-*",
    ),
    (
        "sns",
        ["Publish", "Subscribe", "ListTopics", "GetTopicAttributes"],
        "events-*",
    ),
    (
        "dynamodb",
        ["GetItem", "PutItem", "Query", "UpdateItem"],
        "table/orders-*",
    ),
    (
        "kms",
        ["Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey"],
        "key/*",
    ),
    (
        "secretsmanager",
        [
            "GetSecretValue",
            "DescribeSecret",
            "ListSecrets",
            "PutSecretValue",
        ],
        "secret:app/*",
    ),
    (
        "ssm",
        [
            "GetParameter",
            "GetParameters",
            "PutParameter",
            "DescribeParameters",
        ],
        "parameter/app/*",
    ),
    (
        "ecr",
        [
            "GetAuthorizationToken",
            "BatchGetImage",
            "PutImage",
            "DescribeImages",
        ],
        "repository/app-*",
    ),
    (
        "lambda",
        [
            "InvokeFunction",
            "GetFunction",
            "ListFunctions",
            "UpdateFunctionCode",
        ],
        "function:app-*",
    ),
    (
        "cloudwatch",
        ["PutMetricData", "GetMetricData", "ListMetrics", "PutMetricAlarm"],
        "alarm:app-*",
    ),
    (
        "s3",
        ["ListBucket", "GetBucketLocation", "PutObject", "GetObjectTagging"],
        "shared-*",
    ),
];

impl Policies {
    pub fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let statement = |at: usize| -> Option<Value> {
            let (service, actions, resource) = SERVICES.get(at % SERVICES.len())?;
            let region = if *service == "s3" {
                ":"
            } else {
                "eu-west-1:111122223333"
            };
            let mut one = json!({
                "Sid": format!("S{at}"), "Effect": if at % 17 == 16 { "Deny" } else { "Allow" },
                "Action": actions.iter().map(|action| format!("{service}:{action}")).collect::<Vec<_>>(),
                "Resource": format!("arn:aws:{service}:{region}:{resource}")});
            if let (Some(one), 4) = (one.as_object_mut(), at % 5) {
                one.insert(
                    "Condition".to_owned(),
                    json!({"StringEquals": {"aws:ResourceTag/team": "shop"}}),
                );
            }
            Some(one)
        };
        let managed = [5, 8, 12, 20, 40].into_iter().enumerate();
        let managed = managed
            .map(|(first, many)| parse(&(first..first + many).filter_map(statement).collect::<Vec<_>>()));
        let all: Vec<String> = SERVICES
            .iter()
            .map(|(service, ..)| format!("{service}:*"))
            .collect();
        Ok(Self {
            managed: managed.collect::<Result<_, _>>()?,
            boundary: parse(&[
                json!({"Effect": "Allow", "Action": all, "Resource": "*"}),
                json!({"Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*"}),
            ])?,
            levels: [
                parse(&[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})])?,
                parse(&[
                    json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
                    json!({"Effect": "Deny", "NotAction": ["iam:*", "sts:*", "s3:*", "organizations:*", "support:*"], "Resource": "*",
                        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}}),
                    json!({"Effect": "Deny", "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "guardduty:Delete*"], "Resource": "*"}),
                ])?,
            ],
        })
    }
}

fn parse(statements: &[Value]) -> Result<Policy, Box<dyn std::error::Error>> {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let place = Place { doc: DocId(0), at: 0 };
    foursee_aws::policy::parse(&text, None, place).map_err(|_| "a policy of the benches is none".into())
}
