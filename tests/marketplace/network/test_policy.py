"""The operator and the auditor read the policy that is in force."""

from __future__ import annotations

from dataclasses import fields

import pytest

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.setting_groups import Policy, SignInSettings
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_every_rule_is_shown_with_its_value_and_its_setting(app: Skillbank, role: Role) -> None:
    with saved(app):
        person = PersonFactory(roles=[(role, None)])
    page = Browser(app.test_client()).be(person).get("/network/policy")
    values = {
        row.select_one("code").get_text(): row.select("td")[1].get_text(" ", strip=True)
        for row in page.page.select("tbody tr")
    }
    assert list(values) == [
        setting.metadata["name"] for group in (Policy, SignInSettings) for setting in fields(group)
    ]
    assert values["SKILLBANK_JOINING_GRANT"] == "10 credits"
    assert values["SKILLBANK_SMALLEST_STEP"] == "¼ credit"
    assert values["SKILLBANK_SESSION_IDLE"] == "8 hours"
    assert values["SKILLBANK_SESSION_LONGEST"] == "7 days"
    assert values["SKILLBANK_SECOND_FACTOR"] == "finance, trust finance, operator, auditor"


def test_every_setting_leads_to_the_heading_that_explains_it(app: Skillbank) -> None:
    with saved(app):
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
    browser = Browser(app.test_client()).be(auditor).get("/network/policy")
    links = [link["href"] for link in browser.page.select("tbody a")]
    assert len(links) == len(fields(Policy)) + len(fields(SignInSettings))
    for link in links:
        page, _, heading = link.partition("#")
        assert browser.get(page).page.find("h2", id=heading), link
