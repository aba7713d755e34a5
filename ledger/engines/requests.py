"""What is asked of a writer, checked and in canonical form, and what it answers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from ledger.clock import END, in_utc
from ledger.errors import (
    InvalidAmount,
    InvalidDate,
    InvalidLimit,
    InvalidShare,
    InvalidText,
    TooManyPostings,
    Unbalanced,
)
from ledger.schema import EPOCH
from ledger.types import Levy, Override, Posting

MOST_POSTINGS = 10_000
OWN_KEYS = "ledger:"  # what the library itself gives, beyond the reach of its callers'
MOST_ROWS = 10_000  # of a page
MOST_WORK = 1_000_000  # rows that one call of a scheduler's works through
FINEST_SHARE = 1_000_000  # the largest denominator: a millionth
LARGEST_NUMBER = 2**63 - 1  # that a row can have
# What any account can have or owe, and one posting move: two million years. So no sum leaves
# 64 bits, and one that only grows (what A has given B, what was dated back to a day) does so no
# sooner than after 2^23 postings as large as that.
MOST_MINUTES = 2**40

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.-]{0,99}\Z")
_canonical = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode


class Header(NamedTuple):
    """What every record of the book carries, whatever it does."""

    key: str
    kind: str
    memo: str
    effective: date | None
    actor: str
    reference: str
    digest: bytes
    content: dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """A writer's answer: ``code`` is ``done``, ``replayed``, ``conflict`` or why it refused.

    ``have`` and ``need`` are minutes; of ``clock_ahead``, the account's last instant and the
    clock, in microseconds since 1970; of ``before_opening``, ``have`` is the account's first day,
    as `date.toordinal` counts.
    """

    code: str
    id: int = 0
    effective: date = date.min
    recorded: datetime = EPOCH
    versions: Sequence[int] = ()
    balances: Sequence[int] = ()
    account: str = ""
    have: int = 0
    need: int = 0
    postings: tuple[Posting, ...] = field(default=())


class Writer(Protocol):
    """How the verbs reach a database; see the writers of `ledger.engines`."""

    def move(
        self,
        hold: bool,
        header: Header,
        postings: tuple[Posting, Posting],
        expires_at: datetime | None,
    ) -> Outcome:
        """Transfer or hold minutes from the first posting's account to the second's."""

    def resolve(
        self,
        action: str,
        header: Header,
        hold_id: int,
        minutes: int | None,
        final: bool,
        expires_at: datetime | None,
        levy: Levy | None = None,
    ) -> Outcome:
        """Settle (with a levy perhaps), void or extend a hold."""

    def post(
        self,
        header: Header,
        postings: Sequence[Posting],
        reverses: int | None = None,
        override: Override | None = None,
        imported: bool = False,
    ) -> Outcome:
        """Post to any number of accounts; if imported, on a day before they were opened, too."""

    def post_many(
        self,
        batch: Sequence[tuple[Header, Sequence[Posting]]],
        atomic: bool,
        imported: bool = False,
    ) -> tuple[Iterable[Outcome], int | None]:
        """Post a batch; when atomic and refused, say at which place: there the outcomes end."""


def header(
    content: dict[str, Any],
    *,
    key: str,
    kind: str = "transfer",
    memo: str = "",
    effective: date | None = None,
    actor: str = "",
    reference: str = "",
    own: bool = False,
) -> Header:
    """Check the texts and take the digest of everything the caller gave."""
    check_key(key, own=own)
    check_text("kind", kind, 1, 60)
    if (memo, actor, reference) != ("", "", ""):
        check_text("memo", memo, 0, 2000)
        check_text("actor", actor, 0, 200)
        check_text("reference", reference, 0, 200)
    check_day(effective)
    given = [kind, memo, effective and effective.isoformat(), actor, reference, content]
    digest = hashlib.sha256(_canonical(given).encode()).digest()
    return Header(key, kind, memo, effective, actor, reference, digest, content)


def check_key(key: str, *, own: bool) -> str:
    """A key of 1 to 200 characters; those that begin with `OWN_KEYS` are the library's ``own``."""
    check_text("key", key, 1, 300 if own else 200)
    if key.startswith(OWN_KEYS) and not own:
        raise InvalidText("key", key)
    return key


def check_text(name: str, text: str, least: int, most: int) -> str:
    """A text of so many characters that every database can keep."""
    if not isinstance(text, str) or not least <= len(text) <= most or not storable(text):
        raise InvalidText(name, text)
    return text


def check_reason(name: str, text: str, most: int) -> str:
    """A text, as `check_text` has it, that is not blank."""
    check_text(name, text, 1, most)
    if not text.strip():
        raise InvalidText(name, text)
    return text


def storable(text: str) -> bool:
    """Whether every database can keep a text: PostgreSQL has no NUL, UTF-8 no half surrogates."""
    if text.isascii():
        return "\0" not in text
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def is_number(id_: int) -> bool:
    """Whether a row can have this number."""
    return 0 < id_ <= LARGEST_NUMBER


def check_code(code: str) -> str:
    """An account code: letters, digits and ``: _ . -``, beginning with a letter or digit."""
    if not isinstance(code, str) or not _CODE.match(code):
        raise InvalidText("account code", code)
    return code


def check_minutes(minutes: int) -> int:
    """A whole number of minutes from 1 to `MOST_MINUTES`; `bool` and `float` are not."""
    if type(minutes) is not int or not 0 < minutes <= MOST_MINUTES:
        raise InvalidAmount(minutes)
    return minutes


def check_postings(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """2 to `MOST_POSTINGS` postings that sum to zero and move `MOST_MINUTES` whole ones at most."""
    for account, amount in postings:
        if type(amount) is not int or not 0 < abs(amount) <= MOST_MINUTES:
            raise InvalidAmount(amount)
        if not isinstance(account, str) or not storable(account):
            raise InvalidText("account code", account)
    if len(postings) > MOST_POSTINGS:
        raise TooManyPostings(len(postings), MOST_POSTINGS)
    total = sum(amount for _, amount in postings)
    if total or len(postings) < 2:
        raise Unbalanced(total, len(postings))
    moved = sum(amount for _, amount in postings if amount > 0)
    if moved > MOST_MINUTES:
        raise InvalidAmount(moved)
    return tuple(postings)


def check_limit(limit: int, least: int = 0, most: int = MOST_ROWS) -> int:
    """How many rows a page may have, or a call may work through: a whole number."""
    if type(limit) is not int or not least <= limit <= most:
        raise InvalidLimit(limit, least, most)
    return limit


def check_day(day: date | None) -> date | None:
    """A calendar date (a `datetime` is not), or none."""
    if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
        raise InvalidDate(day, f"“{day}” is not a calendar date.")
    return day


def check_instant(instant: datetime | None) -> datetime | None:
    """An instant with a time zone, in UTC, or none."""
    return None if instant is None else in_utc(instant)


def check_expiry(instant: datetime | None) -> datetime | None:
    """An instant, as `check_instant` has it, that any time zone's calendar has."""
    if (expiry := check_instant(instant)) is not None and END - expiry < timedelta(days=1):
        raise InvalidDate(instant, "No calendar goes that far.")
    return expiry


def check_two(source: str, target: str) -> None:
    """A transfer, a hold and a question about a pair are between two accounts."""
    if source == target:
        raise InvalidText("target", target)


def check_share(share: Fraction) -> Fraction:
    """A share of at least 0 and less than 1, in no finer parts than millionths."""
    if type(share) is not Fraction or not 0 <= share < 1 or share.denominator > FINEST_SHARE:
        raise InvalidShare(share)
    return share


def check_override(override: Override) -> None:
    """An override names a person and a reason."""
    check_reason("actor", override.actor, 2000)
    check_reason("reason", override.reason, 2000)
