//! The words of what was not read.

use crate::LAYER;
use crate::connect::NotRead;
use crate::listing::Listing;
use foursee_capture::manifest::NotCollected;
use std::time::Duration;

/// What a database that was not read keeps from us.
const HIDES: &str = "its schemas, tables and functions, and who may do what with them";

/// A gap, in the order in which a person reads it.
fn gap(
    listing: &Listing,
    target: String,
    reason: &str,
    facet: String,
    hides: &str,
    closes: String,
) -> NotCollected {
    let mut gap = NotCollected::default();
    LAYER.clone_into(&mut gap.layer);
    gap.scope.clone_from(&listing.system_identifier);
    gap.target = target;
    reason.clone_into(&mut gap.reason);
    gap.facet = facet;
    hides.clone_into(&mut gap.hides);
    gap.closes = closes;
    gap
}

fn named(database: &str) -> String {
    format!("database {database}")
}

/// A database that was to be read, and was not.
pub(crate) fn not_read(name: &str, why: &NotRead, user: &str, listing: &Listing) -> NotCollected {
    let (reason, facet, closes) = match why {
        NotRead::Refused { code, why } if code == "42501" => (
            "denied",
            why.clone(),
            format!("GRANT CONNECT ON DATABASE {} TO {};", quoted(name), quoted(user)),
        ),
        NotRead::Refused { code, why } if code.starts_with("28") => (
            "denied",
            why.clone(),
            format!(
                "a line of pg_hba.conf that lets {} into database {}, and its password",
                quoted(user),
                quoted(name)
            ),
        ),
        NotRead::Refused { why, .. } | NotRead::Unreachable(why) => {
            ("not-captured", why.clone(), "capture again".to_owned())
        }
        NotRead::TooLarge(limit) => (
            "too-large",
            format!("the server says more than {limit} bytes of it"),
            "psql -XAt -f capture.sql in that database, and the file".to_owned(),
        ),
    };
    gap(listing, named(name), reason, facet, HIDES, closes)
}

/// A database that the deadline came before.
pub(crate) fn late(name: &str, deadline: Duration, listing: &Listing) -> NotCollected {
    gap(
        listing,
        named(name),
        "not-captured",
        format!("not read within {} s", deadline.as_secs()),
        HIDES,
        "a later deadline, or more sessions at a time".to_owned(),
    )
}

/// A database that nobody may connect to.
pub(crate) fn closed(name: &str, listing: &Listing) -> NotCollected {
    gap(
        listing,
        named(name),
        "inherent",
        "it allows no connections (datallowconn)".to_owned(),
        HIDES,
        format!(
            "ALTER DATABASE {} ALLOW_CONNECTIONS true; while it is read",
            quoted(name)
        ),
    )
}

/// A template.
pub(crate) fn template(name: &str, listing: &Listing) -> NotCollected {
    gap(
        listing,
        named(name),
        "not-captured",
        "it is a template, read only where the target names it".to_owned(),
        "what databases that are made from it begin with",
        "dbname=... of that name in the target".to_owned(),
    )
}

/// No list of databases.
pub(crate) fn no_list(first: &str, listing: &Listing) -> NotCollected {
    gap(
        listing,
        "databases of the cluster".to_owned(),
        "denied",
        format!("which there are; {first} alone was read"),
        "every other database of the cluster",
        "GRANT SELECT ON pg_catalog.pg_database TO the reader".to_owned(),
    )
}

/// A name as SQL writes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
