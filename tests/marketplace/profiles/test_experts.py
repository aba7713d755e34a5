"""The directory of expertise: who shares, who sees it, who may ask, and how it is taken back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.erasure import Reason, erase
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.clock import now
from marketplace.errors import AlreadySent, Conflict, NotFound, Refusal
from marketplace.exchanges.within_trust.queries import is_free
from marketplace.exchanges.within_trust.service import set_within_trust
from marketplace.profiles.experts import queries, service
from marketplace.profiles.experts.models import AskedBy, Expertise, ExpertiseLabel
from marketplace.profiles.experts.queries import Circle, ExpertCriteria, list_experts
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.same_person.factories import trust_administrator
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.profiles.factories import said, shared, suggested
from tests.marketplace.schools.factories import TrustFactory


@pytest.mark.parametrize(
    ("reach", "sees"),
    [
        (Reach.SCHOOL, {"colleague"}),
        (Reach.TRUST, {"colleague", "in trust"}),
        (Reach.NATIONAL, {"colleague", "in trust", "elsewhere"}),
    ],
)
def test_who_sees_what_somebody_shares(app: Skillbank, reach: Reach, sees: set[str]) -> None:
    with saved(app) as session:
        trust = TrustFactory()
        ours = joined_school(trust=trust)
        expertise = shared(actor_for(ours), reach)
        for who, actor in (
            ("colleague", actor_for(ours)),
            ("in trust", actor_for(joined_school(trust=trust))),
            ("elsewhere", actor_for(joined_school())),
        ):
            found = {
                one.id
                for circle in Circle
                for one in list_experts(session, actor, ExpertCriteria(circle)).rows
            }
            assert (expertise.id in found) == (who in sees), who
            if who not in sees:
                with pytest.raises(NotFound):
                    queries.get_shared(session, expertise.id, actor)


def test_what_is_suggested_is_seen_by_nobody_until_the_colleague_shares_it(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        school = joined_school()
        head = actor_for(school, Role.ADMINISTRATOR)
        jo = staff(school, Role.MEMBER, name="Jo Bell")
        other = actor_for(school)
        suggested(head, jo.id, asked_by=AskedBy.EVERYONE, contact="07700 900123")
    browser = Browser(client).be(other).get("/experts")
    assert "Jo Bell" not in browser.text
    browser.be(head).get("/experts/suggest")
    assert "Jo Bell" in browser.text
    browser.be(jo).get("/experts/mine")
    assert "Suggested by" in browser.text
    # Whether one may be asked, and how, only the colleague says.
    assert "07700 900123" not in browser.text
    browser.get(browser.page.find("a", string="Check and share")["href"]).submit(
        "Share it", audience="school", asked_by="everyone", contact="Room 4"
    )
    assert browser.flashes == ["Saved."]
    browser.be(other).get("/experts")
    assert "Jo Bell" in browser.text
    browser.be(head).get("/experts/suggest")
    assert "Waiting for an answer" not in browser.text


def test_what_is_taken_back_is_gone_at_once(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        school = joined_school()
        jo, other = actor_for(school), actor_for(school)
        shared(jo)
    browser = Browser(client).be(jo).get("/experts/mine").submit("Take it back")
    assert browser.flashes == ["It is gone: nobody sees it any more."]
    with saved(app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Expertise)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(ExpertiseLabel)) == 0
    assert jo.person_name not in Browser(client).be(other).get("/experts").text


def test_a_person_without_a_role_at_the_school_stands_there_no_more(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        jo, other = actor_for(school), actor_for(school)
        expertise = shared(jo)
        session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == jo.person_id))
        assert list_experts(session, other, ExpertCriteria(Circle.SCHOOL)).rows == []
        with pytest.raises(NotFound):
            queries.get_shared(session, expertise.id, other)


def test_an_erased_person_shares_nothing(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        staff(school, Role.ADMINISTRATOR)
        jo = actor_for(school)
        shared(jo)
        erase(session, jo.person_id, Reason.ASKED)
        assert session.scalar(sa.select(sa.func.count()).select_from(Expertise)) == 0


def test_finding_by_topic_phase_school_and_words(app: Skillbank) -> None:
    with saved(app) as session:
        trust = TrustFactory()
        ours, sister = joined_school(trust=trust), joined_school(trust=trust)
        us = actor_for(ours)
        phonics = shared(us)
        maths = shared(
            actor_for(sister), topics=("maths",), phases=("whole-school",), words="100 % mastery"
        )
        polish = shared(us, topics=("eal",), languages=("Polish",), roles=("senco",), words="")

        def found(**asked: object) -> list[int]:
            criteria = ExpertCriteria(Circle.TRUST, **asked)  # type: ignore[arg-type]
            return [one.id for one in list_experts(session, us, criteria).rows]

        assert set(found()) == {phonics.id, maths.id, polish.id}
        assert found(topic="maths") == [maths.id]
        assert set(found(phase="ks1")) == {phonics.id, maths.id, polish.id}
        assert found(phase="ks4") == [maths.id]
        assert found(urn=sister.urn) == [maths.id]
        assert found(words="polish") == [polish.id]
        assert found(words="SENCO") == [polish.id]
        assert found(words="mathematics") == [maths.id]
        assert found(words="100 %") == [maths.id]
        assert found(words="1_0") == []
        assert found(words="polish mastery") == []


def test_topics_are_typed(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        us = actor_for(joined_school())
    browser = Browser(client).be(us).get("/experts/new")
    typed = {"topics": None, "phases": ["ks1"]}
    browser.submit("Share it", **typed, more_topics="juggling with fire")
    assert browser.status == 422
    assert "We know no topic called “juggling with fire”" in browser.text
    browser.submit("Share it", **typed, more_topics="phonics and early reading, ")
    assert browser.flashes == ["Shared. You can change it or take it back here at any time."]
    assert "Phonics and early reading" in browser.text


def test_the_same_form_shares_once(app: Skillbank) -> None:
    with saved(app) as session:
        us = actor_for(joined_school())
        one = service.share_expertise(session, us, said(), idempotency_key="k" * 20)
        again = service.share_expertise(session, us, said(), idempotency_key="k" * 20)
        assert one is again
        with pytest.raises(AlreadySent):
            service.share_expertise(session, us, said(words="Other"), idempotency_key="k" * 20)


def test_a_change_of_what_has_changed_since_is_a_conflict(app: Skillbank) -> None:
    with saved(app) as session:
        us = actor_for(joined_school())
        expertise = shared(us)
        service.change_expertise(session, us, expertise, said(words="New"), version=1)
        with pytest.raises(Conflict):
            service.change_expertise(session, us, expertise, said(words="Newer"), version=1)
        assert expertise.words == "New"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"topics": ()}, "topics"),
        ({"topics": ("no-topic",)}, "topics"),
        ({"phases": ()}, "phases"),
        ({"roles": ("king",)}, "roles"),
        ({"languages": tuple("abcdefghij")}, "languages"),
        ({"languages": ("x" * 41,)}, "languages"),
        ({"asked_by": AskedBy.TRUST}, "asked_by"),
        ({"reach": Reach.TRUST}, "audience"),
    ],
)
def test_what_is_not_fit_to_be_shown(
    app: Skillbank, changes: dict[str, object], field: str
) -> None:
    with saved(app), pytest.raises(Refusal) as refusal:
        shared(actor_for(joined_school()), **changes)  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_hostile_text_is_text_and_what_is_too_long_is_refused(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        us = actor_for(joined_school())
    browser = Browser(client).be(us).get("/experts/new")
    said_of_it = {"topics": ["phonics"], "phases": ["ks1"], "contact": "Room 4"}
    browser.submit("Share it", words="<script>alert(1)</script> 😀", **said_of_it)
    assert browser.flashes == ["Shared. You can change it or take it back here at any time."]
    assert "<script>alert(1)" in browser.page.get_text()
    assert browser.page.find("script", string="alert(1)") is None
    browser.get("/experts/new").submit("Share it", words="x" * 10_000, **said_of_it)
    assert browser.status == 422
    for asked in ("topic=zz", "school=9e9", "school=²", "circle=x", "after=zz", "q=%25'\"😀"):
        assert browser.get(f"/experts?{asked}").status == 200, asked


def test_who_may_be_asked_says_how_and_who_may_not_says_nothing(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        school = joined_school()
        jo, other, far = actor_for(school), actor_for(school), actor_for(joined_school())
        asked, not_asked = shared(jo).id, shared(jo, asked_by=AskedBy.NOBODY).id
        posted(jo, title="Phonics visit")
    browser = Browser(client).be(other).get(f"/experts/{asked}")
    assert "Staff room, Tuesdays" in browser.text
    assert "Help inside one school costs nothing" in browser.text
    assert "Staff room" not in browser.get(f"/experts/{not_asked}").text
    browser.be(far).get(f"/experts/{asked}")
    assert "costs the credits that the two schools agree" in browser.text
    assert "Phonics visit" in browser.text


@pytest.mark.parametrize(
    ("asked_by", "asks"),
    [
        (AskedBy.EVERYONE, {"colleague", "in trust", "elsewhere"}),
        (AskedBy.TRUST, {"colleague", "in trust"}),
        (AskedBy.SCHOOL, {"colleague"}),
    ],
)
def test_only_who_may_ask_sees_how_and_others_ask_the_school(
    app: Skillbank, client: FlaskClient, asked_by: AskedBy, asks: set[str]
) -> None:
    with saved(app) as session:
        trust = TrustFactory()
        ours = joined_school(trust=trust)
        expertise = shared(actor_for(ours), asked_by=asked_by).id
        lead = staff(ours, Role.COORDINATOR, name="Lee Lead")
        session.get_one(Person, lead.id).listed_at = now()
        readers = {
            "colleague": (actor_for(ours), "school"),
            "in trust": (actor_for(joined_school(trust=trust)), "trust"),
            "elsewhere": (actor_for(joined_school()), "others"),
        }
    browser = Browser(client)
    for who, (reader, circle) in readers.items():
        may = who in asks
        browser.be(reader).get(f"/experts?circle={circle}")
        assert browser.page.select_one(".expert-row .row-meta a").contents[0] == (
            "Ask" if may else "Ask the school"
        )
        browser.get(f"/experts/{expertise}")
        assert ("Staff room, Tuesdays" in browser.text) == may, who
        assert ("Lee Lead" in browser.text) == (not may), who
        assert browser.page.find("a", href=f"/schools/{ours.urn}") is not None
        browser.get(f"/schools/{ours.urn}")
        assert "Staff room" not in browser.text
        assert ("May be asked" in browser.text) == may, who


def test_without_an_address_one_asks_at_the_school(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        school = joined_school()
        jo, other = actor_for(school), actor_for(school)
        expertise = shared(jo, contact=" ").id
    assert "at the school’s office" in Browser(client).be(other).get(f"/experts/{expertise}").text


def test_a_trust_decides_what_help_between_its_schools_costs(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        trust = TrustFactory()
        sister = actor_for(joined_school(trust=trust))
        us = actor_for(joined_school(trust=trust))
        expertise = shared(sister).id
        director = trust_administrator(trust.id, us)
    browser = Browser(client).be(us).get(f"/experts/{expertise}")
    assert "the credits that the two schools agree" in browser.text
    with saved(app) as session:
        set_within_trust(session, director, free=True)
        set_within_trust(session, director, free=True)
        assert is_free(session, trust.id, trust.id)
        assert not is_free(session, trust.id, None)
        assert not is_free(session, None, None)
    assert "costs nothing" in browser.get(f"/experts/{expertise}").text
    with saved(app) as session:
        set_within_trust(session, director, free=False)
        assert not is_free(session, trust.id, trust.id)


def test_a_page_begins_where_the_last_one_ended(app: Skillbank) -> None:
    with saved(app) as session:
        ours, far = joined_school(), joined_school()
        us = actor_for(ours)
        in_school = {shared(actor_for(ours)).id for _ in range(3)}
        elsewhere = [shared(actor_for(far)).id for _ in range(3)]

        def pages(circle: Circle) -> list[int]:
            rows, after = [], ""
            while True:
                page = list_experts(session, us, ExpertCriteria(circle), after=after, limit=1)
                rows += [one.id for one in page.rows]
                if page.next is None:
                    return rows
                after = page.next

        assert set(pages(Circle.SCHOOL)) == in_school
        assert len(pages(Circle.SCHOOL)) == 3
        assert pages(Circle.OTHERS) == elsewhere[::-1]
