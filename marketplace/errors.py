"""Refusals: what is wrong and what to do about it, in words for the person at the screen."""

from __future__ import annotations


class Refusal(ValueError):  # noqa: N818  # a rule refuses; nothing is broken
    """A rule refuses what was asked for; ``message`` tells the person why and what to do.

    ``status`` is the HTTP status of the page that shows it, ``field`` the input at fault.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(Refusal):
    """The person's roles do not allow this."""

    status = 403


class NotFound(Refusal):
    """It does not exist, or another school's privacy forbids showing it: the answer is the same."""

    status = 404

    def __init__(
        self, message: str = "It does not exist, or only the schools concerned can see it."
    ) -> None:
        super().__init__(message)


class Conflict(Refusal):
    """Someone else was first: the row is no longer as the person saw it."""

    status = 409


class TooMany(Refusal):
    """More has been written than one person or one school may write at once."""

    status = 429


class AlreadySent(Conflict):
    """The same form was sent before with other content; it may be sent again as a new one."""

    def __init__(self) -> None:
        super().__init__(
            "You have already sent this form with different content, and what you sent stands. If"
            " you want this as well, send it again."
        )
