//! Programs that answer one line of JSON for one line of JSON: the oracle, and the API server's client.

use foursee_servers::Server;
use serde_json::Value;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running program.
pub(crate) struct Program {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(path: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(path)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; tests/servers/kubernetes/install builds it",
                    path.display()
                )
            });
        let input = child.stdin.take().map(BufWriter::new);
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// Kubernetes' own packages.
    pub(crate) fn oracle() -> Self {
        Self::start(&Server::installed("kubernetes").join("oracle"), &[])
    }

    /// A server, asked as its administrator or whom the administrator impersonates.
    pub(crate) fn client(server: &Server) -> Self {
        Self::client_as(server, server.env("TOKEN"))
    }

    /// A server, asked with somebody's token.
    pub(crate) fn client_as(server: &Server, token: &str) -> Self {
        Self::start(
            Path::new(server.env("ASK")),
            &[server.env("URL"), server.env("CA"), token],
        )
    }

    /// Answers, in the order of the questions.
    pub(crate) fn ask(&mut self, questions: &[Value]) -> Vec<Value> {
        let answers = self.ask_or_fail(questions);
        for (question, answer) in questions.iter().zip(&answers) {
            assert!(answer["error"].is_null(), "{answer} to {question}");
        }
        answers
    }

    /// Answers, of which some may be errors.
    pub(crate) fn ask_or_fail(&mut self, questions: &[Value]) -> Vec<Value> {
        let (input, output) = (self.input.as_mut().unwrap(), &mut self.output);
        // Both at once: pipes hold little.
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for question in questions {
                    serde_json::to_writer(&mut *input, question).unwrap();
                    input.write_all(b"\n").unwrap();
                }
                input.flush().unwrap();
            });
            let mut line = String::new();
            questions
                .iter()
                .map(|question| {
                    line.clear();
                    output.read_line(&mut line).unwrap();
                    serde_json::from_str(&line)
                        .unwrap_or_else(|error| panic!("{error}: {line:?} to {question}"))
                })
                .collect()
        })
    }

    /// The answer to one question.
    pub(crate) fn ask_one(&mut self, question: Value) -> Value {
        self.ask(&[question]).pop().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.input = None;
        let _ = self.child.wait();
    }
}
