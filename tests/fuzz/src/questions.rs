//! Questions: the platforms' own, to every layer over the demo organisation, and those over what was lowered.

use crate::{Choices, written};
use foursee::core::audit::{Documents, Mapped, Opened, can, find, open, who_can};
use foursee::core::judge::Policy;
use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;

fn shop() -> &'static (Opened, Mapped) {
    static SHOP: OnceLock<(Opened, Mapped)> = OnceLock::new();
    SHOP.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
        let reading = foursee_capture::read(&[folder], &foursee_capture::Limits::default(), &mut |_| {});
        let mut documents = Documents::new();
        for input in reading.inputs {
            documents.push_scoped(input.name, input.text, input.scope);
        }
        let opened = open(documents, written::built_in(), &Policy::default(), 1);
        let mapped = Mapped::new(&opened, &Policy::default(), &mut |_| {});
        (opened, mapped)
    })
}

/// The first byte says of what: a scope of a layer, a layer without documents, or the graph.
pub fn questions(data: &[u8]) {
    let (opened, mapped) = shop();
    let mut choices = Choices::new(data);
    let scopes = opened.scopes();
    let which = choices.below(scopes.len() + 7);
    let rest = choices.rest();
    let text = String::from_utf8_lossy(rest);
    if let Some(scope) = scopes.get(which) {
        ask(&scope.layer, Some(&scope.name), &text);
    } else if which < scopes.len() + 5 {
        let layers = written::built_in().layer_ids();
        ask(layers[which - scopes.len()], None, &text);
    } else if which == scopes.len() + 5 {
        let (action, resource) = text.split_once('\n').unwrap_or((&text, ""));
        let _ = who_can(opened, mapped, action, resource);
    } else {
        match find(&mapped.estate, &text) {
            Ok(node) => drop(can(opened, mapped, node)),
            Err(why) => assert!(!why.to_string().is_empty()),
        }
    }
}

fn ask(layer: &str, scope: Option<&str>, question: &str) {
    let (opened, _) = shop();
    let mut answer = Vec::new();
    match opened.decide(written::built_in(), layer, scope, question, &mut answer) {
        Ok(()) => {
            let text = std::str::from_utf8(&answer).expect("an answer is UTF-8");
            assert!(!text.contains('\n'), "an answer is one line");
            serde_json::from_str::<Value>(text).expect("an answer is JSON");
            let mut again = Vec::new();
            let second = opened.decide(written::built_in(), layer, scope, question, &mut again);
            assert!(
                second.is_ok() && again == answer,
                "equal questions have equal answers"
            );
        }
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}
