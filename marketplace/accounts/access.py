"""Who may use a view: every view states a rule, and one hook enforces all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.accounts.actor import SUPPORT_ONLY_READS, Actor
from marketplace.accounts.current_user import CurrentUser
from marketplace.accounts.roles import Permission
from marketplace.database import SAFE_METHODS
from marketplace.errors import NotAllowed
from marketplace.web.assets import ASSETS
from marketplace.web.interrupted_forms import pack_form

ALLOWED_TO_SUPPORT = frozenset({"accounts.sign_out", "accounts.switch", "support.end"})
"""What an operator can send while reading a school's pages: the ways out."""

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a view: everyone, the signed-in, or holders of ``permission`` where they act.

    ``recent`` asks a person who sends a form to prove again who they are, unless they have just
    done so. ``own_account`` lets people in who have yet to set up the second factor they need.
    """

    signed_in: bool
    permission: Permission | None = None
    school: bool = False
    recent: bool = False
    own_account: bool = False


class SessionEnded(Exception):  # noqa: N818  # it is not an error
    """A form was sent after the session had ended; ``packed_form`` holds what was typed, signed."""

    def __init__(self, packed_form: str) -> None:
        super().__init__("the session has ended")
        self.packed_form = packed_form


class NotConfirmed(Exception):  # noqa: N818  # it is not an error
    """A form changes what only its sender in person may; ``packed_form`` holds what was typed."""

    def __init__(self, packed_form: str) -> None:
        super().__init__("the person must prove again who they are")
        self.packed_form = packed_form


PUBLIC = Rule(signed_in=False)
SIGNED_IN = Rule(signed_in=True)
OWN_ACCOUNT = Rule(signed_in=True, own_account=True)
"""Pages of one's own account, which a person can also reach before setting up a second factor."""


def needs(permission: Permission, *, school: bool = False) -> Rule:
    """Return the rule that the person holds ``permission``, and (``school``) acts for a school."""
    return Rule(signed_in=True, permission=permission, school=school)


def access(rule: Rule, *, recent: bool = False) -> Callable[[View], View]:
    """State the rule of a view.

    Args:
        recent: ask for a password, a passkey or a code before a form is taken, unless the person
            gave one in the last ten minutes. For forms that change people, money policy or
            security: ``@access(needs(Permission.MANAGE_MEMBERS), recent=True)``, or
            ``@access(OWN_ACCOUNT, recent=True)``. What was typed is kept and shown again.
    """
    stated = replace(rule, recent=True) if recent else rule

    def state(view: View) -> View:
        view.access_rule = stated  # type: ignore[attr-defined]
        return view

    return state


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """Return the rule the view behind ``endpoint`` states; ``None`` if it states none."""
    if endpoint in ASSETS:
        return PUBLIC
    return getattr(app.view_functions[endpoint], "access_rule", None)


def find_current_user() -> CurrentUser | None:
    """Return the person who is signed in, or ``None``."""
    user = current_user._get_current_object()
    return user if isinstance(user, CurrentUser) else None


def current_actor() -> Actor:
    """Return the actor of this request: the signed-in person and the school they act for."""
    return current_user.actor


def may_open(actor: Actor, endpoint: str) -> bool:
    """Say whether the view behind ``endpoint`` lets ``actor`` in, so that a link leads on."""
    rule = rule_of(current_app, endpoint)
    if rule is None or not rule.signed_in:
        return True
    acts_there = not rule.school or actor.urn is not None
    return acts_there and (rule.permission is None or actor.may(rule.permission))


def enforce_access() -> ResponseReturnValue | None:
    """Load who is signed in, if the view needs them, and enforce its rule.

    Raises:
        RuntimeError: if the view states no rule, so that a forgotten one is never open.
        SessionEnded: if a form was sent by a person who is no longer signed in.
        NotAllowed: if the person's roles do not allow it.
        NotConfirmed: if the person who sent a form must prove again who they are.
    """
    if request.endpoint is None:
        return None
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        raise RuntimeError(f"the view {request.endpoint} states no access rule")
    # A style sheet is the same for everybody: nobody is looked up for it, and it may be cached.
    if request.endpoint in ASSETS or (rule is PUBLIC and "_user_id" not in session):
        g.current_user = None
        return None
    g.current_user = find_current_user()
    if not rule.signed_in:
        return None
    if g.current_user is None:
        if request.method != "POST":
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
        if request.endpoint.startswith("accounts."):
            return redirect(url_for("accounts.sign_in"))
        raise SessionEnded(pack_form(request))
    actor = g.current_user.actor
    is_form = request.method not in SAFE_METHODS
    if actor.support_id is not None and is_form and request.endpoint not in ALLOWED_TO_SUPPORT:
        raise NotAllowed(SUPPORT_ONLY_READS)
    if g.current_user.lacks_second_factor and not rule.own_account:
        return redirect(url_for("accounts.second_factor"))
    if rule.permission is not None:
        actor.require(rule.permission)
    if rule.school and g.current_user.actor.urn is None:
        raise NotAllowed(
            "This is a page for a school’s staff, and you act for the network. If you also hold"
            " a role at a school, switch to it at the top of the page."
        )
    if rule.recent and request.method not in SAFE_METHODS and not g.current_user.confirmed_recently:
        raise NotConfirmed(pack_form(request))
    return None
