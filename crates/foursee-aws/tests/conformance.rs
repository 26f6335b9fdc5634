//! What every layer must pass, over the demo organisation's exports and over a small account in many forms.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use foursee_aws::Aws;
use foursee_core::conformance;

fn shop() -> Vec<(String, String)> {
    let base = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let mut all = Vec::new();
    for folder in ["aws-prod", "aws-dev", "organization"] {
        for entry in std::fs::read_dir(base.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            all.push((name, std::fs::read_to_string(path).unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn the_demo_organisation_conforms() {
    let texts = shop();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let wrong = conformance::check(&Aws, &texts).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn small() -> Vec<(&'static str, String)> {
    let statement = |text: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#);
    let inline = |text: &str| format!(r#"[{{"PolicyName":"own","PolicyDocument":{}}}]"#, statement(text));
    let role = |name: &str, id: u8, trust: &str, policy: &str, more: &str| {
        format!(
            r#"{{"RoleName":"{name}","RoleId":"AROAEXAMPLE00000000{id}","Arn":"arn:aws:iam::111122223333:role/{name}","AssumeRolePolicyDocument":{},"RolePolicyList":{},"AttachedManagedPolicies":[]{more}}}"#,
            statement(trust),
            inline(policy)
        )
    };
    let user = |name: &str, id: u8, policy: &str, more: &str| {
        format!(
            r#"{{"UserName":"{name}","UserId":"AIDAEXAMPLE00000000{id}","Arn":"arn:aws:iam::111122223333:user/{name}","GroupList":[],"UserPolicyList":{},"AttachedManagedPolicies":[]{more}}}"#,
            inline(policy)
        )
    };
    let account = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}"#;
    let lambda =
        r#"{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}"#;
    let ec2 = lambda.replace("lambda", "ec2");
    let ann = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"},"Action":"sts:AssumeRole"}"#;
    let mfa = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    let none = r#"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}"#;
    let boundary = r#","PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/edge"}"#;
    let roles = [
        role("team/open", 1, account, none, ""),
        role("team/guarded", 2, mfa, none, ""),
        role(
            "team/anns",
            3,
            ann,
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
            "",
        ),
        role(
            "fn/worker",
            4,
            lambda,
            r#"{"Effect":"Allow","Action":"iam:AttachRolePolicy","Resource":"arn:aws:iam::111122223333:role/fn/*"}"#,
            "",
        ),
        role(
            "vm/box",
            5,
            &ec2,
            r#"{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]},{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::b/*"}"#,
            r#","InstanceProfileList":[{"InstanceProfileName":"x"}]"#,
        ),
        role("vm/bare", 6, &ec2, none, ""),
    ];
    let users = [
        user("ann", 1, none, ""),
        user(
            "ben",
            2,
            r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111122223333:role/team/g*"}"#,
            "",
        ),
        user(
            "cat",
            3,
            r#"{"Effect":"Allow","Action":["iam:PassRole","lambda:*","ec2:RunInstances"],"Resource":"*"}"#,
            "",
        ),
        user(
            "dan",
            4,
            r#"{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"arn:aws:iam::111122223333:user/${aws:username}"}"#,
            "",
        ),
        user(
            "eve",
            5,
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
            boundary,
        ),
        user(
            "fay",
            6,
            r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/img/*"]}"#,
            "",
        ),
        user(
            "gus",
            7,
            r#"{"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"arn:aws:iam::111122223333:user/g*"},{"Effect":"Allow","Action":["iam:CreatePolicyVersion","iam:UpdateAssumeRolePolicy"],"NotResource":"arn:aws:iam::111122223333:role/team/*"}"#,
            "",
        ),
        user(
            "ivy",
            8,
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::b/img/*.jpg","arn:aws:s3:::c*"]}"#,
            "",
        ),
    ];
    let edge = format!(
        r#"{{"PolicyName":"edge","PolicyId":"ANPAEXAMPLE000000001","Arn":"arn:aws:iam::111122223333:policy/edge","DefaultVersionId":"v1","PolicyVersionList":[{{"VersionId":"v1","IsDefaultVersion":true,"Document":{}}}]}}"#,
        statement(
            r#"{"Effect":"Allow","Action":["sts:*","iam:Create*","s3:Get*"],"Resource":["arn:aws:iam::111122223333:role/team/*","arn:aws:iam::111122223333:user/*","arn:aws:s3:::b/*"]},{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::111122223333:user/ann"}"#
        )
    );
    let page = |users: &[String], roles: &[String], policies: &str, more: bool| {
        format!(
            r#"{{"UserDetailList":[{}],"GroupDetailList":[],"RoleDetailList":[{}],"Policies":[{policies}],"IsTruncated":{more}}}"#,
            users.join(","),
            roles.join(",")
        )
    };
    let bucket = r#"{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:user/ann\"},\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\"},{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:role/vm/box\"},\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::b/*\"}]}"}"#;
    vec![
        ("1.json", page(&users, &roles[..3], "", true)),
        ("2.json", page(&[], &roles[3..], &edge, false)),
        ("b.json", bucket.to_owned()),
    ]
}

/// Every pair of an identity and a target, by the graph's statements and by the authorizer: the statements cover what
/// is allowed, and a certain one is never refused. How many pairs there were, and what is wrong.
fn compare(texts: &[(&str, &str)]) -> (usize, Vec<String>) {
    use foursee_core::layer::{Holds, Hop, Who};
    use foursee_core::model::Certainty;
    let mut compared = 0;
    let mut wrong = Vec::new();

    let (opened, mapped) = conformance::opened(Aws, texts).unwrap();
    let estate = &*mapped.estate;
    for row in foursee_aws::techniques::IAM
        .iter()
        .map(|row| (row.technique, row.action, row.over, ""))
        .chain([
            (
                &foursee_aws::techniques::ASSUME_ROLE,
                "sts:AssumeRole",
                "role",
                "",
            ),
            (
                foursee_aws::techniques::BUCKET[0].technique,
                "s3:GetObject",
                "bucket",
                "/object",
            ),
            (
                foursee_aws::techniques::BUCKET[1].technique,
                "s3:PutObject",
                "bucket",
                "/object",
            ),
            (
                foursee_aws::techniques::BUCKET[2].technique,
                "s3:DeleteObject",
                "bucket",
                "/object",
            ),
        ])
    {
        let (technique, action, over, behind) = row;
        let named = |id: foursee_core::model::NodeId, kind: &str| {
            estate.kind(id).is_some_and(|row| &*row.name == kind)
                && estate.node(id).is_some_and(|node| !node.selector)
        };
        for from in estate.ids().filter(|id| named(*id, "user") || named(*id, "role")) {
            let scope = estate.node(from).unwrap().scope;
            let loaded = &opened.loaded()[scope.index()];
            for to in estate
                .ids()
                .filter(|id| named(*id, over) && estate.node(*id).unwrap().scope == scope)
            {
                if from == to {
                    continue;
                }
                compared += 1;
                let who = Who {
                    kind: &estate.kind(from).unwrap().name,
                    name: estate.name(from),
                };
                let target = estate.name(to);
                let allowed = loaded.may(&who, action, &format!("{target}{behind}"));
                // The best statement that covers the pair; a trust node's member counts as the role.
                let covers = |edge: &&foursee_core::estate::Edge| {
                    let same_kind = estate.kind(edge.to).is_some_and(|kind| {
                        &*kind.name == over || (&*kind.name == "trust" && over == "role")
                    });
                    let meant = match estate.selectors.get(&edge.to) {
                        Some(selector) => selector.matches(target),
                        None => estate.name(edge.to) == target,
                    };
                    *estate.technique(edge.technique).unwrap().id == *technique.id
                        && (edge.from == from
                            || estate.selectors.get(&edge.from).is_some_and(|all| {
                                estate.node(edge.from).unwrap().kind == estate.node(from).unwrap().kind
                                    && all.matches(estate.name(from))
                            }))
                        && meant
                        && same_kind
                };
                let trusted = |edge: &&foursee_core::estate::Edge| {
                    &*estate.kind(edge.to).unwrap().name != "trust"
                        || estate.find(scope, "aws", "trust", target).is_some()
                };
                let best = estate
                    .edges
                    .iter()
                    .filter(covers)
                    .filter(trusted)
                    .map(|edge| edge.certainty)
                    .min();
                let hop = Hop {
                    technique: technique.id,
                    from: who,
                    to: Who {
                        kind: over,
                        name: target,
                    },
                    place: foursee_core::document::Place {
                        doc: foursee_core::model::DocId(0),
                        at: 0,
                    },
                    credential: None,
                };
                let pair = || format!("{} {action} {target}", who.name);
                match (&allowed, best) {
                    // Whether there is a password or room for a key is a fact of the user, and no decision.
                    (Holds::Yes | Holds::If(_), None)
                        if action.contains("LoginProfile") || action.contains("AccessKey") => {}
                    (Holds::If(why), None) => wrong.push(format!(
                        "{}: allowed if {why}, and no statement covers it",
                        pair()
                    )),
                    (Holds::Yes, None) => {
                        wrong.push(format!("{}: allowed, and no statement covers it", pair()))
                    }
                    (Holds::No(why), Some(Certainty::Certain)) => {
                        wrong.push(format!("{}: certain, and refused: {why}", pair()))
                    }
                    _ => {}
                }
                let holds = loaded.holds(&hop);
                if let (Some(Certainty::Certain), Holds::No(why)) = (best, &holds) {
                    wrong.push(format!("{}: certain, and not confirmed: {why}", pair()));
                }
            }
        }
    }

    (compared, wrong)
}

/// The same of the shop by the check that any layer can use: keys, users' passwords and their like ask more than a
/// decision, and stand in [`compare`].
#[test]
fn whatever_is_allowed_of_the_technique_table_an_edge_covers() {
    use conformance::Means;
    let shop = shop();
    let texts: Vec<(&str, &str)> = shop
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let plain = |action: &str| !action.contains("LoginProfile") && !action.contains("AccessKey");
    let iam = foursee_aws::techniques::IAM
        .iter()
        .filter(|row| plain(row.action));
    let mut table: Vec<Means<'_>> = iam
        .map(|row| Means::new(row.technique.id, row.action, row.over))
        .collect();
    table.push(Means {
        counts: "trust",
        ..Means::new(foursee_aws::techniques::ASSUME_ROLE.id, "sts:AssumeRole", "role")
    });
    table.extend(foursee_aws::techniques::BUCKET.iter().map(|row| Means {
        behind: "/object",
        ..Means::new(row.technique.id, row.action, "bucket")
    }));
    let compared = conformance::complete(Aws, &texts, &table).unwrap();
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.allowed > 100, "{}", compared.allowed);
}

#[test]
fn statements_and_decisions_agree() {
    let shop = shop();
    let texts: Vec<(&str, &str)> = shop
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let (first, wrong) = compare(&texts);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let small = small();
    let texts: Vec<(&str, &str)> = small.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (second, wrong) = compare(&texts);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(first + second > 2_000, "{first} {second}");
}

/// A small random account: users with policies of many shapes, a boundary, an organisation policy, a bucket policy.
fn random(seed: u64) -> Vec<(&'static str, String)> {
    let mut state = seed;
    let mut below = move |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % most as u64).unwrap()
    };
    let actions = [
        "*",
        "iam:*",
        "iam:Put*",
        "iam:CreateAccessKey",
        "sts:AssumeRole",
        "s3:*",
        "s3:Get*",
        "s3:PutObject",
        "iam:UpdateAssumeRolePolicy",
        "sts:*",
    ];
    let own = "arn:aws:iam::111122223333:";
    let resources = [
        "*".to_owned(),
        format!("{own}*"),
        format!("{own}role/*"),
        format!("{own}role/a*"),
        format!("{own}role/?b"),
        format!("{own}role/ab"),
        format!("{own}user/u*"),
        format!("{own}user/u1"),
        "arn:aws:iam::*:*/*1".to_owned(),
        format!("{own}user/${{aws:username}}"),
        "arn:aws:s3:::*".to_owned(),
        "arn:aws:s3:::b1/*".to_owned(),
        "arn:aws:s3:::b*".to_owned(),
        "arn:aws:s3:::b2/o*".to_owned(),
        "arn:aws:s3:::*2/*".to_owned(),
    ];
    let statement = |below: &mut dyn FnMut(usize) -> usize, denies: usize| {
        let effect = if below(denies) == 0 { "Deny" } else { "Allow" };
        let action = if below(7) == 0 { "NotAction" } else { "Action" };
        let resource = if below(6) == 0 { "NotResource" } else { "Resource" };
        let list: Vec<String> = (0..1 + below(2))
            .map(|_| format!("\"{}\"", resources[below(resources.len())]))
            .collect();
        let condition = match below(8) {
            0 => r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
            1 => r#","Condition":{"StringLike":{"aws:username":"u*"}}"#,
            2 => r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}"#,
            _ => "",
        };
        format!(
            r#"{{"Effect":"{effect}","{action}":"{}","{resource}":[{}]{condition}}}"#,
            actions[below(actions.len())],
            list.join(",")
        )
    };
    let policy = |below: &mut dyn FnMut(usize) -> usize, most: usize, denies: usize| {
        let all: Vec<String> = (0..1 + below(most)).map(|_| statement(below, denies)).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","))
    };
    let edge = policy(&mut below, 3, 4);
    let mut users = Vec::new();
    for at in 0..4 {
        let boundary = if below(4) == 0 {
            format!(
                r#","PermissionsBoundary":{{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"{own}policy/edge"}}"#
            )
        } else {
            String::new()
        };
        let inline = policy(&mut below, 3, 4);
        users.push(format!(
            r#"{{"UserName":"u{at}","UserId":"AIDA{at}","Arn":"{own}user/u{at}","Tags":[{{"Key":"team","Value":"red"}}],"UserPolicyList":[{{"PolicyName":"p","PolicyDocument":{inline}}}]{boundary}}}"#
        ));
    }
    let trusts = [
        r#"{"AWS":"111122223333"}"#,
        r#"{"Service":"lambda.amazonaws.com"}"#,
        r#"{"AWS":["arn:aws:iam::111122223333:user/u1","arn:aws:iam::111122223333:role/ab"]}"#,
        r#""*""#,
    ];
    let mut roles = Vec::new();
    for name in ["ab", "ac", "cb"] {
        let trust = trusts[below(trusts.len())];
        let inline = policy(&mut below, 2, 4);
        roles.push(format!(
            r#"{{"RoleName":"{name}","RoleId":"AROA{name}","Arn":"{own}role/{name}","AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{trust},"Action":"sts:AssumeRole"}}]}},"RolePolicyList":[{{"PolicyName":"p","PolicyDocument":{inline}}}]}}"#
        ));
    }
    let page = format!(
        r#"{{"UserDetailList":[{}],"GroupDetailList":[],"RoleDetailList":[{}],"Policies":[{{"PolicyName":"edge","PolicyId":"ANPA1","Arn":"{own}policy/edge","PolicyVersionList":[{{"VersionId":"v1","IsDefaultVersion":true,"Document":{edge}}}]}}],"IsTruncated":false}}"#,
        users.join(","),
        roles.join(",")
    );
    let mut all = vec![("gaad.json", page)];
    if below(3) == 0 {
        let content = serde_json::to_string(&policy(&mut below, 3, 3)).unwrap();
        all.push(("org.json", format!(
            r#"[{{"Policy":{{"PolicySummary":{{"Id":"p-1","Arn":"arn:aws:organizations::999988887777:policy/o-x/service_control_policy/p-1","Name":"scp","Type":"SERVICE_CONTROL_POLICY"}},"Content":{content}}},"Targets":[{{"TargetId":"111122223333"}}]}}]"#
        )));
    }
    if below(2) == 0 {
        let principals = [
            r#""*""#,
            r#"{"AWS":"arn:aws:iam::111122223333:user/u1"}"#,
            r#"{"AWS":"arn:aws:iam::111122223333:role/ab"}"#,
        ];
        let (a, b) = (principals[below(3)], principals[below(3)]);
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{a},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b1/*"}},{{"Effect":"Deny","Principal":{b},"Action":"s3:*","Resource":"arn:aws:s3:::b1/*"}}]}}"#
        );
        all.push((
            "bucket.json",
            serde_json::to_string(&std::collections::BTreeMap::from([("Policy", text)])).unwrap(),
        ));
    }
    // Buckets are nodes where something names them.
    all.push(("named.json", format!(
        r#"{{"UserDetailList":[{{"UserName":"z","UserId":"AIDAZ","Arn":"{own}user/z","UserPolicyList":[{{"PolicyName":"p","PolicyDocument":{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:ListBucket","Resource":["arn:aws:s3:::b1","arn:aws:s3:::b2","arn:aws:s3:::c2"]}}]}}}}]}}],"IsTruncated":false}}"#
    )));
    all
}

#[test]
fn statements_and_decisions_agree_over_random_accounts() {
    let mut compared = 0;
    for seed in 1..=40u64 {
        let texts = random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let (count, wrong) = compare(&texts);
        compared += count;
        assert!(
            wrong.is_empty(),
            "seed {seed}\n{}\n{}",
            wrong.join("\n"),
            texts[0].1
        );
    }
    assert!(compared > 3_000, "{compared}");
}

#[test]
fn a_small_account_conforms() {
    let texts = small();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let wrong = conformance::check(&Aws, &texts).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
