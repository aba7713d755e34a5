"""Finding: the engine’s order, and what the database lets be shown of it."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.audiences.queries import visible_to
from marketplace.listings.models import Listing
from marketplace.listings.service import change_listing, withdraw_listing
from marketplace.schools.models import School
from marketplace.schools.word_index import index_schools
from marketplace.search import queries as searching
from marketplace.search import views
from marketplace.search.criteria import SearchCriteria
from marketplace.search.filters import Whose
from marketplace.search.index.folder import current
from marketplace.search.index.keeping import folder_of
from marketplace.search.index.reading import reader_of
from marketplace.search.queries import search
from marketplace.search.rows import read_latest
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.schools.factories import LocalAuthorityFactory, TrustFactory
from tests.marketplace.search.factories import indexed


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        yield session


@pytest.fixture
def looking(session: Session) -> Actor:
    return actor_for(joined_school())


def titles(session: Session, acting: Actor, words: str = "", **criteria: Any) -> list[str]:
    """The titles of what ``acting`` finds when everything is in the index."""
    indexed(session)
    return found(session, acting, words, **criteria)


def found(session: Session, acting: Actor, words: str = "", **criteria: Any) -> list[str]:
    """The titles of what ``acting`` finds by the index as it is."""
    return [
        one.title
        for one in search(session, acting, SearchCriteria(words=words, **criteria)).page.rows
    ]


def test_words_are_found_by_their_stem_in_title_topic_and_text(
    session: Session, looking: Actor
) -> None:
    owner = actor_for(joined_school())
    posted(owner, title="Coaching for leaders", description="All about meetings.", topics=("mfl",))
    posted(owner, title="Forest school", description="We coached many.", topics=("science",))
    posted(owner, title="Timetabling", description="By hand and together.", topics=("computing",))
    assert set(titles(session, looking, "coached")) == {"Coaching for leaders", "Forest school"}
    assert titles(session, looking, "coach")[0] == "Coaching for leaders"
    assert titles(session, looking, "Computing") == ["Timetabling"]


def test_what_has_every_word_comes_first(session: Session, looking: Actor) -> None:
    owner = actor_for(joined_school())
    posted(owner, title="Phonics audit", description="For juniors.")
    posted(owner, title="Phonics coaching", description="For infants.")
    assert titles(session, looking, "phonics audit") == ["Phonics audit", "Phonics coaching"]
    results = search(session, looking, SearchCriteria(words="phonics audit"))
    assert (results.count, results.with_all) == (2, 1)
    assert found(session, looking, "phonics audit", sort="newest") == ["Phonics audit"]
    assert len(found(session, looking, "phonics piano")) == 2


def test_abbreviations_and_synonyms_find_the_same(session: Session, looking: Actor) -> None:
    owner = actor_for(joined_school())
    posted(
        owner,
        title="Special educational needs review",
        description="What it is for whom.",
        topics=("science",),
    )
    posted(owner, title="French in Year 5", description="What it is for whom.", topics=("science",))
    assert titles(session, looking, "SEND") == ["Special educational needs review"]
    assert titles(session, looking, "MFL") == ["French in Year 5"]


def test_words_that_say_nothing_find_everything(session: Session, looking: Actor) -> None:
    posted(actor_for(joined_school()))
    for words in ("of the", "!!!", "   ", "😀", ""):
        assert titles(session, looking, words) == ["Phonics coaching"], words


def test_characters_with_a_meaning_in_sql_are_only_characters(
    session: Session, looking: Actor
) -> None:
    owner = actor_for(joined_school())
    posted(owner)
    posted(owner, title="Piano", description="For beginners.", topics=("music",))
    assert titles(session, looking, "x" * 5000) == []
    for words in ("phonics' OR '1'='1", "\x00phonics", "phonics%", "title:phonics", '"phonics'):
        assert titles(session, looking, words) == ["Phonics coaching"], words


def test_filters_narrow_by_each_fact(session: Session, looking: Actor) -> None:
    trust = TrustFactory()
    mine = actor_for(joined_school(trust=trust))
    kent = LocalAuthorityFactory(code="886", name="Kent")
    posted(
        actor_for(
            joined_school(
                region="South East", local_authority=kent, trust=trust, phase="secondary",
                size_band="large", setting="rural",
            )
        ),
        title="Far", topics=("mfl",), phases=("ks3",), mode="online", kind="request",
    )  # fmt: skip
    posted(
        actor_for(joined_school(size_band="small", setting="urban")),
        title="Near", topics=("phonics",), phases=("ks1",), mode="on_site", kind="offer",
    )  # fmt: skip
    for narrowing in (
        {"topic": ("mfl",)},
        {"phase": ("ks3", "ks4")},
        {"mode": ("online",)},
        {"kind": "request"},
        {"region": ("South East",)},
        {"school": ("secondary",)},
        {"size": ("large",)},
        {"setting": ("rural",)},
        {"circle": "trust"},
    ):
        assert titles(session, mine, **narrowing) == ["Far"], narrowing
    assert set(titles(session, mine, topic=("mfl", "phonics"))) == {"Far", "Near"}
    assert titles(session, mine, circle="authority") == ["Near"]
    assert titles(session, looking, circle="trust") == []


def test_distance_narrows_and_orders(session: Session, looking: Actor) -> None:
    here = (400_000, 400_000)
    miles = 1609
    for name, easting in (("Ten", 10), ("One", 1), ("Thirty", 30)):
        posted(
            actor_for(joined_school(easting=400_000 + easting * miles, northing=400_000)),
            title=name,
        )
    posted(actor_for(joined_school(easting=None, northing=None)), title="Nowhere")
    nearest = titles(session, looking, position=here, sort="nearest")
    assert nearest == ["One", "Ten", "Thirty", "Nowhere"]
    assert titles(session, looking, position=here, within_miles=20, sort="nearest") == [
        "One",
        "Ten",
    ]
    first = search(session, looking, SearchCriteria(position=here, sort="nearest")).page.rows[0]
    assert first.metres == pytest.approx(1609)


def test_a_circle_not_a_square_is_searched(session: Session, looking: Actor) -> None:
    posted(actor_for(joined_school(easting=400_000 + 14_000, northing=400_000 + 14_000)))
    assert titles(session, looking, position=(400_000, 400_000), within_miles=10) == []
    assert titles(session, looking, position=(400_000, 400_000), within_miles=13) != []


@pytest.mark.parametrize("sort", ["best", "newest", "nearest"])
def test_pages_follow_one_another_without_gap_or_repetition(
    session: Session, looking: Actor, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(searching, "PAGE", 3)
    owner = actor_for(joined_school())
    for number in range(8):
        posted(owner, title=f"Phonics {'phonics ' * (number % 3)}{number}")
    indexed(session)
    wanted = SearchCriteria(words="phonics", sort=sort, position=(1, 1))
    seen: list[int] = []
    after = ""
    for _ in range(3):
        page = search(session, looking, wanted, after=after)
        seen += [one.id for one in page.page.rows]
        after = page.page.next or ""
    assert page.page.next is None
    assert len(seen) == len(set(seen)) == 8
    assert search(session, looking, wanted).count == 8
    assert search(session, looking, wanted, after="rubbish").count == 8


def test_withdrawn_and_changed_listings_are_found_as_they_are_now(
    session: Session, looking: Actor
) -> None:
    owner = actor_for(joined_school())
    listing = posted(
        owner, title="Phonics", description="What it is for whom.", topics=("science",)
    )
    change_listing(
        session,
        owner,
        listing,
        draft(title="Piano", description="What it is for whom.", topics=("music",)),
        version=1,
    )
    assert titles(session, looking, "phonics") == []
    assert titles(session, looking, "piano") == ["Piano"]
    withdraw_listing(session, owner, listing)
    assert titles(session, looking, "piano") == []


def test_the_latest_are_the_newest_and_the_newest_comes_first(session: Session) -> None:
    owner = actor_for(joined_school())
    for title in ("Oldest", "Middle", "Newest"):
        posted(owner, title=title)
    assert [result.title for result in read_latest(session, 3, sa.true())] == [
        "Newest",
        "Middle",
        "Oldest",
    ]
    assert [result.title for result in read_latest(session, 1, sa.true())] == ["Newest"]


def test_the_next_page_is_of_the_same_search(app: Skillbank, client: FlaskClient) -> None:
    """A word that is also the value of a default is kept: "best" is an order, too."""
    with saved(app) as session:
        owner = actor_for(joined_school())
        for number in range(21):
            posted(owner, title=f"Best practice {number}")
        posted(owner, title="Governance")
        indexed(session)
        browser = Browser(client).be(actor_for(joined_school()))
    browser.get("/search?q=best")
    browser.get(browser.page.select_one('.pager a[rel="next"]')["href"])
    assert browser.page.select_one("input[name=q]")["value"] == "best"
    assert [link.get_text() for link in browser.page.select(".result h3 a")] == ["Best practice 0"]
    assert "21–21 of 21" in browser.text
    browser.get(browser.page.select_one('.pager a[rel="prev"]')["href"])
    assert len(browser.page.select(".result")) == 20
    assert "1–20 of 21" in browser.text


def test_every_part_of_a_search_in_the_address_is_searched_for(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    criteria = []

    def note(session: Session, actor: Actor, wanted: SearchCriteria, *, after: str) -> Any:
        criteria.append(wanted)
        return search(session, actor, wanted, after=after)

    monkeypatch.setattr(views, "search", note)
    with saved(app) as session:
        indexed(session)
        joined_school(postcode="NG2 6FF", easting=457_000, northing=338_000)
        browser = Browser(client).be(actor_for(joined_school()))
    browser.get(
        "/search?q=phonics&kind=offer&topic=phonics&topic=pastoral&phase=ks1&phase=ks2"
        "&region=East+Midlands&mode=online&circle=authority&school=primary&size=large"
        "&setting=rural&within=20&near=NG2+6FF&sort=nearest"
    )
    assert criteria == [
        SearchCriteria(
            words="phonics",
            kind="offer",
            whose=Whose.OTHERS,
            topic=(
                *("phonics", "behaviour", "attendance", "safeguarding", "mental-health"),
                *("pshe", "careers", "families"),
            ),
            phase=("ks1", "ks2"),
            region=("East Midlands",),
            circle="authority",
            school=("primary",),
            size=("large",),
            setting=("rural",),
            mode=("online",),
            position=(457_000, 338_000),
            within_miles=20,
            sort="nearest",
        )
    ]
    assert browser.status == 200


def test_what_was_just_posted_or_changed_is_found_by_its_own_school_at_once(
    session: Session, looking: Actor
) -> None:
    mine, other = actor_for(joined_school()), looking
    old = posted(mine, title="Zither", topics=("music",))
    indexed(session)
    new = posted(mine, title="Zither again", topics=("music",))
    change_listing(session, mine, old, draft(title="Bagpipes", topics=("music",)), version=1)
    assert found(session, mine, "zither") == ["Zither again"]
    assert found(session, mine, "bagpipes") == ["Bagpipes"]
    assert set(found(session, mine)) == {"Zither again", "Bagpipes"}
    assert search(session, mine, SearchCriteria()).facets["topics"]["music"] == 2
    withdraw_listing(session, mine, new)
    assert found(session, mine) == ["Bagpipes"]
    # Others wait for the worker, and see what is true of what they find.
    assert found(session, other, "zither") == ["Bagpipes"]


def test_the_database_decides_what_is_shown(session: Session, looking: Actor) -> None:
    owner = actor_for(joined_school())
    hidden, gone = posted(owner, title="Piano one"), posted(owner, title="Piano two")
    posted(owner, title="Piano three")
    indexed(session)
    change_listing(session, owner, hidden, draft(title="Piano one", audience="school"), version=1)
    withdraw_listing(session, owner, gone)
    assert found(session, looking, "piano") == ["Piano three"]


@pytest.mark.parametrize(
    "audience", [reach for reach in Reach if reach not in (Reach.GROUP, Reach.CONFIDENTIAL)]
)
def test_the_index_and_the_database_agree_who_may_see_what(
    session: Session, audience: Reach
) -> None:
    trust = TrustFactory()
    kent = LocalAuthorityFactory(code="886", name="Kent")
    owner = actor_for(joined_school(trust=trust))
    actors = [
        actor_for(joined_school(trust=trust, region="South East", local_authority=kent)),
        actor_for(joined_school()),
        actor_for(joined_school(local_authority=kent)),
        actor_for(joined_school(region="South East", local_authority=kent)),
        actor_for(joined_school(region=None, trust=None, local_authority=kent)),
        operator(),
        owner,
    ]
    posted(owner, audience=audience)
    indexed(session)
    for actor in actors:
        allowed = session.scalar(
            sa.select(sa.func.count())
            .select_from(Listing)
            .join(School)
            .where(visible_to(actor, Listing))
        )
        results = search(session, actor, SearchCriteria())
        assert len(results.page.rows) == results.count == allowed, actor


def test_choices_have_counts_and_what_narrows_can_be_left_out(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        owner = actor_for(joined_school())
        posted(owner, phases=("ks1",))
        posted(owner, phases=("ks2",))
        posted(owner, phases=("ks2",), kind="request")
        indexed(session)
        browser = Browser(client).be(actor_for(joined_school()))
    page = browser.get("/search?q=phonics&phase=ks2").page
    assert page.title.get_text() == "phonics: 1 offer – Skillbank"
    tabs = [tab.get_text() for tab in page.select(".search-tabs li a")]
    assert tabs[:3] == ["Offers 1", "Who needs us 1", "Our school and trust 0"]
    phases = [one.parent for one in page.select("input[name=phase]")]
    assert [" ".join(one.get_text(" ").split()) for one in phases] == [
        "Key Stage 1 1",
        "Key Stage 2 1",
    ]
    assert [one.has_attr("checked") for one in page.select("input[name=phase]")] == [False, True]
    chips = page.select(".search-chips li a")
    assert [chip.get_text(strip=True) for chip in chips] == ["Key Stage 2: leave out×"]
    assert len(browser.get(chips[0]["href"]).page.select(".result")) == 2
    page = browser.get("/search?q=phonics&phase=ks3").page
    assert "Any phase (2)" in page.get_text()
    assert "Phonics and early reading (2)" in page.get_text()
    page = browser.get("/search?q=fonics").page
    assert "Showing results for phonics" in page.get_text()
    exact = browser.get(page.find("a", string="Search for fonics instead")["href"]).page
    assert "Nothing has “fonics”" in exact.get_text()


def test_a_place_that_nobody_knows_is_an_error_of_its_field(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        here = joined_school(
            name="Here School", town="Leicester", easting=458_000, northing=304_000
        )
        posted(actor_for(here))
        posted(actor_for(joined_school(easting=200_000, northing=100_000)))
        indexed(session)
        browser = Browser(client).be(actor_for(joined_school()))
    page = browser.get("/search?near=Atlantis&within=10").page
    assert page.title.get_text().startswith("Error: ")
    assert page.select_one("#near")["aria-invalid"] == "true"
    assert page.select(".result") == []
    page = browser.get("/search?near=leicester&within=10").page
    assert len(page.select(".result")) == 1
    assert len(browser.get("/search?q=phonics+Leicester").page.select(".result")) == 2
    first = browser.page.select(".result")[0].get_text()
    assert "Here School" in first


@pytest.mark.parametrize(
    "typed",
    [
        "St Mary's", "st. mary’s", "Saint Mary's", "saint marys", "Catholic St Mary's",
        "Mary's Loughborough", "Loughborough phonics", "Sunrise Learning Trust", "KS1 St Mary's",
    ],
)  # fmt: skip
def test_the_name_of_a_school_finds_it_in_any_order_and_spelling(
    session: Session, looking: Actor, typed: str
) -> None:
    trust = TrustFactory(name="Sunrise Learning Trust")
    school = joined_school(
        name="St Mary's Catholic Primary School", town="Loughborough", trust=trust
    )
    posted(actor_for(school), title="Theirs")
    posted(actor_for(joined_school(name="Hillside School", town="Bury")), title="Others’")
    assert titles(session, looking, typed)[0] == "Theirs"
    results = search(session, looking, SearchCriteria(words=typed))
    assert (results.count if results.with_all is None else results.with_all) == 1


def test_a_place_without_listings_is_searched_around(session: Session, looking: Actor) -> None:
    joined_school(town="Hull", easting=509_000, northing=429_000)
    for name, easting in (("Far", 380_000), ("Near", 505_000)):
        school = joined_school(name="Hall School", easting=easting, northing=429_000)
        posted(actor_for(school), title=f"{name} phonics")
    assert titles(session, looking, "phonics hull") == ["Near phonics", "Far phonics"]
    results = search(session, looking, SearchCriteria(words="phonics Hull"))
    assert results.understood.near is not None
    assert results.understood.near.name == "Hull"
    assert results.page.rows[0].metres == pytest.approx(4000)
    assert found(session, looking, "Hull") == ["Near phonics", "Far phonics"]


def test_a_distance_among_the_words_narrows_the_search(session: Session) -> None:
    miles = 1609
    looking = actor_for(joined_school(town="Hull", easting=509_000, northing=429_000))
    for name, distance in (("Far", 40), ("Near", 3)):
        school = joined_school(
            name="Hall School", town="Goole", easting=509_000 + distance * miles, northing=429_000
        )
        posted(actor_for(school), title=f"{name} phonics")
    assert titles(session, looking, "phonics within 10 miles of Hull") == ["Near phonics"]
    assert found(session, looking, "phonics within 10 miles") == ["Near phonics"]
    assert found(session, looking, "phonics within 2 miles") == ["Near phonics", "Far phonics"]
    assert found(session, looking, "phonics near us") == ["Near phonics", "Far phonics"]
    assert found(session, looking, "phonics near Hull") == ["Near phonics", "Far phonics"]
    results = search(session, looking, SearchCriteria(words="phonics near Hull"))
    assert results.understood.around is not None
    assert results.understood.around.name == "Hull"


def test_the_name_of_a_school_without_listings_is_not_taken_for_a_slip(
    session: Session, looking: Actor
) -> None:
    posted(actor_for(joined_school()), title="Phonics")
    assert titles(session, looking, "fonics") == ["Phonics"]
    index_schools(session, [joined_school(name="Fonics School").urn])
    assert found(session, looking, "fonics") == []


def test_without_an_index_the_page_says_so_and_others_work(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with saved(app) as session:
        posted(actor_for(joined_school()))
        indexed(session)
        folder = folder_of(app)
        browser = Browser(client).be(actor_for(joined_school()))
    assert len(browser.get("/search").page.select(".result")) == 1
    for break_it in (
        lambda: [file.unlink() for file in current(folder).glob("*.store")],
        lambda: (current(folder) / "meta.json").write_text("{"),
        lambda: shutil.rmtree(folder),
        lambda: folder.write_text("no folder"),
    ):
        break_it()
        page = browser.get("/search?q=phonics&_method=DELETE").page
        assert browser.status == 200
        reader_of(app).close()
        page = browser.get("/search?q=phonics").page
        assert browser.status == 200
    assert "The search is being rebuilt" in page.get_text()
    assert browser.get("/search?_method=DELETE&_external=1").status == 200
    browser.get("/home")
    assert browser.status == 200
