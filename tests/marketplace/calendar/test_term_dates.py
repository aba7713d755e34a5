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
