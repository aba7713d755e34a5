"""Errors written for the person: what is wrong, and what to do about it."""

from __future__ import annotations


class Problem(ValueError):  # noqa: N818  # people read "problem"; the class is named as they see it
    """A rule was broken; ``message`` says so to the person, ``field`` names the input at fault.

    ``status`` is the HTTP status of the page that shows it.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(Problem):
    """The person's roles do not allow this."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or it is another school's private matter: the answer is the same."""

    status = 404

    def __init__(self, message: str = "There is nothing here that you can see.") -> None:
        super().__init__(message)


class Stale(Problem):
    """Somebody else was first: the thing is no longer as the person saw it."""

    status = 409


class SentBefore(Stale):
    """The same form was sent before with other content; it may be sent again as a new one."""

    def __init__(self) -> None:
        super().__init__(
            "You have sent this form already, with other content, and that stands. If you mean"
            " this as well, send it again."
        )
