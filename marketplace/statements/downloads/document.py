"""What a downloaded statement says, whatever its format.

The statement of a period that is closed is the same for ever, to the byte: nothing can be added to
its days, and it says how the book stood when it was closed, under the names of that time, not when
and by whom it was printed. Any other says who made it and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, schema
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.clock import LONDON
from marketplace.credits.chart import (
    NETWORK_NAMES,
    SCHOOLS,
    account_names,
    kind_label,
)
from marketplace.errors import NotFound, Refusal
from marketplace.statements.book_notes import verified_words
from marketplace.statements.entries import EntryLine, find_statement_account, list_entries
from marketplace.statements.figures import Figures, figures_of
from marketplace.statements.period import Period, before_opening

ENTRIES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Close:
    """When the books of a period were closed: the record's number, and the instant."""

    number: int
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a download has it; amounts are minutes, ``kind`` is the ledger's word."""

    recorded: datetime
    effective: date
    number: int
    kind: str
    text: str
    partners: str
    minutes: int
    balance: int
    reference: str

    @property
    def day(self) -> date:
        """The day in London on which it was recorded."""
        return self.recorded.astimezone(LONDON).date()

    @property
    def title(self) -> str:
        """What it was for."""
        return self.text or kind_label(self.kind)


@dataclass(frozen=True, slots=True)
class LastSeal:
    """A seal: its number, when it was made, and its fingerprint in hexadecimal."""

    number: int
    sealed_at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the book had come: its newest record, and its last seal (None: there was none).

    ``verified`` says when it was last verified and what came of it; "" where nothing verifies it.
    """

    last_record: int
    seal: LastSeal | None
    verified: str = ""


@dataclass(frozen=True, slots=True)
class StatementDocument:
    """A statement for a period, without its entries, which `entries` yields.

    ``produced_by`` is empty for a closed period, of which ``close`` says how it was closed.
    """

    code: str
    name: str
    urn: str
    period: Period
    figures: Figures
    partner_names: dict[str | None, str]
    produced_at: datetime
    produced_by: str
    close: Close | None
    standing: Standing

    @property
    def filename(self) -> str:
        """The name of the file, without its ending."""
        return f"statement-{self.code.replace(':', '-')}-{self.period.start}-{self.period.end}"

    def entries(self, session: Session) -> Iterator[Entry]:
        """Yield every entry in the order of recording; a thousand at a time are read."""
        after = ""
        while True:
            page = list_entries(session, self.code, self.period, after=after, limit=ENTRIES_AT_ONCE)
            codes = {code for line in page.lines for code in line.partners}
            names = names_of(session, codes, self.close)
            for line in page.lines:
                yield _entry(line, names)
            if page.next is None:
                return
            after = page.next


def read_document(session: Session, code: str, period: Period, actor: Actor) -> StatementDocument:
    """Return the statement of the account ``code`` for a period, as ``actor`` downloads it.

    Raises:
        NotFound: there is no such account.
        Refusal: the period has a problem, which it says.
    """
    statement_account = find_statement_account(session, code)
    if statement_account is None:
        raise NotFound("There is no such account.")
    opened_on = statement_account.opened_at.astimezone(LONDON).date()
    period = before_opening(period, opened_on)
    if period.problem:
        raise Refusal(period.problem)
    close = find_close(session, period)
    figures = figures_of(session, code, period)
    partners = [partner for partner in figures.by_partner if partner is not None]
    names = names_of(session, [code, *partners], close)
    return StatementDocument(
        code=code,
        name=names[code],
        urn=code.removeprefix(SCHOOLS) if code.startswith(SCHOOLS) else "",
        period=period,
        figures=figures,
        partner_names={
            None: "Several accounts at once",
            **{partner: names[partner] for partner in partners},
        },
        produced_at=close.closed_at if close else clock.now(),
        produced_by="" if close else f"{actor.person_name}, {actor.roles_label} at {actor.label}",
        close=close,
        standing=_standing(session, close),
    )


def find_close(session: Session, period: Period) -> Close | None:
    """Return how the books of the last day of ``period`` were closed; None if they are not."""
    closed = schema.period.c
    row = session.execute(
        sa.select(closed.transaction_id, closed.closed_at)
        .where(closed.ends_on >= period.end)
        .order_by(closed.ends_on)
        .limit(1)
    ).first()
    return Close(*row) if row is not None else None


def names_of(session: Session, codes: Iterable[str], close: Close | None) -> dict[str, str]:
    """Return the names of accounts: those of now, or those that they had at a close."""
    if close is None:
        return account_names(session, codes)
    event, account = schema.account_event.c, schema.account.c
    latest = (
        sa.select(sa.func.max(event.transaction_id))
        .where(event.account_id == account.id, event.transaction_id <= close.number)
        .correlate(schema.account)
        .scalar_subquery()
    )
    wanted = set(codes)
    rows = session.execute(
        sa.select(account.code, event.name)
        .join(schema.account_event, event.transaction_id == latest)
        .where(schema.is_one_of(account.code, "codes"), event.account_id == account.id),
        {"codes": list(wanted)},
    )
    names = {code: code for code in wanted}
    return names | {code: NETWORK_NAMES.get(code, name or code) for code, name in rows}


def _standing(session: Session, close: Close | None) -> Standing:
    seal = schema.seal.c
    seals = sa.select(seal.number, seal.sealed_at, seal.hash).order_by(seal.number.desc()).limit(1)
    if close is not None:
        seals = seals.where(seal.sealed_at <= close.closed_at)
    row = session.execute(seals).first()
    return Standing(
        last_record=close.number if close is not None else Book(session).head().last,
        seal=LastSeal(row.number, row.sealed_at, row.hash.hex()) if row is not None else None,
        verified=verified_words(session, close.closed_at if close is not None else None),
    )


def _entry(line: EntryLine, names: dict[str, str]) -> Entry:
    return Entry(
        recorded=line.recorded,
        effective=line.effective,
        number=line.transaction_id,
        kind=line.kind,
        text=line.memo,
        partners="; ".join(names[code] for code in line.partners),
        minutes=line.amount,
        balance=line.balance,
        reference=line.reference,
    )
