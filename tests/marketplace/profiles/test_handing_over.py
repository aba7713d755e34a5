"""A school that closes: its experts and its page go on at the school that carries on for it."""

from __future__ import annotations

from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.exchanges.models import State
from marketplace.network.succession import succeed_by_register
from marketplace.profiles.experts.models import Expertise
from marketplace.profiles.parts.models import PartKind, ProfilePart
from marketplace.profiles.parts.service import write_part
from marketplace.profiles.photographs.queries import own_photographs
from marketplace.profiles.school_page import visible_parts
from marketplace.profiles.track_record.models import TrackRecord
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import close, joined_school
from tests.marketplace.profiles.factories import evidenced, photographed, shared
from tests.marketplace.schools.factories import TrustFactory


def test_they_go_on_and_are_shown_to_no_other_trust(app: Skillbank) -> None:
    with saved(app) as session:
        old, new = joined_school(trust=TrustFactory()), joined_school(trust=TrustFactory())
        us, them = actor_for(old), actor_for(new)
        for_trust, for_all = shared(us, Reach.TRUST).id, shared(us).id
        audience = Audience(Reach.TRUST)
        write_part(session, us, PartKind.EVIDENCE, "Ours", audience, version=0)
        write_part(session, us, PartKind.CONTACT, "Ours", Audience(), version=0)
        write_part(session, them, PartKind.CONTACT, "Theirs", Audience(), version=0)
        evidenced(us)
        for_trust_only = photographed(us, Reach.TRUST, "Ours").id
        for _ in range(2):
            photographed(us, description="Ours")
        for _ in range(4):
            photographed(them, description="Theirs")
        brought_to(State.CONFIRMED, us, actor_for(joined_school()), minutes=60)
        close(old, new)
        assert succeed_by_register(session, old.urn, Policy()) is not None
        session.expire_all()
        reaches = {
            number: (entry.school_urn, entry.audience)
            for number in (for_trust, for_all)
            for entry in [session.get_one(Expertise, number)]
        }
        assert reaches == {for_trust: (new.urn, "school"), for_all: (new.urn, "national")}
        parts = {
            kind: session.get(ProfilePart, (new.urn, kind.value))
            for kind in (PartKind.EVIDENCE, PartKind.CONTACT)
        }
        assert {kind: (part.text, part.audience) for kind, part in parts.items() if part} == {
            PartKind.EVIDENCE: ("Ours", "school"),
            PartKind.CONTACT: ("Theirs", "national"),
        }
        # The pieces have the audience of the part that they came with.
        (part,) = [one for one in visible_parts(session, them, new.urn) if one.pieces]
        assert (part.part.text, part.part.audience) == ("Ours", "school")
        # Behind those of the new school, as far as there is room.
        pictures = own_photographs(session, them)
        assert [one.description for one in pictures] == ["Theirs"] * 4 + ["Ours"] * 2
        assert [one.audience for one in pictures if one.id == for_trust_only] == ["school"]
        assert own_photographs(session, us) == []
        assert session.get(TrackRecord, old.urn) is None
        assert session.get_one(TrackRecord, new.urn).given == 1
