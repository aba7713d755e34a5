"""One run of all checks, and its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps

import sqlalchemy as sa

from ledger.seals.checks import SealCheck
from ledger.types import Fault
from ledger.verification import (
    accounts,
    additions,
    checkpoints,
    entries,
    guards,
    holds,
    limits,
    overrides,
    reversals,
    statuses,
)
from ledger.verification.last_changes import LastChangeCheck
from ledger.verification.pairs import PairCheck
from ledger.verification.screening import Suspects, screen

Check = Callable[[sa.Connection], Iterator[Fault]]

# What is checked row by row in every run. A further check is a function like these.
CHECKS: tuple[Check, ...] = (
    guards.missing,
    additions.added,
    entries.sum_of_the_book,
    holds.working_set,
    holds.held_on_accounts,
    reversals.twice,
    reversals.not_contrary,
    accounts.drifted,
    accounts.events,
    accounts.periods,
    accounts.book,
    overrides.drifted,
    statuses.not_open,
    checkpoints.drifted,
)

KEPT = 1000  # faults kept in a report; the rest is counted
WALKED = 100_000  # entries on which the order of time is walked, about, in every run

# What a value raises that its column cannot have: a day that is in no calendar, an instant beyond
# it, nothing where something has to be; or a row that is not there once.
_UNREADABLE = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    sa.exc.NoResultFound,
    sa.exc.MultipleResultsFound,
)

_SETTINGS = {"work_mem": "64MB", "cursor_tuple_fraction": "1"}


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found: nothing, in a sound book.

    ``faults`` are the first ones, ``total`` says how many there are; ``counts`` says how many
    accounts, transactions, entries and holds were looked at, on how many of the accounts the
    order of time was walked, and how many transactions were compared with what was sealed.
    ``remarks`` are sentences on what a person should know or do, though it is not a fault.
    """

    faults: tuple[Fault, ...]
    total: int
    counts: dict[str, int]
    remarks: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.total == 0

    @property
    def cut(self) -> bool:
        """Whether there are more faults than are kept here."""
        return self.total > len(self.faults)


def verify(
    connection: sa.Connection,
    progress: Callable[[int, int], None] | None = None,
    *,
    thorough: bool = False,
) -> Report:
    """Prove the book, or name what is wrong; see `ledger.Book.verify`."""
    kept: list[Fault] = []
    total = 0
    with _settings(connection):
        suspects = screen(connection)
        share = 1 if thorough else 1 + suspects.counts["entries"] // WALKED
        walk, seals = entries.Walk(share), SealCheck(share)
        shares: list[Check] = [walk, LastChangeCheck(share), PairCheck(share), seals]
        checks: list[Check] = [*suspected(suspects), *CHECKS, *shares]
        for number, check in enumerate(checks, start=1):
            if progress is not None:
                progress(number, len(checks) + 1)
            for fault in _readable(connection, check):
                total += 1
                if len(kept) < KEPT:
                    kept.append(fault)
    if progress is not None:
        progress(len(checks) + 1, len(checks) + 1)
    counts = {
        **suspects.counts,
        "accounts in the order of time": walk.accounts,
        "transactions as they were sealed": seals.compared,
    }
    return Report(tuple(kept), total, counts, tuple(seals.remarks))


def suspected(suspects: Suspects) -> Iterator[Check]:
    """The exact checks of what screening could not prove to be right."""
    if suspects.accounts != []:
        along = partial(entries.along_accounts, ids=suspects.accounts)
        yield _confirmed(along, "accounts", suspects)
    if suspects.transactions:
        yield _confirmed(entries.of_transactions, "transactions", suspects)
    if suspects.holds:
        yield _confirmed(holds.histories, "holds", suspects)
    elif suspects.transactions:
        yield holds.settlements  # the fingerprints left the second line's amount to the others
    if suspects.limits != []:
        yield partial(limits.exceeded, ids=suspects.limits)
    if suspects.clock:
        yield entries.ahead_of_the_clock
    if suspects.days:
        yield entries.backdated
    if suspects.periods:
        yield entries.closed_periods
    if suspects.actions:
        yield accounts.as_transfers


def _confirmed(check: Check, what: str, suspects: Suspects) -> Check:
    """A check that must find something, because fingerprints disagree."""

    @wraps(check.func if isinstance(check, partial) else check)
    def confirmed(connection: sa.Connection) -> Iterator[Fault]:
        nothing = True
        for fault in check(connection):
            nothing = False
            yield fault
        if nothing and suspects.by_fingerprint:
            yield Fault("unproved", what, "fingerprints disagree, but no row is found wrong")

    return confirmed


def _readable(connection: sa.Connection, check: Check) -> Iterator[Fault]:
    """A check's faults; that it cannot read what is there is one, too."""
    try:
        with connection.begin_nested():
            yield from check(connection)
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise
        yield Fault("unreadable", _name(check), str(error.orig).partition("\n")[0])
    except _UNREADABLE as error:
        yield Fault("unreadable", _name(check), f"{type(error).__name__}: {error}")


def _name(check: Check) -> str:
    """A check as a report names it."""
    while isinstance(check, partial):
        check = check.func
    name = getattr(check, "__name__", type(check).__name__)
    return f"check {check.__module__.removeprefix('ledger.')}.{name}"


@contextmanager
def _settings(connection: sa.Connection) -> Iterator[None]:
    """On PostgreSQL: bounded memory for sums, and cursors planned to be read to the end."""
    if connection.dialect.name != "postgresql":
        yield
        return
    before = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in _SETTINGS}
    change = sa.text("SELECT set_config(:name, :value, true)")
    for name, value in _SETTINGS.items():
        connection.execute(change, {"name": name, "value": value})
    yield
    for name, value in before.items():
        connection.execute(change, {"name": name, "value": value})
