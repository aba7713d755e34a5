"""Schools that take part."""

from __future__ import annotations

from marketplace.database import db
from marketplace.network.joining import join
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.schools.factories import SchoolFactory


def joined_school(**facts: object) -> School:
    """A school that takes part: with an account, a credit limit and the joining grant."""
    school = SchoolFactory(**facts)
    join(db.session(), school, Policy(), actor="test")
    return school
