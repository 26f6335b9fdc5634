//! The collector against a real engine (tests/servers/container), straight and through proxies that record, refuse and
//! answer with nonsense.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be set up is a failed test that says so"
)]

mod calls;
mod equal;
mod proxy;
mod refused;
mod second_reader;

use foursee_collect_container::ContainerEngine;
use foursee_servers::Server;
use std::process::Command;
use std::sync::Arc;

/// The engine with one container of every sort.
fn estate() -> Arc<Server> {
    Server::shared("container", &["estate", "tls"]).unwrap_or_else(|error| panic!("{error}"))
}

/// What the docker command prints.
fn docker(server: &Server, arguments: &[&str]) -> String {
    let host = server.env("HOST");
    let mut command = Command::new(server.env("DOCKER"));
    let output = command.args(["-H", host]).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The collector of a server's socket, with its daemon.json.
fn engine(server: &Server) -> ContainerEngine {
    let engine = ContainerEngine::new(Some(server.env("HOST"))).unwrap();
    engine.configuration(server.env("CONFIG"))
}
