"""Whole addresses begin with the site's own, whatever a request says."""

from __future__ import annotations

from marketplace.application import Skillbank
from marketplace.web.addresses import site_link


def test_a_link_needs_no_request(app: Skillbank) -> None:
    with app.app_context():
        assert site_link("pages.school", urn=100000) == "http://localhost/schools/100000"


def test_a_link_does_not_follow_the_host_of_a_request(app: Skillbank) -> None:
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert site_link("accounts.sign_in") == "http://localhost/sign-in"
