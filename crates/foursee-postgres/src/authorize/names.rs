//! Names as PostgreSQL reads them: `public.customers`, `"Odd Name".t`, `public.f(integer, text)`.
//!
//! Source: src/backend/utils/adt/varlena.c, `SplitIdentifierString`; regproc.c, `parseNameAndArgTypes`. Names without a
//! schema are looked for in pg_catalog and public: the rest of a session's search path cannot be known.

/// The parts of a qualified name. Bare parts are lower-cased, quoted ones kept.
pub(super) fn qualified(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        rest = rest.trim_start();
        let mut part = String::new();
        if let Some(inside) = rest.strip_prefix('"') {
            rest = inside;
            loop {
                let (before, after) = rest.split_once('"')?;
                part.push_str(before);
                match after.strip_prefix('"') {
                    Some(after) => {
                        part.push('"');
                        rest = after;
                    }
                    None => {
                        rest = after;
                        break;
                    }
                }
            }
        } else {
            let end = rest
                .find(|one: char| one == '.' || one == '"' || one.is_whitespace())
                .unwrap_or(rest.len());
            let (bare, after) = rest.split_at(end);
            part.push_str(&bare.to_ascii_lowercase());
            rest = after;
        }
        if part.is_empty() {
            return None;
        }
        parts.push(part);
        rest = rest.trim_start();
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => return rest.is_empty().then_some(parts),
        }
    }
}

/// A function's name and its arguments' types, each in the words of format_type.
pub(super) fn signature(text: &str) -> Option<(Vec<String>, Vec<String>)> {
    let mut quoted = false;
    let open = text.char_indices().find_map(|(at, one)| {
        quoted ^= one == '"';
        (one == '(' && !quoted).then_some(at)
    })?;
    let (name, rest) = text.split_at(open);
    let inside = rest.trim().strip_prefix('(')?.strip_suffix(')')?;
    let mut arguments = Vec::new();
    let (mut depth, mut quoted, mut from) = (0usize, false, 0);
    for (at, one) in inside.char_indices() {
        match one {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                arguments.push(type_name(inside.get(from..at)?));
                from = at + 1;
            }
            _ => {}
        }
    }
    let last = inside.get(from..)?;
    if !last.trim().is_empty() || !arguments.is_empty() {
        arguments.push(type_name(last));
    }
    Some((qualified(name)?, arguments))
}

/// What the grammar calls otherwise than the catalog.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("int", "integer"),
    ("int4", "integer"),
    ("int2", "smallint"),
    ("int8", "bigint"),
    ("bool", "boolean"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("float", "double precision"),
    ("decimal", "numeric"),
    ("varchar", "character varying"),
    ("bpchar", "character"),
    ("char", "character"),
    ("varbit", "bit varying"),
    ("timestamptz", "timestamp with time zone"),
    ("timestamp", "timestamp without time zone"),
    ("timetz", "time with time zone"),
    ("time", "time without time zone"),
];

/// A type in the words of format_type.
pub(super) fn type_name(text: &str) -> String {
    let text = text.trim();
    let (base, array) = text
        .strip_suffix("[]")
        .map_or((text, ""), |base| (base.trim_end(), "[]"));
    let base = base.strip_prefix("pg_catalog.").unwrap_or(base);
    let lower = base
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_ascii_lowercase();
    if let Some((_, name)) = OTHER_NAMES.iter().find(|(other, _)| *other == lower) {
        return format!("{name}{array}");
    }
    if base.contains('"') {
        return format!("{base}{array}");
    }
    format!("{lower}{array}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_postgres_reads_them() {
        for (text, want) in [
            ("public.T", Some(vec!["public", "t"])),
            ("\"Odd.Name\".\"a\"\"b\"", Some(vec!["Odd.Name", "a\"b"])),
            (" a . b ", Some(vec!["a", "b"])),
            ("a.", None),
            ("a b", None),
            ("", None),
            ("\"open", None),
        ] {
            let got = qualified(text);
            assert_eq!(
                got.as_deref()
                    .map(|all| all.iter().map(String::as_str).collect::<Vec<_>>()),
                want,
                "{text}"
            );
        }
    }

    #[test]
    fn signatures_are_read() {
        let (name, arguments) = signature("public.f( int, TEXT[] , numeric, \"My Type\")").unwrap();
        assert_eq!(name, ["public", "f"]);
        assert_eq!(arguments, ["integer", "text[]", "numeric", "\"My Type\""]);
        assert_eq!(signature("f()").unwrap().1.len(), 0);
        assert_eq!(signature("f"), None);
    }
}
