"""How large a body a view takes: 256 KiB, unless it says that it takes a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])


def init_app(app: Flask) -> None:
    """Set how much may be sent before anything reads what was sent."""
    app.before_request(set_largest_body)


def takes_up_to(size: int) -> Callable[[View], View]:
    """State that a view takes a body of up to ``size`` bytes."""

    def state(view: View) -> View:
        view.largest_body = size  # type: ignore[attr-defined]
        return view

    return state


def set_largest_body() -> None:
    """Let the view of this request have the body that it takes."""
    if request.endpoint is None:
        return
    size = getattr(current_app.view_functions[request.endpoint], "largest_body", None)
    if size is not None:
        request.max_content_length = size
