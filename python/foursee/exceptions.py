"""What foursee raises. What it cannot read is no exception but a gap: see ``Report.gaps``."""


class FourseeError(Exception):
    """The base of all of them."""


class ConfigError(FourseeError, ValueError):
    """A configuration or an option that cannot be used."""


class InputError(FourseeError, OSError):
    """An input that there is not, or that cannot be read as asked."""


class QuestionError(FourseeError, ValueError):
    """A question that is not one of the platform's, or that does not say what it means."""
