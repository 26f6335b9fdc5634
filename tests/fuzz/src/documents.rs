//! Every layer's way from bytes to a report: recognise, parse, seal, lower, check, judge, write.

use crate::written;
use foursee::core::audit::{Documents, Options, audit};
use foursee::core::judge::Policy;
use foursee::core::layer::Layer;
use foursee::core::model::Time;
use foursee::core::registry::Registry;
use foursee::core::report::Report;
use std::sync::OnceLock;

/// Between two documents of one input: a byte that no text has.
const BETWEEN: u8 = 0xff;

/// The registry of one layer, made once.
macro_rules! only {
    ($name:ident, $layer:expr) => {
        /// Documents of this layer.
        pub fn $name(data: &[u8]) {
            static ONLY: OnceLock<Registry> = OnceLock::new();
            over(ONLY.get_or_init(|| registry($layer)), data);
        }
    };
}

only!(aws, foursee_aws::Aws);
only!(kubernetes, foursee_kubernetes::Kubernetes);
only!(container, foursee_container::Container);
only!(postgres, foursee_postgres::Postgres);
only!(kafka, foursee_kafka::Kafka);

fn registry<L: Layer>(layer: L) -> Registry {
    Registry::new().layer(layer).expect("a layer of its own")
}

fn over(registry: &Registry, data: &[u8]) {
    let texts: Vec<(String, String)> = data
        .split(|byte| *byte == BETWEEN)
        .take(8)
        .enumerate()
        .map(|(number, text)| (format!("d{number}"), String::from_utf8_lossy(text).into_owned()))
        .collect();
    let report = report(registry, &texts, &Policy::default());
    written::check(&report);
    // What a document holds never decides whether another is read; and the order of documents is nothing.
    if texts.len() > 1 {
        let mut turned = texts;
        turned.reverse();
        let other = self::report(registry, &turned, &Policy::default());
        assert_eq!(
            written::json(&report),
            written::json(&other),
            "the order of documents counts"
        );
    }
}

/// The report over these documents, at a fixed time.
pub(crate) fn report(registry: &Registry, texts: &[(String, String)], policy: &Policy) -> Report {
    let mut documents = Documents::new();
    for (name, text) in texts {
        documents.push_text(name.as_str(), text.as_str());
    }
    let mut options = Options::default();
    options.as_of = Time::parse("2026-11-25").unwrap_or_default();
    audit(documents, registry, policy, &options, &mut |_| {})
}
