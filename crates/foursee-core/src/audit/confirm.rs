//! Asks the layer whose statement a hop is.

use crate::document::Place;
use crate::estate::{Edge, Estate};
use crate::graph::Confirm;
use crate::layer::{CredentialRef, Holds, Hop, Who};
use crate::link::credential_parts;
use crate::model::NodeId;
use crate::registry::Loaded;
use std::sync::Arc;

/// The loaded scopes, by id.
pub(crate) struct Confirmer<'a>(pub(crate) &'a [Arc<dyn Loaded>]);

impl Confirm for Confirmer<'_> {
    fn holds(&self, estate: &Estate, edge: &Edge, from: NodeId, to: NodeId) -> Holds {
        let Some(technique) = estate.technique(edge.technique) else {
            return no("no such technique");
        };
        let id: &str = &technique.id;
        // A credential's hop is confirmed by the side that is no credential; every other by the holder's scope.
        let (technique, asked, credential) = if id.starts_with("core-presents") {
            ("core-presents", from, Some(to))
        } else if id.starts_with("core-accepts") {
            ("core-accepts", to, Some(from))
        } else {
            (id, from, None)
        };
        let Some(loaded) = estate.node(asked).and_then(|node| self.0.get(node.scope.index())) else {
            return Holds::Unknown("the scope that would know was not read".to_owned());
        };
        let parts = credential.and_then(|node| credential_parts(estate.name(node)));
        let credential = parts
            .as_ref()
            .map(|(kind, realm, audience, subject)| CredentialRef {
                kind,
                realm,
                subject,
                audience,
            });
        let who = |node: NodeId| Who {
            kind: estate.kind(node).map_or("", |kind| &kind.name),
            name: estate.name(node),
        };
        let place: Place = edge.place;
        loaded.holds(&Hop {
            technique,
            from: who(from),
            to: who(to),
            place,
            credential,
        })
    }
}

fn no(why: &str) -> Holds {
    Holds::No(why.to_owned())
}
