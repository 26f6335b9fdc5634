"""Ten questions that a security engineer asks first, each one SQL statement over a report's tables.

    >>> from foursee.questions import ask
    >>> ask(report, "new")                                   # doctest: +SKIP
    >>> ask(report, "below-target", owner="platform").pl()   # doctest: +SKIP

They are meant to be read, copied and changed: ``QUESTIONS["new"].sql`` is all there is to it. Needs duckdb.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from foursee import Report

__all__ = ["QUESTIONS", "Question", "ask", "connect"]


@dataclass(frozen=True)
class Question:
    """A question, its SQL, and what its parameters are unless said otherwise."""

    asks: str
    sql: str
    defaults: dict[str, str] = field(default_factory=dict)


# Who holds what: every identity with its own privileges and those of the groups and grants that it is in.
_HELD = """
WITH RECURSIVE member AS (
    SELECT layer, scope, kind, name, kind AS holder_kind, name AS holder FROM identities
    UNION
    SELECT member.layer, member.scope, member.kind, member.name, edges.to_kind, edges."to"
    FROM member JOIN edges
      ON edges.technique = 'core-member' AND edges.from_layer = member.layer AND edges.from_scope = member.scope
     AND edges.from_kind = member.holder_kind AND edges."from" = member.holder
),
held AS (
    SELECT member.kind, member.name, privileges.*,
           split_part("over", ' except ', 1) AS pattern,
           list_filter(string_split(split_part("over", ' except ', 2), ', '), lambda one: one <> '') AS exceptions
    FROM member JOIN privileges USING (layer, scope, holder_kind, holder)
),
thing AS (
    SELECT layer, scope, kind, name, prize, tags FROM resources
    UNION ALL
    SELECT layer, scope, kind, name, prize, tags FROM identities
)
"""

# Whether a privilege is over a thing: over its kind by name or pattern, or over objects in a bucket. AWS's "resource"
# is any kind, where the action's service is that of the ARN; Kubernetes' "cluster" is everything in it.
_OVER = """
    thing.layer = held.layer AND thing.scope = held.scope
    AND CASE
        WHEN held.layer = 'aws' AND held.action <> '*'
             AND split_part(held.action, ':', 1) <> split_part(thing.name, ':', 3) THEN false
        WHEN held.layer = 'kubernetes' AND held.over_kind = 'cluster' THEN true
        WHEN held.over_kind IN (thing.kind, 'resource') THEN thing.name GLOB held.pattern
        WHEN held.over_kind = 'object' AND thing.kind = 'bucket'
            THEN (thing.name || '/') GLOB held.pattern OR starts_with(held.pattern, thing.name || '/')
        ELSE false
    END
    AND len(list_filter(held.exceptions, lambda one: thing.name GLOB one)) = 0
"""

# Who acts as whom: by a statement of one layer, or by a credential that one presents and another accepts.
_ACTS = """
WITH acts AS (
    SELECT from_layer, from_scope, from_kind, "from", technique AS how, to_layer, to_scope, to_kind, "to",
           certainty, document, line
    FROM edges WHERE verb = 'become' AND credential_kind IS NULL
    UNION ALL
    SELECT presents.from_layer, presents.from_scope, presents.from_kind, presents."from",
           presents.credential_kind, accepts.to_layer, accepts.to_scope, accepts.to_kind, accepts."to",
           list_extract(
               ['certain', 'conditional', 'ask', 'unknown'],
               greatest(
                   list_position(['certain', 'conditional', 'ask', 'unknown'], presents.certainty),
                   list_position(['certain', 'conditional', 'ask', 'unknown'], accepts.certainty)
               )
           ), accepts.document, accepts.line
    FROM edges AS presents JOIN edges AS accepts
      ON presents.to_layer = 'core' AND accepts.from_layer = 'core'
     AND presents.credential_kind = accepts.credential_kind AND presents.credential_realm = accepts.credential_realm
     AND presents.credential_audience IS NOT DISTINCT FROM accepts.credential_audience
     AND presents.credential_towards IS NOT DISTINCT FROM accepts.credential_towards
     AND CASE
        WHEN accepts.credential_wild THEN presents.credential_subject GLOB accepts.credential_subject
        ELSE presents.credential_subject = accepts.credential_subject
     END
)
"""

QUESTIONS: dict[str, Question] = {
    "delete-critical": Question(
        "Who can delete what is tagged critical?",
        f"""{_HELD}
SELECT DISTINCT held.layer, held.kind, held.name, held.action, thing.kind AS thing_kind, thing.name AS thing,
       held.condition, held.document, held.line
FROM held JOIN thing ON {_OVER}
WHERE list_contains(string_split(thing.tags, '; '), $tag) AND held.verb IN ('delete', 'administer')
ORDER BY ALL
""",
        {"tag": "data-class=critical"},
    ),
    "reach-customer-data": Question(
        "Which grants reach customer data?",
        f"""{_HELD}
SELECT held.layer, held.holder_kind, held.holder, held.action, held."over", held.condition, thing.name AS data,
       count(DISTINCT (held.kind, held.name)) AS identities, held.document, held.line
FROM held JOIN thing ON {_OVER}
WHERE thing.kind IN ('bucket', 'table', 'topic', 'secret')
  AND (thing.prize OR list_contains(string_split(thing.tags, '; '), $tag))
  AND held.verb IN ('read', 'write', 'delete', 'administer')
GROUP BY ALL ORDER BY ALL
""",
        {"tag": "data-class=customer"},
    ),
    "new": Question(
        "What is new since the baseline?",
        """
SELECT severity, rule, title, owner, resource, document, line FROM findings
WHERE since = 'new' AND status = 'open'
ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity), rule, title
""",
    ),
    "below-target": Question(
        "What does a team own that stands below its target?",
        """
SELECT owner, layer, environment, kind, name, rung, target, attainable FROM identities
WHERE owner = $owner AND rung < target
ORDER BY rung - target, layer, name
""",
        {"owner": "platform"},
    ),
    "shared": Question(
        "Which identities are shared by several workloads?",
        f"""{_ACTS}
SELECT to_layer AS layer, to_scope AS scope, to_kind AS kind, "to" AS name, count(DISTINCT (from_scope, "from")) AS workloads,
       string_agg(DISTINCT "from", ', ' ORDER BY "from") AS who, any_value(owner) AS owner
FROM acts JOIN identities ON layer = to_layer AND scope = to_scope AND kind = to_kind AND name = "to"
WHERE from_kind IN ('pod', 'container') AND to_kind NOT IN ('pod', 'container')
GROUP BY ALL HAVING workloads > 1
ORDER BY workloads DESC, name
""",
    ),
    "internet-to-prize": Question(
        "Which workloads that face the internet reach a prize, and over which hops?",
        """
SELECT path, first("from" ORDER BY hop) AS workload, any_value(entry) AS entry, any_value(prize) AS prize,
       count(*) AS hops, string_agg(technique || ' → ' || "to", '; ' ORDER BY hop) AS way,
       string_agg(nullif(condition, ''), ' and ' ORDER BY hop) AS condition
FROM paths
WHERE path IN (SELECT path FROM paths WHERE hop = 1 AND from_kind IN ('pod', 'container'))
  AND entry LIKE '%internet%'
GROUP BY path ORDER BY path
""",
    ),
    "widest-in-production": Question(
        "Which identities stand on rung 0 or 1 in production?",
        """
SELECT rung, layer, kind, name, attainable, target, owner FROM identities
WHERE environment = $environment AND rung <= 1
ORDER BY ALL
""",
        {"environment": "production"},
    ),
    "gaps-and-rules": Question(
        "Which gaps hide which rules?",
        """
SELECT layer, scope, target, reason, nullif(rule, '') AS rule, hides, closes
FROM gaps, unnest(string_split(rules, '; ')) AS one(rule)
ORDER BY rule IS NULL, rule, layer, target
""",
    ),
    "cross-layer": Question(
        "Which edges lead from one layer to another?",
        f"""{_ACTS}
SELECT DISTINCT from_layer, from_kind, "from", how, to_layer, to_kind, "to", certainty, document, line
FROM acts WHERE from_layer <> to_layer
ORDER BY ALL
""",
    ),
    "only-under-a-condition": Question(
        "Which privileges are granted under a condition only?",
        """
SELECT layer, holder_kind, holder, verb, action, "over", string_agg(DISTINCT condition, ' or ' ORDER BY condition) AS condition
FROM privileges
GROUP BY ALL HAVING min(condition) <> ''
ORDER BY ALL
""",
    ),
}


def connect(report: Report) -> duckdb.DuckDBPyConnection:
    """A connection that sees a report's tables by their names."""
    try:
        import duckdb
    except ImportError as error:
        raise ImportError("questions need the package `duckdb`: pip install duckdb") from error
    connection = duckdb.connect()
    for name, table in report.tables.items():
        connection.register(name, table)
    return connection


def ask(report: Report, name: str, **parameters: str) -> duckdb.DuckDBPyRelation:
    """Asks a report one of the ten questions.

    The answer is a relation of duckdb: it prints as a table, and gives ``.df()``, ``.pl()``, ``.fetchall()``.
    ``parameters`` replace the question's defaults, as ``owner="payments"``.
    """
    question = QUESTIONS.get(name)
    if question is None:
        raise KeyError(f"no question `{name}`; there are {', '.join(QUESTIONS)}")
    unknown = parameters.keys() - question.defaults.keys()
    if unknown:
        known = ", ".join(question.defaults) or "none"
        raise TypeError(f"question `{name}` has no parameter {', '.join(sorted(unknown))}; there are: {known}")
    return connect(report).sql(question.sql, params={**question.defaults, **parameters} or None)
