//! What a captured document of a real server gives, and the laws of any layer.

use crate::Postgres;
use crate::testing::{answer, document, facts};
use foursee_core::conformance;
use foursee_core::document::Head;
use foursee_core::layer::{Holds, Layer, ScopeClaim, Who};
use foursee_core::model::Reason;
use serde_json::json;

const SHOP: &str = include_str!("../tests/data/shop-15.json");

#[test]
fn any_layers_laws_hold() {
    assert_eq!(
        conformance::check(&Postgres, &[("shop.json", SHOP)]).unwrap(),
        Vec::<String>::new()
    );
}
