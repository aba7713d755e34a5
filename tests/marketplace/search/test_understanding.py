"""What staff type in their own words is understood, and corrected only if it is a slip."""

from __future__ import annotations

import pytest

from marketplace.listings.topics import BUILT_IN
from marketplace.schools.places import Place
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.understanding import understand
from marketplace.search.words.asked import meanings
from marketplace.search.words.correcting import correct
from marketplace.search.words.distance import Distance, read_distance
from marketplace.search.words.vocabulary import vocabulary
from tests.benchmarks.search.labelled import engine_of, offers

HULL = Place("Hull", (509_000, 429_000))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_of(offers(), tmp_path_factory.mktemp("index"))


def found(engine: Engine, text: str) -> list[int]:
    return [hit.id for hit in engine.best(understand(engine, text).query, Filters())]


def known_words(engine: Engine) -> dict[str, int]:
    return dict.fromkeys(vocabulary().surface, 1000) | engine.words_known()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("sience", "science"), ("behavour", "behaviour"), ("phoincs", "phonics")),
        *(("langauge", "language"), ("swiming", "swimming"), ("libary", "library")),
        *(("geografy", "geography"), ("musik", "music"), ("chior", "choir")),
        *(("buisness", "business"), ("anxeity", "anxiety"), ("disipline", "discipline")),
        *(("recuitment", "recruitment"), ("senko", "senco"), ("offsted", "ofsted")),
    ],
)
def test_a_slip_is_taken_for_the_word_that_is_near_in_letters_or_sound(
    engine: Engine, typed: str, meant: str
) -> None:
    assert not vocabulary().is_real(typed)
    assert correct(typed, known_words(engine)) == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("trampoline", "falconry", "wallaby", "bhangra", "taekwondo", "blacksmith", "velodrome"),
        *("kettering", "harlow", "watford", "barnet", "rugeley", "numbots", "beekeeping"),
    ],
)
def test_a_word_is_not_taken_for_another_that_only_looks_a_little_like_it(
    engine: Engine, typed: str
) -> None:
    assert correct(typed, known_words(engine)) is None


@pytest.mark.parametrize("typed", ["tiny", "pottery", "janitor", "weak", "drowning", "saddle"])
def test_a_word_of_plain_english_is_no_slip(engine: Engine, typed: str) -> None:
    assert vocabulary().is_real(typed)
    assert understand(engine, f"phonics {typed} ").corrected == ()


def test_the_name_of_a_school_is_no_slip(engine: Engine) -> None:
    assert understand(engine, "fonics ").corrected == (("fonics", "phonics"),)
    named = understand(engine, "fonics ", is_name=lambda word: word == "fonics")
    assert named.corrected == ()
    assert named.ignored == ("fonics",)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("janitor", "caretaker"),
        ("custodian", "caretaker"),
        ("recess", "breaktime"),
        ("kindergarten", "Reception"),
        ("lunch lady", "midday supervisor"),
        ("PD day", "INSET"),
        ("substitute teacher", "supply teacher"),
        ("principal", "headteacher"),
        ("special ed", "SEND"),
        ("soccer", "football"),
        ("math", "maths"),
        ("behavior", "behaviour"),
        ("proctor", "invigilator"),
        ("field trip", "school trip"),
        ("sign language", "BSL"),
        ("deescalation", "de-escalation"),
        ("de escalation", "de-escalation"),
        ("co-teaching", "team teaching"),
        ("play ground", "playground"),
        ("hand writing", "handwriting"),
        ("readingfluency", "reading fluency"),
        ("dinner ladies", "midday supervisors"),
    ],
)
def test_other_words_for_one_thing_find_it_first(engine: Engine, typed: str, same: str) -> None:
    first, second = found(engine, typed), found(engine, same)
    assert first[:1] == second[:1]
    assert set(first) == set(second)


@pytest.mark.parametrize(
    ("typed", "years"),
    [
        ("grade 5", {"year 6"}),
        ("5th grade", {"year 6"}),
        ("third grade", {"year 4"}),
        ("7 year olds", {"year 2", "year 3"}),
        ("age 11", {"year 6", "year 7"}),
    ],
)
def test_grades_and_ages_are_years_of_school(typed: str, years: set[str]) -> None:
    (meaning,) = meanings(typed)
    assert meaning.related == {f"~{year.replace(' ', '-')}" for year in years}
    assert meaning.phases


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        *(("TT Rockstars", "maths"), ("Numicon", "maths"), ("Jigsaw", "pshe"), ("SCARF", "pshe")),
        *(("BSL", "speech-language"), ("TEACCH", "autism"), ("PECS", "speech-language")),
        *(("NELI", "speech-language"), ("ELSA", "mental-health"), ("EBSA", "attendance")),
        *(("SEMH", "mental-health"), ("EHCNA", "send"), ("EHCP", "send"), ("SAR", "office")),
        *(("Boxall", "mental-health"), ("Team Teach", "behaviour"), ("CPOMS", "safeguarding")),
        *(("Arbor", "data"), ("Charanga", "music"), ("Purple Mash", "computing")),
        *(("CLEAPSS", "science"), ("Gatsby benchmarks", "careers"), ("SFVS", "finance")),
        *(("Tapestry", "early-years"), ("Nova T6", "timetabling"), ("COSHH", "premises")),
        *(("Bikeability", "pe"), ("Rosenshine", "coaching"), ("GovernorHub", "governance")),
        *(
            ("glee club", "music"),
            ("violin", "music"),
            ("nits", "premises"),
            ("Macbeth", "english"),
        ),
    ],
)
def test_a_programme_that_nobody_names_finds_what_it_is_about(
    engine: Engine, typed: str, topic: str
) -> None:
    listings = offers()
    hits = found(engine, typed)
    assert hits
    assert any(topic in listings[hit].topics for hit in hits[:3])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("we are a small school and nobody knows how to plan for mixed age classes", "Mixed-age"),
        ("what is it really like to become an academy?", "Thinking about a trust?"),
        (
            "is there someone who could come and show us how to start a forest school",
            "forest school",
        ),
        (
            "our caretaker has left and we need some cover until we find a new one",
            "Caretaker cover",
        ),
        ("children who are too anxious to come into school in the morning", "avoidance"),
        ("I have never written a timetable before, please help", "imetable"),
        ("how on earth do other schools get parents to come to coffee mornings", "Coffee mornings"),
    ],
)
def test_a_sentence_is_answered_by_what_it_is_about(engine: Engine, text: str, title: str) -> None:
    listings = offers()
    assert any(title in listings[hit].title for hit in found(engine, text)[:2])


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        *(
            ("ks1 reading", "ks1"),
            ("help with year 1 reading", "ks1"),
            ("reading, 6 year olds", "ks1"),
        ),
        *(("Reception phonics", "early-years"), ("Year 6 writing", "ks2")),
    ],
)
def test_what_is_for_the_named_phase_comes_before_what_only_mentions_it(
    engine: Engine, text: str, phase: str
) -> None:
    listings = offers()
    with_all = understand(engine, text)
    query = with_all.with_all or with_all.query
    phases = [listings[hit.id].phases for hit in engine.best(query, Filters())]
    fits = [not {phase, "whole-school"}.isdisjoint(one) for one in phases]
    assert any(fits)
    assert fits == sorted(fits, reverse=True)


def test_what_is_about_it_for_the_whole_school_is_for_each_phase(engine: Engine) -> None:
    listings = offers()
    best = [listings[number] for number in found(engine, "attendance ks2")[:5]]
    assert any("whole-school" in one.phases and "attendance" in one.topics for one in best)


@pytest.mark.parametrize(
    ("text", "distance"),
    [
        ("phonics within 10 miles of Hull", Distance("phonics ", 10, place=" Hull")),
        ("phonics within 10 miles", Distance("phonics  ", 10, near_us=True)),
        ("phonics up to 5 miles from us", Distance("phonics  ", 5, near_us=True)),
        ("phonics within half an hour of us", Distance("phonics  ", near_us=True)),
        ("phonics near us", Distance("phonics  ", near_us=True)),
        ("phonics in our area", Distance("phonics  ", near_us=True)),
        ("phonics near Hull", Distance("phonics ", place="Hull")),
        ("daily mile", Distance("daily mile")),
        ("local history", Distance("local history")),
        ("close reading", Distance("close reading")),
        ("ten minutes of phonics", Distance("ten minutes of phonics")),
    ],
)
def test_a_place_and_a_distance_are_read_out_of_the_words(text: str, distance: Distance) -> None:
    assert read_distance(text) == distance


def test_a_place_with_a_distance_is_no_word_to_look_for(engine: Engine) -> None:
    def place_of(name: str) -> Place | None:
        return HULL if name.casefold() == "hull" else None

    first = found(engine, "phonics")
    for text, miles in (
        ("phonics within 10 miles of Hull", 10),
        ("phonics near Hull", None),
        ("within 10 miles of Hull phonics", 10),
    ):
        understood = understand(engine, text, place_of=place_of)
        assert (understood.around, understood.within_miles) == (HULL, miles), text
        assert understood.ignored == ()
        assert [hit.id for hit in engine.best(understood.query, Filters())] == first
    here = understand(engine, "phonics near us", ours=(1, 2))
    assert here.around == Place("our school", (1, 2))
    nowhere = understand(engine, "phonics within 5 miles of Atlantis")
    assert (nowhere.around, nowhere.within_miles) == (None, 5)
    assert nowhere.ignored == ("atlantis",)


def test_two_words_that_were_typed_as_one_are_both_looked_for(engine: Engine) -> None:
    understood = understand(engine, "ukulelephonics ")
    assert understood.ignored == ()
    assert {one.typed for one in understood.searched} == {"ukulele", "phonics"}


def test_what_the_vocabulary_says_is_said_of_topics_that_are() -> None:
    concepts = vocabulary().by_token
    for concept in concepts.values():
        assert concept.topics <= set(BUILT_IN.by_slug), concept.token
        assert concept.related <= set(concepts), concept.token
        assert concept.token not in concept.related


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("experience", "experiments"), ("polite", "politics"), ("probably", "probability"),
        ("universal", "university"), ("conversation", "conversion"), ("let", "lettings"),
    ],
)  # fmt: skip
def test_words_that_only_share_a_beginning_are_two(one: str, other: str) -> None:
    assert meanings(one)[0].tokens.isdisjoint(meanings(other)[0].tokens)
