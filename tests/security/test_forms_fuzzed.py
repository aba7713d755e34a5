"""Every form with odd values in its fields: never an error of ours.

``FORMS_FUZZED=10000`` with ``--timeout=0`` sends so many on each database.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from marketplace.application import Skillbank
from tests.marketplace.test_access import World
from tests.marketplace.test_access import world as world
from tests.security.forms import OUR_OWN, ShownForm, all_forms, browser_of, filled

FORMS = int(os.environ.get("FORMS_FUZZED", "100"))
WHO = ("member", "coordinator", "administrator", "operator", "nobody")
ODD = (
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "9" * 19,
    "9" * 400,
    "1e999",
    "NaN",
    "٣",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "a\0b",
    "\ud800",
    "\u202e",
    "x" * 5000,
    "true",
    "None",
    "[]",
    "a@b",
    "a@" + "b" * 300 + ".uk",
    '"a b"@example.org',
    "2:1",
    "school:999999999",
    "🎓" * 200,
    "<b>",
    "%00",
    "{{7*7}}",
    "'; --",
    "\r\n",
)
VALUES = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=60),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.emails(),
    st.text(alphabet="0123456789.,:-/½ ", max_size=12),
)


def sendable(value: str) -> str:
    """A value as a browser would send it: half a character is sent as a whole other one."""
    return value.encode("utf-8", "replace").decode()


def test_no_form_answers_with_an_error_of_ours(app: Skillbank, world: World) -> None:
    forms: list[tuple[str, ShownForm]] = [
        (who, form) for who in WHO for form in all_forms(app, world, who)
    ]
    browsers = {who: browser_of(app, world, who) for who in WHO}
    faults: set[tuple[str, str]] = set()
    sent = 0

    @settings(
        max_examples=FORMS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        nonlocal sent
        who, form = data.draw(st.sampled_from(forms))
        values = filled(form, lambda name: f"Some {name}")
        names = sorted(set(form.fields) - OUR_OWN)
        changed = (
            data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True)) if names else []
        )
        for name in changed:
            odd = data.draw(st.lists(VALUES, max_size=2))
            values[name] = [sendable(value) for value in odd]
        answer = browsers[who].client.post(form.action, data=values)
        sent += 1
        if answer.status_code >= 500:
            faults.add((form.endpoint, str({name: values[name] for name in changed})[:300]))
        if who != "nobody" and sent % 20 == 0:
            browsers[who] = browser_of(app, world, who)  # a form may have ended its session

    fuzz()
    assert faults == set()
    assert sent >= FORMS
