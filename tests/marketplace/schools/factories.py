"""Made-up schools, as few facts as needed."""

from __future__ import annotations

import factory

from marketplace.schools.facts import search_name
from marketplace.schools.models import LocalAuthority, School, Trust
from tests.marketplace.factories import BaseFactory


class LocalAuthorityFactory(BaseFactory):
    """A local authority: Salford, unless told."""

    class Meta:
        model = LocalAuthority
        sqlalchemy_get_or_create = ("code",)

    code = "355"
    name = "Salford"


class TrustFactory(BaseFactory):
    """A trust of its own."""

    class Meta:
        model = Trust

    name = factory.Sequence("Trust {}".format)


class SchoolFactory(BaseFactory):
    """An open primary school of Salford that does not take part yet (see ``joined_school``)."""

    class Meta:
        model = School

    urn = factory.Sequence(lambda number: 100_000 + number)
    name = factory.Sequence("Test Primary School {}".format)
    search_name = factory.LazyAttribute(lambda school: search_name(school.name))
    status = "open"
    type_name = "Community school"
    phase = "primary"
    region = "North West"
    easting = 380_000
    northing = 398_000
    local_authority = factory.SubFactory(LocalAuthorityFactory)
    trust = None
