"""The table of gaps: who knows what, where nobody does, and the file of it."""

from __future__ import annotations

import csv
import io

from flask.testing import FlaskClient

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.listings.topics import BUILT_IN, PHASES
from marketplace.profiles.experts import gaps
from marketplace.profiles.experts.gaps import Cell, Knower
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.profiles.factories import shared
from tests.marketplace.schools.factories import SchoolFactory, TrustFactory
from tests.marketplace.search.factories import indexed

READING = [BUILT_IN.by_slug["reading"]]


def knower(name: str, phase: str, urn: int = 1, topic: str = "reading") -> Knower:
    return Knower(hash(name), name, urn, topic, phase)


def test_a_cell_has_who_knows_it_once_and_in_order() -> None:
    known = [knower("Al", "ks1"), knower("Al", "ks1"), knower("Jo", "ks1"), knower("Jo", "ks2")]
    table = gaps.by_phase(known, READING, ["ks1", "ks2", "ks3", "whole-school"])
    assert [cell.names for cell in table.rows[0].cells] == [("Al", "Jo"), ("Jo",), (), ()]
    assert [cell.is_gap for cell in table.rows[0].cells] == [False, False, True, True]
    assert (table.gaps, table.size) == (2, 4)


def test_who_knows_it_for_a_whole_school_fills_each_phase() -> None:
    table = gaps.by_phase([knower("Jo", "whole-school")], READING, ["ks1", "whole-school"])
    assert table.rows[0].cells == (Cell((), ("Jo",)), Cell(("Jo",)))
    assert table.gaps == 0


def test_what_nobody_does_in_a_phase_is_no_gap() -> None:
    early = [BUILT_IN.by_slug["early-years"]]
    table = gaps.by_phase([], early, ["early-years", "ks1", "ks4", "whole-school"])
    assert [cell.is_gap for cell in table.rows[0].cells] == [True, False, False, False]
    assert (table.gaps, table.size) == (1, 1)
    assert list(gaps.csv_rows(table, "Topic"))[1][1:5] == ["0", "gap", "0", ""]
    # Whoever does all the same is shown.
    table = gaps.by_phase([knower("Jo", "ks1", topic="early-years")], early, ["early-years", "ks1"])
    assert table.rows[0].cells[1] == Cell(("Jo",), (), is_expected=False)
    assert (table.gaps, table.size) == (1, 2)
    schools = [SchoolFactory.build(age_low=11, age_high=16), SchoolFactory.build(age_low=3)]
    rows = gaps.by_school([], early, schools).rows
    assert [row.cells[0].is_gap for row in rows] == [False, True]


def test_the_phases_are_those_that_the_schools_teach() -> None:
    primary = SchoolFactory.build(age_low=4, age_high=11)
    secondary = SchoolFactory.build(age_low=11, age_high=16)
    unknown = SchoolFactory.build(age_low=None, age_high=None)
    assert gaps.phases_of([primary]) == ("early-years", "ks1", "ks2", "whole-school")
    assert gaps.phases_of([secondary]) == ("ks3", "ks4", "whole-school")
    assert gaps.phases_of([primary, unknown]) == tuple(PHASES)


def test_a_head_sees_the_gaps_of_school_and_trust(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        trust = TrustFactory()
        ours = joined_school(trust=trust, name="Ash School", age_low=4, age_high=11)
        sister = joined_school(trust=trust, name="Beech School", age_low=4, age_high=11)
        head = actor_for(ours, Role.ADMINISTRATOR)
        us, them = actor_for(ours), actor_for(sister)
        shared(us, Reach.SCHOOL)
        shared(them, Reach.TRUST, topics=("maths",))
        shared(them, Reach.SCHOOL, topics=("reading",))
    browser = Browser(client).be(head).get("/experts/gaps")
    assert us.person_name in browser.text
    name = browser.page.select_one(".is-known a")
    assert name is not None
    entry = browser.get(str(name["href"]))
    assert entry.text.startswith(us.person_name)
    browser.get("/experts/gaps")
    assert them.person_name not in browser.text
    browser.get("/experts/gaps?circle=trust")
    assert them.person_name in browser.text
    file = browser.client.get("/experts/gaps.csv?circle=trust").get_data()
    assert file.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
    header = rows[0]
    assert len(rows) == len(BUILT_IN.by_slug) + 1
    by_topic = {row[0]: dict(zip(header, row, strict=True)) for row in rows[1:]}
    assert by_topic["Mathematics"]["Key Stage 1: who"] == them.person_name
    assert by_topic["Mathematics"]["Key Stage 2: who"] == "gap"
    # What the sister school's colleague shows to her own school only is not among them.
    assert by_topic["Reading"]["Key Stage 1: people"] == "0"
    file = browser.client.get("/experts/gaps.csv?circle=trust&by=school").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(file.lstrip("\ufeff"))))
    assert [row[0] for row in rows] == ["School", "Ash School", "Beech School"]
    for asked in ("group=99", "group=²", "circle=x&by=school", "only=gaps&group=2"):
        assert browser.get(f"/experts/gaps?{asked}").status == 200, asked


def test_a_school_without_a_trust_has_the_gaps_of_its_own(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        head = actor_for(joined_school(), Role.ADMINISTRATOR)
        far = actor_for(joined_school())
        shared(far)
    browser = Browser(client).be(head).get("/experts/gaps?circle=trust&by=school")
    assert browser.status == 200
    assert "Our trust" not in browser.text
    assert far.person_name not in browser.text


def test_a_gap_leads_to_the_offers_for_it_and_to_a_request(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        ours = joined_school(age_low=4, age_high=11)
        head = actor_for(ours, Role.ADMINISTRATOR, Role.COORDINATOR)
        other = actor_for(joined_school())
        posted(other, topics=("phonics",), phases=("ks1", "ks2"))
        posted(other, topics=("phonics", "maths"), phases=("ks1",))
        posted(head, topics=("phonics",), phases=("ks1",))
        posted(other, topics=("phonics",), phases=("ks1",), kind="request")
        indexed(session)
    browser = Browser(client).be(head).get("/experts/gaps")
    links = {link.get_text(): link["href"] for link in browser.page.select(".is-gap a")}
    name = BUILT_IN.by_slug["phonics"].name
    assert f"2 offers for {name}, Key Stage 1" in links
    found = browser.get(links[f"2 offers for {name}, Key Stage 1"]).page
    assert len(found.select(".result")) == 2
    assert f"1 offer for {name}, Key Stage 2" in links
    assert not [label for label in links if "offer" in label and "Early years" in label]
    browser.get(links[f"Ask for {name}, Key Stage 2"])
    chosen = {box["value"] for box in browser.page.select("input[checked]")}
    assert {"request", "phonics", "ks2"} <= chosen
