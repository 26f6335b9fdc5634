//! The value of `sasl.jaas.config`: `CLASS FLAG key=value ...;`, as Kafka's `JaasConfig` reads it.

use std::collections::BTreeMap;

/// One login module.
pub(super) struct Module {
    /// Its class, without its package.
    pub(super) class: String,
    /// Its options.
    pub(super) options: BTreeMap<String, String>,
}

/// Reads it. Errors say what is wrong and never show a value.
pub(super) fn read(text: &str) -> Result<Module, &'static str> {
    let mut words = words(text)?.into_iter();
    let class = words.next().ok_or("it is empty")?;
    let class = class.rsplit('.').next().unwrap_or_default().to_owned();
    words.next().ok_or("it has no flag such as `required`")?;
    let mut options = BTreeMap::new();
    while let Some(key) = words.next() {
        if key == ";" {
            break;
        }
        if words.next().as_deref() != Some("=") {
            return Err("an option has no value");
        }
        let value = words.next().filter(|value| value != ";");
        options.insert(key, value.ok_or("an option has no value")?);
    }
    Ok(Module { class, options })
}

/// Words, `=` and `;` each one; quotes of both kinds hold blanks, and a backslash in them escapes.
fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let mut all = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\'' => {
                let mut word = String::new();
                loop {
                    match chars.next() {
                        Some('\\') => word.extend(chars.next()),
                        Some(end) if end == c => break,
                        Some(other) => word.push(other),
                        None => return Err("a quote does not end"),
                    }
                }
                all.push(word);
            }
            '=' | ';' => all.push(c.to_string()),
            blank if blank.is_whitespace() => {}
            first => {
                let mut word = String::from(first);
                while let Some(next) = chars.next_if(|c| !c.is_whitespace() && !"=;\"'".contains(*c)) {
                    word.push(next);
                }
                all.push(word);
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_module_and_its_options() {
        let module = read(r#"org.apache.kafka.common.security.plain.PlainLoginModule required username="a b" password='p;=\'"' n=5;"#).unwrap();
        assert_eq!(module.class, "PlainLoginModule");
        let shown: Vec<(&str, &str)> = module.options.iter().map(|(k, v)| (&**k, &**v)).collect();
        assert_eq!(shown, [("n", "5"), ("password", "p;='\""), ("username", "a b")]);
    }

    #[test]
    fn what_is_wrong_is_said_without_a_value() {
        for bad in [
            "",
            "a.B",
            "B required x",
            "B required x=;",
            "B required password=\"secret",
        ] {
            let why = read(bad).err().unwrap();
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
