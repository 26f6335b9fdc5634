use super::*;
use foursee_capture::{Collected, Collecting};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// What a collector of the tests does.
#[derive(Clone, Copy)]
enum Does {
    Gives,
    Fails,
    Hangs,
}

struct Fake(&'static str, Does);

impl Collector for Fake {
    fn layer(&self) -> &'static str {
        "kafka"
    }

    fn target(&self) -> String {
        self.0.to_owned()
    }

    fn collect<'a>(&'a self, into: &'a dyn Sink, _: &'a Terms) -> Collecting<'a> {
        Box::pin(async move {
            if matches!(self.1, Does::Fails) {
                return Err(CollectError::Refused {
                    target: self.target(),
                    why: "password=planted-secret is wrong".to_owned(),
                });
            }
            let text = "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`: \n \t(principal=User:worker, host=*, operation=READ, permissionType=ALLOW)\n";
            into.step(Step::new("acls", 1, Some(2)));
            into.document(Collected::new("acls.txt", "acls", text).scope(self.0))?;
            if matches!(self.1, Does::Hangs) {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

fn capture(fakes: &[(&'static str, Does)]) -> Capture {
    fakes.iter().fold(Capture::new(), |capture, (name, does)| {
        capture.collector(Box::new(Fake(name, *does)))
    })
}

fn block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("foursee-live-{}-{count}", std::process::id())))
    }

    fn manifest(&self) -> String {
        std::fs::read_to_string(self.0.join(foursee_capture::manifest::NAME)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_target_that_fails_leaves_the_others_alone_and_is_a_gap() {
    let folder = Folder::new();
    let told = Mutex::new(Vec::new());
    let made = capture(&[("a:1", Does::Gives), ("b:1", Does::Fails), ("a:1", Does::Gives)]);
    let captured = block(made.write(&folder.0, std::future::pending(), &|event| {
        told.lock().unwrap().push(event)
    }))
    .unwrap();
    assert_eq!(captured.targets.len(), 2, "the same target twice is one");
    assert!(!captured.complete);
    let nothing: Vec<&str> = captured.nothing().map(|target| target.target.as_str()).collect();
    assert_eq!(nothing, ["b:1"]);
    let failed = &captured.targets[1];
    assert_eq!((failed.gaps.len(), failed.gaps[0].reason.as_str()), (1, "denied"));
    let manifest = folder.manifest();
    assert!(manifest.contains("login refused"), "{manifest}");
    let told = told.into_inner().unwrap();
    assert!(told.iter().any(
        |event| matches!(event, Event::Step { target, step, .. } if target == "a:1" && step.of == Some(2))
    ));
    assert_eq!(
        told.iter()
            .filter(|event| matches!(event, Event::Ended(_)))
            .count(),
        2
    );
}

#[test]
fn stopped_it_keeps_what_was_read_and_says_that_it_is_not_all() {
    let folder = Folder::new();
    let made = capture(&[("a:1", Does::Gives), ("b:1", Does::Hangs)]);
    let ended = Arc::new(tokio::sync::Notify::new());
    let stop = Arc::clone(&ended);
    let steps = Mutex::new(0);
    let captured = block(
        made.write(&folder.0, async move { stop.notified().await }, &|event| {
            if matches!(event, Event::Step { .. }) {
                *steps.lock().unwrap() += 1;
                if *steps.lock().unwrap() == 2 {
                    ended.notify_one();
                }
            }
        }),
    )
    .unwrap();
    assert!(!captured.complete);
    let late: Vec<_> = captured
        .targets
        .iter()
        .map(|target| (target.documents, target.failed.as_deref()))
        .collect();
    assert_eq!(late, [(1, None), (1, Some("interrupted"))]);
    let manifest = folder.manifest();
    assert!(manifest.contains("the rest of b:1"), "{manifest}");
    let report = crate::Audit::new().add(&folder.0).unwrap().run().unwrap();
    assert!(report.gaps.iter().any(|gap| gap.facet.contains("interrupted")));
    assert_eq!(report.scopes.len(), 2);
}

#[test]
fn held_in_memory_it_is_audited_as_it_is_from_the_disk() {
    let folder = Folder::new();
    let fakes = [("a:1", Does::Gives), ("b:1", Does::Fails)];
    block(capture(&fakes).write(&folder.0, std::future::pending(), &|_| {})).unwrap();
    let (captured, reading) = block(capture(&fakes).hold(std::future::pending(), &|_| {})).unwrap();
    assert!(captured.written.is_none());
    let time = foursee_core::model::Time::parse("2026-11-28").unwrap();
    let disk = crate::Audit::new()
        .add(&folder.0)
        .unwrap()
        .as_of(time)
        .run()
        .unwrap();
    let held = crate::Audit::new().reading(reading).as_of(time).run().unwrap();
    assert_eq!(disk.findings, held.findings);
    assert_eq!(disk.scopes, held.scopes);
    let gaps = |report: &foursee_core::report::Report| {
        report
            .gaps
            .iter()
            .map(|gap| (gap.facet.clone(), gap.hides.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(gaps(&disk), gaps(&held));
}

#[test]
fn a_layer_without_a_collector_names_those_that_have_one() {
    let error = permissions("mainframe").unwrap_err().to_string();
    assert!(error.contains("`mainframe`"), "{error}");
    for layer in layers() {
        assert!(error.contains(layer));
        assert!(!permissions(layer).unwrap().is_empty() && !grant(layer).unwrap().is_empty());
    }
}
