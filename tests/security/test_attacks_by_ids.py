"""Every number in every address and form, swapped for another school's."""

from __future__ import annotations

from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.access import ASSETS
from marketplace.application import Skillbank
from marketplace.database import db
from tests.marketplace.factories import saved
from tests.marketplace.test_access import World
from tests.marketplace.test_access import world as world
from tests.security.forms import OUR_OWN, all_forms, browser_of, filled, rule_for

OURS = ("member", "coordinator", "finance", "administrator")
REFUSED = {403, 404, 409, 422}
SHARED = {"help.article", "pages.school", "reviews.about", "reviews.report"}
"""What is about a school that anybody may name, or about what everybody may read."""
JOINING = "/find-your-school/"
"""What is for people who have no school yet."""
OF_A_SCHOOL = {"school", "role_grant", "invitation", "support_access"}
OF_A_PERSON = {"person", "role_grant", "one_time_link", "recovery_code", "passkey", "identity"}
SWITCHED = "You have switched to another school since this page was opened."
NO_NUMBERS = {"token", "slug", "name"}


def of_others(session: Session, world: World) -> dict[str, set[tuple[str, ...]]]:
    """Every row of what is between two other schools, and of who may do what there."""
    theirs = world.things["theirs"]
    keys = {
        "listing.id": theirs["listing_id"],
        "enquiry.id": theirs["enquiry_id"],
        "exchange.id": theirs["exchange_id"],
    }
    rows: dict[str, set[tuple[str, ...]]] = {}
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            names = {key.target_fullname for key in column.foreign_keys}
            names.add(f"{table.name}.{column.name}")
            values = {keys[name] for name in names if name in keys}
            if "school.urn" in names and table.name in OF_A_SCHOOL:
                values.add(theirs["urn"])
            if "person.id" in names and table.name in OF_A_PERSON:
                values.add(theirs["person_id"])
            if values:
                query = sa.select(table).where(column.in_(values))
                rows.setdefault(table.name, set()).update(
                    tuple(str(value) for value in row) for row in session.execute(query)
                )
    return rows


@pytest.mark.parametrize("who", OURS)
def test_nothing_of_another_school_is_reached_by_its_number(
    app: Skillbank, world: World, who: str
) -> None:
    """Each address with each of its numbers, ours or theirs, but not all of them ours."""
    ours, theirs = world.things["ours"], world.things["theirs"]
    with saved(app) as session:
        before = of_others(session, world)
    faults, tried = [], 0
    forms = {
        (match[0].endpoint, tuple(match[1])): form
        for form in all_forms(app, world, who)
        if (match := rule_for(app, form.action)) is not None
    }
    browser = browser_of(app, world, who)
    for rule in app.url_map.iter_rules():
        names = sorted(rule.arguments)
        if not names or set(names) & NO_NUMBERS or rule.endpoint in SHARED | ASSETS:
            continue
        if rule.rule.startswith(JOINING):
            continue
        for parts in product((ours, theirs), repeat=len(names)):
            if any(name not in part for name, part in zip(names, parts, strict=True)):
                continue
            values = {name: part[name] for name, part in zip(names, parts, strict=True)}
            if all(value == ours.get(name) for name, value in values.items()):
                continue
            with app.test_request_context():
                path = app.url_for(rule.endpoint, **values)
            for method in ("GET", "POST"):
                if method not in (rule.methods or ()):
                    continue
                form = forms.get((rule.endpoint, tuple(rule.arguments)))
                sent = filled(form, lambda name: f"Some {name}") if form is not None else {}
                answer = browser.client.open(path, method=method, data=sent)
                tried += 1
                is_refused = answer.status_code in REFUSED
                if rule.endpoint == "members.remove" and answer.status_code == 302:
                    # Pressed twice it is no error; see the tests of members for what it says.
                    is_refused = True
                if not is_refused:
                    faults.append((method, path, answer.status_code))
    assert faults == []
    assert tried >= 20
    with saved(app) as session:
        assert of_others(session, world) == before


@pytest.mark.parametrize("who", ["coordinator", "administrator"])
def test_no_number_in_a_form_reaches_another_school(app: Skillbank, world: World, who: str) -> None:
    """What is hidden in a form or chosen in it, swapped for each of another school's."""
    theirs = world.things["theirs"]
    ids = ("urn", "person_id", "listing_id", "exchange_id", "invitation_id")
    numbers = sorted({str(theirs[name]) for name in ids})
    keys = [f"school:{theirs['urn']}", "network", f"support:{theirs['access_id']}"]
    with saved(app) as session:
        before = of_others(session, world)
    faults, tried = [], 0
    browser = browser_of(app, world, who)
    for form in all_forms(app, world, who):
        for name, tag in form.fields.items():
            is_chosen = tag.name in ("select", "button") or tag.get("type") in (
                "hidden",
                "radio",
                "checkbox",
            )
            if not is_chosen or name in OUR_OWN:
                continue
            for number in keys if name in ("acting", "membership") else numbers:
                values = filled(form, lambda field: f"Some {field}") | {name: [number]}
                browser.post(form.action, values)
                tried += 1
                is_fault = browser.status >= 500
                if name == "acting" and browser.status not in REFUSED:
                    is_fault = is_fault or SWITCHED not in browser.text
                if is_fault:
                    faults.append((form.action, name, number, browser.status))
    assert faults == []
    assert tried >= 20
    with saved(app) as session:
        assert of_others(session, world) == before
