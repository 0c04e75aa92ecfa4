"""The third fate of a failure, when a sentence says it better than a traceback."""


class CannotRun(Exception):  # noqa: N818 -- a sentence: "raise CannotRun"
    """The world is not as this service needs it, and waiting won't help. The message says what and how to mend it.

    `service.serve` prints it as one line and exits 1; nothing is committed.
    """
