"""A browser without a screen: it opens pages and sends their forms, hidden fields and all."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from secrets import token_urlsafe
from typing import Self

from bs4 import BeautifulSoup, Tag
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, SignIn
from marketplace.accounts.sessions import Method
from marketplace.database import db
from marketplace.web.tokens import hash_token
from tests.marketplace.accounts.factories import PASSWORD

Value = str | list[str] | None
ROW = ["li", "tr", "section", "article", "main"]
"""What a form may stand in, to be told from the same form for another thing."""
LINK = re.compile(r'<a\s(?:[^>]*\s)?href="([^"]*)"')
"""A link as our templates write it: within a tag there is no other ``>``."""
HEADING = re.compile(r"<h1\b.*?</h1>", re.DOTALL)
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)


class Browser:
    """One person's browser, standing on one page; redirects are followed.

    ``answer`` is the last response, ``page`` its parsed HTML, ``path`` where it stands.
    """

    answer: TestResponse

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._words = ""
        self._page: BeautifulSoup | None = None

    @property
    def page(self) -> BeautifulSoup:
        """The HTML of the page, parsed when somebody first looks at it."""
        if self._page is None:
            self._page = BeautifulSoup(self._words, "html.parser")
        return self._page

    @property
    def status(self) -> int:
        """The status of the page."""
        return self.answer.status_code

    @property
    def path(self) -> str:
        """Where the browser stands, after redirects, with the query."""
        request = self.answer.request
        query = request.query_string.decode()
        return f"{request.path}?{query}" if query else request.path

    @property
    def text(self) -> str:
        """The words on the page, with single spaces between them."""
        return " ".join(self.page.get_text(" ").split())

    @property
    def heading(self) -> str:
        """The page's main heading."""
        headings = parts_of(self._words, HEADING)
        return " ".join(headings[0].get_text(" ").split()) if headings else ""

    @property
    def errors(self) -> list[str]:
        """What the error summary says."""
        if "error-summary" not in self._words:
            return []
        return [item.get_text(" ", strip=True) for item in self.page.select(".error-summary li")]

    @property
    def flashes(self) -> list[str]:
        """The messages over the page."""
        if "flash" not in self._words:
            return []
        return [item.get_text(" ", strip=True) for item in self.page.select(".flash")]

    @property
    def buttons(self) -> list[str]:
        """The labels of every button, in order."""
        return [label(button) for button in self.page.select("form button")]

    @property
    def links(self) -> list[str]:
        """The addresses that the links on the page lead to, in order; the page is not parsed."""
        return [unescape(address) for address in LINK.findall(self._words)]

    def get(self, path: str) -> Self:
        """Open a page."""
        return self._stand_on(self.client.get(path, follow_redirects=True))

    def form(self, button: str, *, near: str | None = None) -> Tag:
        """The form with this button; ``near`` is a text in the same row, where many have it."""
        # Where it stands does not matter without a text that is near: then the forms are enough.
        whole = near is not None or self._page is not None
        places = [self.page] if whole else parts_of(self._words, FORM)
        forms = [
            pressed.find_parent("form")
            for place in places
            for pressed in place.select("form button")
            if label(pressed) == button
            and (near is None or near in pressed.find_parent(ROW).get_text(" "))
        ]
        assert len(forms) == 1, f"{len(forms)} forms have the button {button!r}: {self.buttons}"
        return forms[0]

    def values(self, button: str, *, near: str | None = None) -> dict[str, list[str]]:
        """What the form with this button would send now."""
        return values_of(self.form(button, near=near))

    def submit(self, button: str, near: str | None = None, /, **typed: Value) -> Self:
        """Press ``button`` after filling in ``typed``; ``None`` sends a field not at all.

        Every other field goes as the page has it, the token against forged posts with it.
        """
        form = self.form(button, near=near)
        values: dict[str, list[str]] = values_of(form)
        for name, value in typed.items():
            assert form.find(attrs={"name": name}), f"the form has no field {name!r}"
            values[name] = [value] if isinstance(value, str) else list(value or ())
        pressed = next(each for each in form.select("button") if label(each) == button)
        if pressed.get("name"):
            values[pressed["name"]] = [pressed.get("value", "")]
        return self.post(pressed.get("formaction") or form.get("action") or self.path, values)

    def post(self, path: str, values: dict[str, list[str]]) -> Self:
        """Send ``values`` as they are (see ``values``), whatever page the browser stands on."""
        origin = {"Origin": "http://localhost"}  # as every browser says of a form
        return self._stand_on(
            self.client.post(path, data=values, headers=origin, follow_redirects=True)
        )

    def sign_in(self, person: Person | str, password: str = PASSWORD) -> Self:
        """Sign in as ``person`` (or with an address), through the sign-in page."""
        email = person if isinstance(person, str) else person.email
        return self.get("/sign-in").submit("Sign in", email=email, password=password)

    def be(self, who: Person | Actor) -> Self:
        """Be signed in as ``who`` at once, with a second factor, without the sign-in page."""
        person_id, acting = (who.id, None) if isinstance(who, Person) else (who.person_id, who.key)
        token = begun_session(self.client.application, person_id)
        with self.client.session_transaction() as session:
            session.clear()
            session["_fresh"] = True
            session["_user_id"] = token
            if acting is not None:
                session["acting"] = acting
        return self

    def end_session(self) -> Self:
        """The session ends while the page stays open."""
        with self.client.session_transaction() as session:
            session.clear()
        return self

    def _stand_on(self, answer: TestResponse) -> Self:
        self.answer = answer
        # Read at once, to the end of a download. A workbook or a PDF has no words.
        self._words = answer.text if answer.mimetype.startswith("text/") else ""
        self._page = None
        return self


def begun_session(app: Flask, person_id: int) -> str:
    """Begin a session of the person on the server; return the token for their browser.

    The rows of a ``saved`` that is still open are not there for another connection, so then it is
    one of them.
    """
    token = token_urlsafe(32)
    now = datetime.now(UTC)
    sign_in = SignIn(
        token_hash=hash_token(token),
        person_id=person_id,
        method=Method.PASSWORD,
        created_at=now,
        last_used_at=now,
        device="Test",
        second_factor_at=now,
        confirmed_at=now,
    )
    if has_app_context() and db.session().in_transaction():
        db.session.add(sign_in)
        db.session.flush()
        return token
    with app.app_context(), Session(db.engine) as database, database.begin():
        database.add(sign_in)
    return token


def parts_of(words: str, part: re.Pattern[str]) -> list[BeautifulSoup]:
    """The parts of a page, each parsed by itself: all of it takes several times as long."""
    return [BeautifulSoup(found, "html.parser") for found in part.findall(words)]


def label(button: Tag) -> str:
    """What is written on a button."""
    return " ".join(button.get_text(" ").split())


def values_of(form: Tag) -> dict[str, list[str]]:
    """What a browser would send for ``form`` as it stands, without its button."""
    values: dict[str, list[str]] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        values.setdefault(field["name"], []).extend(_sent(field))
    return {name: sent for name, sent in values.items() if sent}


def _sent(field: Tag) -> list[str]:
    if field.has_attr("disabled"):
        return []
    if field.name == "textarea":
        return [field.get_text().removeprefix("\r\n").removeprefix("\n")]
    if field.name == "select":
        options = field.select("option")
        chosen = [option for option in options if option.has_attr("selected")]
        if not chosen and not field.has_attr("multiple"):
            chosen = options[:1]
        return [option.get("value", option.get_text(strip=True)) for option in chosen]
    if field.get("type") in ("checkbox", "radio"):
        return [field.get("value", "on")] if field.has_attr("checked") else []
    return [] if field.get("type") in ("submit", "button") else [field.get("value", "")]
