"""Who may use a view: every view states a rule, and one hook keeps all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.people.resume import keep
from marketplace.people.roles import Permission
from marketplace.people.viewer import Acting, Viewer
from marketplace.web.problems import NotAllowed

ASSETS = frozenset({"static", "bootstrap.static"})
"""Style sheets and the like, which the framework serves to everybody."""

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a view: everybody, the signed in, or who holds ``permission`` where they act."""

    signed_in: bool
    permission: Permission | None = None
    school: bool = False


class SessionEnded(Exception):  # noqa: N818  # it is no fault of anybody
    """A form was sent after the session had ended; ``kept`` holds what was typed, signed."""

    def __init__(self, kept: str) -> None:
        super().__init__("the session has ended")
        self.kept = kept


PUBLIC = Rule(signed_in=False)
SIGNED_IN = Rule(signed_in=True)


def needs(permission: Permission, *, school: bool = False) -> Rule:
    """The rule that the person holds ``permission``, and (``school``) acts for a school."""
    return Rule(signed_in=True, permission=permission, school=school)


def access(rule: Rule) -> Callable[[View], View]:
    """State the rule of a view."""

    def state(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return state


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """The rule the view behind ``endpoint`` states; ``None`` if it states none."""
    if endpoint in ASSETS:
        return PUBLIC
    return getattr(app.view_functions[endpoint], "access_rule", None)


def viewer() -> Viewer | None:
    """The signed-in viewer of this request, or ``None``."""
    return current_user if isinstance(current_user._get_current_object(), Viewer) else None


def acting() -> Acting:
    """For whom the signed-in person acts in this request."""
    return current_user.acting


def keep_rules() -> ResponseReturnValue | None:
    """Before each request: load the viewer if the view needs one, and keep its rule.

    Raises:
        RuntimeError: if the view states no rule, so that a forgotten one is never open.
        SessionEnded: if a form was sent by somebody who is no longer signed in.
        NotAllowed: if the person's roles do not allow it.
    """
    if request.endpoint is None:
        return None
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        raise RuntimeError(f"the view {request.endpoint} states no access rule")
    if rule is PUBLIC and "_user_id" not in session:
        g.viewer = None
        return None
    g.viewer = viewer()
    if not rule.signed_in:
        return None
    if g.viewer is None:
        if request.method != "POST":
            return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
        if request.endpoint.startswith("people."):
            return redirect(url_for("people.sign_in"))
        raise SessionEnded(keep(request))
    if rule.permission is not None:
        g.viewer.acting.require(rule.permission)
    if rule.school and g.viewer.acting.urn is None:
        raise NotAllowed(
            "This is a page for a school’s staff, and you act for the network. If you also hold"
            " a role at a school, switch to it at the top of the page."
        )
    return None
