"""Term dates: told, imported, guessed, and what follows from them."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.calendar.half_terms import guessed_half_terms, school_year
from marketplace.calendar.ical import read_ical
from marketplace.calendar.models import CalendarEntry
from marketplace.calendar.queries import Owner, list_entries, school_calendar
from marketplace.calendar.school_calendar import Days, NoSchool, SchoolCalendar
from marketplace.calendar.service import add_days, delete_days, import_days
from marketplace.clock import today
from marketplace.errors import NotAllowed, NotFound, Refusal
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.calendar.factories import day, told
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school, operator

YEAR = 2026
"""A school year whose weekdays the tests know that only read a calendar."""
THIS_YEAR = school_year(today())


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Hope Primary"))


def ical(*events: tuple[str, str, str | None]) -> bytes:
    """A calendar of whole days: a name, the first day, and the day after the last one."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Council//EN"]
    for number, (name, begin, end) in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@council", f"SUMMARY:{name}"]
        lines += [f"DTSTART;VALUE=DATE:{begin.replace('-', '')}"]
        if end:
            lines += [f"DTEND;VALUE=DATE:{end.replace('-', '')}"]
        lines += ["END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def test_a_calendar_with_terms_and_holidays_is_read() -> None:
    found = read_ical(
        ical(
            ("Autumn Term", f"{YEAR}-09-03", f"{YEAR}-12-19"),
            ("October half term", f"{YEAR}-10-19", f"{YEAR}-10-31"),
            ("INSET Day", f"{YEAR}-09-02", None),
            ("Bank holiday", f"{YEAR}-12-25", f"{YEAR}-12-26"),
            ("Governors’ meeting", f"{YEAR}-10-01", None),
        )
    )
    assert [(one.kind, str(one.starts_on), str(one.ends_on)) for one in found] == [
        ("inset", f"{YEAR}-09-02", f"{YEAR}-09-02"),
        ("term", f"{YEAR}-09-03", f"{YEAR}-12-18"),
        ("holiday", f"{YEAR}-10-19", f"{YEAR}-10-30"),
    ]
    calendar = SchoolCalendar(found)
    first, second = calendar.half_terms(YEAR)[:2]
    assert (str(first.starts_on), str(first.ends_on)) == (f"{YEAR}-09-03", f"{YEAR}-10-16")
    assert (first.guessed, second.guessed) == (False, False)
    assert calendar.no_school(day(f"{YEAR}-09-02")) == NoSchool("it is an INSET day (INSET Day)")
    reason = calendar.no_school(day(f"{YEAR}-10-20"))
    assert reason == NoSchool("it is in the holidays (October half term)")


def test_a_calendar_with_first_and_last_days_is_read() -> None:
    found = read_ical(
        ical(
            ("Autumn term starts", f"{YEAR}-09-07", None),
            ("Half term ends - last day", f"{YEAR}-10-22", None),
            ("School reopens after half term", f"{YEAR}-11-03", None),
            ("End of autumn term", f"{YEAR}-12-17", None),
        )
    )
    assert [(one.kind, str(one.starts_on), str(one.ends_on)) for one in found] == [
        ("term", f"{YEAR}-09-07", f"{YEAR}-10-22"),
        ("term", f"{YEAR}-11-03", f"{YEAR}-12-17"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:yesterday\r\nEND:VEVENT\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b"<html>" * 1000,
        ical(("Fireworks", "2026-11-05", None)),
    ],
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        read_ical(data)


def test_without_a_word_it_is_a_guess_and_says_so() -> None:
    calendar = SchoolCalendar([])
    assert calendar.half_terms(YEAR) == guessed_half_terms(YEAR)
    assert calendar.no_school(date(YEAR, 11, 14)) is not None
    christmas = calendar.no_school(date(YEAR, 12, 29))
    assert christmas is not None
    assert christmas.guessed or "bank holiday" in christmas.reason


def test_the_school_goes_before_its_authority(app: Skillbank, us: Actor) -> None:
    code = us.local_authority_code
    assert code is not None
    with saved(app) as session:
        runs = operator()
        guess = guessed_half_terms(THIS_YEAR)[0]
        begin, end = guess.starts_on, guess.ends_on - timedelta(days=7)
        told(runs, code, kind="term", name="Autumn 1", starts_on=begin, ends_on=end)
        calendar = school_calendar(session, us.school(), code)
        assert calendar.half_terms(THIS_YEAR)[0].ends_on == end
        later = end + timedelta(days=7)
        told(us, kind="term", name="Ours", starts_on=begin, ends_on=later)
        calendar = school_calendar(session, us.school(), code)
        assert calendar.half_terms(THIS_YEAR)[0].ends_on == later
        assert not calendar.half_terms(THIS_YEAR)[0].guessed
        assert calendar.half_terms(THIS_YEAR)[5].guessed


def of_authority(kind: str, begin: str, end: str) -> Days:
    """Days that an authority told."""
    return Days(kind, "", day(begin), day(end), of_school=False)


def spans(*told: Days) -> list[str]:
    """The half-terms of 2026/27 by what was told; a guess has a question mark."""
    return [
        f"{one.starts_on:%d %b} to {one.ends_on:%d %b}{'?' * one.guessed}"
        for one in SchoolCalendar(told).half_terms(2026)
    ]


AUTHORITY = [
    of_authority("term", begin, end)
    for begin, end in (
        ("2026-09-02", "2026-10-16"),
        ("2026-11-02", "2026-12-17"),
        ("2027-01-05", "2027-02-11"),
        ("2027-02-22", "2027-03-19"),
        ("2027-04-05", "2027-05-27"),
        ("2027-06-08", "2027-07-26"),
    )
]
OF_AUTHORITY = [
    "02 Sep to 16 Oct",
    "02 Nov to 17 Dec",
    "05 Jan to 11 Feb",
    "22 Feb to 19 Mar",
    "05 Apr to 27 May",
    "08 Jun to 26 Jul",
]


def test_one_term_of_a_school_leaves_the_others_to_its_authority() -> None:
    own = Days("term", "Spring 1", day("2027-01-04"), day("2027-02-10"))
    assert spans(*AUTHORITY) == OF_AUTHORITY
    told = [*OF_AUTHORITY[:2], "04 Jan to 10 Feb", *OF_AUTHORITY[3:]]
    assert spans(own, *AUTHORITY) == told
    # An INSET day says nothing about terms.
    assert (
        spans(Days("inset", "", day("2027-01-04"), day("2027-01-04")), *AUTHORITY) == OF_AUTHORITY
    )


def test_a_longer_term_of_a_school_pushes_away_its_authoritys_next_one() -> None:
    own = Days("term", "Spring 1", day("2027-01-04"), day("2027-02-26"))
    assert spans(own, *AUTHORITY)[2:4] == ["04 Jan to 26 Feb", "01 Mar to 19 Mar"]
    earlier = Days("term", "Spring 2", day("2027-02-08"), day("2027-03-19"))
    assert spans(earlier, *AUTHORITY)[2:4] == ["05 Jan to 05 Feb", "08 Feb to 19 Mar"]


def test_a_whole_term_of_a_school_has_the_half_term_holiday_of_its_authority() -> None:
    own = Days("term", "Autumn", day("2026-09-03"), day("2026-12-18"))
    assert spans(own, *AUTHORITY)[:3] == ["03 Sep to 16 Oct", "02 Nov to 18 Dec", OF_AUTHORITY[2]]
    october = of_authority("holiday", "2026-10-19", "2026-10-30")
    assert spans(own, october)[:2] == ["03 Sep to 16 Oct", "02 Nov to 18 Dec"]


def test_one_holiday_of_a_school_leaves_the_others_to_its_authority() -> None:
    own = Days("holiday", "Half term", day("2026-10-26"), day("2026-10-30"))
    october = of_authority("holiday", "2026-10-19", "2026-10-30")
    february = of_authority("holiday", "2027-02-08", "2027-02-19")
    calendar = SchoolCalendar([own, october, february])
    assert spans(own, october, february)[:3] == [
        "01 Sep to 23 Oct",
        "02 Nov to 18 Dec",
        "04 Jan to 05 Feb",
    ]
    assert calendar.no_school(day("2026-10-20")) is None
    assert calendar.no_school(day("2027-02-09")) == NoSchool("it is in the holidays")
    # So it is where the school said when its term ends.
    term = Days("term", "Autumn 1", day("2026-09-02"), day("2026-10-23"))
    assert SchoolCalendar([term, october]).no_school(day("2026-10-20")) is None


def test_an_import_replaces_what_was_imported_and_nothing_else(app: Skillbank, us: Actor) -> None:
    owner = Owner(us.school())
    with saved(app) as session:
        typed = told(us, name="Typed")
        holiday = Days("holiday", "Half term", today(), today() + timedelta(days=4))
        assert import_days(session, us, owner, [holiday]) == 1
        other = Days("holiday", "Christmas", today(), today() + timedelta(days=14))
        assert import_days(session, us, owner, [other, other]) == 1
        names = {entry.name for entry in list_entries(session, owner)}
        assert names == {"Typed", "Christmas"}
        with pytest.raises(Refusal, match="over, or years ahead"):
            import_days(session, us, owner, [Days("inset", "", date(2001, 1, 1), date(2001, 1, 1))])
        stranger = actor_for(joined_school())
        with pytest.raises(NotFound):
            delete_days(session, stranger, Owner(stranger.school()), typed.id)
        with pytest.raises(NotFound):
            add_days(session, stranger, owner, holiday)
        with pytest.raises(NotAllowed):
            add_days(session, us, Owner(authority_code="351"), holiday)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"name": "x" * 101}, "name"),
        ({"ends_on": today() - timedelta(days=1)}, "ends_on"),
        ({"ends_on": today() + timedelta(days=200)}, "ends_on"),
        ({"starts_on": date(1999, 1, 1), "ends_on": date(1999, 1, 1)}, "starts_on"),
    ],
)
def test_days_that_cannot_be_are_refused(
    app: Skillbank, us: Actor, changes: dict[str, object], field: str
) -> None:
    with saved(app), pytest.raises(Refusal) as refused:
        told(us, **changes)
    assert refused.value.field == field


def test_the_database_refuses_them_as_well(app: Skillbank, us: Actor) -> None:
    with saved(app) as session:
        entry_id = told(us).id
        session.commit()
        for values in (
            {"kind": "party"},
            {"ends_on": today() - timedelta(days=1)},
            {"school_urn": None},
        ):
            with pytest.raises(sa.exc.IntegrityError):
                session.execute(
                    sa.update(CalendarEntry).where(CalendarEntry.id == entry_id).values(**values)
                )
            session.rollback()


def test_the_pages_of_a_school(app: Skillbank, client: FlaskClient, us: Actor) -> None:
    browser = Browser(client).be(us).get("/term-dates")
    assert "Our guess" in browser.text
    browser.get("/term-dates/change").submit("Add these days", kind="inset")
    assert browser.status == 422
    in_term = guessed_half_terms(THIS_YEAR)[5].starts_on
    browser.submit(
        "Add these days",
        kind="inset",
        name="<b>Training</b>",
        starts_on=str(in_term),
        ends_on=str(in_term),
    )
    assert browser.flashes == ["Added."]
    assert "<b>Training</b>" in browser.text
    browser.submit("Delete")
    assert browser.flashes == ["Deleted."]
    form = browser.get("/term-dates/change").values("Import the file")
    data = ical(("Autumn Term", f"{THIS_YEAR}-09-03", f"{THIS_YEAR}-12-19"))
    headers = {"Origin": "http://localhost"}
    for upload, status in ((data, 302), (b"not one", 422), (b"", 422)):
        answer = client.post(
            "/term-dates/change",
            data=form | {"file": (io.BytesIO(upload), "terms.ics")},
            headers=headers,
            content_type="multipart/form-data",
        )
        assert answer.status_code == status
    assert "from a file" in browser.get("/term-dates").text


def test_the_pages_of_the_operator(app: Skillbank, client: FlaskClient, us: Actor) -> None:
    with saved(app):
        runs = operator()
    browser = Browser(client).be(runs).get("/network/term-dates")
    assert "our guess" in browser.text
    path = f"/network/term-dates/{us.local_authority_code}"
    first = guessed_half_terms(THIS_YEAR)[5].starts_on
    browser.get(f"{path}/change").submit(
        "Add these days", kind="inset", starts_on=str(first), ends_on=str(first)
    )
    assert browser.flashes == ["Added."]
    assert browser.path == path
    browser.submit("Delete")
    assert browser.flashes == ["Deleted."]
    assert browser.get("/network/term-dates/999").status == 404
