"""Sections of the navigation, each with its pages below the header."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from marketplace.web.navigation import NavigationItem

SECTIONS: dict[str, tuple[str, ...]] = {
    "Schools": (
        "network.schools",
        "claims.claims",
        "disputes.queue",
        "frozen.waiting",
        "network.successions",
        "moderation.reports",
        "reviews.reports",
        "support.desk",
    ),
    "People": ("members.staff_of_network", "network.deliveries", "accounts.network_security"),
    "Ledger": (
        "audit.journal",
        "audit.trial_balance",
        "audit.unusual",
        "same_person.report",
        "audit.verifications",
        "audit.seals",
        "audit.periods",
        "adjustments.adjustments",
    ),
    "Settings": (
        "network.policy",
        "tariff.change",
        "calendar.authorities",
        "own_topics.tree",
        "own_words.words",
    ),
}
"""The endpoints of each section of the network’s people; others stand beside the sections."""

OF_SCHOOLS: dict[str, tuple[str, ...]] = {
    "statements.statement": ("adjustments.own",),
    "members.ours": ("support.history",),
}
"""The pages of a school that are used seldom, below the entry that they belong to."""


@dataclass(frozen=True, slots=True)
class GroupedNavigation:
    """The row in the header, and the pages of the section that the reader is in."""

    items: list[NavigationItem]
    section: str
    pages: list[NavigationItem]


def grouped(entries: Iterable[NavigationItem]) -> GroupedNavigation:
    """Return the entries in sections; a section counts what waits on all of its pages.

    A section leads to its first page; one with a single page has none below the header.
    """
    section_of = {
        endpoint: section for section, endpoints in SECTIONS.items() for endpoint in endpoints
    }
    by_section: dict[str, list[NavigationItem]] = {section: [] for section in SECTIONS}
    alone: list[NavigationItem] = []
    for entry in entries:
        section = section_of.get(entry.endpoint)
        (alone if section is None else by_section[section]).append(entry)
    items: list[NavigationItem] = []
    pages: list[NavigationItem] = []
    current = ""
    for section, members in by_section.items():
        if not members:
            continue
        order = SECTIONS[section].index
        members.sort(key=lambda entry: order(entry.endpoint))
        is_current = any(entry.current for entry in members)
        if is_current:
            current, pages = section, members if len(members) > 1 else []
        badge = sum(entry.badge or 0 for entry in members) or None
        items.append(replace(members[0], label=section, current=is_current, badge=badge))
    first = [entry for entry in alone if entry.endpoint == "search.find"]
    rest = [entry for entry in alone if entry.endpoint != "search.find"]
    return GroupedNavigation([*first, *items, *rest], current, pages)


def gathered(entries: Iterable[NavigationItem]) -> GroupedNavigation:
    """Return the entries of a school in their order, those that are used seldom below others.

    They come below the header on the pages of their entry, which counts what waits on all of them.
    For who does not see that entry they stand by themselves.
    """
    known = {entry.endpoint: entry for entry in entries}
    below = {
        endpoint: [known[seldom] for seldom in seldoms if seldom in known]
        for endpoint, seldoms in OF_SCHOOLS.items()
        if endpoint in known
    }
    gone = {entry.endpoint for members in below.values() for entry in members}
    items: list[NavigationItem] = []
    pages: list[NavigationItem] = []
    section = ""
    for entry in known.values():
        if entry.endpoint in gone:
            continue
        members = [entry, *below.get(entry.endpoint, ())]
        is_current = any(member.current for member in members)
        if is_current and len(members) > 1:
            section, pages = entry.label, members
        badge = sum(member.badge or 0 for member in members) or None
        items.append(replace(entry, current=is_current, badge=badge))
    return GroupedNavigation(items, section, pages)
