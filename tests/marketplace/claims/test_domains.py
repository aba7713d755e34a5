"""Whether an address is at a school's own domain."""

from __future__ import annotations

import pytest

from marketplace.application import Skillbank
from marketplace.claims.domains import (
    COMMON_MAIL_DOMAINS,
    check_address,
    registered_domain,
    website_domain,
)
from marketplace.schools.facts import website
from tests.marketplace.factories import saved
from tests.marketplace.schools.factories import SchoolFactory


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.hope.org.uk", "hope.org.uk"),
        ("mail.hope.org.uk", "hope.org.uk"),
        ("HOPE.ORG.UK.", "hope.org.uk"),
        ("www.hope.salford.sch.uk", "hope.salford.sch.uk"),
        ("staff.hope.salford.sch.uk", "hope.salford.sch.uk"),
        ("salford.sch.uk", None),
        ("sch.uk", None),
        ("co.uk", None),
        ("localhost", None),
        ("192.0.2.1", None),
        ("höpe.org.uk", None),
        ("", None),
    ],
)
def test_the_registered_domain(host: str, domain: str | None) -> None:
    assert registered_domain(host) == domain


@pytest.mark.parametrize(
    ("site", "email", "is_own"),
    [
        ("www.hope.org.uk", "head@hope.org.uk", True),
        ("www.hope.org.uk", "head@staff.hope.org.uk", True),
        ("http://hope.org.uk/school/", "head@hope.org.uk", True),
        ("www.hope.salford.sch.uk", "head@hope.salford.sch.uk", True),
        ("www.hope.salford.sch.uk", "head@other.salford.sch.uk", False),
        ("www.hope.salford.sch.uk", "head@salford.sch.uk", False),
        ("www.hope.org.uk", "head@hope.org.uk.evil.example", False),
        ("www.hope.org.uk", "head@evil-hope.org.uk", False),
        ("www.hope.org.uk", "head@hope.co.uk", False),
        ("www.hope.org.uk", "head@gmail.com", False),
        ("www.gmail.com", "head@gmail.com", False),
        ("sites.google.com/hope", "somebody@google.com", False),
        ("www.salford.gov.uk/hope", "somebody@salford.gov.uk", False),
        (None, "head@hope.org.uk", False),
        ("www.hope.org.uk", "19smithj@hope.org.uk", False),
        ("www.hope.org.uk", "smithj2@hope.org.uk", False),
        ("www.hope.org.uk", "j.smith@pupils.hope.org.uk", False),
        ("www.students.org.uk", "head@students.org.uk", False),
    ],
)
def test_an_address_is_the_schools_own_or_not(
    app: Skillbank, site: str | None, email: str, is_own: bool
) -> None:
    with saved(app) as session:
        school = SchoolFactory(website=website(site) if site else None)
        assert check_address(session, school, email).is_own is is_own


@pytest.mark.parametrize(
    ("status", "is_own"), [("open", False), ("proposed", False), ("closed", True)]
)
def test_a_domain_of_several_schools_is_nobodys_own(
    app: Skillbank, status: str, is_own: bool
) -> None:
    """A school that has closed often was the same school before: it shares nothing."""
    with saved(app) as session:
        school = SchoolFactory(website="http://www.trust.org.uk/hope")
        SchoolFactory(name="Other School", website="http://other.trust.org.uk", status=status)
        SchoolFactory(name="No Such", website="http://www.not-trust.org.uk")
        check = check_address(session, school, "head@trust.org.uk")
        assert check.is_same
        assert check.is_own is is_own
        assert check.shared_with == (() if is_own else ("Other School",))


def test_the_common_mail_domains_are_registered_ones() -> None:
    assert {registered_domain(domain) for domain in COMMON_MAIL_DOMAINS} == COMMON_MAIL_DOMAINS
    assert website_domain(None) is None
