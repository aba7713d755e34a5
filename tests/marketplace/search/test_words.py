"""The words of a search: what they mean, and that the search as a whole stays as good as it is."""

from __future__ import annotations

import pytest

from marketplace.listings.topics import BUILT_IN, PHASES
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.understanding import understand
from marketplace.search.words.asked import meanings
from marketplace.search.words.correcting import correct
from marketplace.search.words.vocabulary import vocabulary
from tests.benchmarks.search.labelled import engine_of, find_with, measure, offers, queries

LOWEST_NDCG, HIGHEST_EMPTY = 0.93, 0.01


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_of(offers(), tmp_path_factory.mktemp("index"))


def found(engine: Engine, text: str) -> set[int]:
    return {hit.id for hit in engine.best(understand(engine, text).query, Filters())}


def test_the_search_is_as_good_as_it_was(engine: Engine) -> None:
    quality = measure(find_with(engine), offers())
    assert len(queries()) >= 150
    assert quality.ndcg >= LOWEST_NDCG
    assert quality.empty <= HIGHEST_EMPTY


def test_every_topic_and_phase_can_be_said_in_words() -> None:
    concepts = vocabulary().by_token.values()
    assert {topic for concept in concepts for topic in concept.topics} == set(BUILT_IN.by_slug)
    assert {phase for concept in concepts for phase in concept.phases} == set(PHASES) - {
        "whole-school"
    }


@pytest.mark.parametrize(
    "spellings",
    [
        ("KS2", "ks 2", "key stage 2", "Key Stage Two", "keystage 2"),
        ("PE", "P.E.", "p.e", "physical education"),
        ("Y6", "Year 6", "yr 6", "year six", "Yr6"),
        ("IT", "I.T.", "ICT", "information technology"),
        ("D&T", "d & t", "design and technology"),
        ("RE", "R.E.", "religious education", "RS"),
        ("MFL", "modern foreign languages"),
        ("SEN", "SEND", "special educational needs"),
        ("EHCP", "EHC plan", "education, health and care plan"),
        ("ADHD", "attention deficit hyperactivity disorder"),
        ("TA", "TAs", "teaching assistants"),
        ("RWI", "Read Write Inc.", "Read, Write, Inc"),
        ("NQT", "ECT", "early career teachers"),
        ("subject lead", "Head of Faculty", "middle leader"),
        ("narrowing the gap", "pupil premium"),
        ("SLE", "specialist leader of education", "SLEs"),
    ],
)
def test_spellings_of_one_thing_find_the_same(engine: Engine, spellings: tuple[str, ...]) -> None:
    first = found(engine, spellings[0])
    assert first
    for spelling in spellings[1:]:
        assert found(engine, spelling) == first, spelling


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fonics", "phonics"),
        ("phonix", "phonics"),
        ("mathmatics", "mathematics"),
        ("safegaurding", "safeguarding"),
        ("dislexia", "dyslexia"),
        ("govenance", "governance"),
        ("timetabeling", "timetabling"),
    ],
)
def test_slips_find_what_was_meant_and_say_so(engine: Engine, typed: str, meant: str) -> None:
    understood = understand(engine, f"{typed} ")
    assert understood.corrected == ((typed, meant),)
    assert found(engine, f"{typed} ") == found(engine, meant)
    assert understand(engine, f"{typed} ", exactly=True).corrected == ()


def test_no_word_is_made_of_what_is_near_nothing() -> None:
    known = dict.fromkeys(vocabulary().surface, 1)
    for typed in ("xqzzkw", "12345", "pe", "tea", "x" * 40):
        assert correct(typed, known) is None, typed


@pytest.mark.parametrize("text", ["help with year 1 reading", "someone good at phonics"])
def test_sentences_are_searched_by_the_words_that_say_something(engine: Engine, text: str) -> None:
    strong = [meaning.typed for meaning in meanings(text) if not meaning.weak]
    assert strong == (["year 1", "reading"] if "year" in text else ["phonics"])
    assert found(engine, text)


@pytest.mark.parametrize("text", ["dyslexia", "ADHD", "EHCP", "Y6", "Little Wandle", "ukulele"])
def test_needs_programmes_and_years_are_no_dead_end(engine: Engine, text: str) -> None:
    assert found(engine, text)


def test_the_beginning_of_a_word_finds_it_while_it_is_typed(engine: Engine) -> None:
    assert found(engine, "phon") >= found(engine, "phonics")
    assert understand(engine, "safeguardi").corrected == ()
    assert found(engine, "safeguardi") >= found(engine, "safeguarding")


def test_where_no_listing_has_all_the_words_the_rest_is_searched_for(engine: Engine) -> None:
    understood = understand(engine, "phonics xqzzkw ")
    assert understood.ignored == ("xqzzkw",)
    assert found(engine, "phonics xqzzkw ") == found(engine, "phonics")
    few = understand(engine, "timetabling phonics")
    assert few.with_all is not None
    assert found(engine, "timetabling phonics") >= found(engine, "timetabling")


def test_names_and_places_are_found_in_any_order_and_spelling(engine: Engine) -> None:
    for text in ("Nottingham", "Highfield", "highfield nottingham", "Primary Highfield"):
        assert len(found(engine, text)) == len(offers()), text
    assert found(engine, "phonics Nottingham") == found(engine, "phonics")


@pytest.mark.parametrize("text", ["", "  ", "the", "!!!", "😀", "of the"])
def test_words_that_say_nothing_find_everything(engine: Engine, text: str) -> None:
    understood = understand(engine, text)
    assert understood.says_nothing == bool(text.strip())
    assert len(found(engine, text)) == len(offers())


@pytest.mark.parametrize(
    "text",
    [
        *('"phonics', "phonics*", "NEAR(phonics, 2)", "title:phonics", "AND phonics", "phonics^2"),
        *("(phonics", "phonics AND", "+phonics", "\x00phonics", "phonics' OR '1'='1"),
    ],
)
def test_the_syntax_of_queries_is_only_text(engine: Engine, text: str) -> None:
    assert found(engine, "phonics") <= found(engine, text)


@pytest.mark.parametrize("text", ["x" * 10_000, "фонетика", "语音", "%", "\\", "a" * 200 + " b"])
def test_anything_can_be_typed(engine: Engine, text: str) -> None:
    understand(engine, text)
