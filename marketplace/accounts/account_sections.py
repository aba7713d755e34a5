"""The sections of the account page: each feature registers its own, with its state in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy.orm import Session

State = Callable[[Session, int], str]
"""What a section says of the person with this number, such as “On, with an app”."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the account page, which leads to the page ``endpoint``.

    ``order`` places it, the lowest first. ``action`` is what its link says, such as “Change”.
    """

    label: str
    endpoint: str
    state: State
    order: int
    action: str = "Change"


class AccountSections:
    """The sections of an application, in their order."""

    KEY = "skillbank.accounts.sections"

    def __init__(self) -> None:
        self._sections: list[Section] = []

    def __iter__(self) -> Iterator[Section]:
        return iter(self._sections)

    def add(self, section: Section) -> None:
        """Register a section."""
        self._sections.append(section)
        self._sections.sort(key=lambda item: item.order)


def init_app(app: Flask) -> None:
    """Add an account page without sections to ``app``."""
    app.extensions[AccountSections.KEY] = AccountSections()


def account_sections(app: Flask | None = None) -> AccountSections:
    """Return the sections of ``app``, or of the running application."""
    sections: AccountSections = (app or current_app).extensions[AccountSections.KEY]
    return sections
