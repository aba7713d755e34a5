"""The page that asks for the second factor, wherever the first one was given."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import half_way, passkeys
from marketplace.accounts.second_factors.challenges import Purpose
from marketplace.accounts.second_factors.forms import CodeForm
from marketplace.accounts.sessions import Method
from marketplace.accounts.waiting import wait_headers
from marketplace.database import db


def ask_for_second_step(
    person: Person, method: Method, packed_form: str, target: str | None
) -> ResponseReturnValue:
    """Note that ``person`` is half way, and ask for their second factor.

    ``packed_form`` is a form that was interrupted, or empty; ``target`` the page to go on to. Both
    are carried on.
    """
    half_way.begin(db.session(), person, method)
    if not packed_form:
        return redirect(url_for("accounts.second_step", next=target))
    form = CodeForm(formdata=None)
    form.resume.data = packed_form
    return second_step_page(person, form)


def second_step_page(person: Person, form: CodeForm) -> ResponseReturnValue:
    """Show the page of the second step, with what was wrong in ``form``."""
    page = render_template(
        "accounts/second_factors/second_step.html",
        form=form,
        passkey=passkeys.proof_request(db.session(), person, Purpose.SECOND_STEP),
    )
    return page, form.status, wait_headers(form)
