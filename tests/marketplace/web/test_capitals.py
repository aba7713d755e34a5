"""Names in capitals, as their owners would write them."""

from __future__ import annotations

import pytest

from marketplace.web.capitals import proper


@pytest.mark.parametrize(
    "name",
    [
        "Unity MAT",
        "GLF Schools",
        "E-ACT",
        "The Oak Trust",
        "King Edward VI Academy Trust Birmingham",
        "Pope John XXIII Catholic Multi Academy Company",
        "L.E.A.D. Academy Trust",
        "St. James’ R.C. Primary School",
        "St Mary's CE Academy, Cheshunt",
        "Alvechurch C of E Multi-Academy Trust",
        "Stockland (C of E) Primary Academy Trust Limited",
        "The Grammar School of King Edward VI at Stratford-upon-Avon",
        "Henley-in-Arden Church of England Primary School",
        "Clayton-le-Moors All Saints' Church of England Primary School",
        "Central Co-operative Learning Trust",
        "Focus Academy Trust (UK) Ltd",
        "Loreto College (St Albans)",
        "Quest (A Church of England Schools Trust)",
        "St Mary Magdalene Academy: The Courtyard",
        "DYRMS - An Academy with Military Traditions",
        "UTC@Harbourside",
        "Innovate2educate Partnership Limited",
        "21st Century Learning Partnership",
        "Four Cs MAT",
        "XP School Trust Limited",
        "Wirral Grammar School for Boys",
        "Fierté Multi-Academy Trust",
        "D'Arcy Education Trust",
        "The Richmond upon Thames School Trust",
        "Derby Diocesan Academy Trust 2",
    ],
)
def test_a_name_in_capitals_is_written_as_its_owner_would(name: str) -> None:
    assert proper(name.upper()) == name
    assert proper(name) == name


@pytest.mark.parametrize("name", ["Reach Cooperative Trust", "eACT", "The Oak TRUST", "", "1618"])
def test_a_name_with_small_letters_stays_as_it_is(name: str) -> None:
    assert proper(name) == name
