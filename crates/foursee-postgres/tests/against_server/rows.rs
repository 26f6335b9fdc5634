//! Row security: who sees all rows of a table, some, or none, by what the server does when a role tries.

use crate::{DATABASE, ROLES, Random, cleanup, facts_of, ident, literal, number, psql};
use foursee_core::layer::{Holds, Layer, Who};
use foursee_postgres::{CAPTURE, Postgres};
use foursee_servers::Server;

const TABLES: &[&str] = &["r1", "r2", "r3"];
/// Over the two rows of a table: row 1 is what policies let through.
const COMMANDS: &[(&str, &str)] = &[
    ("SELECT", "SELECT 1 FROM TABLE_"),
    ("UPDATE", "UPDATE TABLE_ SET b = 1"),
    ("DELETE", "DELETE FROM TABLE_"),
];

/// Does as a role, undoes it, and says how many rows it was or why it was refused.
const TRY: &str = "CREATE FUNCTION try_as(role_ text, statement_ text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_);
    EXECUTE statement_;
    GET DIAGNOSTICS n = ROW_COUNT;
    RAISE EXCEPTION 'rows %', n;
EXCEPTION WHEN OTHERS THEN RETURN SQLERRM;
END $$;
";

fn setup(random: &mut Random, major: u32) -> String {
    let mut sql = String::from(TRY);
    let mut say = |text: String| {
        sql.push_str(&text);
        sql.push_str(";\n");
    };
    for role in ROLES {
        let word = |random: &mut Random, yes: &'static str, n| if random.one_in(n) { yes } else { "" };
        let (inherit, bypass) = (word(random, "NOINHERIT", 4), word(random, "BYPASSRLS", 8));
        let superuser = word(random, "SUPERUSER", 16);
        say(format!(
            "CREATE ROLE {} LOGIN {inherit} {bypass} {superuser}",
            ident(role)
        ));
    }
    for _ in 0..8 {
        let role = if random.one_in(5) {
            random.pick(&["pg_read_all_data", "pg_write_all_data"])
        } else {
            random.pick(ROLES)
        };
        let option = match (major >= 16, random.one_in(4)) {
            (true, true) => " WITH INHERIT FALSE",
            _ => "",
        };
        let member = random.pick(ROLES);
        say(format!("GRANT {} TO {}{option}", ident(role), ident(member)));
    }
    for table in TABLES {
        say(format!("CREATE TABLE public.{table} (a int, b int)"));
        say(format!("INSERT INTO public.{table} VALUES (1, 1), (2, 2)"));
        if !random.one_in(4) {
            say(format!("ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY"));
        }
        if random.one_in(3) {
            say(format!("ALTER TABLE public.{table} FORCE ROW LEVEL SECURITY"));
        }
        if random.one_in(2) {
            let owner = ident(random.pick(ROLES));
            say(format!("ALTER TABLE public.{table} OWNER TO {owner}"));
        }
        let who = |random: &mut Random| match random.next() % 5 {
            0 => "PUBLIC".to_owned(),
            _ => ident(random.pick(ROLES)),
        };
        for name in 0..2 + random.next() % 3 {
            let command = random.pick(&["ALL", "SELECT", "UPDATE", "DELETE"]);
            let (kind, using) = if random.one_in(4) {
                ("RESTRICTIVE", "true")
            } else {
                ("PERMISSIVE", "a = 1")
            };
            let to = format!("{}, {}", who(random), who(random));
            let to = if to.contains("PUBLIC") { "PUBLIC" } else { &to };
            say(format!(
                "CREATE POLICY p{name} ON public.{table} AS {kind} FOR {command} TO {to} USING ({using}) WITH CHECK (true)"
            ));
        }
        for _ in 0..5 {
            let word = random.pick(&["SELECT", "UPDATE", "DELETE", "ALL"]);
            let to = who(random);
            say(format!("GRANT {word} ON public.{table} TO {to}"));
        }
    }
    sql
}

/// How many answers were compared, and how many of them were all rows and some.
fn compare(server: &Server, major: u32, seed: u64) -> (usize, usize, usize) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    psql(server, "postgres", &cleanup());
    psql(server, "postgres", &format!("CREATE DATABASE {DATABASE};"));
    psql(server, DATABASE, &setup(&mut random, major));
    let (text, error) = psql(server, DATABASE, CAPTURE);
    assert!(error.is_empty(), "the capture fails: {error}");
    let facts = facts_of(&text);
    let (mut all, mut some, mut different) = (0, 0, Vec::new());
    let mut questions = Vec::new();
    for role in ROLES {
        for table in TABLES {
            for (word, statement) in COMMANDS {
                questions.push((
                    role,
                    table,
                    word,
                    statement.replace("TABLE_", &format!("public.{table}")),
                ));
            }
        }
    }
    let sql: String = questions
        .iter()
        .map(|(role, _, _, statement)| format!("SELECT try_as({}, {});\n", literal(role), literal(statement)))
        .collect();
    let (answers, error) = psql(server, DATABASE, &sql);
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), questions.len(), "{error}");
    for ((role, table, word, statement), theirs) in questions.iter().zip(&answers) {
        let who = Who {
            kind: "role",
            name: role,
        };
        let ours = Postgres.may(&facts, &who, word, &format!("{DATABASE}.public.{table}"));
        let same = match *theirs {
            "rows 2" => matches!(ours, Holds::Yes),
            "rows 1" => matches!(ours, Holds::If(_)),
            "rows 0" => matches!(ours, Holds::No(_)),
            denied => denied.starts_with("permission denied") && matches!(ours, Holds::No(_)),
        };
        all += usize::from(*theirs == "rows 2");
        some += usize::from(*theirs == "rows 1");
        if !same {
            different.push(format!("server {theirs}, foursee {ours}: {role}: {statement}"));
        }
    }
    assert!(
        different.is_empty(),
        "PostgreSQL {major}, seed {seed}:\n{}",
        different.join("\n")
    );
    (questions.len(), all, some)
}

#[test]
fn rows_are_seen_as_the_server_shows_them() {
    let (first, clusters) = (number("FOURSEE_PG_SEED", 1), number("FOURSEE_PG_CLUSTERS", 8));
    for major in [15, 18] {
        let server =
            Server::start("postgres", &[&major.to_string()]).unwrap_or_else(|error| panic!("{error}"));
        let (mut compared, mut all, mut some) = (0, 0, 0);
        for seed in first..first + clusters {
            let (more, whole, part) = compare(&server, major, seed);
            compared += more;
            all += whole;
            some += part;
        }
        println!(
            "PostgreSQL {major}: {compared} attempts over {clusters} clusters, {all} all rows, {some} some, 0 different"
        );
        assert!(all > 50 && some > 40 && all + some < compared, "{all}, {some}");
    }
}
