//! Matchers against slow, obvious twins.

use crate::Choices;
use foursee::core::model::{Pattern, glob};
use foursee_aws::policy::{ActionPattern, Context, ResourcePattern, Template, Tri};
use foursee_container::authorize::paths::{sensitive, socket, tidy, within};
use foursee_container::authorize::user::user;
use foursee_kafka::authorize::Client;
use foursee_kafka::authorize::host::{self, Rule};
use foursee_postgres::facts::{AclItem, Privilege, quoted};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a name matches, by a table of every prefix of the pattern against every prefix of the name.
pub(crate) fn slow_glob(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut row: Vec<bool> = (0..=name.len()).map(|at| at == 0).collect();
    for one in pattern.chars() {
        let mut next = vec![false; name.len() + 1];
        next[0] = one == '*' && row[0];
        for at in 0..name.len() {
            next[at + 1] = match one {
                '*' => row[at + 1] || next[at],
                '?' => row[at],
                letter => row[at] && letter == name[at],
            };
        }
        row = next;
    }
    row[name.len()]
}

/// An ARN's pattern: six parts, of which the first five end at a colon; a part that is not there is `*`.
pub(crate) fn slow_resource(pattern: &str, resource: &str) -> bool {
    if !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*') {
        return true;
    }
    let mut wanted: Vec<&str> = pattern.splitn(6, ':').collect();
    wanted.resize(6, "*");
    let given: Vec<&str> = resource.splitn(6, ':').collect();
    given.len() == 6
        && wanted
            .iter()
            .zip(given)
            .all(|(wanted, given)| slow_glob(wanted, given))
}

/// Wildcards of every layer, and paths of hosts.
pub fn globs(data: &[u8]) {
    let mut choices = Choices::new(data);
    let letters = ['a', 'b', '*', '?', ':', '/', '.', 'A', 'é', '\0', '$'];
    let (pattern, name) = (choices.word(&letters, 24), choices.word(&letters, 24));
    let want = slow_glob(&pattern, &name);
    assert_eq!(glob(&pattern, &name), want, "{pattern:?} {name:?}");
    let compiled = Pattern::from_glob(&pattern);
    assert_eq!(compiled.matches(&name), want, "{compiled:?} {name:?}");
    assert!(
        !want || name.starts_with(compiled.literal_prefix()),
        "{compiled:?} {name:?}"
    );

    let lower = name.to_ascii_lowercase();
    let action = ActionPattern::new(&pattern);
    if action.matches(&lower) {
        assert!(
            slow_glob(&pattern.to_ascii_lowercase(), &lower),
            "{pattern:?} {lower:?}"
        );
    } else if action.well_formed() {
        assert!(
            !slow_glob(&pattern.to_ascii_lowercase(), &lower),
            "{pattern:?} {lower:?}"
        );
    }
    let (context, mut missing) = (Context::default(), BTreeSet::new());
    for variables in [false, true] {
        let resource = ResourcePattern::new(&pattern, variables);
        let got = resource.matches(&name, &context, &mut missing);
        let want = if slow_resource(&pattern, &name) {
            Tri::Yes
        } else {
            Tri::No
        };
        assert_eq!(got, want, "{pattern:?} {name:?}");
        assert!(missing.is_empty());
        let template = Template::new(&pattern, variables);
        let filled = template
            .fill(&context, &mut missing)
            .expect("it has no variables");
        assert_eq!(
            filled.matches(&name),
            slow_glob(&pattern, &name),
            "{pattern:?} {name:?}"
        );
    }

    // Variables: any text, and never a panic; what is said to be missing is one of its keys.
    let free = choices.text(40);
    let resource = ResourcePattern::new(&free, true);
    let _ = (
        resource.loose(),
        resource.within("arn:aws:iam::111122223333:", &context),
    );
    let _ = resource.matches(&name, &context, &mut missing);

    let path = tidy(&free);
    assert_eq!(tidy(&path), path, "tidied twice: {free:?}");
    assert!(path.starts_with('/') && !path.contains("//"));
    assert!(
        path.split('/').all(|part| part != "." && part != ".."),
        "{free:?}"
    );
    let tree = tidy(&name);
    let below = path.split('/').collect::<Vec<_>>();
    let above: Vec<&str> = tree.split('/').filter(|part| !part.is_empty()).collect();
    let inside = below.get(1..).is_some_and(|parts| parts.starts_with(&above));
    assert_eq!(within(&path, &tree), inside, "{path:?} in {tree:?}");
    let _ = (
        sensitive(&path, &[&tree]),
        socket(&path, std::slice::from_ref(&free)),
    );
    let _ = user(&free, std::slice::from_ref(&name), true);
}

fn bits_of(address: IpAddr) -> Vec<bool> {
    let bytes = match address {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    };
    bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect()
}

fn address(choices: &mut Choices<'_>) -> IpAddr {
    let byte = |choices: &mut Choices<'_>| choices.pick(&[0u8, 1, 10, 127, 128, 192, 254, 255]);
    if choices.below(2) == 0 {
        IpAddr::V4(Ipv4Addr::from(std::array::from_fn(|_| byte(choices))))
    } else {
        IpAddr::V6(Ipv6Addr::from(std::array::from_fn::<u8, 16, _>(|_| {
            byte(choices)
        })))
    }
}

/// Hosts of Kafka's ACLs: blocks against bits one by one, and what is said to cover against every address tried.
pub fn hosts(data: &[u8]) {
    let mut choices = Choices::new(data);
    let (network, client) = (address(&mut choices), address(&mut choices));
    let bits = u8::try_from(choices.below(129)).unwrap_or(0);
    let most = if network.is_ipv4() { 32 } else { 128 };
    let bits = bits.min(most);
    let same = network.is_ipv4() == client.is_ipv4();
    let want = same
        && bits_of(network)
            .iter()
            .zip(bits_of(client))
            .take(bits.into())
            .all(|(a, b)| *a == b);
    assert_eq!(
        host::within(network, bits, client),
        want,
        "{client} in {network}/{bits}"
    );

    let asked = Client::new(&client.to_string());
    assert_eq!(asked, Client::new(&format!("/{client}")), "Java's slash");
    let texts = [
        choices.text(24),
        host::java(network),
        format!("{network}/{bits}"),
        network.to_string(),
        "*".to_owned(),
    ];
    let rules: Vec<Rule> = texts.iter().map(|text| Rule::of(text)).collect();
    let matches = |rule: Rule| match rule {
        Rule::Any => true,
        Rule::Address(one) => Some(one) == asked.address,
        Rule::Block(network, bits) => asked.address.is_some_and(|one| host::within(network, bits, one)),
        _ => false,
    };
    for outer in &rules {
        for inner in &rules {
            if host::covers(*outer, *inner, true) && matches(*inner) {
                assert!(
                    matches(*outer),
                    "{outer:?} is said to cover {inner:?}, and not {client}"
                );
            }
        }
    }
}

/// An item of PostgreSQL's ACLs: what is written is what is read.
pub fn aclitem(data: &[u8]) {
    let mut choices = Choices::new(data);
    let name = |choices: &mut Choices<'_>| {
        choices.word(&['a', 'B', '"', '=', '/', '*', ' ', 'é', '_', '1', '\\', ','], 8)
    };
    let (grantee, grantor) = (name(&mut choices), name(&mut choices));
    // As putid prints it: in double quotes unless all letters are safe.
    let put = |name: &str| {
        let safe = name.chars().all(|one| one.is_alphanumeric() || one == '_');
        if safe {
            name.to_owned()
        } else {
            format!("\"{}\"", name.replace('"', "\"\""))
        }
    };
    let mut rights: Vec<(Privilege, bool)> = Vec::new();
    for one in Privilege::ALL {
        if choices.below(3) == 1 {
            rights.push((one, choices.below(2) == 1));
        }
    }
    let letters: String = rights
        .iter()
        .map(|(one, option)| format!("{}{}", char::from(*one as u8), if *option { "*" } else { "" }))
        .collect();
    let text = format!("{}={letters}/{}", put(&grantee), put(&grantor));
    let item = AclItem::parse(&text).expect("as the server prints it");
    assert_eq!((&*item.grantee, &*item.grantor), (&*grantee, &*grantor), "{text}");
    assert_eq!(
        item.rights.iter().collect::<Vec<_>>(),
        rights.iter().map(|(one, _)| *one).collect::<Vec<_>>()
    );
    let options: Vec<Privilege> = rights
        .iter()
        .filter(|(_, option)| *option)
        .map(|(one, _)| *one)
        .collect();
    assert_eq!(item.options.iter().collect::<Vec<_>>(), options);
    assert_eq!(item.to_string(), text);

    let free = String::from_utf8_lossy(choices.rest()).into_owned();
    if let Ok(item) = AclItem::parse(&free) {
        assert_eq!(AclItem::parse(&item.to_string()).as_ref(), Ok(&item), "{free:?}");
    }
    let name = quoted(&free);
    assert!(name == free || (name.starts_with('"') && name.ends_with('"')));
}
