//! Pages for people: a rule's, and the spectrum's: what each layer's grants stand on, and what its platform cannot say.

use foursee_core::model::Rung;
use foursee_core::registry::Registry;

/// A name that nothing explains.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unexplained {
    /// No rule has it.
    #[error("no rule `{name}`; {}", if .near.is_empty() { "`foursee rules` lists them".to_owned() } else { format!("did you mean {}?", .near.join(", ")) })]
    Rule {
        /// The name.
        name: String,
        /// Rules whose names share a word with it.
        near: Vec<&'static str>,
    },
    /// No layer has it.
    #[error("no layer `{name}`; there are {}", .known.join(", "))]
    Layer {
        /// The name.
        name: String,
        /// The layers that there are.
        known: Vec<&'static str>,
    },
}

/// A rule's page, in Markdown: what, why, evidence, fix.
///
/// # Errors
/// When no rule has that name or alias.
pub fn rule(registry: &Registry, name: &str) -> Result<String, Unexplained> {
    let metas = registry.metas();
    let named = metas
        .iter()
        .find(|meta| meta.id == name || meta.aliases.contains(&name));
    let Some(meta) = named else {
        let words = || name.split('-').filter(|word| word.len() > 3);
        let near = metas.iter().map(|meta| meta.id);
        return Err(Unexplained::Rule {
            name: name.to_owned(),
            near: near
                .filter(|id| words().any(|word| id.contains(word)))
                .take(5)
                .collect(),
        });
    };
    let needs = match (meta.needs, meta.reads) {
        ([], []) => "Needs no document in particular.".to_owned(),
        (needs, []) => format!("Needs documents: {}.", needs.join(", ")),
        ([], reads) => format!("Reads documents: {}, as many as there are.", reads.join(", ")),
        (needs, reads) => format!(
            "Needs documents: {}; reads {} too.",
            needs.join(", "),
            reads.join(", ")
        ),
    };
    Ok(format!(
        "# {}\n\nSeverity: {}. {needs}\n\n{}",
        meta.id,
        meta.severity.as_str(),
        meta.markdown()
    ))
}

/// The spectrum's page, in Markdown: of one layer, or of all.
///
/// # Errors
/// When there is no such layer.
pub fn rungs(registry: &Registry, layer: Option<&str>) -> Result<String, Unexplained> {
    let known = registry.layer_ids();
    if let Some(unknown) = layer.filter(|layer| !known.contains(layer)) {
        return Err(Unexplained::Layer {
            name: unknown.to_owned(),
            known,
        });
    }
    let mut page = "# Rungs\n\nWhere a grant stands, from 0 (unbounded) to 5 (as used): an identity stands where its widest \
        grant does. `foursee.toml` says which rung is asked for; a finding says where it stands, what was asked, and \
        the tightest that the platform can express.\n"
        .to_owned();
    for id in known
        .into_iter()
        .filter(|id| layer.is_none_or(|layer| layer == *id))
    {
        let ladder = registry.ladder(id);
        page.push_str(&format!("\n## {id}\n\n"));
        for rung in Rung::ALL {
            let number = rung.number();
            let name = rung.as_str();
            match ladder.steps.iter().find(|step| step.rung == rung) {
                Some(step) => page.push_str(&format!("- **{number} {name}**: {}\n", step.grants)),
                None if rung == Rung::AsUsed => page.push_str(&format!(
                    "- **{number} {name}**: nothing that is never used; needs evidence of use, and without it \
                     nothing stands here\n"
                )),
                None => {}
            }
        }
        if !ladder.limits.is_empty() {
            page.push_str("\nWhat the platform cannot express:\n\n");
        }
        for limit in ladder.limits {
            page.push_str(&format!(
                "- `{}`: {} cannot be said for {}; the tightest is {} {}. Instead: {}. ({})\n",
                limit.id,
                limit.wish,
                limit.actions,
                limit.attainable.number(),
                limit.attainable.as_str(),
                limit.instead,
                limit.source
            ));
        }
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use foursee_core::model::{Ladder, Rung};

    #[test]
    fn every_layer_says_what_stands_on_each_rung_and_what_it_cannot_say() {
        let registry = crate::built_in().unwrap();
        for layer in registry.layer_ids() {
            let Ladder { steps, limits } = registry.ladder(layer);
            assert!(steps.is_sorted_by_key(|step| step.rung), "{layer}");
            // The sixth is for layers that read what is used.
            let granted = steps.iter().filter(|step| step.rung != Rung::AsUsed);
            assert_eq!(granted.count(), 5, "{layer}");
            assert!(!limits.is_empty(), "{layer}");
            let page = rungs(&registry, Some(layer)).unwrap();
            for text in steps.iter().map(|step| step.grants) {
                assert!(page.contains(text), "{layer}: {text}");
            }
            for limit in limits {
                assert!(
                    page.contains(limit.wish) && page.contains(limit.instead),
                    "{}",
                    limit.id
                );
            }
        }
    }

    #[test]
    fn the_size_of_an_object_cannot_be_said() {
        let page = rungs(&crate::built_in().unwrap(), Some("aws")).unwrap();
        assert!(page.contains(
            "a limit on an object's size cannot be said for s3:PutObject; the tightest is 4 narrow"
        ));
        assert!(!page.contains("## kafka"));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let registry = crate::built_in().unwrap();
        let wrong = rungs(&registry, Some("s3")).unwrap_err().to_string();
        assert!(wrong.starts_with("no layer `s3`; there are aws, "), "{wrong}");
        let wrong = rule(&registry, "core-credential-dorment")
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("core-credential-dormant"), "{wrong}");
    }
}
