"""The journal's filters, read from the address of its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ledger import Book
from marketplace.audit.journal.criteria import Criteria
from marketplace.audit.journal.naming import Meant, find_account, find_people, find_trust
from marketplace.credits.chart import CARRIED_BACK, CARRIED_ON, kind_label
from marketplace.credits.formats import credits, minutes_from_typed
from marketplace.statements.period import read_day
from marketplace.web.formats import day

KINDS = (
    "exchange",
    "hold",
    "void",
    "extend",
    "grant",
    "grant-return",
    "transfer",
    "reversal",
    "closure",
    "succession",
    CARRIED_ON,
    CARRIED_BACK,
    "write-off",
    "gift",
    "account",
    "period",
)
"""The kinds that are offered; the address may name any other."""
TEXTS = (
    "account",
    "trust",
    "person",
    "start",
    "end",
    "closed",
    "least",
    "most",
    "kind",
    "include",
    "order",
)
FLAGS = {
    "reversal": "Reversals and what was reversed",
    "out_of_hours": "Outside of office hours",
    "same_person": "One person on both sides",
}
"""What may be ticked, in words."""
ANY_CLOSED = "any"
"""What is written for any closed period; for one, its last day."""
MOVED = "moved"
OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set, in words; ``names`` are its parameters, to be left out."""

    label: str
    names: tuple[str, ...]


@dataclass(slots=True)
class Filters:
    """What was typed, what it means, and what is wrong with it.

    Attributes:
        typed: the parameters of the address that are set, by name.
        problems: what is wrong, by the name of the field.
        choices: what may have been meant instead, by the name of the field.
        closed_ends: the last days of the closed periods, oldest first.
    """

    typed: dict[str, str]
    criteria: Criteria = field(default_factory=Criteria)
    chips: list[Chip] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    choices: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    closed_ends: tuple[date, ...] = ()


def read_filters(session: Session, arguments: Mapping[str, str]) -> Filters:
    """Return the filters that an address has."""
    typed = {
        name: text
        for name in (*TEXTS, *FLAGS)
        if (text := arguments.get(name, "").replace("\0", "").strip()[:100])
    }
    closed_ends = tuple(period.ends_on for period in Book(session).periods())
    filters = Filters(typed, closed_ends=closed_ends)
    values: dict[str, Any] = {"newest_first": typed.get("order") != OLDEST}
    _read_days(filters, values)
    _read_closed(filters, values)
    _read_amounts(filters, values)
    accounts = [
        _meant(session, filters, "account", find_account, "School"),
        _meant(session, filters, "trust", find_trust, "Trust"),
    ]
    values["accounts"] = tuple(codes for codes in accounts if codes is not None)
    values["people"] = _meant(session, filters, "person", find_people, "By")
    if kind := typed.get("kind"):
        values["kind"] = kind
        filters.chips.append(Chip(kind_label(kind), ("kind",)))
    if typed.get("include") == MOVED:
        values["moved"] = True
        filters.chips.append(Chip("Only what moved credits", ("include",)))
    for name, label in FLAGS.items():
        if name in typed:
            values[name] = True
            filters.chips.append(Chip(label, (name,)))
    filters.criteria = Criteria(**values)
    return filters


def _meant(
    session: Session,
    filters: Filters,
    name: str,
    find: Callable[[Session, str], Meant[Any]],
    label: str,
) -> Any:
    """What the text of a field means; what it may mean is noted."""
    if name not in filters.typed:
        return None
    meant = find(session, filters.typed[name])
    if meant.value is None:
        filters.problems[name] = meant.problem
        filters.choices[name] = meant.choices
        return None
    filters.chips.append(Chip(f"{label}: {meant.name}", (name,)))
    return meant.value


def _read_days(filters: Filters, values: dict[str, Any]) -> None:
    for name in ("start", "end"):
        try:
            if text := filters.typed.get(name):
                values[name] = read_day(text)
        except ValueError:
            filters.problems[name] = "Write both days like 2026-09-01."
    start, end = values.get("start"), values.get("end")
    if start is not None and end is not None and start > end:
        filters.problems["start"] = "The first day is after the last day. Change one of them."
        values.pop("start")
    elif start is not None or end is not None:
        words = [f"from {day(start)}"] if start is not None else []
        words += [f"to {day(end)}"] if end is not None else []
        filters.chips.append(Chip(_sentence(words), ("start", "end")))


def _read_closed(filters: Filters, values: dict[str, Any]) -> None:
    """Leave, of the days that are asked for, those of a closed period, or of any."""
    text, ends = filters.typed.get("closed"), filters.closed_ends
    if text is None:
        return
    if text == ANY_CLOSED and ends:
        first, last = None, ends[-1]
        label = "In a closed period"
    elif chosen := [end for end in ends if end.isoformat() == text]:
        last = chosen[0]
        before = [end for end in ends if end < last]
        first = before[-1] + timedelta(days=1) if before else None
        label = f"Closed period to {day(last)}"
    else:
        filters.problems["closed"] = "No period that ends then is closed. Choose another one."
        return
    values["start"] = max(filter(None, (values.get("start"), first)), default=None)
    values["end"] = min(filter(None, (values.get("end"), last)))
    filters.chips.append(Chip(label, ("closed",)))


def _read_amounts(filters: Filters, values: dict[str, Any]) -> None:
    for name in ("least", "most"):
        if text := filters.typed.get(name):
            minutes = minutes_from_typed(text)
            if minutes is None or not 0 <= minutes < 2**31:
                filters.problems[name] = "Write credits as hours, like 1.5 or 2."
            else:
                values[name] = minutes
    least, most = values.get("least"), values.get("most")
    if least is not None and most is not None and least > most:
        filters.problems["least"] = "The smallest amount is above the largest. Change one of them."
    elif least is not None or most is not None:
        words = [f"at least {credits(least)}"] if least is not None else []
        words += [f"at most {credits(most)}"] if most is not None else []
        filters.chips.append(Chip(_sentence(words), ("least", "most")))


def _sentence(words: list[str]) -> str:
    text = ", ".join(words)
    return text[:1].upper() + text[1:]
