//! A cluster with something of everything: what is in it depends on a seed, and who may do what is random.

use std::fmt::Write;

/// Names that somebody chose to break things.
pub const DATABASES: &[&str] = &[
    "shop",
    "O\"Brien's",
    "new\nline",
    "ünï ☃",
    "ctl\u{1}\u{1b}[31m",
    "../../up",
    "a=b",
    "postgresql://x",
    "%41\\",
];
const ROLES: &[&str] = &[
    "app",
    "web",
    "owner of all",
    "a\"b'c",
    "line\nbreak",
    "bell\u{7}\u{1b}]0;x\u{7}",
    "rtl\u{202e}name",
    "admin",
];

/// A small generator: what it gives depends on the seed alone.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) ^ ((self.0 >> 12) & 0xff)).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.next().is_multiple_of(n)
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.next() % all.len()]
    }
}

pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What holds for the cluster: roles, memberships, databases.
pub fn cluster(random: &mut Random, major: u32) -> String {
    let mut sql = String::new();
    for role in ROLES {
        let login = if random.one_in(2) { "LOGIN" } else { "NOLOGIN" };
        let inherit = if random.one_in(3) { "NOINHERIT" } else { "INHERIT" };
        writeln!(sql, "CREATE ROLE {} {login} {inherit};", ident(role)).unwrap();
        writeln!(
            sql,
            "COMMENT ON ROLE {} IS 'owner: team \"{}\"';",
            ident(role),
            random.next() % 3
        )
        .unwrap();
        if random.one_in(3) {
            writeln!(sql, "ALTER ROLE {} VALID UNTIL '2027-01-01';", ident(role)).unwrap();
        }
    }
    writeln!(
        sql,
        "CREATE ROLE root LOGIN SUPERUSER PASSWORD 'x';\nALTER ROLE app SET work_mem = '1MB';"
    )
    .unwrap();
    // Members come after what they are members of: no circle.
    for at in 1..ROLES.len() {
        let group = ROLES[random.next() % at];
        let options = match (major >= 16, random.next() % 3) {
            (true, 0) => " WITH INHERIT FALSE, SET TRUE",
            (true, 1) => " WITH ADMIN TRUE, INHERIT TRUE, SET FALSE",
            (false, 0) => " WITH ADMIN OPTION",
            _ => "",
        };
        writeln!(sql, "GRANT {} TO {}{options};", ident(group), ident(ROLES[at])).unwrap();
    }
    writeln!(sql, "GRANT root TO {};", ident(random.pick(&ROLES[1..]))).unwrap();
    writeln!(sql, "GRANT pg_read_all_data TO {};", ident(random.pick(ROLES))).unwrap();
    if major >= 15 {
        writeln!(sql, "GRANT ALTER SYSTEM ON PARAMETER log_statement TO web;").unwrap();
    }
    for database in DATABASES {
        writeln!(
            sql,
            "CREATE DATABASE {} OWNER {};",
            ident(database),
            ident(random.pick(ROLES))
        )
        .unwrap();
        writeln!(
            sql,
            "COMMENT ON DATABASE {} IS 'data of {}';",
            ident(database),
            random.next() % 5
        )
        .unwrap();
    }
    sql
}

/// What is in one database.
pub fn database(random: &mut Random) -> String {
    let mut sql = String::from(
        "CREATE EXTENSION hstore;\nCREATE EXTENSION postgres_fdw;\n\
         CREATE SCHEMA s; CREATE SCHEMA \"odd \"\"S\"\"\n\"; GRANT USAGE ON SCHEMA s TO PUBLIC;\n\
         CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'far', dbname 'secret-option');\n\
         CREATE USER MAPPING FOR app SERVER away OPTIONS (user 'u', password 'secret-of-mapping');\n\
         CREATE TYPE s.mood AS ENUM ('x'); CREATE DOMAIN s.d AS int; CREATE TYPE s.r AS RANGE (subtype = float8);\n",
    );
    for at in 0..12 {
        let schema = if random.one_in(3) { "public" } else { "s" };
        let name = format!(
            "{schema}.{}",
            ident(&format!(
                "t{at} {}",
                random.pick(&["plain", "\"q\"", "ü\n", "a'b"])
            ))
        );
        writeln!(
            sql,
            "CREATE TABLE {name} (id int, mail text, \"Pass word\" text);"
        )
        .unwrap();
        writeln!(
            sql,
            "COMMENT ON TABLE {name} IS 'data: personal';\nCOMMENT ON COLUMN {name}.mail IS 'it''s \"mail\"';"
        )
        .unwrap();
        writeln!(sql, "ALTER TABLE {name} OWNER TO {};", ident(random.pick(ROLES))).unwrap();
        for _ in 0..random.next() % 4 {
            let word = random.pick(&["SELECT", "INSERT", "UPDATE", "ALL", "SELECT (mail)", "TRIGGER"]);
            let who = if random.one_in(4) {
                "PUBLIC".to_owned()
            } else {
                ident(random.pick(ROLES))
            };
            let option = if who != "PUBLIC" && random.one_in(4) {
                " WITH GRANT OPTION"
            } else {
                ""
            };
            writeln!(sql, "GRANT {word} ON {name} TO {who}{option};").unwrap();
        }
        if random.one_in(2) {
            writeln!(sql, "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;").unwrap();
            let who = ident(random.pick(ROLES));
            writeln!(
                sql,
                "CREATE POLICY \"p\n{at}\" ON {name} FOR SELECT TO {who} USING (mail = 'secret-of-policy');"
            )
            .unwrap();
        }
        if random.one_in(3) {
            writeln!(
                sql,
                "CREATE VIEW s.v{at} AS SELECT id FROM {name};\nGRANT SELECT ON s.v{at} TO PUBLIC;"
            )
            .unwrap();
        }
        let setting = random.pick(&[
            "",
            "SET search_path = s, pg_temp",
            "SET search_path = public",
            "SET work_mem = '1MB'",
        ]);
        let security = random.pick(&["SECURITY DEFINER", "SECURITY DEFINER", "SECURITY INVOKER"]);
        writeln!(sql, "CREATE FUNCTION s.f{at}(int, text[]) RETURNS int LANGUAGE sql {security} {setting} AS 'SELECT 1 -- secret-of-body';").unwrap();
        if random.one_in(2) {
            writeln!(
                sql,
                "ALTER FUNCTION s.f{at} OWNER TO {};",
                ident(random.pick(ROLES))
            )
            .unwrap();
        }
        if random.one_in(2) {
            writeln!(sql, "REVOKE EXECUTE ON FUNCTION s.f{at} FROM PUBLIC;").unwrap();
        }
    }
    sql.push_str(
        "CREATE TABLE s.parts (id int) PARTITION BY LIST (id); CREATE TABLE s.part1 PARTITION OF s.parts FOR VALUES IN (1);\n\
         CREATE MATERIALIZED VIEW s.mv AS SELECT 1 AS a; CREATE SEQUENCE s.q;\n\
         GRANT SELECT ON s.parts TO PUBLIC;\n\
         GRANT CREATE ON SCHEMA public TO PUBLIC; GRANT UPDATE (setting) ON pg_catalog.pg_settings TO app;\n\
         CREATE FUNCTION s.rooted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 2';\n\
         CREATE PUBLICATION everything FOR ALL TABLES;\n\
         CREATE SUBSCRIPTION sub CONNECTION 'host=far password=secret-of-subscription' PUBLICATION p WITH (connect = false);\n",
    );
    for _ in 0..4 {
        writeln!(
            sql,
            "ALTER DEFAULT PRIVILEGES FOR ROLE {} {} GRANT {} TO {};",
            ident(random.pick(ROLES)),
            random.pick(&["", "IN SCHEMA s"]),
            random.pick(&["SELECT ON TABLES", "EXECUTE ON FUNCTIONS", "USAGE ON SEQUENCES"]),
            random.pick(&["PUBLIC", "web", "app"]),
        )
        .unwrap();
    }
    sql
}
