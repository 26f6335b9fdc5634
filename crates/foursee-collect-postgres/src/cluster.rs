//! The cluster: one document a database, and what was not read of it.

use crate::connect::{Connector, NotRead};
use crate::listing::{Listing, Plan};
use crate::settings::{Settings, Surroundings};
use crate::{LAYER, gaps, script};
use foursee_capture::{CollectError, Collected, Collecting, Collector, Sink, Step, Terms};
use futures_util::{StreamExt, stream};
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// What a server may say of one database: 1 GiB. Some 400 bytes of it are a table.
const LARGEST: u64 = 1 << 30;
/// Where one begins when no database is named, as PostgreSQL's own programs for whole clusters do.
const FIRST: [&str; 2] = ["postgres", "template1"];
/// How often a database is tried again when the server has no session left, and how long after.
const AGAIN: (u32, Duration) = (5, Duration::from_millis(200));

/// A cluster of databases that can be logged in to.
///
/// It runs in a tokio runtime with time and I/O enabled.
pub struct Cluster {
    connector: Connector,
    largest: u64,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("target", &self.target())
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// The cluster that a target names: a connection URL, a list of `key=value`, or the name of a service in
    /// `pg_service.conf`. Without one, what libpq's environment and files say. Nothing is connected to yet.
    ///
    /// # Errors
    ///
    /// [`CollectError::Settings`] where that cannot be followed. No value of a setting stands in it.
    pub fn new(target: Option<&str>) -> Result<Self, CollectError> {
        let variable = |name: &str| std::env::var(name).ok();
        let around = Surroundings {
            variable: &variable,
            home: std::env::home_dir(),
            user: whoami::username().ok(),
        };
        let settings = Settings::resolve(target, &around)?;
        let name = named(&settings);
        let connector =
            Connector::new(settings).map_err(|why| CollectError::Settings { target: name, why })?;
        Ok(Self {
            connector,
            largest: LARGEST,
        })
    }

    /// How many bytes the server may say of one database, 1 GiB unless said. What is larger is a gap.
    #[must_use]
    pub fn largest(mut self, bytes: u64) -> Self {
        self.largest = bytes;
        self
    }

    /// Reads one database. Gives at which address that was, and its document.
    async fn read(&self, at: Option<usize>, database: &str) -> Result<(usize, String), NotRead> {
        let (at, open) = self.connector.open(at, database, self.largest).await?;
        let printed = open.run(script::TEXT).await?;
        if !printed.text.starts_with("{\"foursee_postgres\":") || !printed.text.ends_with("}\n") {
            let (code, why) = printed.refused.unwrap_or_default();
            return Err(NotRead::Refused { code, why });
        }
        Ok((at, printed.text))
    }

    /// Reads the database that was named, or the first of those that a cluster has.
    async fn first(&self) -> Result<(usize, String, String), NotRead> {
        let names = match self.connector.settings().dbname.as_deref() {
            Some(named) => vec![named],
            None => FIRST.to_vec(),
        };
        let mut result = Err(NotRead::Unreachable(String::new()));
        for name in names {
            result = match self.read(None, name).await {
                Ok((at, text)) => return Ok((at, name.to_owned(), text)),
                Err(NotRead::Refused { code, why }) if code == "3D000" || code == "42501" => {
                    Err(NotRead::Refused { code, why })
                }
                Err(other) => return Err(other),
            };
        }
        result
    }

    async fn all(&self, into: &dyn Sink, terms: &Terms) -> Result<(), CollectError> {
        let end = Instant::now() + terms.deadline;
        into.step(Step::new("databases", 0, None));
        let first = timeout_at(end, self.first())
            .await
            .map_err(|_| CollectError::Deadline {
                target: self.target(),
                deadline: terms.deadline,
            })?;
        let (at, name, text) = first.map_err(|why| self.nothing(why))?;
        let listing = Listing::read(&text);
        let plan = Plan::new(&listing, &name);
        for gap in &plan.gaps {
            into.gap(gap.clone());
        }
        let of = Some(plan.read.len() as u64 + 1);
        let mut done = 1;
        self.keep(into, &name, text, &listing)?;
        into.step(Step::new("databases", done, of));

        let mut left: BTreeSet<String> = plan.read.iter().cloned().collect();
        let mut busy = Vec::new();
        let mut reading = stream::iter(plan.read)
            .map(|name| async move {
                let result = self.read(Some(at), &name).await;
                (name, result)
            })
            .buffer_unordered(terms.concurrency.get());
        while let Ok(Some((name, result))) = timeout_at(end, reading.next()).await {
            if matches!(&result, Err(NotRead::Refused { code, .. }) if code == "53300") {
                busy.push(name);
                continue;
            }
            left.remove(&name);
            done += 1;
            self.take(into, &name, result, &listing)?;
            into.step(Step::new("databases", done, of));
        }
        drop(reading);
        // The server, or the role, had no session left: one at a time, then.
        for name in busy {
            let Ok(result) = timeout_at(end, self.patiently(at, &name)).await else {
                break;
            };
            left.remove(&name);
            done += 1;
            self.take(into, &name, result, &listing)?;
            into.step(Step::new("databases", done, of));
        }
        for name in left {
            into.gap(gaps::late(&name, terms.deadline, &listing));
        }
        Ok(())
    }

    async fn patiently(&self, at: usize, name: &str) -> Result<(usize, String), NotRead> {
        let mut result = self.read(Some(at), name).await;
        for _ in 1..AGAIN.0 {
            match &result {
                Err(NotRead::Refused { code, .. }) if code == "53300" => {}
                _ => break,
            }
            sleep(AGAIN.1).await;
            result = self.read(Some(at), name).await;
        }
        result
    }

    fn take(
        &self,
        into: &dyn Sink,
        name: &str,
        result: Result<(usize, String), NotRead>,
        listing: &Listing,
    ) -> Result<(), CollectError> {
        match result {
            Ok((_, text)) => self.keep(into, name, text, listing),
            Err(why) => {
                into.gap(gaps::not_read(
                    name,
                    &why,
                    &self.connector.settings().user,
                    listing,
                ));
                Ok(())
            }
        }
    }

    fn keep(&self, into: &dyn Sink, name: &str, text: String, listing: &Listing) -> Result<(), CollectError> {
        // A sink makes a safe name of it: what a database is called, its owner chose.
        let mut document = Collected::new(format!("{name}.json"), "catalog", text).context(self.target());
        document.scope.clone_from(&listing.system_identifier);
        Ok(into.document(document)?)
    }

    /// Why nothing at all was read.
    fn nothing(&self, why: NotRead) -> CollectError {
        let target = self.target();
        match why {
            NotRead::Refused { why, .. } => CollectError::Refused { target, why },
            NotRead::Unreachable(why) => CollectError::Unreachable { target, why },
            NotRead::TooLarge(limit) => CollectError::Settings {
                target,
                why: format!(
                    "its first database is larger than {limit} bytes: name another one to begin with"
                ),
            },
        }
    }
}

impl Collector for Cluster {
    fn layer(&self) -> &'static str {
        LAYER
    }

    fn target(&self) -> String {
        named(self.connector.settings())
    }

    fn collect<'a>(&'a self, into: &'a dyn Sink, terms: &'a Terms) -> Collecting<'a> {
        Box::pin(self.all(into, terms))
    }
}

fn named(settings: &Settings) -> String {
    let all: Vec<String> = settings.addresses.iter().map(ToString::to_string).collect();
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_printed_of_a_cluster_holds_its_password() {
        let cluster = Cluster::new(Some("postgresql://me:hunter22@127.0.0.1:1/d")).unwrap();
        assert_eq!(cluster.target(), "127.0.0.1:1");
        assert!(!format!("{cluster:?}").contains("hunter22"));
        let error = Cluster::new(Some("postgresql://me:hunter22@h:hunter22/d")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter22"), "{error:?}");
    }
}
