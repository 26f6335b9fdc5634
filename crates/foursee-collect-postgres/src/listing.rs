//! What the first document says of the cluster: which databases there are to read.

use crate::gaps;
use foursee_capture::manifest::NotCollected;
use serde::Deserialize;

/// The members of a document that this crate reads.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub(crate) struct Listing {
    #[serde(default)]
    pub(crate) system_identifier: Option<String>,
    #[serde(default)]
    databases: Option<Vec<Row>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
struct Row {
    name: String,
    #[serde(default)]
    allow_connections: bool,
    #[serde(default)]
    template: bool,
}

impl Listing {
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// Which databases are to be read after the first, and which are not.
pub(crate) struct Plan {
    pub(crate) read: Vec<String>,
    pub(crate) gaps: Vec<NotCollected>,
}

impl Plan {
    pub(crate) fn new(listing: &Listing, first: &str) -> Self {
        let Some(databases) = &listing.databases else {
            return Self {
                read: Vec::new(),
                gaps: vec![gaps::no_list(first, listing)],
            };
        };
        let mut plan = Self {
            read: Vec::new(),
            gaps: Vec::new(),
        };
        for row in databases.iter().filter(|row| row.name != first) {
            match row {
                Row {
                    allow_connections: false,
                    ..
                } => plan.gaps.push(gaps::closed(&row.name, listing)),
                Row { template: true, .. } => plan.gaps.push(gaps::template(&row.name, listing)),
                row => plan.read.push(row.name.clone()),
            }
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_and_closed_databases_are_said_and_the_rest_is_read() {
        let listing = Listing::read(
            r#"{"foursee_postgres":1,"system_identifier":"7","databases":[
            {"name":"postgres","allow_connections":true,"template":false},
            {"name":"shop","allow_connections":true,"template":false},
            {"name":"shut","allow_connections":false,"template":false},
            {"name":"template1","allow_connections":true,"template":true}],"denied":[]}"#,
        );
        let plan = Plan::new(&listing, "postgres");
        assert_eq!(plan.read, ["shop"]);
        let said: Vec<_> = plan
            .gaps
            .iter()
            .map(|gap| (&*gap.target, &*gap.reason, gap.scope.as_deref()))
            .collect();
        assert_eq!(
            said,
            [
                ("database shut", "inherent", Some("7")),
                ("database template1", "not-captured", Some("7"))
            ]
        );
        let none = Plan::new(&Listing::read("{}"), "postgres");
        assert_eq!((none.read.len(), &*none.gaps[0].reason), (0, "denied"));
        assert!(
            none.gaps[0]
                .closes
                .contains("GRANT SELECT ON pg_catalog.pg_database TO")
        );
    }
}
