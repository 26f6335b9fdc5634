//! Precedence, defaults and refusals, without a server.

use super::*;
use std::collections::BTreeMap;

fn settled(
    target: Option<&str>,
    variables: &[(&str, &str)],
    home: Option<&Path>,
) -> Result<Settings, String> {
    let all: BTreeMap<&str, &str> = variables.iter().copied().collect();
    let variable = |name: &str| all.get(name).map(|value| (*value).to_owned());
    let around = Surroundings {
        variable: &variable,
        home: home.map(Path::to_owned),
        user: Some("me".to_owned()),
    };
    Settings::resolve(target, &around).map_err(|error| error.to_string())
}

fn home(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("foursee-settings-{}-{name}", std::process::id()));
    std::fs::create_dir_all(folder.join(".postgresql")).unwrap();
    folder
}

#[test]
fn the_target_comes_before_the_service_and_that_before_the_environment() {
    let home = home("precedence");
    std::fs::write(
        home.join(".pg_service.conf"),
        "[shop]\nhost=service.shop\nport=5500\nuser=service\n",
    )
    .unwrap();
    let variables = [
        ("PGHOST", "env.shop"),
        ("PGUSER", "env"),
        ("PGDATABASE", "env"),
        ("PGPASSWORD", "p"),
    ];
    let one = settled(Some("service=shop user=target"), &variables, Some(&home)).unwrap();
    assert_eq!(
        (one.addresses[0].to_string(), &*one.user, one.dbname.as_deref()),
        ("service.shop:5500".to_owned(), "target", Some("env"))
    );
    let one = settled(Some("shop"), &variables, Some(&home)).unwrap();
    assert_eq!(one.user, "service");
    let one = settled(None, &variables, Some(&home)).unwrap();
    assert_eq!(
        (one.addresses[0].to_string(), &*one.user),
        ("env.shop:5432".to_owned(), "env")
    );
    let one = settled(None, &[("PGSERVICE", "shop")], Some(&home)).unwrap();
    assert_eq!(one.addresses[0].host, "service.shop");
    let none = settled(Some("nothing"), &[("PGSYSCONFDIR", "/nowhere")], Some(&home)).unwrap_err();
    assert!(none.starts_with("nothing: no service of that name in "), "{none}");
    assert!(
        none.contains("pg_service.conf, /nowhere/pg_service.conf."),
        "{none}"
    );
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn tls_is_checked_in_full_unless_something_else_is_said() {
    let mode = |target: &str| settled(Some(target), &[], None).map(|one| one.addresses[0].mode);
    assert_eq!(mode("host=db.shop"), Ok(SslMode::VerifyFull));
    assert_eq!(mode("host=db.shop sslmode=prefer"), Ok(SslMode::Prefer));
    assert_eq!(mode("host=10.0.0.1"), Ok(SslMode::VerifyFull));
    assert_eq!(mode("hostaddr=10.0.0.1"), Ok(SslMode::VerifyFull));
    for here in ["host=/run/pg", "host=localhost", "host=::1", "host=127.0.0.9"] {
        assert_eq!(mode(here), Ok(SslMode::Prefer), "{here}");
    }
    assert_eq!(mode("host=h sslmode=require"), Ok(SslMode::Require));
    assert_eq!(
        mode("host=h sslmode=require sslrootcert=ca.crt"),
        Ok(SslMode::VerifyCa)
    );
    assert_eq!(mode("host=localhost sslrootcert=system"), Ok(SslMode::VerifyFull));
    assert!(
        mode("host=h sslrootcert=system sslmode=require")
            .unwrap_err()
            .contains("needs sslmode=verify-full")
    );
    assert!(
        mode("host=h sslmode=full")
            .unwrap_err()
            .contains("`sslmode` has a value that is not known")
    );
    assert!(mode("host=h sslnegotiation=direct sslmode=prefer").is_err());

    let home = home("root");
    std::fs::write(home.join(".postgresql/root.crt"), "").unwrap();
    let one = settled(Some("host=h sslmode=require"), &[], Some(&home)).unwrap();
    assert_eq!(one.addresses[0].mode, SslMode::VerifyCa);
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn several_hosts() {
    let one = settled(
        Some("postgresql://a:1,b:2/?target_session_attrs=primary"),
        &[],
        None,
    )
    .unwrap();
    let all: Vec<String> = one.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(
        (all, one.attributes),
        (vec!["a:1".to_owned(), "b:2".to_owned()], Attributes::Primary)
    );
    let one = settled(Some("host=a,b port=7 hostaddr=10.0.0.1,::1"), &[], None).unwrap();
    assert_eq!(
        (one.addresses[1].port, one.addresses[1].numeric),
        (7, "::1".parse().ok())
    );
    assert!(settled(Some("host=a,b port=1,2,3"), &[], None).is_err());
    assert!(
        settled(Some("host=a port=70000"), &[], None)
            .unwrap_err()
            .contains("`port` is no port")
    );
}

#[test]
fn what_would_be_left_out_in_silence_is_refused() {
    for (key, variable) in REFUSED {
        let error = settled(Some(&format!("host=h {key}=x")), &[], None).unwrap_err();
        assert!(error.contains(&format!("`{key}`")), "{error}");
        if !variable.is_empty() {
            let error = settled(Some("host=h"), &[(variable, "x")], None).unwrap_err();
            assert!(error.contains(variable), "{error}");
        }
    }
    for key in PASSED_OVER {
        assert!(
            settled(Some(&format!("host=h {key}=1")), &[], None).is_ok(),
            "{key}"
        );
    }
    assert!(settled(Some("host=h gssencmode=require"), &[], None).is_err());
    assert!(
        settled(Some("host=h hots=x"), &[], None)
            .unwrap_err()
            .contains("there is no setting `hots`")
    );
}

#[cfg(unix)]
#[test]
fn a_password_file_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let home = home("pgpass");
    let file = home.join(".pgpass");
    std::fs::write(
        &file,
        "db.shop:5432:*:me:from the file\nlocalhost:5432:*:me:by socket\n",
    )
    .unwrap();
    let one = settled(Some("host=db.shop,/run/pg"), &[], Some(&home)).unwrap();
    let of = |one: &Settings, at: usize| one.password_for(&one.addresses[at], "d");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    let (none, why) = of(&one, 0);
    assert!(
        none.is_none()
            && why
                .unwrap()
                .contains("is not used: others have permissions on it")
    );
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(of(&one, 0).0, Some(Password("from the file".to_owned())));
    assert_eq!(of(&one, 1).0, Some(Password("by socket".to_owned())));
    let said = settled(Some("host=db.shop password=said"), &[], Some(&home)).unwrap();
    assert_eq!(of(&said, 0).0, Some(Password("said".to_owned())));
    assert!(!format!("{said:?}").contains("said\""), "{said:?}");
    std::fs::remove_dir_all(home).unwrap();
}
