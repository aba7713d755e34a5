"""The demo's content, read from the TOML files in ``data/``; ``data/README.md`` describes them."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any, TypeVar

from marketplace.demo.texts import (
    LISTING_KINDS,
    MODES,
    PLACEHOLDERS,
    SCHOOL_PHASES,
    SCHOOL_ROLES,
    ConversationText,
    JobTitle,
    ListingKind,
    ListingText,
    Mode,
    NamePool,
    Note,
    Notes,
    SchoolPhase,
    SchoolRole,
)
from marketplace.listings.topics import BUILT_IN, PHASES

DATA = Path(__file__).parent / "data"

# The demo of a seed depends on the order of the files, so a new file goes to the end.
OFFER_THEMES = ("literacy", "subjects", "arts", "inclusion", "pastoral", "leadership", "running")
REQUEST_THEMES = ("teaching", "whole_school")

QUARTER_HOUR = 15
NETWORK_ROLES = ("operator", "auditor")

Choice = TypeVar("Choice", bound=str)


class ContentError(Exception):
    """A data file cannot be read; the message names the file, the entry and the mistake."""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that the data files say."""

    offers: tuple[ListingText, ...]
    requests: tuple[ListingText, ...]
    conversations: Mapping[ListingKind, tuple[ConversationText, ...]]
    notes: Notes
    name_pools: tuple[NamePool, ...]
    jobs: tuple[JobTitle, ...]
    network_jobs: Mapping[str, tuple[str, ...]]


@cache
def demo_content() -> Content:
    """Return the content that comes with the product, read once.

    Raises:
        ContentError: if a data file is missing or has a mistake in it.
    """
    return read_content(DATA)


def conversations_about(kind: ListingKind, mode: Mode) -> tuple[ConversationText, ...]:
    """Return the conversations that could be about a listing of this kind in this mode."""
    return tuple(text for text in demo_content().conversations[kind] if mode in text.modes)


def staff_name(random: Random) -> tuple[str, str]:
    """Draw a first name and a surname that are at home together, as most people’s are."""
    pools = demo_content().name_pools
    pool, other = random.choices(pools, [pool.weight for pool in pools], k=2)
    surnames = other.surnames if random.randrange(8) == 0 else pool.surnames
    return random.choice(pool.first_names), random.choice(surnames)


def job_titles(role: SchoolRole, school_phase: SchoolPhase) -> tuple[str, ...]:
    """Return the jobs of people who hold ``role`` at a school of this phase; never empty."""
    return tuple(
        job.title for job in demo_content().jobs if job.role == role and school_phase in job.suits
    )


def read_content(folder: Path) -> Content:
    """Read and check every data file in ``folder``.

    Raises:
        ContentError: if a data file is missing or has a mistake in it.
    """
    jobs = _File(folder / "jobs.toml")
    content = Content(
        offers=_listings(folder / "offers", "offer", OFFER_THEMES),
        requests=_listings(folder / "requests", "request", REQUEST_THEMES),
        conversations={
            kind: _conversations(folder / "conversations" / f"{kind}s.toml", kind)
            for kind in LISTING_KINDS
        },
        notes=_notes(folder / "notes.toml"),
        name_pools=_name_pools(folder / "names.toml"),
        jobs=tuple(map(_job, jobs.entries("jobs"))),
        network_jobs=_network_jobs(jobs.entry("network_jobs")),
    )
    jobs.end()
    return content


def prose(text: str) -> str:
    """Unwrap the lines of each paragraph of ``text``; list items (“– …”) keep their own lines."""
    return "\n\n".join(_unwrap(block) for block in text.split("\n\n") if block.strip())


def _unwrap(block: str) -> str:
    lines: list[str] = []
    for line in map(str.strip, block.strip().splitlines()):
        if lines and not line.startswith("– "):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return "\n".join(lines)


class _Table:
    """A table of TOML, read key by key; every mistake is reported with its location."""

    def __init__(self, values: object, location: str) -> None:
        if not isinstance(values, dict):
            raise ContentError(f"{location}: this is not a table.")
        self._unread: dict[str, Any] = dict(values)
        self.location = location

    def refuse(self, mistake: str) -> ContentError:
        return ContentError(f"{self.location}: {mistake}")

    def value(self, key: str, kind: type) -> Any:
        if key not in self._unread:
            raise self.refuse(f"“{key}” is missing.")
        value = self._unread.pop(key)
        # TOML's true and false are not numbers, but in Python a bool is an int.
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.refuse(f"“{key}” has the wrong type: {value!r}.")
        return value

    def text(self, key: str) -> str:
        text = prose(self.value(key, str))
        if not text:
            raise self.refuse(f"“{key}” is empty.")
        return text

    def number(self, key: str) -> int:
        number: int = self.value(key, int)
        if number < 1:
            raise self.refuse(f"“{key}” is {number}, which is not above zero.")
        return number

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.value(key, list)
        if not values or not all(isinstance(value, str) and value.strip() for value in values):
            raise self.refuse(f"“{key}” is not a list of texts.")
        return tuple(map(prose, values))

    def choices(self, key: str, among: Collection[Choice]) -> tuple[Choice, ...]:
        values = self.texts(key)
        if len(set(values)) < len(values):
            raise self.refuse(f"“{key}” says something twice: {', '.join(values)}.")
        return tuple(self._choice_of(key, value, among) for value in values)

    def choices_or_all(self, key: str, among: tuple[Choice, ...]) -> tuple[Choice, ...]:
        return self.choices(key, among) if key in self._unread else among

    def choice(self, key: str, among: Collection[Choice]) -> Choice:
        return self._choice_of(key, self.text(key), among)

    def _choice_of(self, key: str, value: str, among: Collection[Choice]) -> Choice:
        for choice in among:
            if choice == value:
                return choice
        raise self.refuse(f"“{key}” is “{value}”, which is not one of: {', '.join(among)}.")

    def end(self) -> None:
        """Refuse keys that were not read: they are misspelt."""
        if self._unread:
            raise self.refuse(f"unknown: {', '.join(self._unread)}.")


class _File(_Table):
    """A data file: a table of tables."""

    def __init__(self, path: Path) -> None:
        location = f"{path.parent.name}/{path.name}"
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ContentError(f"{location}: {error}") from error
        super().__init__(values, location)

    def entries(self, key: str) -> Iterator[_Table]:
        """Yield the entries of the list ``key``, each of them checked for what is unknown in it."""
        for number, values in enumerate(self.value(key, list), 1):
            location = f"{self.location}, {key} {number}"
            if isinstance(values, dict) and isinstance(values.get("title"), str):
                location += f" (“{values['title']}”)"
            entry = _Table(values, location)
            yield entry
            entry.end()

    def entry(self, key: str) -> _Table:
        return _Table(self.value(key, dict), f"{self.location}, {key}")


def _only_entries(path: Path, key: str) -> Iterator[_Table]:
    """The entries of a file that has nothing but the list ``key``."""
    file = _File(path)
    yield from file.entries(key)
    file.end()


def _listings(folder: Path, kind: ListingKind, themes: tuple[str, ...]) -> tuple[ListingText, ...]:
    return tuple(
        _listing(entry, kind)
        for theme in themes
        for entry in _only_entries(folder / f"{theme}.toml", "listings")
    )


def _listing(entry: _Table, kind: ListingKind) -> ListingText:
    listing = ListingText(
        kind=kind,
        title=entry.text("title"),
        description=entry.text("description"),
        topics=entry.choices("topics", BUILT_IN.by_slug),
        phases=entry.choices("phases", PHASES),
        suits=entry.choices("suits", SCHOOL_PHASES),
        mode=entry.choice("mode", MODES),
        minutes=entry.number("minutes"),
    )
    if listing.minutes % QUARTER_HOUR:
        raise entry.refuse(f"{listing.minutes} minutes are not whole quarters of an hour.")
    return listing


def _conversations(path: Path, kind: ListingKind) -> tuple[ConversationText, ...]:
    return tuple(
        ConversationText(kind, _messages(entry), entry.choices_or_all("modes", MODES))
        for entry in _only_entries(path, "conversations")
    )


def _messages(entry: _Table) -> tuple[str, ...]:
    messages = entry.texts("messages")
    for number, message in enumerate(messages, 1):
        try:
            names = {name for _, name, _, _ in Formatter().parse(message) if name is not None}
        except ValueError as error:
            raise entry.refuse(f"message {number}: {error}.") from error
        if unknown := names - PLACEHOLDERS:
            raise entry.refuse(f"message {number}: unknown: {', '.join(sorted(unknown))}.")
    return messages


def _notes(path: Path) -> Notes:
    file = _File(path)
    notes = Notes(
        **{
            field.name: tuple(
                Note(entry.text("text"), entry.choices_or_all("modes", MODES))
                for entry in file.entries(field.name)
            )
            for field in fields(Notes)
        }
    )
    file.end()
    return notes


def _name_pools(path: Path) -> tuple[NamePool, ...]:
    return tuple(
        NamePool(entry.number("weight"), entry.texts("first_names"), entry.texts("surnames"))
        for entry in _only_entries(path, "pools")
    )


def _job(entry: _Table) -> JobTitle:
    return JobTitle(
        entry.text("title"),
        entry.choice("role", SCHOOL_ROLES),
        entry.choices_or_all("suits", SCHOOL_PHASES),
    )


def _network_jobs(entry: _Table) -> dict[str, tuple[str, ...]]:
    jobs = {role: entry.texts(role) for role in NETWORK_ROLES}
    entry.end()
    return jobs
