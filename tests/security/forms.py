"""Every form that the pages show to somebody, filled in, with what an attacker changes in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from bs4 import BeautifulSoup, Tag
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.database import db
from tests.marketplace.accounts.factories import PASSWORD
from tests.marketplace.browser import Browser, values_of
from tests.marketplace.test_access import EXPECTED, WHO, WORLDS, World, path_of

ENDS_THE_SESSION = {"accounts.sign_out"}
"""Forms after which the browser is somebody else."""
OUR_OWN = {"csrf_token", "idempotency_key"}
"""Fields whose value no attacker gains from."""
SMALL_NUMBERS = {"budget", "capacity", "credits", "hours", "minutes"}

_numbers = count(1)
_found: dict[tuple[datetime, bool, str], list[ShownForm]] = {}


@dataclass(frozen=True)
class Page:
    """A page that somebody reads, with its address."""

    who: str
    endpoint: str
    whose: str
    path: str


@dataclass(frozen=True)
class ShownForm:
    """A form on a page: where it goes, what it would send now, and its fields."""

    page: Page
    endpoint: str
    action: str
    values: dict[str, list[str]]
    fields: dict[str, Tag] = field(hash=False, compare=False)

    @property
    def texts(self) -> list[str]:
        """The names of the fields in which people write."""
        return [name for name, tag in self.fields.items() if is_text(tag)]


def is_text(tag: Tag) -> bool:
    """Whether people type a text of their own in this field."""
    return tag.name == "textarea" or (
        tag.name == "input" and tag.get("type", "text") in ("text", "search", "tel", "url")
    )


def pages(app: Skillbank, world: World, who: str) -> Iterator[Page]:
    """Every page that ``who`` may open, by the table of access."""
    for (endpoint, method, whose), outcomes in EXPECTED.items():
        if method == "GET" and outcomes.split()[WHO.index(who)] == "200":
            yield Page(who, endpoint, whose, path_of(app, endpoint, world, whose))


def browser_of(app: Skillbank, world: World, who: str) -> Browser:
    """A browser in which ``who`` is signed in."""
    browser = Browser(app.test_client())
    person = world.people[who]
    return browser if person is None else browser.be(person)


def rule_for(app: Skillbank, path: str) -> tuple[Rule, dict[str, Any]] | None:
    """The route that a form goes to, and the values in its address."""
    adapter = app.url_map.bind("localhost")
    try:
        return adapter.match(path.partition("?")[0], method="POST", return_rule=True)
    except HTTPException:
        return None


def forms_on(app: Skillbank, page: Page, browser: Browser) -> list[ShownForm]:
    """The forms on a page that send something."""
    soup: BeautifulSoup = browser.get(page.path).page
    shown = []
    for form in soup.select('form[method="post"]'):
        fields = {
            tag["name"]: tag
            for tag in form.select("input[name], textarea[name], select[name], button[name]")
        }
        action = str(form.get("action") or page.path)
        match = rule_for(app, action)
        if match is not None and match[0].endpoint not in ENDS_THE_SESSION:
            shown.append(ShownForm(page, match[0].endpoint, action, values_of(form), fields))
    return shown


def all_forms(app: Skillbank, world: World, who: str) -> list[ShownForm]:
    """Every form that ``who`` is shown, once for each route that it goes to.

    On SQLite they are looked for once a process, in the world as it was made.
    """
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return _looked_for(app, world, who)
    with WORLDS.as_made(app) as made_at:
        key = (made_at, bool(app.config["WTF_CSRF_ENABLED"]), who)
        if key not in _found:
            _found[key] = _looked_for(app, world, who)
    return list(_found[key])


def _looked_for(app: Skillbank, world: World, who: str) -> list[ShownForm]:
    browser = browser_of(app, world, who)
    forms: dict[tuple[str, tuple[str, ...]], ShownForm] = {}
    for page in pages(app, world, who):
        for form in forms_on(app, page, browser):
            forms.setdefault((form.endpoint, tuple(form.fields)), form)
    return list(forms.values())


def filled(form: ShownForm, text: Callable[[str], str]) -> dict[str, list[str]]:
    """What a person would send who fills in every field; ``text`` writes for a field."""
    values = {name: list(sent) for name, sent in form.values.items()}
    for name, tag in form.fields.items():
        kind = tag.get("type", "text") if tag.name == "input" else tag.name
        longest = int(tag.get("maxlength") or tag.get("data-most") or 10_000)
        if kind == "password":
            values[name] = [PASSWORD]
        elif kind == "email":
            values[name] = [f"person{next(_numbers)}@example.org"]
        elif kind == "date":
            values[name] = [today().isoformat()]
        elif kind == "number" or name in SMALL_NUMBERS:
            values[name] = ["1"]
        elif name == "public":  # goes with few of the other choices
            continue
        elif name == "more_topics":
            values[name] = ["Phonics and early reading"]
        elif is_text(tag) and not values.get(name, [""])[0]:
            values[name] = [text(name)[:longest]]
        elif kind in ("checkbox", "radio") and not values.get(name):
            values[name] = [tag.get("value", "on")]
        elif kind == "select" and not any(values.get(name, [])):
            options = [option["value"] for option in tag.select("option[value]")]
            values[name] = [value for value in options if value][:1]
    return values


def contents(session: Session) -> dict[str, set[tuple[object, ...]]]:
    """Every row of every table, as texts."""
    connection = session.connection()
    tables: dict[str, set[tuple[object, ...]]] = {}
    for name in sa.inspect(connection).get_table_names():
        columns = [column["name"] for column in sa.inspect(connection).get_columns(name)]
        query = sa.select(*(sa.column(column) for column in columns)).select_from(sa.table(name))
        tables[name] = {tuple(str(value) for value in row) for row in session.execute(query)}
    return tables
