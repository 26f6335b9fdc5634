//! What a build without the feature `archives` makes of them: gaps, and an error where one was to be written.

use crate::{Limits, Options, WriteError, Writer, read};
use foursee_core::model::Reason;

#[test]
fn archives_are_gaps_and_the_rest_is_read() {
    let folder = std::env::temp_dir().join(format!("foursee-without-archives-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut tar = vec![b'a'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    std::fs::write(folder.join("a.tar"), tar).unwrap();
    std::fs::write(folder.join("b.gz"), b"\x1f\x8b\x08\0").unwrap();
    std::fs::write(folder.join("c.zst"), b"\x28\xb5\x2f\xfd\0").unwrap();
    std::fs::write(folder.join("d.json"), b"{}").unwrap();
    let reading = read(std::slice::from_ref(&folder), &Limits::default(), &mut |_| {});
    std::fs::remove_dir_all(&folder).unwrap();
    let names: Vec<&str> = reading.inputs.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(names, ["d.json"]);
    let gaps: Vec<(&str, Reason)> = reading
        .gaps
        .iter()
        .map(|gap| (gap.target.as_str(), gap.reason))
        .collect();
    let unsupported = Reason::Unsupported;
    assert_eq!(
        gaps,
        [
            ("a.tar", unsupported),
            ("b.gz", unsupported),
            ("c.zst", unsupported)
        ]
    );
    assert!(reading.gaps.iter().all(|gap| gap.closes.contains("`archives`")));
}

#[test]
fn an_archive_is_not_written() {
    let path = std::env::temp_dir().join(format!("foursee-none-{}.tar.zst", std::process::id()));
    let error = Writer::create(&path, Options::default()).unwrap_err();
    assert!(matches!(error, WriteError::WithoutArchives(named) if named == path));
}
