//! Objects as YAML that kubectl takes: blocks, with every text in double quotes and in ASCII, so that no name, whoever
//! chose it, is read as anything else.

use serde_json::Value;
use std::fmt::Write;

/// Keys that are written without quotes.
const FIELDS: &[&str] = &[
    "aggregationRule",
    "annotations",
    "apiGroup",
    "apiGroups",
    "apiVersion",
    "clusterRoleSelectors",
    "key",
    "kind",
    "labels",
    "matchExpressions",
    "metadata",
    "name",
    "namespace",
    "nonResourceURLs",
    "operator",
    "resourceNames",
    "resources",
    "roleRef",
    "rules",
    "subjects",
    "values",
    "verbs",
];

/// Documents, each behind `---`.
pub(super) fn documents(objects: &[Value]) -> String {
    let mut out = String::new();
    for object in objects {
        out.push_str("---\n");
        block(object, 0, &mut out);
    }
    out
}

fn block(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                out.push_str(&indent);
                // Keys of labels and annotations may be anybody's.
                if FIELDS.contains(&&**key) {
                    out.push_str(key);
                } else {
                    quoted(key, out);
                }
                out.push(':');
                after(value, depth, out);
            }
        }
        Value::Array(all) => {
            for one in all {
                out.push_str(&indent);
                match one {
                    Value::Object(map) if !map.is_empty() => {
                        let mut inner = String::new();
                        block(one, depth + 1, &mut inner);
                        out.push_str("- ");
                        out.push_str(inner.trim_start());
                    }
                    _ => {
                        out.push('-');
                        after(one, depth, out);
                    }
                }
            }
        }
        _ => {}
    }
}

/// What stands behind a key or a dash.
fn after(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            block(value, depth + 1, out);
        }
        // Short lists of texts stand on the line.
        Value::Array(all) if all.iter().all(Value::is_string) => {
            out.push_str(" [");
            for (at, one) in all.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                quoted(one.as_str().unwrap_or_default(), out);
            }
            out.push_str("]\n");
        }
        Value::Array(_) => {
            out.push('\n');
            block(value, depth + 1, out);
        }
        Value::Object(_) => out.push_str(" {}\n"),
        Value::String(text) => {
            out.push(' ');
            quoted(text, out);
            out.push('\n');
        }
        other => {
            let _ = writeln!(out, " {other}");
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for one in text.chars() {
        match one {
            '"' | '\\' => {
                out.push('\\');
                out.push(one);
            }
            ' '..='~' => out.push(one),
            other => {
                let code = u32::from(other);
                let _ = if code <= 0xffff {
                    write!(out, "\\u{code:04x}")
                } else {
                    write!(out, "\\U{code:08x}")
                };
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::documents;
    use serde_json::{Value, json};

    #[test]
    fn whatever_a_name_is_it_is_read_back() {
        for name in [
            "plain",
            "no",
            "~",
            "",
            " a: b #c",
            "- x",
            "a\nkind: Secret",
            "\"quoted\\\"",
            "{{x}}",
            "é\u{85}\u{2028}\u{feff}\u{1f600}",
            "\u{0}\u{7f}",
            "0x10",
            "1e3",
            "&a *b !c %d @e `f`",
            "---",
            "...",
            "\t",
        ] {
            let object = json!({
                "kind": "RoleBinding",
                "metadata": {"name": name, "labels": {name: name, "no": "x"}},
                "rules": [{"verbs": [name, "get"], "deep": [{"a": [], "b": {}}, {}]}],
                "subjects": [],
                "number": 3,
                "none": null,
            });
            let text = documents(std::slice::from_ref(&object));
            assert!(text.is_ascii() && !text.contains('\t'), "{text}");
            let read: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!(read, object, "{text}");
        }
        assert_eq!(
            documents(&[json!({"kind": "Role", "rules": [{"verbs": ["get"], "resourceNames": ["a", "b"]}]})]),
            "---\nkind: \"Role\"\nrules:\n  - resourceNames: [\"a\", \"b\"]\n    verbs: [\"get\"]\n"
        );
    }
}
