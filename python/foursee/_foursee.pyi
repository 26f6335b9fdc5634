"""The extension module: read the package `foursee`, which re-exports what is public."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, SupportsIndex, TypeAlias, final, overload

from typing_extensions import CapsuleType

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped, unused-ignore]
    import polars
    import pyarrow  # type: ignore[import-untyped, unused-ignore]

__all__ = [
    "Answer",
    "Captured",
    "Evidence",
    "Finding",
    "Gap",
    "Hop",
    "Named",
    "Node",
    "Opened",
    "Outcome",
    "Owner",
    "Past",
    "Path",
    "Place",
    "Redacted",
    "Report",
    "Scope",
    "Summary",
    "Table",
    "Tables",
    "_Capturing",
    "__version__",
    "_capture",
    "_restore",
    "_restore_report",
    "_restore_table",
    "audit",
    "explain",
    "open",
    "redact",
]

__version__: Final[str]

_Path: TypeAlias = str | PathLike[str]
_Document: TypeAlias = str | bytes | Mapping[str, Any] | Sequence[Any]
_Source: TypeAlias = _Path | Captured | Mapping[str, _Document]
_Progress: TypeAlias = Callable[[str, str], object]

@final
class Finding:
    """A finding: one cause under one rule."""

    __match_args__: Final[tuple[str, str, str, str]]
    @property
    def rule(self) -> str:
        """The rule's name."""
    @property
    def layer(self) -> str:
        """The layer; "core" for what only the graph shows."""
    @property
    def scope(self) -> str | None:
        """The scope's name; None between scopes."""
    @property
    def severity(self) -> str:
        """One of "info", "low", "medium", "high" or "critical"."""
    @property
    def confidence(self) -> str:
        """One of "possible", "likely" or "certain"."""
    @property
    def rung(self) -> int | None:
        """Where it stands, 0 to 5."""
    @property
    def attainable(self) -> int | None:
        """The tightest that the platform can express."""
    @property
    def target(self) -> int | None:
        """Where it was asked to stand."""
    @property
    def status(self) -> str:
        """One of "open", "at-target", "intended", "waived" or "waiver-expired"."""
    @property
    def since(self) -> str | None:
        """One of "new", "unchanged" or "changed"; None without a baseline."""
    @property
    def title(self) -> str:
        """One sentence."""
    @property
    def cause(self) -> str:
        """What to change once."""
    @property
    def identities(self) -> tuple[Named, ...]:
        """Who is affected."""
    @property
    def resource(self) -> Named | None:
        """What it is over."""
    @property
    def owner(self) -> Owner | None:
        """Whose it is."""
    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What it rests on."""
    @property
    def fix(self) -> str:
        """What to do."""
    @property
    def fingerprint(self) -> str:
        """The same as long as the cause is there."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Named:
    """A kind and a name."""

    __match_args__: Final[tuple[str, str]]
    @property
    def kind(self) -> str:
        """The platform's word."""
    @property
    def name(self) -> str:
        """The name."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Owner:
    """An owner, and where that was read."""

    __match_args__: Final[tuple[str]]
    @property
    def name(self) -> str:
        """Who."""
    @property
    def read_from(self) -> str:
        """What said so: a tag, a pattern of the configuration."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Place:
    """A place in a document."""

    __match_args__: Final[tuple[str, str]]
    @property
    def document(self) -> str:
        """The document's name."""
    @property
    def pointer(self) -> str:
        """The JSON pointer; empty for text that is not JSON."""
    @property
    def line(self) -> int:
        """The line, from 1."""
    @property
    def column(self) -> int:
        """The column in bytes, from 1."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Evidence:
    """One place that a finding rests on, and what stands there."""

    __match_args__: Final[tuple[str, str]]
    @property
    def place(self) -> Place:
        """Where."""
    @property
    def says(self) -> str:
        """What stands there."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Past:
    """A finding of the baseline."""

    __match_args__: Final[tuple[str, str, str, str]]
    @property
    def fingerprint(self) -> str:
        """Its fingerprint."""
    @property
    def rule(self) -> str:
        """The rule's name."""
    @property
    def layer(self) -> str:
        """The layer."""
    @property
    def scope(self) -> str:
        """The scope's name; empty between scopes."""
    @property
    def severity(self) -> str:
        """How bad it was."""
    @property
    def title(self) -> str:
        """What it said."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Path:
    """A way from where somebody comes in to what somebody would want, every hop confirmed by its layer."""

    __match_args__: Final[tuple[str, str]]
    @property
    def certainty(self) -> str:
        """One of "certain", "conditional", "ask" or "unknown": as its worst hop."""
    @property
    def entry(self) -> str:
        """Why somebody comes in there; empty for a way that was asked for."""
    @property
    def prize(self) -> str:
        """Why somebody would want it."""
    @property
    def hops(self) -> tuple[Hop, ...]:
        """The steps."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Node:
    """A node of the graph."""

    __match_args__: Final[tuple[str, str, str]]
    @property
    def layer(self) -> str:
        """The layer; "core" for credentials."""
    @property
    def scope(self) -> str:
        """The scope's name; empty between scopes."""
    @property
    def kind(self) -> str:
        """The platform's word."""
    @property
    def name(self) -> str:
        """The name."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Hop:
    """One step of a way."""

    __match_args__: Final[tuple[str, str, str]]
    @property
    def from_(self) -> Node:
        """From where."""
    @property
    def needs(self) -> str:
        """With which foothold."""
    @property
    def technique(self) -> str:
        """How."""
    @property
    def verb(self) -> str:
        """One of "list", "read", "write", "delete", "execute", "administer", "become" or "delegate"."""
    @property
    def says(self) -> str:
        """How it reads."""
    @property
    def to(self) -> Node:
        """To where."""
    @property
    def gives(self) -> str:
        """With which foothold."""
    @property
    def over(self) -> str | None:
        """What the statement is over, where that is more than the target."""
    @property
    def condition(self) -> str:
        """Under which condition; empty for none."""
    @property
    def certainty(self) -> str:
        """One of "certain", "conditional", "ask" or "unknown"."""
    @property
    def confirmed(self) -> str:
        """What its layer said: "yes", "if ...", "unknown: ..."."""
    @property
    def evidence(self) -> Place:
        """The statement."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Gap:
    """What could not be read, and what that hides."""

    __match_args__: Final[tuple[str, str, str, str]]
    @property
    def layer(self) -> str:
        """The layer; empty where none recognised the input."""
    @property
    def scope(self) -> str | None:
        """The scope's name."""
    @property
    def target(self) -> str:
        """What."""
    @property
    def facet(self) -> str:
        """Which part of it."""
    @property
    def reason(self) -> str:
        """Why."""
    @property
    def hides(self) -> str:
        """What it keeps us from knowing."""
    @property
    def closes(self) -> str:
        """What would close it."""
    @property
    def place(self) -> Place | None:
        """Where it shows."""
    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that could not look."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Scope:
    """One account, cluster, engine, database cluster or broker cluster."""

    __match_args__: Final[tuple[str, str]]
    @property
    def layer(self) -> str:
        """The layer."""
    @property
    def name(self) -> str:
        """The name."""
    @property
    def title(self) -> str:
        """What people call it."""
    @property
    def environment(self) -> str | None:
        """The environment."""
    @property
    def documents(self) -> int:
        """How many documents spoke of it."""
    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of documents that did."""
    @property
    def identities(self) -> int:
        """How many identities it has."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Summary:
    """Counts, and how the audit ended."""

    __match_args__: Final[tuple[str, str]]
    @property
    def documents(self) -> int:
        """Documents read."""
    @property
    def bytes(self) -> int:
        """Their bytes."""
    @property
    def open(self) -> dict[str, int]:
        """Open findings by severity."""
    @property
    def rungs(self) -> dict[str, int]:
        """Identities by rung, "0" to "5"."""
    @property
    def owners(self) -> dict[str, int]:
        """Open findings by owner; "" has none."""
    @property
    def credentials(self) -> dict[str, int]:
        """Credentials by verdict: "works", "dormant", "broken"."""
    @property
    def outcome(self) -> Outcome:
        """How the audit ended."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Outcome:
    """How an audit ended."""

    __match_args__: Final[tuple[str, str]]
    @property
    def gate(self) -> str | None:
        """Either "passed" or "failed"; None where no gate was set."""
    @property
    def gate_findings(self) -> int:
        """The open findings that the gate stopped at."""
    @property
    def coverage(self) -> float:
        """The share of rules that could look, in percent."""
    @property
    def coverage_gate(self) -> str | None:
        """Either "met" or "below"; None where nothing was asked."""
    @property
    def nothing_from(self) -> tuple[str, ...]:
        """Named paths that gave nothing."""
    @property
    def oldest_document_days(self) -> int | None:
        """The age of the oldest document in days, where documents say when they were made."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Answer:
    """Who can do something, by which privilege."""

    __match_args__: Final[tuple[str, str, str]]
    @property
    def identity(self) -> Node:
        """Who."""
    @property
    def holder(self) -> Node:
        """Who holds the privilege: the same, or a group or grant that it has."""
    @property
    def verb(self) -> str:
        """One of "list", "read", "write", "delete", "execute", "administer", "become" or "delegate"."""
    @property
    def action(self) -> str:
        """The privilege's action, `*` wild."""
    @property
    def over(self) -> str:
        """What it is over."""
    @property
    def condition(self) -> str:
        """Under which condition; empty for none."""
    @property
    def rung(self) -> int:
        """Where the statement stands, 0 to 5."""
    @property
    def confirmed(self) -> str:
        """What the layer's authorizer says: "yes", "if ...", "unknown: ..."."""
    @property
    def evidence(self) -> Place:
        """The statement."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dictionaries, lists, text and numbers: as in the report's JSON."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...

@final
class Report:
    """What an audit found. Made by `audit`; a sequence of its findings, the worst first.

    A pickled report keeps everything that it found: findings, ways, gaps, tables. What it was made of stays behind:
    `opened`, `who_can`, `can` and `path` need the documents, and raise QuestionError after unpickling.
    """

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, the worst first."""
    @property
    def as_of(self) -> str:
        """The audit's "now", RFC 3339."""
    @property
    def summary(self) -> Summary:
        """Counts, and how the audit ended."""
    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What was audited."""
    @property
    def resolved(self) -> tuple[Past, ...]:
        """Findings of the baseline that are gone."""
    @property
    def unknown(self) -> tuple[Past, ...]:
        """Findings of the baseline of which it cannot be told."""
    @property
    def paths(self) -> tuple[Path, ...]:
        """The ways from where somebody comes in to what somebody would want."""
    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read, and what that hides."""
    @property
    def tables(self) -> Tables:
        """The seven tables: `report.tables["findings"]` or `report.tables.findings`."""
    @property
    def opened(self) -> Opened:
        """The documents that it was made of, opened: for `decide`, and every other question."""
    def who_can(self, action: str, resource: str) -> tuple[Answer, ...]:
        """Who can do an action to a resource: as `opened.who_can`."""
    def can(self, identity: str) -> tuple[Answer, ...]:
        """What an identity can do by its own and its groups' privileges, widest first: as `opened.can`."""
    def path(self, start: str, to: str | None = None, foothold: str | None = None) -> tuple[Path, ...]:
        """The best way from one to another: as `opened.path`."""
    def to_json(self) -> str:
        """The report as `foursee audit --format json` prints it."""
    def to_dict(self) -> dict[str, Any]:
        """The report's JSON as dictionaries and lists."""
    def _repr_html_(self) -> str: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Finding: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[Finding, ...]: ...
    def __iter__(self) -> Iterator[Finding]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str, list[Table]], Report], tuple[str, list[Table]]]: ...

@final
class Tables:
    """A report's tables, by name; each is made when it is first asked for."""

    @property
    def findings(self) -> Table:
        """One row a finding, the worst first."""
    @property
    def identities(self) -> Table:
        """One row an identity: where it stands, whose it is."""
    @property
    def resources(self) -> Table:
        """One row a resource, with its tags."""
    @property
    def privileges(self) -> Table:
        """One row a privilege: who holds it, what it is over, under which condition."""
    @property
    def edges(self) -> Table:
        """One row a statement by which somebody gets from one node to another."""
    @property
    def paths(self) -> Table:
        """One row a hop of a way."""
    @property
    def gaps(self) -> Table:
        """One row a gap."""
    def keys(self) -> tuple[str, ...]:
        """The names."""
    def values(self) -> tuple[Table, ...]:
        """The tables."""
    def items(self) -> tuple[tuple[str, Table], ...]:
        """The names, each with its table."""
    def __getitem__(self, name: str, /) -> Table: ...
    def __contains__(self, name: str, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...

@final
class Table:
    """One of a report's tables: typed columns, read through Arrow.

    Whatever reads Arrow streams takes it as it is, without a copy: `polars.DataFrame(table)`,
    `pyarrow.table(table)`, and duckdb, which finds a variable by its name: `duckdb.sql("FROM edges")`.
    """

    @property
    def name(self) -> str:
        """The table's name."""
    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
    def to_dicts(self) -> list[dict[str, str | int | bool | None]]:
        """The rows, each a dictionary."""
    def to_dict(self) -> dict[str, list[str | int | bool | None]]:
        """The columns, each a list under its name."""
    def to_pandas(self) -> pandas.DataFrame:
        """The table as a pandas.DataFrame; needs pandas, and no pyarrow."""
    def to_polars(self) -> polars.DataFrame:
        """The table as a polars.DataFrame; needs polars."""
    def to_arrow(self) -> pyarrow.Table:
        """The table as a pyarrow.Table; needs pyarrow."""
    def __arrow_c_stream__(self, requested_schema: object = None) -> CapsuleType: ...
    def __arrow_c_schema__(self) -> CapsuleType: ...
    def _repr_html_(self) -> str: ...
    def __len__(self) -> int: ...
    def __getitem__(self, column: str, /) -> list[str | int | bool | None]: ...
    def __iter__(self) -> Iterator[dict[str, str | int | bool | None]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(
        self,
    ) -> tuple[
        Callable[[str, list[tuple[str, str, list[Any]]]], Table], tuple[str, list[tuple[str, str, list[Any]]]]
    ]: ...

@final
class Opened:
    """Documents, read into facts, with each layer's exact authorizer. Made by `open`, and as `report.opened`."""

    @overload
    def decide(self, layer: str, questions: dict[str, Any], scope: str | None = None) -> dict[str, Any]: ...
    @overload
    def decide(
        self, layer: str, questions: Sequence[Mapping[str, Any]], scope: str | None = None
    ) -> list[dict[str, Any]]:
        """Answers questions in a platform's own words: a list in, a list out, in order; or one question."""
    def who_can(self, action: str, resource: str) -> tuple[Answer, ...]:
        """Who can do an action to a resource ("NAME" or "KIND:NAME"), each confirmed by its layer's authorizer."""
    def can(self, identity: str) -> tuple[Answer, ...]:
        """What an identity can do by its own and its groups' privileges, widest first."""
    def path(self, start: str, to: str | None = None, foothold: str | None = None) -> tuple[Path, ...]:
        """The best way from one to another; without `to`, the best to each thing that somebody would want."""
    def rightsize(
        self,
        *identities: str,
        scope: str | None = None,
        used: str | None = None,
        backtest: str | None = None,
    ) -> list[dict[str, Any]]:
        """Smaller roles from what audit logs show, one dictionary a scope, each proposal with the way back."""
    def report(
        self,
        *,
        as_of: str | date | None = None,
        baseline: Report | _Path | Mapping[str, Any] | None = None,
        layers: Sequence[str] | None = None,
        progress: _Progress | None = None,
    ) -> Report:
        """What an audit finds in it: as `audit` does, without reading or parsing again."""
    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What was read: one account, cluster, engine, database cluster or broker cluster each."""
    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read."""

@final
class Captured:
    """What a capture came to. Give it to `audit` or `open` as it is."""

    @property
    def path(self) -> str | None:
        """The folder or archive; None for a capture that is held in memory."""
    @property
    def complete(self) -> bool:
        """Whether every target was read to its end. What it refused is a gap."""
    @property
    def documents(self) -> int:
        """How many documents there are."""
    @property
    def nothing(self) -> tuple[str, ...]:
        """The targets that gave nothing."""
    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read."""
    def __fspath__(self) -> str: ...

@final
class _Capturing:
    def stop(self) -> None:
        """Ends it: what was read is kept, and the capture is marked incomplete."""

def _capture(
    layer: str,
    targets: Sequence[str],
    out: _Path | None,
    concurrency: int,
    deadline: float,
    tell: Callable[[str, object], object],
) -> _Capturing: ...
def audit(
    *sources: _Source,
    config: _Path | None = None,
    as_of: str | date | None = None,
    baseline: Report | _Path | Mapping[str, Any] | None = None,
    layers: Sequence[str] | None = None,
    assume_version: Mapping[str, str] | None = None,
    progress: _Progress | None = None,
) -> Report:
    """Audits exports, captures, folders and archives of them, and documents that a program holds ({name: document})."""

def open(
    *sources: _Source,
    config: _Path | None = None,
    assume_version: Mapping[str, str] | None = None,
    progress: _Progress | None = None,
) -> Opened:
    """Reads paths, or documents that a program holds ({name: document}), without judging: for questions."""

def explain(what: str, layer: str | None = None) -> str:
    """A page in Markdown: a rule's, by its name; or, for "rungs", what stands on which rung and what cannot be said."""

@final
class Redacted:
    """What `redact` wrote."""

    @property
    def path(self) -> str:
        """The folder or archive."""
    @property
    def documents(self) -> int:
        """How many documents it holds."""
    @property
    def kept(self) -> int:
        """How many of them were there already with the same content."""
    @property
    def renamed(self) -> int:
        """How many words are renamed; 0 without pseudonyms."""
    @property
    def gaps(self) -> tuple[str, ...]:
        """What was not read or not kept: "target: what of it"."""
    @property
    def missing(self) -> tuple[str, ...]:
        """The paths that gave nothing."""
    @property
    def differences(self) -> tuple[str, ...]:
        """Where the audit under pseudonyms says something else than that under the names: nothing, as it should be."""

def redact(paths: _Path | Sequence[_Path], out: _Path, pseudonyms: _Path | None = None) -> Redacted:
    """Writes exports or captures again without the secrets in them, to a new folder or a file that ends in `.tar.zst`."""

def _restore(kind: str, text: str) -> object: ...
def _restore_report(text: str, tables: Sequence[Table]) -> Report: ...
def _restore_table(name: str, columns: Sequence[tuple[str, str, list[Any]]]) -> Table: ...
