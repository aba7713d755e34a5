"""How the register's words become facts."""

import pytest

from marketplace.schools.facts import (
    Phase,
    SizeBand,
    Status,
    UrbanRural,
    search_name,
    setting,
    size_band,
    website,
)


@pytest.mark.parametrize(
    ("pupils", "band"),
    [
        (None, None),
        (1, SizeBand.VERY_SMALL),
        (99, SizeBand.VERY_SMALL),
        (100, SizeBand.SMALL),
        (249, SizeBand.SMALL),
        (250, SizeBand.MEDIUM),
        (499, SizeBand.MEDIUM),
        (500, SizeBand.LARGE),
        (999, SizeBand.LARGE),
        (1000, SizeBand.VERY_LARGE),
    ],
)
def test_size_bands_end_where_they_say(pupils: int | None, band: SizeBand | None) -> None:
    assert size_band(pupils) is band


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Urban: Nearer to a major town or city", UrbanRural.URBAN),
        ("Larger rural: Nearer to a major town or city", UrbanRural.RURAL),
        ("Smaller rural: Further from a major town or city", UrbanRural.RURAL),
        ("(England/Wales) Urban major conurbation", UrbanRural.URBAN),
        ("(England/Wales) Urban city and town in a sparse setting", UrbanRural.URBAN),
        ("(England/Wales) Rural town and fringe", UrbanRural.RURAL),
        ("(England/Wales) Rural hamlet and isolated dwellings", UrbanRural.RURAL),
        ("Town and Fringe - less sparse", UrbanRural.RURAL),
        ("Village - sparse", UrbanRural.RURAL),
        ("(Scotland) Remote Rural", UrbanRural.RURAL),
        ("(Scotland) Large Urban Area", UrbanRural.URBAN),
        ("(Scotland) Accessible Small Town", UrbanRural.URBAN),
        ("(pseudo) Channel Islands/Isle of Man", None),
        (None, None),
    ],
)
def test_every_wording_of_town_and_country_is_understood(
    text: str | None, expected: UrbanRural | None
) -> None:
    assert setting(text) is expected


@pytest.mark.parametrize(
    ("name", "found_as"),
    [
        ("St Mary's C.E. Primary School", "st marys ce primary school"),
        ("St Mary’s C.E. Primary School", "st marys ce primary school"),
        ("St.Thomas à Becket", "st thomas a becket"),
        ("North Star 180°", "north star 180"),
        ("Doha British School – Al Wakra", "doha british school al wakra"),
        ("Awel Y Môr & Llechan Lân", "awel y mor and llechan lan"),
        ("  Co-operative   Academy ", "co operative academy"),
    ],
)
def test_a_name_is_searched_without_accents_and_punctuation(name: str, found_as: str) -> None:
    assert search_name(name) == found_as
    assert search_name(found_as) == found_as


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("www.leghvale.sch.uk", "http://www.leghvale.sch.uk"),
        ("WWW.Leghvale.sch.uk/Home", "http://www.leghvale.sch.uk/Home"),
        ("http:www.leghvale.sch.uk/", "http://www.leghvale.sch.uk/"),
        ("HTTPS://avanti.org.uk/court?x=1", "https://avanti.org.uk/court?x=1"),
        ("https://school.org:8443/", "https://school.org:8443/"),
        ("www.lordstreet.derby.sch.uk.", "http://www.lordstreet.derby.sch.uk."),
    ],
)
def test_a_website_gets_a_scheme(text: str, address: str) -> None:
    assert website(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JavaScript://school.org/%0aalert(1)",
        "data:text/html,x",
        "ftp://school.org",
        "mailto:office@school.org",
        "office@school.org",
        "http://user:word@school.org/",
        "http://",
        "none",
        "www.one.org / www.two.org",
        'school.org/"onclick=alert(1)',
        "http://[::1",
    ],
)
def test_what_is_no_safe_website_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a web address"):
        website(text)


@pytest.mark.parametrize("vocabulary", [Status, Phase, SizeBand, UrbanRural])
def test_every_word_has_its_own_label(
    vocabulary: type[Status] | type[Phase] | type[SizeBand] | type[UrbanRural],
) -> None:
    assert len({word.label for word in vocabulary}) == len(vocabulary)
