//! Who a container's process is: `user[:group]` and `GroupAdd`, as far as they are certain without the image's passwd.
//! Source: moby `daemon/oci_linux.go`, `github.com/moby/sys/user` GetExecUser.

/// The user of a container.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct User {
    /// The user's number inside; none where only the image's passwd knows.
    pub uid: Option<u32>,
    /// The primary group's number inside.
    pub gid: Option<u32>,
    /// Supplementary groups whose numbers are certain, in order.
    pub groups: Vec<u32>,
    /// What is not resolved, in the order in which it was met.
    pub unresolved: Vec<String>,
}

/// Numbers as Go's `strconv.Atoi` reads them: a sign and leading zeros are fine.
fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

/// A number that the engine takes: 0 to 2147483647.
fn id(number: i64) -> Option<u32> {
    u32::try_from(number).ok().filter(|n| *n <= 0x7fff_ffff)
}

/// The user that `user[:group]` and the added groups make. `primary_too`: from 20.10.18 on the primary group is among
/// the supplementary ones (CVE-2022-36109).
#[must_use]
pub fn user(spec: &str, group_add: &[String], primary_too: bool) -> User {
    let (name, group) = spec.split_once(':').unwrap_or((spec, ""));
    let mut user = User::default();
    match (name, number(name)) {
        ("" | "root", _) => user.uid = Some(0),
        (_, Some(n)) => match id(n) {
            Some(uid) => user.uid = Some(uid),
            None => user.unresolved.push(format!(
                "user {name}: out of range, so the container does not start"
            )),
        },
        (_, None) => user.unresolved.push(format!(
            "user {name}: only the image's /etc/passwd has its number"
        )),
    }
    match (group, number(group)) {
        ("", _) => {
            // root's row is group 0 in every image; any other number's group is what passwd says, else 0.
            if user.uid == Some(0) {
                user.gid = Some(0);
                user.unresolved
                    .push("supplementary groups: the image's /etc/group may list root".to_owned());
            } else if user.uid.is_some() {
                user.unresolved.push(format!(
                    "groups of user {name}: those of its row in the image's /etc/passwd, else group 0"
                ));
            } else {
                user.unresolved.push(format!("groups of user {name}"));
            }
        }
        ("root", _) => user.gid = Some(0),
        (_, Some(n)) => match id(n) {
            Some(gid) => user.gid = Some(gid),
            None => user.unresolved.push(format!(
                "group {group}: out of range, so the container does not start"
            )),
        },
        (_, None) => user.unresolved.push(format!(
            "group {group}: only the image's /etc/group has its number"
        )),
    }
    for added in group_add {
        match number(added).and_then(id) {
            Some(gid) => user.groups.push(gid),
            None if added == "root" => user.groups.push(0),
            None => user.unresolved.push(format!(
                "group {added}: only the image's /etc/group has its number"
            )),
        }
    }
    if primary_too && let Some(gid) = user.gid {
        user.groups.push(gid);
    }
    user.groups.sort_unstable();
    user.groups.dedup();
    user
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_in_disguise() {
        for spec in [
            "",
            "0",
            "root",
            "0:0",
            "root:root",
            "00",
            "+0",
            "-0",
            ":",
            ":1000",
            "0:1000",
            "000:5",
        ] {
            assert_eq!(user(spec, &[], true).uid, Some(0), "{spec}");
        }
        for spec in [
            "1",
            "app",
            "rootless",
            "toor",
            "0x0",
            " 0",
            "10:0",
            "-1",
            "2147483648",
        ] {
            assert_ne!(user(spec, &[], true).uid, Some(0), "{spec}");
        }
    }

    #[test]
    fn groups() {
        let some = user("1000:1001", &["5".to_owned(), "docker".to_owned()], true);
        assert_eq!(
            (some.uid, some.gid, some.groups),
            (Some(1000), Some(1001), vec![5, 1001])
        );
        assert_eq!(
            some.unresolved,
            ["group docker: only the image's /etc/group has its number"]
        );
        assert_eq!(user("1000:1001", &[], false).groups, Vec::<u32>::new());
        let bare = user("1000", &[], true);
        assert_eq!((bare.uid, bare.gid, bare.unresolved.len()), (Some(1000), None, 1));
        assert_eq!(user("5:99999999999999999999", &[], true).gid, None);
    }
}
