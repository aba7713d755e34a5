"""The columns of the register that are read, and what a cell of each may say.

Whatever is not listed here is never looked at: the register also names head teachers and gives
telephone numbers, and this marketplace has no business with either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from marketplace.schools import facts
from marketplace.schools.facts import Phase, Status
from marketplace.web.capitals import proper


class UnreadableError(ValueError):
    """A cell that cannot be read; the message goes on after the cell's text."""


class MonthFirstError(UnreadableError):
    """A date that is one only with its month before its day.

    It puts every other date of its file in doubt: “04-05-2020” may then be either day.
    """


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the file, the fact it becomes, and how a cell of it is read."""

    header: str
    fact: str
    read: Callable[[str], Any]
    required: bool = False


def _text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > longest:
            raise UnreadableError(f"is longer than {longest} characters")
        return text

    return read


def _place(longest: int) -> Callable[[str], str]:
    """A name of a place: one that is all in capitals gets small letters."""
    read = _text(longest)
    return lambda text: proper(read(text))


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise UnreadableError("is not a whole number")
        if not lowest <= (number := int(text)) <= highest:
            raise UnreadableError(f"is not between {lowest} and {highest}")
        return number

    return read


@lru_cache(maxsize=4096)
def _date(text: str) -> date | None:
    # A British spreadsheet writes the register's 01-09-2014 as 01/09/2014. An American one writes
    # 9/1/2014; so a date without its zeros may be either day, and is read as neither.
    match = re.fullmatch(r"([0-9]{1,2})([-/])([0-9]{1,2})\2([0-9]{4})", text)
    if not match:
        raise UnreadableError("is not a date (dd-mm-yyyy)")
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if first <= 12 < second <= 31:
        raise MonthFirstError("is a date only with the month before the day")
    if len(match[1]) + len(match[3]) != 4:
        raise UnreadableError("is not a date (dd-mm-yyyy)")
    try:
        day = date(year, second, first)
    except ValueError:
        raise UnreadableError("is a date that does not exist") from None
    # The register writes this date if it does not know one.
    return None if day == date(1900, 1, 1) else day


def _one_of(labels: dict[str, Any]) -> Callable[[str], Any]:
    values = {facts.bare_words(label): value for label, value in labels.items()}

    def read(text: str) -> Any:
        try:
            return values[facts.bare_words(text)]
        except KeyError:
            raise UnreadableError("is not a word of the register that is known here") from None

    return read


_REGIONS = {facts.bare_words(region): region for region in facts.REGIONS}


def _region(text: str) -> str:
    # A region that is not one of the nine, such as “Wales (pseudo)”, is stored as it is.
    return _REGIONS.get(facts.bare_words(text)) or _text(40)(text)


def _authority_code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise UnreadableError("is not a code of three figures")
    return text.zfill(3)  # a spreadsheet removes leading zeros


def _trust_code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise UnreadableError("is not the code of a trust")
    return str(int(text))


def _pupils(text: str) -> int | None:
    # The register writes 0 for schools that the census does not count, such as 16 to 19 academies.
    return _number(0, 99_999)(text) or None


def _permille(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", text) or (share := Decimal(text)) > 100:
        raise UnreadableError("is not a percentage")
    return int((share * 10).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _website(text: str) -> str:
    try:
        return _text(300)(facts.website(text))
    except UnreadableError:
        raise
    except ValueError as error:
        raise UnreadableError(str(error)) from None


COLUMNS = (
    Column("URN", "urn", _number(10_000, 9_999_999), required=True),
    Column("EstablishmentName", "name", _text(200), required=True),
    Column(
        "EstablishmentStatus (name)",
        "status",
        _one_of({status.label: status for status in Status}),
        required=True,
    ),
    Column("TypeOfEstablishment (name)", "type_name", _text(100), required=True),
    Column("LA (code)", "local_authority_code", _authority_code, required=True),
    Column("LA (name)", "local_authority_name", _text(100), required=True),
    Column("OpenDate", "opened_on", _date),
    Column("CloseDate", "closed_on", _date),
    Column(
        "PhaseOfEducation (name)",
        "phase",
        _one_of({phase.label: phase for phase in Phase} | {"Not applicable": None}),
    ),
    Column("StatutoryLowAge", "age_low", _number(0, 99)),
    Column("StatutoryHighAge", "age_high", _number(0, 99)),
    Column("Gender (name)", "gender", _text(20)),
    Column("ReligiousCharacter (name)", "religious_character", _text(100)),
    Column("Boarders (name)", "boarders", _text(100)),
    Column(
        "OfficialSixthForm (name)",
        "sixth_form",
        _one_of(
            {
                "Has a sixth form": True,
                "Does not have a sixth form": False,
                "Not applicable": None,
                "Not recorded": None,
            }
        ),
    ),
    Column("NumberOfPupils", "pupils", _pupils),
    Column("PercentageFSM", "fsm_permille", _permille),
    Column("Trusts (code)", "trust_code", _trust_code),
    Column("Trusts (name)", "trust_name", _text(200)),
    Column("Street", "street", _text(200)),
    Column("Locality", "locality", _place(200)),
    Column("Town", "town", _place(100)),
    Column("County (name)", "county", _place(100)),
    Column("Postcode", "postcode", _text(10)),
    Column("SchoolWebsite", "website", _website),
    Column("GOR (name)", "region", _region),
    Column("UrbanRural (name)", "setting_text", _text(100)),
    Column("Easting", "easting", _number(0, 700_000)),
    Column("Northing", "northing", _number(0, 1_300_000)),
    Column("LastChangedDate", "register_changed_on", _date),
)

LINK_COLUMNS = (
    Column("URN", "urn", _number(10_000, 9_999_999), required=True),
    Column("LinkURN", "link_urn", _number(10_000, 9_999_999), required=True),
    Column("LinkType", "link_type", _text(100), required=True),
    Column("LinkEstablishedDate", "established_on", _date),
)
