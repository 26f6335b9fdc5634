//! What is read of an engine, in order: itself, its containers, their images and all others, volumes, daemon.json.
//! Each is given away as soon as it is whole; what is refused, gone, broken or too late is a gap of its own.

use crate::client::{Client, Failure, segment, shown};
use crate::{CONTAINER, CONTAINERS, DAEMON, IMAGE, IMAGES, INFO, VOLUMES};
use foursee_capture::manifest::NotCollected;
use foursee_capture::{CollectError, Collected, Permission, Sink, SinkError, Step, Terms};
use foursee_core::model::Reason;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// How many objects one document holds, and about how many bytes: what is lost at most when reading is cut off.
const OBJECTS: usize = 50;
const BYTES: usize = 16 << 20;

/// One engine being read.
pub(crate) struct Reading<'a> {
    client: Client,
    into: &'a dyn Sink,
    terms: &'a Terms,
    target: String,
    scope: Option<String>,
    documents: usize,
    refused: Option<Failure>,
}

/// Where the calls of an engine are: Docker's own, and what Podman's own command asks.
struct Calls {
    containers: &'static str,
    container: &'static str,
    images: &'static str,
    image: &'static str,
    volumes: &'static str,
}

const DOCKER: Calls = Calls {
    containers: "/containers/json?all=true",
    container: "/containers/",
    images: "/images/json",
    image: "/images/",
    volumes: "/volumes",
};
const PODMAN: Calls = Calls {
    containers: "/v4.0.0/libpod/containers/json?all=true",
    container: "/v4.0.0/libpod/containers/",
    images: "/v4.0.0/libpod/images/json",
    image: "/v4.0.0/libpod/images/",
    volumes: "/v4.0.0/libpod/volumes/json",
};
const PODMAN_INFO: &str = "/v4.0.0/libpod/info";

/// The engine's word on itself, as far as it decides how to go on.
#[derive(Deserialize)]
struct Info {
    #[serde(rename = "ID", default)]
    id: Option<String>,
    /// Podman's answer to Docker's call has this, and Docker's has not.
    #[serde(rename = "BuildahVersion", default)]
    buildah: Option<IgnoredAny>,
}

/// One entry of a listing.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default, rename = "ImageID")]
    image: Option<String>,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
}

/// An object to be inspected: its identifier and what people call it.
struct Object {
    id: String,
    called: String,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(client: Client, into: &'a dyn Sink, terms: &'a Terms, target: String) -> Self {
        Self {
            client,
            into,
            terms,
            target,
            scope: None,
            documents: 0,
            refused: None,
        }
    }

    /// Reads all of it.
    pub(crate) async fn all(mut self, configuration: Option<&Path>, local: bool) -> Result<(), CollectError> {
        let (calls, docker) = self.engine().await?;
        let containers = self.containers(calls).await?;
        self.images(calls, containers).await?;
        self.volumes(calls).await?;
        match self.refused.take() {
            Some(failure) if self.documents == 0 => return Err(self.nothing(failure)),
            _ => {}
        }
        if docker {
            self.daemon(configuration, local)?;
        }
        Ok(())
    }

    /// The engine itself; which calls it understands, and whether it is Docker's.
    async fn engine(&mut self) -> Result<(&'static Calls, bool), CollectError> {
        self.into.step(Step::new("engine", 0, Some(1)));
        let text = match self.client.get("/info").await {
            Ok(text) => text,
            Err(failure @ (Failure::Lost(_) | Failure::Deadline)) => return Err(self.nothing(failure)),
            Err(failure) => {
                self.gap("engine", &INFO, &failure);
                return Ok((&DOCKER, true));
            }
        };
        let Ok(info) = serde_json::from_str::<Info>(&text) else {
            self.gap("engine", &INFO, &Failure::Malformed);
            return Ok((&DOCKER, true));
        };
        if info.buildah.is_some() {
            match self.client.get(PODMAN_INFO).await {
                Ok(text) => self.give("info.json", "info", text)?,
                Err(failure) => self.gap("engine", &INFO, &failure),
            }
            return Ok((&PODMAN, false));
        }
        self.scope = info.id.filter(|id| !id.is_empty());
        self.give("info.json", "info", text)?;
        Ok((&DOCKER, true))
    }

    /// Every container; gives the images that they use.
    async fn containers(&mut self, calls: &Calls) -> Result<BTreeSet<String>, CollectError> {
        let mut images = BTreeSet::new();
        let listed: Vec<Entry> = match self.list(calls.containers).await {
            Ok(listed) => listed,
            Err(failure) => {
                self.gap("containers", &CONTAINERS, &failure);
                return Ok(images);
            }
        };
        let objects = listed.into_iter().map(|entry| {
            images.extend(entry.image);
            let name = entry.names.into_iter().flatten().next().unwrap_or_default();
            let name = shown(name.trim_start_matches('/'));
            Object {
                called: format!("container {}", if name.is_empty() { &entry.id } else { &name }),
                id: entry.id,
            }
        });
        let objects = objects.collect();
        self.inspect("containers", calls.container, objects, &CONTAINER)
            .await?;
        Ok(images)
    }

    /// Every image that the engine has, and those that its containers use.
    async fn images(&mut self, calls: &Calls, used: BTreeSet<String>) -> Result<(), CollectError> {
        let mut objects: Vec<Object> = Vec::new();
        let mut unlisted = used;
        match self.list::<Entry>(calls.images).await {
            Ok(listed) => {
                for entry in listed {
                    unlisted.remove(&entry.id);
                    let tag = entry.repo_tags.into_iter().flatten().next();
                    objects.push(Object {
                        called: format!("image {}", shown(tag.as_deref().unwrap_or(&entry.id))),
                        id: entry.id,
                    });
                }
            }
            Err(failure) => self.gap("images", &IMAGES, &failure),
        }
        objects.extend(unlisted.into_iter().map(|id| Object {
            called: format!("image {}", shown(&id)),
            id,
        }));
        self.inspect("images", calls.image, objects, &IMAGE).await
    }

    /// The volumes. A listing of them says all that inspecting each would.
    async fn volumes(&mut self, calls: &Calls) -> Result<(), CollectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Volumes {
            #[serde(default)]
            volumes: Option<Vec<Box<RawValue>>>,
        }
        self.into.step(Step::new("volumes", 0, None));
        let answer = self.client.get(calls.volumes).await;
        let volumes = answer.and_then(|text| {
            let volumes = if text.trim_start().starts_with('[') {
                serde_json::from_str(&text)
            } else {
                serde_json::from_str(&text).map(|all: Volumes| all.volumes.unwrap_or_default())
            };
            volumes.map_err(|_| Failure::Malformed)
        });
        match volumes {
            Ok(volumes) if volumes.is_empty() => {}
            Ok(volumes) => {
                let texts: Vec<&str> = volumes.iter().map(|one| one.get()).collect();
                self.give("volumes.json", "volumes", array(&texts))?;
            }
            Err(failure) => self.gap("volumes", &VOLUMES, &failure),
        }
        Ok(())
    }

    /// Inspects objects, several at a time, and gives them away in their order.
    async fn inspect(
        &mut self,
        what: &'static str,
        call: &'static str,
        objects: Vec<Object>,
        permission: &Permission,
    ) -> Result<(), CollectError> {
        let of = objects.len() as u64;
        let client = self.client.clone();
        let mut answers = stream::iter(objects)
            .map(|object| {
                let client = &client;
                async move {
                    let answer = match segment(&object.id) {
                        Some(id) => client.get(&format!("{call}{id}/json")).await,
                        None => Err(Failure::Malformed),
                    };
                    let whole = |text: &String| {
                        text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
                    };
                    let answer =
                        answer.and_then(|text| whole(&text).then_some(text).ok_or(Failure::Malformed));
                    (object, answer)
                }
            })
            .buffered(self.terms.concurrency.get());
        let (mut bodies, mut bytes, mut done, mut part) = (Vec::new(), 0, 0, 0);
        while let Some((object, answer)) = answers.next().await {
            done += 1;
            self.into.step(Step::new(what, done, Some(of)));
            match answer {
                Ok(body) => {
                    bytes += body.len();
                    bodies.push(body);
                }
                Err(failure) => self.gap(&object.called, permission, &failure),
            }
            if bodies.len() >= OBJECTS || bytes >= BYTES {
                self.part(what, &mut part, &mut bodies)?;
                bytes = 0;
            }
        }
        self.part(what, &mut part, &mut bodies)
    }

    /// One document of several objects: `containers.json`, `containers-2.json` ...
    fn part(&mut self, kind: &str, part: &mut usize, bodies: &mut Vec<String>) -> Result<(), CollectError> {
        if bodies.is_empty() {
            return Ok(());
        }
        *part += 1;
        let file = match *part {
            1 => format!("{kind}.json"),
            part => format!("{kind}-{part}.json"),
        };
        let text = array(&bodies.iter().map(|body| body.trim()).collect::<Vec<_>>());
        bodies.clear();
        self.give(&file, kind, text)
    }

    /// daemon.json, where the engine is this machine's and it is known which file is its.
    fn daemon(&mut self, configuration: Option<&Path>, local: bool) -> Result<(), CollectError> {
        let Some(path) = configuration else {
            let facet = if local {
                "which file is the configuration of an engine at this socket is not known"
            } else {
                "the engine is another machine's"
            };
            self.not("daemon.json", facet, Reason::NotCaptured, &DAEMON, copy());
            return Ok(());
        };
        let mut text = String::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(1 << 20).read_to_string(&mut text));
        match read {
            Ok(_) if serde_json::from_str::<IgnoredAny>(&text).is_ok() => {
                self.give("daemon.json", "daemon", text)?;
            }
            Ok(_) => self.not("daemon.json", "it is no JSON", Reason::Malformed, &DAEMON, copy()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let closes = "nothing to read here: look at the command line of dockerd for -H, --tlsverify and --userns-remap";
                let facet = format!("there is no {}", path.display());
                self.not(
                    "daemon.json",
                    &facet,
                    Reason::NotCaptured,
                    &DAEMON,
                    closes.to_owned(),
                );
            }
            Err(error) => {
                let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
                let reason = if denied {
                    Reason::Denied
                } else {
                    Reason::NotCaptured
                };
                let facet = format!("{}: {error}", path.display());
                self.not("daemon.json", &facet, reason, &DAEMON, DAEMON.grant.to_owned());
            }
        }
        Ok(())
    }

    async fn list<T: DeserializeOwned>(&self, call: &str) -> Result<Vec<T>, Failure> {
        let text = self.client.get(call).await?;
        serde_json::from_str::<Option<Vec<T>>>(&text)
            .map(Option::unwrap_or_default)
            .map_err(|_| Failure::Malformed)
    }

    fn give(&mut self, file: &str, kind: &str, text: String) -> Result<(), CollectError> {
        let mut document = Collected::new(file, kind, text).context(self.target.as_str());
        document.scope.clone_from(&self.scope);
        self.into
            .document(document)
            .map_err(|error: SinkError| error.into())
            .map(|()| self.documents += 1)
    }

    fn gap(&mut self, what: &str, permission: &Permission, failure: &Failure) {
        let again = || "capture again".to_owned();
        let (reason, facet, closes) = match failure {
            Failure::Denied(said) => (
                Reason::Denied,
                format!("{} was refused: {said}", permission.name),
                format!("allow {}", permission.name),
            ),
            Failure::Absent => (
                Reason::NotCaptured,
                "it was removed while the engine was read".to_owned(),
                again(),
            ),
            Failure::Answer(status, said) => (
                Reason::NotCaptured,
                format!("{} failed with status {status}: {said}", permission.name),
                again(),
            ),
            Failure::Lost(why) => (
                Reason::NotCaptured,
                format!("{} was cut off: {why}", permission.name),
                again(),
            ),
            Failure::TooLarge => (
                Reason::TooLarge,
                "the answer is larger than 64 MiB".to_owned(),
                "export it with docker inspect".to_owned(),
            ),
            Failure::Malformed => (
                Reason::Malformed,
                format!(
                    "{} gave what is not of the form that engines give",
                    permission.name
                ),
                again(),
            ),
            Failure::Deadline => (
                Reason::NotCaptured,
                "the deadline came before it was read".to_owned(),
                "capture again with a longer deadline or more concurrency".to_owned(),
            ),
        };
        self.not(what, &facet, reason, permission, closes);
        self.refused.get_or_insert_with(|| failure.clone());
    }

    fn not(&self, what: &str, facet: &str, reason: Reason, permission: &Permission, closes: String) {
        let mut gap = NotCollected::default();
        gap.layer = "container".to_owned();
        gap.scope.clone_from(&self.scope);
        gap.target = format!("{what} of {}", self.target);
        gap.facet = facet.to_owned();
        gap.reason = reason.as_str().to_owned();
        gap.hides = permission.hides.to_owned();
        gap.closes = closes;
        self.into.gap(gap);
    }

    /// Why the target gave nothing.
    fn nothing(&self, failure: Failure) -> CollectError {
        let target = self.target.clone();
        match failure {
            Failure::Denied(why) => CollectError::Refused { target, why },
            Failure::Deadline => CollectError::Deadline {
                target,
                deadline: self.terms.deadline,
            },
            Failure::Lost(why) => CollectError::Unreachable { target, why },
            Failure::Answer(status, said) => CollectError::Unreachable {
                target,
                why: format!("it answers with status {status}: {said}"),
            },
            Failure::Absent | Failure::TooLarge | Failure::Malformed => CollectError::Unreachable {
                target,
                why: "what answers there is no container engine".to_owned(),
            },
        }
    }
}

fn copy() -> String {
    "put a copy of /etc/docker/daemon.json of the engine's machine beside the capture".to_owned()
}

/// A JSON array of objects as they are, one a line.
fn array(objects: &[&str]) -> String {
    format!("[\n{}\n]\n", objects.join(",\n"))
}
