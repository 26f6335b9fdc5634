"""foursee: who can do what, and become whom, in cloud, cluster, container and code.

    >>> import foursee
    >>> report = foursee.audit("exports/")              # doctest: +SKIP
    >>> for finding in report:                          # doctest: +SKIP
    ...     print(finding.severity, finding.title)
    >>> report.tables.identities.to_polars()            # doctest: +SKIP
    >>> report.who_can("SELECT", "shop.crm.customers")  # doctest: +SKIP

``capture`` reads live platforms. ``open`` reads without judging, and answers questions in the platforms' own words. ``foursee.questions`` asks the
tables what a security engineer asks first.
"""

from foursee._foursee import (
    Answer,
    Captured,
    Evidence,
    Finding,
    Gap,
    Hop,
    Named,
    Node,
    Opened,
    Outcome,
    Owner,
    Past,
    Path,
    Place,
    Redacted,
    Report,
    Scope,
    Summary,
    Table,
    Tables,
    __version__,
    audit,
    explain,
    open,
    redact,
)
from foursee.exceptions import ConfigError, FourseeError, InputError, QuestionError
from foursee.live import capture, capture_async

__all__ = [
    "Answer",
    "Captured",
    "ConfigError",
    "Evidence",
    "Finding",
    "FourseeError",
    "Gap",
    "Hop",
    "InputError",
    "Named",
    "Node",
    "Opened",
    "Outcome",
    "Owner",
    "Past",
    "Path",
    "Place",
    "QuestionError",
    "Redacted",
    "Report",
    "Scope",
    "Summary",
    "Table",
    "Tables",
    "__version__",
    "audit",
    "capture",
    "capture_async",
    "explain",
    "open",
    "redact",
]
