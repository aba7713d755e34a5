"""How a page shows that the next try has to wait."""

from __future__ import annotations

from marketplace.accounts.throttling import TooManyTries
from marketplace.web.forms import Form


def must_wait(form: Form) -> bool:
    """Say whether the form was refused because too many tries have failed."""
    return isinstance(form.refusal, TooManyTries)


def wait_headers(form: Form) -> dict[str, str]:
    """Return the header that tells programs when to try again, if they have to wait."""
    refusal = form.refusal
    return {"Retry-After": str(refusal.seconds)} if isinstance(refusal, TooManyTries) else {}
