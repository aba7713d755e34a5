"""The ledger's rules once more, as plain Python without a database: what the others must do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import ledger
from ledger import Posting

LONDON = ZoneInfo("Europe/London")
MICROSECOND = timedelta(microseconds=1)


@dataclass
class Account:
    floor: int | None
    ceiling: int | None
    latest: datetime
    status: str = "open"
    soft_floor: int | None = None
    soft_ceiling: int | None = None
    entries: list[tuple[int, datetime, date]] = field(default_factory=list)

    @property
    def posted(self) -> int:
        return sum(amount for amount, _, _ in self.entries)

    @property
    def beyond(self) -> str | None:
        if self.soft_floor is not None and self.posted < self.soft_floor:
            return "floor"
        if self.soft_ceiling is not None and self.posted > self.soft_ceiling:
            return "ceiling"
        return None


@dataclass
class Hold:
    source: str
    target: str
    minutes: int
    expires_at: datetime | None
    settled: int = 0
    remaining: int = 0
    state: str = "open"

    def open_at(self, instant: datetime) -> bool:
        return self.state == "open" and (self.expires_at is None or instant < self.expires_at)


@dataclass
class Done:
    number: int
    lines: tuple[Posting, ...]
    reverses: int | None = None
    reversed_by: int | None = None


class Model:
    """The reference: dictionaries and sums. Numbers are its own; keys say what is what."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.accounts: dict[str, Account] = {}
        self.holds: dict[int, Hold] = {}
        self.done: dict[int, Done] = {}
        self.keys: dict[str, tuple[Any, int]] = {}

    def open_account(self, code: str, floor: int | None, ceiling: int | None) -> None:
        self.accounts[code] = Account(floor, ceiling, self.clock())

    def held(self, code: str, side: str, instant: datetime) -> int:
        return sum(
            hold.remaining
            for hold in self.holds.values()
            if getattr(hold, side) == code and hold.open_at(instant)
        )

    def seen(self, key: str, content: Any) -> int | None:
        if key not in self.keys:
            return None
        before, number = self.keys[key]
        if before != content:
            raise ledger.IdempotencyConflict(key, number, {})
        return number

    def instant(self, codes: Sequence[str]) -> datetime:
        known = [self.accounts[code].latest + MICROSECOND for code in codes]
        return max([self.clock(), *known])

    def date(self, effective: date | None, instant: datetime) -> date:
        today = instant.astimezone(LONDON).date()
        if effective is not None and effective > today:
            raise ledger.InvalidDate(effective, "")
        return effective or today

    def check(
        self,
        lines: Sequence[Posting],
        effective: date | None,
        *,
        expires_at: datetime | None = None,
        reverses: int | None = None,
        override: bool = False,
    ) -> tuple[datetime, date]:
        change: Counter[str] = Counter()
        for code, amount in lines:
            change[code] += amount
        for code in change:
            if code not in self.accounts:
                raise ledger.UnknownAccount(code)
        for code in change:
            if self.accounts[code].status != "open":
                raise ledger.AccountNotOpen(code, self.accounts[code].status)
        instant = self.instant(list(change))
        if expires_at is not None and expires_at <= instant:
            raise ledger.InvalidDate(expires_at, "")
        day = self.date(effective, instant)
        if reverses is not None and (by := self.done[reverses].reversed_by) is not None:
            raise ledger.AlreadyReversed(reverses, by)
        self.check_limits(change, instant, override)
        return instant, day

    def check_limits(
        self, change: Mapping[str, int], instant: datetime, override: bool = False
    ) -> None:
        for limit, sign in (("floor", -1), ("ceiling", 1)):
            for code, amount in change.items():
                account, needed = self.accounts[code], amount * sign
                bound = getattr(account, limit)
                if bound is None or override:
                    bound = sign * 2**40
                if needed <= 0:
                    continue
                side = "source" if sign < 0 else "target"
                have = (bound - account.posted) * sign - self.held(code, side, instant)
                if needed > have:
                    raise ledger.LimitExceeded(code, limit, have, needed)  # type: ignore[arg-type]

    def write(
        self, key: str, content: Any, lines: Sequence[Posting], instant: datetime, day: date
    ) -> int:
        number = len(self.keys) + 1
        for code, amount in lines:
            self.accounts[code].entries.append((amount, instant, day))
            self.accounts[code].latest = instant
        self.done[number] = Done(number, tuple(lines))
        self.keys[key] = (content, number)
        return number

    def post(self, lines: Sequence[Posting], key: str, effective: date | None = None) -> int:
        content = ("post", tuple(lines), effective)
        if (number := self.seen(key, content)) is not None:
            return number
        return self.write(key, content, lines, *self.check(lines, effective))

    def post_many(
        self, batch: Sequence[tuple[Sequence[Posting], str, date | None]], atomic: bool
    ) -> list[int | ledger.LedgerError]:
        results: list[int | ledger.LedgerError] = []
        before = self.snapshot()
        for index, (lines, key, effective) in enumerate(batch):
            try:
                results.append(self.post(lines, key, effective))
            except ledger.LedgerError as error:
                if atomic:
                    self.restore(before)
                    raise ledger.BatchRefused(index, error) from error
                results.append(error)
        return results

    def snapshot(self) -> Any:
        return deepcopy((self.accounts, self.holds, self.done, self.keys))

    def restore(self, before: Any) -> None:
        self.accounts, self.holds, self.done, self.keys = before

    def group(
        self, named: Collection[str], steps: Sequence[tuple[Collection[str], Callable[[], int]]]
    ) -> list[int]:
        before, results = self.snapshot(), []
        for index, (touched, step) in enumerate(steps):
            try:
                for code in touched:
                    if code not in named:
                        raise ledger.NotInGroup(code)
                results.append(step())
            except ledger.LedgerError as error:
                self.restore(before)
                raise ledger.GroupRefused(index, error) from error
        return results

    def demurrage(
        self, period: str, above: int, share: Fraction, to: str
    ) -> list[int | ledger.LedgerError]:
        batch: list[tuple[Sequence[Posting], str, date | None]] = []
        for code, account in sorted(self.accounts.items()):
            key = f"demurrage:{period}:{code}"
            floor = above if account.floor is None else max(above, account.floor)
            free = account.posted - self.held(code, "source", self.clock()) - floor
            charge = int(max(free, 0) * share)
            if account.status == "open" and code != to and key not in self.keys and charge:
                batch.append(([Posting(code, -charge), Posting(to, charge)], key, None))
        return self.post_many(batch, atomic=True)

    def hold(
        self, source: str, target: str, minutes: int, key: str, expires_at: datetime | None
    ) -> int:
        content = ("hold", source, target, minutes, expires_at)
        if (number := self.seen(key, content)) is not None:
            return number
        lines = [Posting(source, -minutes), Posting(target, minutes)]
        instant, _ = self.check(lines, None, expires_at=expires_at)
        number = len(self.keys) + 1
        self.holds[number] = Hold(source, target, minutes, expires_at, remaining=minutes)
        for code in (source, target):
            self.accounts[code].latest = instant
        self.keys[key] = (content, number)
        return number

    def resolve(
        self,
        action: str,
        number: int,
        key: str,
        minutes: int | None = None,
        final: bool = True,
        expires_at: datetime | None = None,
        levy: ledger.Levy | None = None,
    ) -> int:
        content = (action, number, minutes, final, expires_at, levy)
        if (before := self.seen(key, content)) is not None:
            return before
        hold = self.holds[number]
        if levy and levy.to in (hold.source, hold.target):
            raise ledger.InvalidText("levy", levy.to)
        instant = self.instant([hold.source, hold.target, *([levy.to] if levy else [])])
        moved = 0 if action != "settle" else hold.remaining if minutes is None else minutes
        if hold.state != "open":
            settled = hold.state == "settled"
            raise (ledger.AlreadySettled if settled else ledger.AlreadyVoided)(number)
        if not hold.open_at(instant):
            raise ledger.HoldExpired(number)
        if moved > hold.remaining:
            raise ledger.ExceedsHold(number, hold.remaining, moved)
        if expires_at is not None and expires_at <= instant:
            raise ledger.InvalidDate(expires_at, "")
        levied = int(moved * levy.share) if levy else 0
        if levy and levied:
            if self.accounts[levy.to].status != "open":
                raise ledger.AccountNotOpen(levy.to, self.accounts[levy.to].status)
            self.check_limits({levy.to: levied}, instant)
        if action == "extend":
            hold.expires_at = expires_at
        else:
            hold.settled += moved
            hold.remaining = 0 if final else hold.remaining - moved
            if not hold.remaining:
                hold.state = "voided" if action == "void" else "settled"
        lines = (
            [Posting(hold.source, -moved), Posting(hold.target, moved - levied)] if moved else []
        )
        lines += [Posting(levy.to, levied)] if levy and levied else []
        for code in (hold.source, hold.target):
            self.accounts[code].latest = instant
        return self.write(key, content, lines, instant, self.date(None, instant))

    def reverse(self, number: int, key: str, override: bool) -> int:
        content = ("reverse", number, override)
        original = self.done[number]
        if not original.lines or original.reverses is not None:
            raise ledger.NotReversible(number)
        if (before := self.seen(key, content)) is not None:
            return before
        lines = [Posting(code, -amount) for code, amount in original.lines]
        checked = self.check(lines, None, reverses=number, override=override)
        reversal = self.write(key, content, lines, *checked)
        self.done[reversal].reverses = number
        original.reversed_by = reversal
        return reversal

    def set_status(self, code: str, begins: str, status: str) -> None:
        account = self.accounts[code]
        if account.status != begins:
            raise ledger.AccountNotOpen(code, account.status)
        account.status = status
        account.latest = max(account.latest, self.clock())

    def set_limits(
        self, code: str, floor: int | None, ceiling: int | None, soft: Mapping[str, int | None]
    ) -> None:
        account = self.accounts[code]
        low = soft.get("soft_floor", account.soft_floor)
        high = soft.get("soft_ceiling", account.soft_ceiling)
        if low is not None and high is not None and low > high:
            raise ledger.InvalidAmount(low)
        account.floor, account.ceiling = floor, ceiling
        account.soft_floor, account.soft_ceiling = low, high
        account.latest = max(account.latest, self.clock())

    def given(self, a: str, b: str) -> int:
        """What a has given b where it is plain, reversals taken back."""
        total = 0
        for done in self.done.values():
            net: Counter[str] = Counter()
            for code, amount in done.lines:
                net[code] += amount if done.reverses is None else -amount
            givers = [code for code in net if net[code] < 0]
            takers = [code for code in net if net[code] > 0]
            if 1 in (len(givers), len(takers)) and a in givers and b in takers:
                moved = net[b] if len(givers) == 1 else -net[a]
                total += moved if done.reverses is None else -moved
        return total

    def effective(self, code: str, day: date) -> int:
        return sum(amount for amount, _, when in self.accounts[code].entries if when <= day)

    def recorded(self, code: str, instant: datetime) -> int:
        return sum(amount for amount, when, _ in self.accounts[code].entries if when <= instant)
