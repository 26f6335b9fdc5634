//! A second authorizer, slow and obvious, compared with the layer's own on random questions; and a law over what is
//! not known. It reads documents as plain JSON values and shares no code with the crate.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use foursee_aws::{Aws, Facts};
use foursee_core::layer::Layer;
use serde_json::{Value, json};

// ---------------------------------------------------------------------------------------------- the slow authorizer

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    }
}

fn words(value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}

fn wild(pattern: &[char], text: &[char]) -> bool {
    match pattern.first() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|skip| wild(&pattern[1..], &text[skip..])),
        Some(one) => text
            .first()
            .is_some_and(|first| (*one == '?' || one == first) && wild(&pattern[1..], &text[1..])),
    }
}

fn like(pattern: &str, text: &str) -> bool {
    wild(
        &pattern.chars().collect::<Vec<_>>(),
        &text.chars().collect::<Vec<_>>(),
    )
}

fn arn_like(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let mut wanted: Vec<&str> = pattern.splitn(6, ':').collect();
    let given: Vec<&str> = arn.splitn(6, ':').collect();
    while wanted.len() < 6 {
        wanted.push("*");
    }
    given.len() == 6 && wanted.iter().zip(&given).all(|(a, b)| like(a, b))
}

struct Asked<'a> {
    action: &'a str,
    resource: &'a str,
    /// Key -> values; no entry where the key is absent.
    context: &'a [(String, Vec<String>)],
}

fn values<'a>(asked: &'a Asked<'_>, key: &str) -> Option<&'a Vec<String>> {
    asked
        .context
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, values)| values)
}

fn condition(asked: &Asked<'_>, operator: &str, key: &str, wanted: &[String]) -> bool {
    let (set, rest) = operator
        .split_once(':')
        .map_or(("", operator), |(set, rest)| (set, rest));
    let (base, if_exists) = rest
        .strip_suffix("IfExists")
        .map_or((rest, false), |base| (base, true));
    let given = values(asked, key);
    if base == "Null" {
        return wanted.iter().any(|word| (word == "true") == given.is_none());
    }
    let negated = base.contains("Not");
    let one = |value: &str| {
        let hit = wanted.iter().any(|want| match base {
            "StringEquals" | "StringNotEquals" => want == value,
            "StringEqualsIgnoreCase" => want.eq_ignore_ascii_case(value),
            "StringLike" | "StringNotLike" => like(want, value),
            "NumericLessThan" => {
                value.parse::<f64>().unwrap_or(f64::NAN) < want.parse::<f64>().unwrap_or(f64::NAN)
            }
            "Bool" => want == value && (value == "true" || value == "false"),
            other => panic!("{other}"),
        });
        hit != negated
    };
    match (set, given) {
        ("ForAllValues", None) => true,
        ("ForAllValues", Some(all)) => all.iter().all(|value| one(value)),
        (_, None) if if_exists => true,
        ("ForAnyValue", None) => false,
        ("ForAnyValue", Some(all)) => all.iter().any(|value| one(value)),
        (_, None) => negated,
        (_, Some(all)) => one(&all[0]),
    }
}

fn applies(asked: &Asked<'_>, statement: &Value) -> bool {
    let action = |pattern: &String| like(&pattern.to_lowercase(), &asked.action.to_lowercase());
    let acts = match (&statement["Action"], &statement["NotAction"]) {
        (Value::Null, not) => !words(not).iter().any(action),
        (actions, _) => words(actions).iter().any(action),
    };
    let resource = |pattern: &String| arn_like(pattern, asked.resource);
    let over = match (&statement["Resource"], &statement["NotResource"]) {
        (Value::Null, not) => !words(not).iter().any(resource),
        (resources, _) => words(resources).iter().any(resource),
    };
    let none = serde_json::Map::new();
    let conditions = statement["Condition"].as_object().unwrap_or(&none);
    acts && over
        && conditions.iter().all(|(operator, block)| {
            block
                .as_object()
                .unwrap()
                .iter()
                .all(|(key, wanted)| condition(asked, operator, key, &words(wanted)))
        })
}

fn statements(policies: &Value) -> Vec<Value> {
    list(policies)
        .iter()
        .flat_map(|policy| list(&policy["Statement"]))
        .collect()
}

fn says(asked: &Asked<'_>, policies: &Value, effect: &str) -> bool {
    statements(policies)
        .iter()
        .any(|statement| statement["Effect"] == effect && applies(asked, statement))
}

/// How a resource policy's Allow names the caller: account, role, user, session, everyone.
fn names(caller: &str, principal: &str) -> Option<&'static str> {
    let account = caller.split(':').nth(4).unwrap();
    let role = caller.split('/').nth(1).unwrap();
    let session = caller.contains("assumed-role");
    if principal == "*" {
        Some("everyone")
    } else if principal == account || principal == format!("arn:aws:iam::{account}:root") {
        Some("account")
    } else if session && principal == format!("arn:aws:iam::{account}:role/{role}") {
        Some("role")
    } else if principal == caller {
        Some(if session { "session" } else { "user" })
    } else {
        None
    }
}

fn decide(question: &Value, context: &[(String, Vec<String>)]) -> &'static str {
    let action = question["ActionNames"][0].as_str().unwrap();
    let resource = question["ResourceArns"][0].as_str().unwrap();
    let asked = Asked {
        action,
        resource,
        context,
    };
    let caller = question["CallerArn"].as_str().unwrap();
    let cross = question["ResourceOwner"].as_str().unwrap() != caller.split(':').nth(4).unwrap();
    let empty = json!([]);
    let or = |name: &str| question.get(name).unwrap_or(&empty).clone();
    let levels: Vec<Value> = list(&or("ServiceControlPolicies"));
    let bounded = question.get("PermissionsBoundaryPolicyInputList").is_some();
    let resource_policy = or("ResourcePolicy");

    let mut denied = says(&asked, &or("PolicyInputList"), "Deny")
        || says(&asked, &or("PermissionsBoundaryPolicyInputList"), "Deny")
        || says(&asked, &or("SessionPolicies"), "Deny")
        || levels.iter().any(|level| says(&asked, level, "Deny"));
    let mut granted: Vec<&'static str> = Vec::new();
    for statement in statements(&resource_policy) {
        if !applies(&asked, &statement) {
            continue;
        }
        let of = |element: &Value| match element {
            Value::String(all) => vec![all.clone()],
            other => words(&other["AWS"]),
        };
        if statement["Effect"] == "Allow" {
            granted.extend(
                of(&statement["Principal"])
                    .iter()
                    .filter_map(|one| names(caller, one)),
            );
        } else if statement["NotPrincipal"].is_null() {
            denied |= of(&statement["Principal"])
                .iter()
                .any(|one| names(caller, one).is_some());
        } else {
            // The lists of this test name all of a caller's parts, or none.
            denied |= bounded
                || !of(&statement["NotPrincipal"])
                    .iter()
                    .any(|one| names(caller, one).is_some());
        }
    }
    if denied {
        return "explicitDeny";
    }
    if !levels.iter().all(|level| says(&asked, level, "Allow")) {
        return "implicitDeny";
    }
    let identity = says(&asked, &or("PolicyInputList"), "Allow");
    let boundary = !bounded || says(&asked, &or("PermissionsBoundaryPolicyInputList"), "Allow");
    let session = question
        .get("SessionPolicies")
        .is_none_or(|all| says(&asked, all, "Allow"));
    let own = identity && boundary && session;
    let allowed = if cross {
        own && !granted.is_empty()
    } else {
        own || granted.iter().any(|how| match *how {
            "everyone" | "session" | "user" => true,
            "role" => boundary && session,
            _ => false,
        })
    };
    if allowed { "allowed" } else { "implicitDeny" }
}

// -------------------------------------------------------------------------------------------------------- questions

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
    fn some(&mut self, all: &[&str], most: usize) -> Value {
        let count = 1 + self.below(most);
        let list: Vec<&str> = (0..count).map(|_| self.pick(all)).collect();
        if list.len() == 1 && self.below(2) == 0 {
            json!(list[0])
        } else {
            json!(list)
        }
    }
}

const KEYS: [&str; 3] = ["aws:PrincipalTag/team", "aws:RequestedRegion", "x:Numbers"];
const CALLERS: [&str; 2] = [
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:sts::111122223333:assumed-role/app/s",
];

fn block(dice: &mut Dice) -> Value {
    let mut out = serde_json::Map::new();
    for _ in 0..dice.below(3) {
        let (operator, key, values): (&str, &str, &[&str]) = match dice.below(9) {
            0 => ("StringEquals", KEYS[0], &["a", "b", "a*"]),
            1 => ("StringNotEquals", KEYS[0], &["a", "b"]),
            2 => ("StringLike", KEYS[1], &["eu-*", "?u-1", "us-*"]),
            3 => ("StringNotLike", KEYS[1], &["eu-*", "us-?"]),
            4 => ("StringEqualsIfExists", KEYS[0], &["A", "a"]),
            5 => ("Null", KEYS[0], &["true", "false"]),
            6 => ("NumericLessThan", KEYS[2], &["3", "10", "2.5"]),
            7 => ("ForAllValues:StringEquals", "aws:TagKeys", &["a", "b"]),
            _ => ("ForAnyValue:StringNotEquals", "aws:TagKeys", &["a", "b"]),
        };
        out.insert(operator.to_owned(), json!({ key: dice.some(values, 2) }));
    }
    Value::Object(out)
}

fn statement(dice: &mut Dice, principals: bool) -> Value {
    let mut one = serde_json::Map::new();
    let effect = if dice.below(4) == 0 { "Deny" } else { "Allow" };
    one.insert("Effect".into(), json!(effect));
    let not = |dice: &mut Dice, name: &str| {
        if dice.below(6) == 0 {
            format!("Not{name}")
        } else {
            name.to_owned()
        }
    };
    let action = not(dice, "Action");
    one.insert(
        action,
        dice.some(
            &[
                "*",
                "s3:*",
                "S3:Get*",
                "s3:GetObject",
                "s?:*Object",
                "ec2:*",
                "s3:PutObject",
            ],
            2,
        ),
    );
    let resource = not(dice, "Resource");
    one.insert(
        resource,
        dice.some(
            &[
                "*",
                "arn:aws:s3:::b/*",
                "arn:aws:s3:::b/x*",
                "arn:aws:s3:::*/k",
                "arn:aws:s3:::c/*",
                "arn:*:s3:::b/?",
            ],
            2,
        ),
    );
    if dice.below(2) == 0 {
        one.insert("Condition".into(), block(dice));
    }
    if principals {
        let all = [
            "111122223333",
            "arn:aws:iam::111122223333:role/app",
            CALLERS[0],
            CALLERS[1],
            "arn:aws:iam::444455556666:root",
        ];
        if effect == "Deny" && dice.below(2) == 0 {
            let every = [&all[0], &all[1], &all[2], &all[3]];
            let named = if dice.below(2) == 0 {
                json!({ "AWS": every })
            } else {
                json!({"AWS": all[4]})
            };
            one.insert("NotPrincipal".into(), named);
        } else {
            let named = if dice.below(5) == 0 {
                json!("*")
            } else {
                json!({"AWS": dice.some(&all, 2)})
            };
            one.insert("Principal".into(), named);
        }
    }
    Value::Object(one)
}

fn policy(dice: &mut Dice, principals: bool) -> Value {
    let count = 1 + dice.below(3);
    let statements: Vec<Value> = (0..count).map(|_| statement(dice, principals)).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn question(dice: &mut Dice) -> Value {
    let mut out = serde_json::Map::new();
    let count = 1 + dice.below(2);
    let own: Vec<Value> = (0..count).map(|_| policy(dice, false)).collect();
    out.insert("PolicyInputList".into(), json!(own));
    if dice.below(3) == 0 {
        out.insert(
            "PermissionsBoundaryPolicyInputList".into(),
            json!([policy(dice, false)]),
        );
    }
    if dice.below(3) == 0 {
        out.insert(
            "ServiceControlPolicies".into(),
            json!([[policy(dice, false), policy(dice, false)], [policy(dice, false)]]),
        );
    }
    if dice.below(3) == 0 {
        out.insert("ResourcePolicy".into(), policy(dice, true));
    }
    let caller = dice.pick(&CALLERS);
    if caller == CALLERS[1] && dice.below(3) == 0 {
        out.insert("SessionPolicies".into(), json!([policy(dice, false)]));
    }
    out.insert("CallerArn".into(), json!(caller));
    out.insert(
        "ResourceOwner".into(),
        json!(dice.pick(&["111122223333", "111122223333", "444455556666"])),
    );
    out.insert(
        "ActionNames".into(),
        json!([dice.pick(&["s3:GetObject", "s3:PutObject", "S3:getobject"])]),
    );
    out.insert(
        "ResourceArns".into(),
        json!([dice.pick(&["arn:aws:s3:::b/k", "arn:aws:s3:::b/x/y", "arn:aws:s3:::c/k"])]),
    );
    Value::Object(out)
}

/// What the request says of every key; none is absent.
fn context(dice: &mut Dice) -> Vec<(String, Option<Vec<String>>)> {
    let mut all = Vec::new();
    for (key, values) in [
        (KEYS[0], ["a", "b", "A"]),
        (KEYS[1], ["eu-1", "us-1", "eu-west"]),
        (KEYS[2], ["2", "3", "2.7"]),
    ] {
        let value = (dice.below(3) > 0).then(|| vec![dice.pick(&values).to_owned()]);
        all.push((key.to_owned(), value));
    }
    let tags = (dice.below(3) > 0).then(|| {
        (0..=dice.below(2))
            .map(|_| dice.pick(&["a", "b", "c"]).to_owned())
            .collect()
    });
    all.push(("aws:TagKeys".to_owned(), tags));
    all
}

fn with(question: &Value, context: &[(String, Option<Vec<String>>)]) -> Value {
    let mut out = question.clone();
    let entries: Vec<Value> = context
        .iter()
        .map(|(key, values)| {
            let kind = if key == "aws:TagKeys" { "stringList" } else { "string" };
            json!({"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": values.clone().unwrap_or_default()})
        })
        .collect();
    out["ContextEntries"] = json!(entries);
    out
}

fn ours(question: &Value) -> String {
    let mut answer = Vec::new();
    Aws.decide(&Facts::default(), &question.to_string(), &mut answer)
        .unwrap_or_else(|error| panic!("{error}: {question}"));
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    answer["EvaluationResults"][0]["Decision"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn both_authorizers_agree_on_random_questions() {
    let mut dice = Dice(0x5eed_f00d);
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..2_000 {
        let (question, context) = (question(&mut dice), context(&mut dice));
        let asked = with(&question, &context);
        let known: Vec<(String, Vec<String>)> = context
            .iter()
            .filter_map(|(key, values)| Some((key.clone(), values.clone()?)))
            .collect();
        let (slow, fast) = (decide(&question, &known), ours(&asked));
        assert_eq!(slow, fast, "{asked}");
        *seen.entry(fast).or_insert(0) += 1;
    }
    assert!(
        seen.len() == 3 && seen.values().all(|count| *count > 60),
        "{seen:?}"
    );
}

/// Whatever a key that is not known may turn out to be, a certain answer stays.
#[test]
fn what_is_not_known_never_changes_a_certain_answer() {
    let mut dice = Dice(0xdead_beef);
    let mut certain = 0;
    for _ in 0..400 {
        let (question, mut context) = (question(&mut dice), context(&mut dice));
        let (key, _) = context.remove(dice.below(4));
        let answer = ours(&with(&question, &context));
        if answer == "possible" {
            continue;
        }
        certain += 1;
        let values = if key == "aws:TagKeys" {
            vec!["a", "b", "c"]
        } else {
            vec!["a", "b", "eu-1", "us-1", "2", "30"]
        };
        let mut worlds: Vec<Option<Vec<String>>> =
            values.into_iter().map(|one| Some(vec![one.to_owned()])).collect();
        worlds.push(None);
        for world in worlds {
            let mut full = context.clone();
            full.push((key.clone(), world));
            let known = ours(&with(&question, &full));
            // A deny that did not matter may become one that does: no stays no.
            let same = known == answer || (answer == "implicitDeny" && known == "explicitDeny");
            assert!(same, "{answer}, then {known}: {}", with(&question, &full));
        }
    }
    assert!(certain > 80, "{certain}");
}
