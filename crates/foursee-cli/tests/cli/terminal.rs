//! What a person at a terminal meets: colours, pipes that close, names that would act on the terminal.

use crate::{Folder, audit, foursee, text};
use std::process::{Command, Stdio};

#[test]
fn a_reader_that_stops_is_no_failure() {
    let shop = crate::shop();
    for subcommand in [
        vec!["audit", shop.to_str().unwrap(), "-v"],
        vec!["audit", shop.to_str().unwrap(), "--format", "json"],
        vec!["rules"],
        vec!["explain", "rungs"],
        vec!["can", "role:postgres", "--in", shop.to_str().unwrap()],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_foursee"))
            .args(&subcommand)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ran = child.wait_with_output().unwrap();
        assert_eq!(
            (ran.status.code(), text(&ran.stderr)),
            (Some(0), String::new()),
            "{subcommand:?}"
        );
    }
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let plain = text(&audit(&[]).stdout);
    assert!(!plain.contains('\u{1b}'));
    let coloured = text(&audit(&["--color", "always"]).stdout);
    assert!(coloured.contains("\u{1b}[1;31m"));
    let mut uncoloured = String::new();
    for (at, part) in coloured.split('\u{1b}').enumerate() {
        uncoloured.push_str(if at == 0 {
            part
        } else {
            part.split_once('m').unwrap().1
        });
    }
    assert_eq!(uncoloured, plain, "colours add nothing but colours");
}

#[test]
fn names_cannot_act_on_a_terminal() {
    let folder = Folder::new();
    let evil = "User:x\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m\u{200b}";
    folder.file(
        "acls\u{1b}[2J.txt",
        &format!(
            "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=*, patternType=LITERAL)`:\n \t(principal={evil}, host=*, operation=ALL, permissionType=ALLOW)\n"
        ),
    );
    let inside = folder.0.to_str().unwrap();
    for args in [
        vec!["audit", inside, "-v"],
        vec!["can", evil, "--in", inside],
        vec!["who-can", "READ", "t", "--in", inside],
        vec!["path", evil, "--in", inside],
        vec!["can", "nobody\u{1b}[2J", "--in", inside],
        vec!["explain", "no-such\u{1b}[2J"],
    ] {
        let ran = foursee(&args, "");
        let shown = text(&ran.stdout) + &text(&ran.stderr);
        let acts = |one: char| one.is_control() && one != '\n' || "\u{202e}\u{200b}".contains(one);
        assert!(!shown.is_empty() && !shown.contains(acts), "{args:?}: {shown:?}");
    }
}

#[test]
fn the_summary_fits_a_screen_and_says_first_things_first() {
    let summary = text(&audit(&["--quiet"]).stdout);
    let lines: Vec<&str> = summary.lines().collect();
    assert!(lines.len() <= 40, "{summary}");
    let at = |word: &str| lines.iter().position(|line| line.starts_with(word)).unwrap();
    let order = ["Audited", "Not seen", "Worst", "Spectrum", "Owned by", "Ways in"].map(at);
    assert!(order.is_sorted(), "{summary}");
    let whole = text(&audit(&[]).stdout);
    assert!(whole.starts_with(&summary), "the rest comes after the summary");
    assert!(whole.contains("stands on 1, asked 3"));
}
