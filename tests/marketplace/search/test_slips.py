"""Half-typed words, and slips in names of schools and programmes and in what nobody offers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.search.engine import Engine
from marketplace.search.filters import Filters
from marketplace.search.understanding import understand
from marketplace.search.words.phrases import mended
from marketplace.search.words.vocabulary import vocabulary
from tests.benchmarks.search.labelled import engine_of, offers


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_of(offers(), tmp_path_factory.mktemp("index"))


def found(engine: Engine, text: str) -> set[int]:
    return {hit.id for hit in engine.best(understand(engine, text).query, Filters())}


@pytest.mark.parametrize("typed", ["Highfield Prim", "highfield nott", "highfield no", "Nottin"])
def test_the_last_word_of_a_name_may_be_half_typed(engine: Engine, typed: str) -> None:
    understood = understand(engine, typed)
    assert understood.corrected == ()
    assert found(engine, typed) == found(engine, "highfield nottingham")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Hihgfield Primary ", (("hihgfield", "highfield"),)),
        ("highfeild notingham ", (("highfeild", "highfield"), ("notingham", "nottingham"))),
        ("phonics Notingham ", (("notingham", "nottingham"),)),
    ],
)
def test_a_slip_in_the_name_of_a_school_is_put_right(
    engine: Engine, typed: str, meant: tuple[tuple[str, str], ...]
) -> None:
    understood = understand(engine, typed)
    assert understood.corrected == meant
    assert understood.ignored == ()
    assert understand(engine, typed, exactly=True).corrected == ()
    as_a_name = understand(engine, typed, is_name=lambda word: word == meant[0][0])
    assert meant[0] not in as_a_name.corrected


def test_two_letters_are_a_beginning_where_they_are_no_word(engine: Engine) -> None:
    assert found(engine, "ph") >= found(engine, "pho") >= found(engine, "phonics")
    assert found(engine, "pe") == found(engine, "physical education")
    assert found(engine, "p ") == set()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Read Rite Inc", "read write inc"),
        ("read right inc", "read write inc"),
        ("Litle Wandel", "little wandle"),
        ("acelerated reader", "accelerated reader"),
        ("Whyte Rose", "white rose"),
    ],
)
def test_a_programme_with_a_slip_in_its_name_is_found_as_a_whole(
    engine: Engine, typed: str, meant: str
) -> None:
    understood = understand(engine, typed)
    assert understood.corrected == ((typed.casefold(), meant),)
    assert [one.typed for one in understood.searched] == [meant]
    assert found(engine, typed) == found(engine, meant)
    assert understand(engine, typed, exactly=True).corrected == ()


@pytest.mark.parametrize("typed", ["read write inc", "weather week", "reading dog", "number fun"])
def test_what_is_no_slip_stays(typed: str) -> None:
    assert mended(typed, vocabulary()) is None


def test_a_slip_for_what_only_the_vocabulary_has_is_put_right_and_said(
    engine: Engine, tmp_path: Path
) -> None:
    assert understand(engine, "budjet ").corrected == (("budjet", "budget"),)
    assert found(engine, "budjet ") == found(engine, "budget")
    only = engine_of([one for one in offers() if one.topics == ("music",)][:1], tmp_path)
    understood = understand(only, "budjet ")
    assert understood.corrected == (("budjet", "budget"),)
    assert understood.ignored == ("budget",)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        *(("GDS", "greater depth"), ("WTS", "working towards"), ("EXS", "expected standard")),
        *(("ARE", "age related expectations"), ("QFT", "quality first teaching")),
        *(("SRE", "sex education"), ("CP", "safeguarding"), ("HFW", "tricky words")),
        *(("PLAC", "looked after children"), ("AHT", "assistant headteacher")),
        *(("PEX", "permanent exclusion"), ("VSH", "virtual school"), ("TfW", "talk for writing")),
        *(("COO", "school business manager"), ("SLA", "procurement"), ("LA", "local authority")),
    ],
)
def test_an_abbreviation_finds_what_the_long_words_find(
    engine: Engine, short: str, long: str
) -> None:
    assert found(engine, short) == found(engine, long) != set()
    assert understand(engine, short).corrected == ()


def test_are_in_small_letters_says_nothing(engine: Engine) -> None:
    assert understand(engine, "are").says_nothing
    assert found(engine, "who are good at phonics") == found(engine, "phonics")


@pytest.mark.parametrize(("typed", "meant"), [("recrutement", "recruitment"), ("buget", "budget")])
def test_slips_in_vowels_are_put_right(engine: Engine, typed: str, meant: str) -> None:
    assert understand(engine, f"{typed} ").corrected == ((typed, meant),)


def test_a_slip_that_a_listing_has_too_is_still_put_right(engine: Engine, tmp_path: Path) -> None:
    slip = replace(offers()[0], title="Fonics drop-in", description="Come to us.", topics=())
    some = engine_of([slip, *offers()], tmp_path)
    understood = understand(some, "fonics")
    assert understood.corrected == (("fonics", "phonics"),)
    assert found(some, "fonics") == found(some, "phonics") | {0}
    assert understand(some, "fonics", exactly=True).corrected == ()
    exactly = understand(some, "fonics", exactly=True)
    assert [hit.id for hit in some.best(exactly.query, Filters())] == [0]
    often = engine_of([slip] * 40, _folder(tmp_path, "often"))
    assert understand(often, "fonics").corrected == ()


def _folder(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made
