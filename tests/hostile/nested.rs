//! Nesting without end, in every format.

use crate::{DEEP, audited, document, names};

#[test]
fn nesting_without_end_at_the_top_and_in_other_formats() {
    let encoded = |text: &str| {
        text.replace('{', "%7B")
            .replace('"', "%22")
            .replace('}', "%7D")
            .replace('[', "%5B")
    };
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  namespace: shop\nspec: ";
    let deep_in = |open: &str, close: &str| format!("{}{}", open.repeat(DEEP), close.repeat(DEEP));
    let policy = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{}", "[".repeat(DEEP));
    let role = |policy: &str| {
        format!(
            r#"{{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{{"Path":"/","RoleName":"x",
            "RoleId":"A","Arn":"arn:aws:iam::111122223333:role/x","CreateDate":"2026-01-01T00:00:00Z",
            "AssumeRolePolicyDocument":"{policy}","RolePolicyList":[],"AttachedManagedPolicies":[],
            "InstanceProfileList":[]}}]}}"#
        )
    };
    let laughs: String = (0..40)
        .map(|level| {
            format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{}", level - 1); 9].join(", ")
            )
        })
        .skip(1)
        .fold("a0: &a0 [x]\n".to_owned(), |all, line| all + &line);
    let annotation = "{\\\"a\\\":".repeat(DEEP);
    let texts = [
        ("open.json", "[".repeat(DEEP)),
        ("lists.json", deep_in("[", "]")),
        ("objects.json", "{\"a\":".repeat(DEEP)),
        (
            "items.json",
            format!(
                "{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":{}",
                "[".repeat(DEEP)
            ),
        ),
        (
            "nested-lists.json",
            "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[".repeat(DEEP),
        ),
        (
            "annotation.json",
            format!(
                r#"{{"apiVersion":"v1","kind":"ServiceAccount","metadata":{{"name":"x","namespace":"shop","annotations":{{"kubectl.kubernetes.io/last-applied-configuration":"{annotation}"}}}}}}"#
            ),
        ),
        ("flow.yaml", format!("{pod}{}", deep_in("[", "]"))),
        ("maps.yaml", format!("{pod}{}", deep_in("{a: ", "}"))),
        ("dashes.yaml", format!("{pod}\n  {}x\n", "- ".repeat(DEEP))),
        ("keys.yaml", format!("{pod}{}", "? ".repeat(DEEP))),
        (
            "laughs.yaml",
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n{laughs}"),
        ),
        ("documents.yaml", "---\n".repeat(DEEP)),
        ("policy.json", role(&policy.replace('"', "\\\""))),
        ("encoded.json", role(&encoded(&policy))),
        ("percent.json", role("%25%7B%2%zz%")),
        ("acls.json", format!("{{\"acls\":{}", "[".repeat(DEEP))),
        (
            "server.properties",
            format!("authorizer.class.name=x\nsuper.users={}\n", ";User:".repeat(DEEP)),
        ),
        (
            "continued.properties",
            format!("super.users=User:a{}\n", "\\\n".repeat(DEEP)),
        ),
        (
            "acls.txt",
            format!("Current ACLs for resource `{}", "ResourcePattern(".repeat(DEEP)),
        ),
        (
            "quotes.csv",
            format!("user,arn,user_creation_time\n{}", "\"".repeat(DEEP + 1)),
        ),
    ];
    let (mut panics, mut silent) = (Vec::new(), Vec::new());
    let mut all = Vec::new();
    for (name, text) in texts {
        let input = document(name, text);
        let report = audited(std::slice::from_ref(&input), name, &mut panics);
        let quiet = [
            "annotation.json",
            "documents.yaml",
            "server.properties",
            "continued.properties",
        ]
        .contains(&name);
        if report.is_some_and(|report| !quiet && !names(&report, name)) {
            silent.push(name);
        }
        all.push(input);
    }
    audited(&all, "all of them", &mut panics);
    assert!(panics.is_empty(), "{}", panics.join("\n"));
    assert!(silent.is_empty(), "no gap: {}", silent.join(", "));
}
