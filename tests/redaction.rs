//! Redaction of the whole: the same audit, and no secret anywhere.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use foursee::Redact;
use foursee::capture::{Limits, LinkKey, Redactor, read};
use foursee::core::audit::{Documents, Input};
use foursee_tests::{json, report, root, shop, shop_policy};
use serde_json::Value;
use std::path::{Path, PathBuf};

const KEY: &str = "a key that only these tests have";

/// A folder for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("foursee-redaction-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, name: &str, text: &str) -> Self {
        std::fs::write(self.0.join(name), text).unwrap();
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn inputs(path: &Path) -> Vec<Input> {
    let read = read(&[path.to_owned()], &Limits::default(), &mut |_| {});
    let mut documents = Documents::new();
    for one in read.inputs {
        documents.push_scoped(one.name, one.text, one.scope);
    }
    documents.inputs().to_vec()
}

/// A report as JSON, without what tells one text from another: digests and lengths of documents, columns.
fn comparable(inputs: &[Input]) -> Value {
    let mut value: Value = serde_json::from_str(&json(&report(inputs, &shop_policy()))).unwrap();
    strip(&mut value);
    value
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(all) => {
            for key in ["sha256", "bytes", "digest", "length", "column", "offset"] {
                all.remove(key);
            }
            all.values_mut().for_each(strip);
        }
        Value::Array(all) => all.iter_mut().for_each(strip),
        _ => {}
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(700).collect()
}

/// The first place at which two values differ.
fn differ(a: &Value, b: &Value, at: &str) -> Option<String> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => a.keys().chain(b.keys()).find_map(|key| {
            differ(
                a.get(key).unwrap_or(&Value::Null),
                b.get(key).unwrap_or(&Value::Null),
                &format!("{at}/{key}"),
            )
        }),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(index, (a, b))| differ(a, b, &format!("{at}/{index}"))),
        _ if a == b => None,
        (Value::Array(a), Value::Array(b)) => {
            let only = |here: &[Value], there: &[Value]| {
                let here = here.iter().filter(|one| !there.contains(one)).take(4);
                here.map(short).collect::<Vec<_>>().join("\n  ")
            };
            Some(format!(
                "{at}: only in the first:\n  {}\nonly in the second:\n  {}",
                only(a, b),
                only(b, a)
            ))
        }
        _ => Some(format!("{at}:\n  {}\n  {}", short(a), short(b))),
    }
}

fn redact(from: &Path, out: &Path) -> foursee::Redacted {
    Redact::new()
        .add(from)
        .unwrap()
        .key(LinkKey::given(KEY).unwrap())
        .run(out)
        .unwrap()
}

#[test]
fn the_shop_without_its_secrets_is_audited_alike() {
    let folder = Folder::new("shop");
    for name in ["out", "out.tar.zst"] {
        let out = folder.0.join(name);
        let done = redact(&root().join("examples/shop"), &out);
        assert_eq!(done.gaps, [], "everything in the shop is kept");
        let redacted = inputs(&out);
        let raw = shop();
        assert_eq!(redacted.len(), raw.len());
        assert!(raw.iter().any(|one| one.text.contains("planted-secret")));
        for one in &redacted {
            assert!(!one.text.contains("planted-secret"), "{}", one.name);
        }
        let difference = differ(&comparable(&raw), &comparable(&redacted), "");
        assert!(difference.is_none(), "{}", difference.unwrap_or_default());
    }
    let twice = folder.0.join("twice");
    redact(&folder.0.join("out"), &twice);
    let (once, twice) = (inputs(&folder.0.join("out")), inputs(&twice));
    for (once, twice) in once.iter().zip(&twice) {
        let lines = once.text.lines().zip(twice.text.lines());
        let other: Vec<_> = lines.filter(|(once, twice)| once != twice).take(3).collect();
        assert!(other.is_empty(), "{} is redacted again: {other:#?}", once.name);
    }
}

#[test]
fn under_pseudonyms_the_shop_is_audited_alike() {
    let folder = Folder::new("pseudonyms");
    let map = folder.0.join("map.json");
    let run = |out: &str| {
        Redact::new()
            .add(root().join("examples/shop"))
            .unwrap()
            .key(LinkKey::given(KEY).unwrap())
            .pseudonyms(&map)
            .run(folder.0.join(out))
            .unwrap()
    };
    let done = run("one");
    let differences: Vec<&str> = done
        .differences
        .iter()
        .map(|one| one.get(..900).unwrap_or(one))
        .collect();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences[..differences.len().min(8)].join("\n")
    );
    assert!(done.renamed > 50, "{}", done.renamed);
    // What is written is what was compared; and the names are gone.
    let renamed = inputs(&folder.0.join("one"));
    assert_eq!(renamed.len(), shop().len());
    for name in [
        "111122223333",
        "444455556666",
        "shop_payments",
        "shop-web",
        "storefront",
        "mailer",
        "kafka-ops",
    ] {
        assert!(shop().iter().any(|one| one.text.contains(name)), "{name}");
        for one in &renamed {
            assert!(
                !one.text.contains(name) && !one.name.contains(name),
                "{name} in {}",
                one.name
            );
        }
    }
    for name in [
        "system:masters",
        "kube-system",
        "AdministratorAccess",
        "PUBLIC",
        "pg_read_all_data",
    ] {
        let there = |all: &[Input]| all.iter().any(|one| one.text.contains(name));
        assert_eq!(there(&renamed), there(&shop()), "{name}");
    }
    // The same map gives the same names.
    run("two");
    let again = inputs(&folder.0.join("two"));
    assert!(
        renamed
            .iter()
            .zip(&again)
            .all(|(one, two)| one.name == two.name && one.text == two.text)
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&map).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

const NUMBERS: &str = "pl4nted";

/// One planted secret a number, so that a leak names itself.
fn planted(number: usize) -> String {
    format!("{NUMBERS}-{number:02}-Zq9xWv7tRs")
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place > chunk.len() { '=' } else { letter });
        }
    }
    out
}

/// Documents of every layer with secrets wherever they have been seen.
fn documents() -> Vec<(&'static str, String)> {
    let p = planted;
    let pods = serde_json::json!({"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod",
        "metadata":{"name":"a","namespace":"shop","uid":"u1","labels":{"db.example/password":p(1),"app":"a"},
            "annotations":{"kubectl.kubernetes.io/last-applied-configuration":format!("{{\"x\":\"{}\"}}", p(2)),
                "note":format!("login with password={} please", p(3))}},
        "spec":{"containers":[{"name":"c","image":"i","command":["/bin/run"],
            "args":[format!("--password={}", p(4)),"--token",p(5),"-c",format!("export A={}; run", p(6)),
                format!("postgres://u:{}@db.shop:5432/orders", p(7))],
            "livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":format!("Bearer {}", p(8))},
                {"name":"X-Auth-Token","value":p(9)}]}},
            "env":[{"name":"PLAIN","value":p(10)},{"name":"DB_PASSWORD","value":p(11)},
                {"name":"DATABASE_URL","value":format!("postgres://orders:{}@db.shop:5432/orders", p(11))},
                {"name":"WEIRD_URL","value":format!("postgres://orders:a/{}@db.shop/x", p(12))},
                {"name":"JDBC","value":format!("jdbc:postgresql://db.shop/o?user=jd&password={}", p(13))},
                {"name":"LIBPQ","value":format!("host=db.shop user=lp password='{}' dbname=o", p(14))},
                {"name":"NPGSQL","value":format!("Host=db.shop;Username=np;Password={};Database=o", p(15))},
                {"name":"KAFKA_BOOTSTRAP_SERVERS","value":"k.shop:9092"},
                {"name":"KAFKA_SASL_JAAS_CONFIG","value":format!("a.ScramLoginModule required username=\"ku\" password=\"{}\";", p(16))},
                {"name":"AWS_ACCESS_KEY_ID","value":"AKIAIOSFODNN7EXAMPLE"},{"name":"AWS_SECRET_ACCESS_KEY","value":p(17)},
                {"name":"HOOK","value":format!("https://hooks.example/services/{}", p(18))}]}]}}]});
    let secrets = serde_json::json!({"apiVersion":"v1","kind":"SecretList","items":[{"apiVersion":"v1","kind":"Secret",
        "metadata":{"name":"s","namespace":"shop","uid":"u2"},"data":{"password":base64(&p(11))},
        "stringData":{"x":p(20),"y":format!("quote \" {}", p(21))},"type":"Opaque"}]});
    let yaml = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: written\n  namespace: shop\nstringData:\n  a: {}\n  b: \"{}\"\n  c: |\n    {}\n    more\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: z\n  namespace: shop\nspec:\n  # password={}\n  containers:\n  - name: c\n    image: i\n    env:\n    - name: TOKEN\n      value: {}\n    - name: DB_URL\n      value: postgres://yu:{}@db.shop/o\n",
        p(22),
        p(23),
        p(24),
        p(25),
        p(26),
        p(27)
    );
    let container = serde_json::json!([{"Id":"c1","Name":"/one","Path":"/run","Args":["--api-key",p(30)],"Image":"sha256:1",
        "State":{"Running":true,"Health":{"Log":[{"Output":format!("token {}", p(31))}]}},
        "HostConfig":{"LogConfig":{"Type":"splunk","Config":{"splunk-token":p(32)}}},
        "Config":{"Env":[format!("PGPASSWORD={}", p(33)),format!("MODE={}", p(34)),
                format!("URL=postgres://cu:{}@db.shop/o", p(35)),"TOKEN=ghp_012345678901234567890123456789012345"],
            "Cmd":["--api-key",p(30)],"Labels":{"traefik.auth":format!("admin:$apr1${}", p(36)),"smtp.password":p(37)}}}]);
    let postgres = serde_json::json!({"foursee_postgres":1,"server_version_num":170000,"server_version":"17","current_database":"o",
        "current_user":"a","system_identifier":"7","roles":[{"name":"a","oid":1,"super":false,"inherit":true,"createrole":false,
            "createdb":false,"login":true,"replication":false,"bypassrls":false,"conn_limit":-1,
            "comment":format!("owner: x; password={}", p(40))}],
        "foreign_servers":[{"name":"f","wrapper":"postgres_fdw","owner":"a","options":["host=h",format!("password={}", p(41))]}],
        "user_mappings":[{"user":"a","options":format!("user=x, password={}", p(42))}],
        "subscriptions":[{"name":"s","conninfo":format!("host=h user=r password={} dbname=d", p(43))}]});
    let properties = format!(
        "process.roles=broker\nnode.id=1\nlisteners=CLIENT://:9094\nsuper.users=User:ops\n# sasl.password={}\nssl.keystore.password={}\nlistener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\\n  username=\"kb\" password=\"{}\" \\\n  user_bob=\"{}\";\n",
        p(50),
        p(51),
        p(52),
        p(53)
    );
    let acls = format!(
        "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`: \n \t(principal=User:web, host=*, operation=READ, permissionType=ALLOW)\n[main] WARN config sasl.jaas.config=a.M required username=\"u\" password=\"{}\";\n",
        p(54)
    );
    let gaad = serde_json::json!({"UserDetailList":[{"UserName":"u","Arn":"arn:aws:iam::111122223333:user/u","UserId":"AIDA",
            "Path":"/","Tags":[{"Key":"db-password","Value":p(60)}]}],
        "RoleDetailList":[],"GroupDetailList":[],"Policies":[],"Note":{"SecretAccessKey":p(61),"text":format!("see https://u:{}@x.example", p(62))}});
    vec![
        ("pods.json", pods.to_string()),
        ("secrets.json", serde_json::to_string_pretty(&secrets).unwrap()),
        ("manifests.yaml", yaml),
        ("containers.json", container.to_string()),
        ("postgres.json", postgres.to_string()),
        ("server.properties", properties),
        ("acls.txt", acls),
        ("gaad.json", gaad.to_string()),
    ]
}

/// Whether a text holds a planted secret, as it is or in Base64.
fn leaks(text: &str) -> Vec<String> {
    let all = (0..70).map(planted);
    all.filter(|one| text.contains(one.as_str()) || text.contains(&base64(one)))
        .collect()
}

#[test]
fn planted_secrets_are_nowhere() {
    let folder = documents()
        .into_iter()
        .fold(Folder::new("planted"), |folder, (name, text)| {
            folder.with(name, &text)
        });
    let folder = folder.with("unknown.json", &format!("{{\"foo\":\"{}\"}}", planted(69)));
    let out = std::env::temp_dir().join(format!("foursee-redaction-planted-out-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&out);
    let done = redact(&folder.0, &out);
    let not_kept: Vec<String> = done
        .gaps
        .iter()
        .map(|gap| format!("{}: {}", gap.target, gap.facet))
        .collect();
    assert_eq!(
        not_kept,
        ["unknown.json: was not kept: no layer recognises it, so that nobody knows where its secrets are"]
    );
    let (raw, redacted) = (inputs(&folder.0), inputs(&out));
    for one in &redacted {
        assert_eq!(
            leaks(&one.text),
            Vec::<String>::new(),
            "{}:\n{}",
            one.name,
            one.text
        );
        if one.text.starts_with(['{', '[']) {
            serde_json::from_str::<Value>(&one.text).unwrap();
        }
    }
    let manifest = std::fs::read_to_string(out.join("foursee-capture.json")).unwrap();
    assert_eq!(leaks(&manifest), Vec::<String>::new());
    // What the audit says is the same, document by document and in all.
    let raw: Vec<Input> = raw.into_iter().filter(|one| one.name != "unknown.json").collect();
    assert_eq!(raw.len(), redacted.len());
    for (raw, redacted) in raw.iter().zip(&redacted) {
        let difference = differ(
            &comparable(std::slice::from_ref(raw)),
            &comparable(std::slice::from_ref(redacted)),
            &raw.name,
        );
        assert!(difference.is_none(), "{}", difference.unwrap_or_default());
    }
    let text = json(&report(&redacted, &shop_policy()));
    assert_eq!(leaks(&text), Vec::<String>::new());
    assert_eq!(leaks(&json(&report(&raw, &shop_policy()))), Vec::<String>::new());
    for name in ["orders", "jd", "lp", "np", "ku", "yu", "cu"] {
        let said = [&raw, &redacted].map(|all| {
            json(&report(all, &shop_policy()))
                .matches(&format!("login {name} of db.shop"))
                .count()
        });
        assert!(said[0] == said[1], "{name}: {said:?}");
    }
    let _ = std::fs::remove_dir_all(&out);
}

#[test]
fn the_same_secret_has_the_same_link_and_no_other() {
    let registry = foursee::built_in().unwrap();
    let text = |key: &LinkKey| {
        let redactor = Redactor::new(&registry, key);
        documents()
            .iter()
            .map(|(name, text)| redactor.document(name, text).unwrap())
            .collect::<Vec<String>>()
    };
    let link = |all: &[String], before: &str| {
        let one = all.iter().find_map(|text| text.split_once(before)).unwrap().1;
        one.split(':')
            .nth(3)
            .unwrap()
            .chars()
            .take(20)
            .collect::<String>()
    };
    let key = LinkKey::given(KEY).unwrap();
    let all = text(&key);
    let password = link(&all, "\"DB_PASSWORD\",\"value\":\"");
    assert_eq!(password.len(), 20);
    assert_eq!(password, link(&all, "postgres://orders:"), "in a URL");
    assert_eq!(password, link(&all, "\"password\": \""), "in a Secret");
    assert_ne!(password, link(&all, "\"PLAIN\",\"value\":\""));
    assert!(all == text(&key), "one key, one result");
    assert!(key.gap().is_none());
    let random = LinkKey::random().unwrap();
    assert_ne!(password, link(&text(&random), "\"DB_PASSWORD\",\"value\":\""));
    assert!(random.gap().unwrap().closes.contains("FOURSEE_LINK_KEY"));
    assert!(LinkKey::given("short").is_err());
    assert!(!format!("{key:?}").contains("tests"));
}
