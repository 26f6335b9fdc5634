//! Questions in has_*_privilege's terms.
//!
//! `{"database":"shop","role":"app","kind":"table","object":"public.customers","privilege":"SELECT"}` is answered by
//! `{"granted":true,"usable":true,"chain":["app=r/postgres on table public.customers"]}`; what is granted and not usable has
//! `"unusable":"no USAGE on schema public"` beside it. `role` is a role's name or `public`; a privilege may be a list
//! ("SELECT, INSERT WITH GRANT OPTION": any of them). `kind` is table, any_column, column (with `column`), sequence, schema,
//! database, function, procedure, type, language, tablespace, foreign_data_wrapper, server, parameter or role (pg_has_role:
//! USAGE, MEMBER, SET, and WITH ADMIN OPTION).
//!
//! `{"login":"app","database":"shop","from":"10.0.0.7","tls":true}`, without `from` by the socket, is answered by what
//! pg_hba.conf asks of it: `{"method":"scram-sha-256","line":3}`; `null` is no line, which refuses.
//!
//! What the server answers with an error is an error here. Functions and types of the system whose grants nobody changed
//! are not in a document: a question about one is an error that says so.

use super::login::{By, Connection, deciding};
use super::{Ask, ObjectKind, Want, Why, names};
use crate::facts::{Captured, Facts, Flow, NOBODY, PUBLIC, Privilege, Relation, RoleId};
use foursee_core::document::Str;
use foursee_core::layer::QuestionError;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question<'a> {
    #[serde(default, borrow)]
    database: Str<'a>,
    #[serde(borrow)]
    role: Str<'a>,
    #[serde(borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    object: Str<'a>,
    #[serde(borrow)]
    privilege: Str<'a>,
    #[serde(default, borrow)]
    column: Str<'a>,
    #[serde(default, alias = "grantOption")]
    grant_option: bool,
}

#[derive(Serialize)]
struct Answer {
    granted: bool,
    usable: bool,
    chain: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unusable: Option<String>,
}

fn malformed(why: impl Into<String>) -> QuestionError {
    QuestionError::Malformed {
        layer: crate::ID,
        why: why.into(),
    }
}

fn unknown(facts: &Facts, what: impl Into<String>) -> QuestionError {
    QuestionError::Unknown {
        what: what.into(),
        scope: facts
            .system
            .clone()
            .unwrap_or_else(|| "of the documents".to_owned()),
    }
}

/// Whether pg_hba.conf lets a login in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login<'a> {
    #[serde(borrow)]
    login: Str<'a>,
    #[serde(borrow)]
    database: Str<'a>,
    /// None: by the socket.
    #[serde(default)]
    from: Option<std::net::IpAddr>,
    #[serde(default)]
    tls: bool,
}

/// By which line, and how; none: no line is for it, and it is refused.
#[derive(Serialize)]
struct Decided {
    method: Option<String>,
    line: Option<usize>,
}

fn login(facts: &Facts, question: &Login<'_>) -> Result<Decided, QuestionError> {
    let Some(hba) = &facts.hba else {
        return Err(unknown(facts, "pg_hba.conf"));
    };
    let one = Connection {
        database: &question.database,
        role: role_id(facts, &question.login, false)?,
        by: question
            .from
            .map_or(By::Socket, |from| By::Tcp(from, question.tls)),
    };
    match deciding(facts, hba, &one).as_slice() {
        [Some(line)] => Ok(Decided {
            method: Some(line.method.clone()),
            line: Some(line.number),
        }),
        [Some(line), ..] => Err(unknown(
            facts,
            format!("whom line {} of pg_hba.conf is for", line.number),
        )),
        _ => Ok(Decided {
            method: None,
            line: None,
        }),
    }
}

/// Answers one question.
pub(crate) fn decide(facts: &Facts, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError> {
    if let Ok(question) = serde_json::from_str::<Login<'_>>(question) {
        let given = login(facts, &question)?;
        return serde_json::to_writer(answer, &given).map_err(|error| malformed(error.to_string()));
    }
    let question: Question<'_> =
        serde_json::from_str(question).map_err(|error| malformed(error.to_string()))?;
    for (field, text) in [
        ("role", &question.role),
        ("kind", &question.kind),
        ("object", &question.object),
        ("privilege", &question.privilege),
    ] {
        if text.is_empty() {
            return Err(malformed(format!("it needs `{field}`")));
        }
    }
    let given = answer_of(facts, &question)?;
    serde_json::to_writer(answer, &given).map_err(|error| malformed(error.to_string()))
}

fn role_id(facts: &Facts, name: &str, public: bool) -> Result<RoleId, QuestionError> {
    if public && name == "public" {
        return Ok(PUBLIC);
    }
    match facts.closures.id(name) {
        NOBODY => Err(unknown(facts, format!("role \"{name}\""))),
        id => Ok(id),
    }
}

/// The privileges of a list, any of which will do.
fn wants(text: &str, option: bool, allowed: &[Privilege], major: u32) -> Result<Vec<Want>, QuestionError> {
    text.split(',')
        .map(|word| {
            let word = word.trim();
            let upper = word.to_ascii_uppercase();
            let (bare, given) = match upper.strip_suffix(" WITH GRANT OPTION") {
                Some(bare) => (bare, true),
                None => (&*upper, false),
            };
            let option = option || given;
            if bare == "RULE" && allowed.contains(&Privilege::Trigger) && major < 18 {
                return Ok(Want {
                    privilege: None,
                    option,
                });
            }
            Privilege::parse(bare)
                .filter(|one| allowed.contains(one) && (*one != Privilege::Maintain || major >= 17))
                .map(|privilege| Want {
                    privilege: Some(privilege),
                    option,
                })
                .ok_or_else(|| {
                    let words: Vec<&str> = allowed.iter().map(|one| one.as_str()).collect();
                    malformed(format!(
                        "unrecognized privilege type \"{word}\"; this kind has {}",
                        words.join(", ")
                    ))
                })
        })
        .collect()
}

fn first<'f>(wants: &[Want], mut check: impl FnMut(Want) -> Option<Why<'f>>) -> Option<Why<'f>> {
    wants.iter().find_map(|want| check(*want))
}

fn answer_of(facts: &Facts, question: &Question<'_>) -> Result<Answer, QuestionError> {
    use Privilege as P;
    let database: &str = match (&*question.database, facts.captured.len()) {
        ("", 1) => facts.captured.keys().next().map_or("", String::as_str),
        ("", _) if matches!(&*question.kind, "database" | "tablespace" | "parameter") => "",
        ("", _) => return Err(malformed("it needs a `database`: which of them is meant")),
        (name, _) => name,
    };
    let major = facts.major();
    if &*question.kind == "role" {
        return membership(facts, question, database);
    }
    let subject = role_id(facts, &question.role, true)?;
    let ask = Ask {
        facts,
        database,
        subject,
    };
    let object = &*question.object;
    let list = |allowed: &[P]| wants(&question.privilege, question.grant_option, allowed, major);
    let captured = || {
        facts
            .captured
            .get(database)
            .ok_or_else(|| unknown(facts, format!("database \"{database}\"")))
    };
    let says = |what: &str| format!("{what} {object}");
    let usable = |schema: Option<&str>| ask.unusable(schema);
    // A named object whose ACL decides alone, outside of schemas.
    let plain = |kind: ObjectKind,
                 table: &'_ std::collections::BTreeMap<String, crate::facts::Owned>,
                 allowed: &[P]|
     -> Result<Answer, QuestionError> {
        let owned = table
            .get(object)
            .ok_or_else(|| unknown(facts, format!("{} \"{object}\"", kind.as_str())))?;
        let wants = list(allowed)?;
        let why = first(&wants, |want| ask.owned(kind, owned, want));
        Ok(answer(&ask, why, &says(kind.as_str()), usable(None)))
    };
    match &*question.kind {
        "table" | "any_column" | "column" | "sequence" => {
            let captured = captured()?;
            let relation = relation(facts, captured, database, object)?;
            relation_answer(&ask, question, relation, major)
        }
        "schema" => {
            let schema = captured()?
                .schemas
                .get(object)
                .ok_or_else(|| unknown(facts, format!("schema \"{object}\"")))?;
            let wants = list(&[P::Create, P::Usage])?;
            let why = first(&wants, |want| ask.schema(schema, want));
            Ok(answer(&ask, why, &says("schema"), usable(None)))
        }
        "database" => {
            let row = facts
                .databases
                .get(object)
                .ok_or_else(|| unknown(facts, format!("database \"{object}\"")))?;
            let ask = Ask {
                database: object,
                ..ask
            };
            let wants = list(&[P::Create, P::Temporary, P::Connect])?;
            // pg_database_owner means the owner of the database that the question is asked in.
            let asked_in = Ask { database, ..ask };
            let why = first(&wants, |want| {
                asked_in.owned(ObjectKind::Database, &row.owned, want)
            });
            Ok(answer(&asked_in, why, &says("database"), ask.unusable(None)))
        }
        "function" | "procedure" => {
            let captured = captured()?;
            let (path, arguments) = names::signature(object).ok_or_else(|| {
                malformed(format!(
                    "`{object}` is no function: write schema.name(type, type)"
                ))
            })?;
            let function = lookup(&path, database)?
                .into_iter()
                .find_map(|(schema, name)| {
                    captured.functions.iter().find(|one| {
                        *one.schema == *schema
                            && one.name == name
                            && one.arguments.len() == arguments.len()
                            && one
                                .arguments
                                .iter()
                                .zip(&arguments)
                                .all(|(own, asked)| same_type(own, asked, &one.schema))
                    })
                })
                .ok_or_else(|| not_listed(facts, "function", object))?;
            let wants = list(&[P::Execute])?;
            let why = first(&wants, |want| ask.function(function, want));
            Ok(answer(
                &ask,
                why,
                &says("function"),
                usable(Some(&function.schema)),
            ))
        }
        "type" => {
            let captured = captured()?;
            let element = object.trim().trim_end_matches("[]");
            let path = names::qualified(element)
                .ok_or_else(|| malformed(format!("`{object}` is no name of a type")))?;
            let one = lookup(&path, database)?
                .into_iter()
                .find_map(|(schema, name)| {
                    captured
                        .types
                        .iter()
                        .find(|one| *one.schema == *schema && one.name == name)
                })
                .ok_or_else(|| not_listed(facts, "type", object))?;
            let wants = list(&[P::Usage])?;
            let why = first(&wants, |want| ask.type_(captured, one, want));
            Ok(answer(&ask, why, &says("type"), usable(Some(&one.schema))))
        }
        "language" => plain(ObjectKind::Language, &captured()?.languages, &[P::Usage]),
        "tablespace" => plain(ObjectKind::Tablespace, &facts.tablespaces, &[P::Create]),
        "foreign_data_wrapper" => plain(ObjectKind::Wrapper, &captured()?.wrappers, &[P::Usage]),
        "server" => plain(ObjectKind::Server, &captured()?.servers, &[P::Usage]),
        "parameter" => {
            let wants = list(&[P::Set, P::AlterSystem])?;
            let why = match facts.parameters.get(&object.to_ascii_lowercase()) {
                Some(owned) => first(&wants, |want| ask.owned(ObjectKind::Parameter, owned, want)),
                None => ask.superuser().then_some(Why::Superuser),
            };
            Ok(answer(&ask, why, &says("parameter"), None))
        }
        other => Err(malformed(format!(
            "kind `{other}`; there are table, any_column, column, sequence, schema, database, function, procedure, type, \
             language, tablespace, foreign_data_wrapper, server, parameter, role"
        ))),
    }
}

fn not_listed(facts: &Facts, kind: &str, object: &str) -> QuestionError {
    unknown(
        facts,
        format!("{kind} \"{object}\" (documents hold no {kind}s of the system whose grants nobody changed)"),
    )
}

/// Where to look: (schema, name), in order.
fn lookup(path: &[String], database: &str) -> Result<Vec<(String, String)>, QuestionError> {
    match path {
        [name] => Ok(["pg_catalog", "public"]
            .into_iter()
            .map(|schema| (schema.to_owned(), name.clone()))
            .collect()),
        [schema, name] => Ok(vec![(schema.clone(), name.clone())]),
        [catalog, schema, name] if catalog == database => Ok(vec![(schema.clone(), name.clone())]),
        [catalog, ..] => Err(malformed(format!(
            "`{catalog}` is not database `{database}`: cross-database references are not implemented"
        ))),
        [] => Err(malformed("the object has no name")),
    }
}

/// A captured argument's type and an asked one: the schema of the function or public may be left out.
fn same_type(own: &str, asked: &str, schema: &str) -> bool {
    own == asked
        || own
            .strip_prefix(schema)
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|rest| rest == asked)
        || own.strip_prefix("public.").is_some_and(|rest| rest == asked)
}

fn relation<'f>(
    facts: &Facts,
    captured: &'f Captured,
    database: &str,
    object: &str,
) -> Result<&'f Relation, QuestionError> {
    let path = names::qualified(object)
        .ok_or_else(|| malformed(format!("`{object}` is no name: write schema.name")))?;
    lookup(&path, database)?
        .iter()
        .find_map(|(schema, name)| captured.relation(schema, name))
        .ok_or_else(|| unknown(facts, format!("relation \"{object}\"")))
}

const SYSTEM_COLUMNS: &[&str] = &["ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"];

fn relation_answer(
    ask: &Ask<'_>,
    question: &Question<'_>,
    relation: &Relation,
    major: u32,
) -> Result<Answer, QuestionError> {
    use Privilege as P;
    let list = |allowed: &[P]| wants(&question.privilege, question.grant_option, allowed, major);
    let mut object = format!("table {}", relation.qualified());
    let why = match &*question.kind {
        "sequence" => {
            if !relation.is_sequence() {
                return Err(malformed(format!("\"{}\" is not a sequence", &*question.object)));
            }
            object = format!("sequence {}", relation.qualified());
            first(&list(&[P::Usage, P::Select, P::Update])?, |want| {
                ask.relation(relation, want)
            })
        }
        "table" => {
            let allowed = [
                P::Select,
                P::Insert,
                P::Update,
                P::Delete,
                P::Truncate,
                P::References,
                P::Trigger,
                P::Maintain,
            ];
            first(&list(&allowed)?, |want| ask.relation(relation, want))
        }
        kind => {
            let wants = list(&[P::Select, P::Insert, P::Update, P::References])?;
            if kind == "any_column" {
                first(&wants, |want| ask.any_column(relation, want))
            } else {
                let column = &*question.column;
                let known = relation.columns.iter().any(|one| **one == *column)
                    || relation.column_rows.iter().any(|one| one.name == column)
                    || (relation.kind != 'v' && SYSTEM_COLUMNS.contains(&column));
                if !known {
                    return Err(unknown(
                        ask.facts,
                        format!("column \"{column}\" of relation \"{}\"", &*question.object),
                    ));
                }
                // The table as a whole is asked first, for any of the privileges.
                first(&wants, |want| ask.relation(relation, want))
                    .or_else(|| first(&wants, |want| ask.column(relation, column, want)))
            }
        }
    };
    // What takes a number needs no name: nextval(OID) works without USAGE on the schema.
    let schema = (!relation.is_sequence()).then_some(&*relation.schema);
    Ok(answer(ask, why, &object, ask.unusable(schema)))
}

fn answer(ask: &Ask<'_>, why: Option<Why<'_>>, object: &str, unusable: Option<String>) -> Answer {
    match why {
        None => Answer {
            granted: false,
            usable: false,
            chain: Vec::new(),
            unusable: None,
        },
        Some(why) => Answer {
            granted: true,
            usable: unusable.is_none(),
            chain: ask.chain(why, object),
            unusable,
        },
    }
}

/// pg_has_role.
fn membership(facts: &Facts, question: &Question<'_>, database: &str) -> Result<Answer, QuestionError> {
    let ask = Ask {
        facts,
        database,
        subject: role_id(facts, &question.role, false)?,
    };
    let role = role_id(facts, &question.object, false)?;
    let mut found = None;
    for word in question.privilege.split(',') {
        let upper = word.trim().to_ascii_uppercase();
        let bare = upper
            .strip_suffix(" WITH ADMIN OPTION")
            .or_else(|| upper.strip_suffix(" WITH GRANT OPTION"));
        let admin = question.grant_option || bare.is_some();
        let flow = match bare.unwrap_or(&upper) {
            "USAGE" => Flow::Privileges,
            "MEMBER" => Flow::Member,
            "SET" if facts.major() >= 16 => Flow::Set,
            _ => {
                return Err(malformed(format!(
                    "unrecognized privilege type \"{}\"; a role has USAGE, MEMBER, SET (from 16 on), and WITH ADMIN OPTION",
                    word.trim()
                )));
            }
        };
        found = found.or(if ask.superuser() {
            Some(Why::Superuser)
        } else if admin {
            (ask.subject != role && facts.closures.admin(ask.subject, role)).then_some(Why::Admin(role))
        } else {
            ask.reaches(role, flow).then_some(Why::Membership(role, flow))
        });
    }
    Ok(answer(&ask, found, "", None))
}
