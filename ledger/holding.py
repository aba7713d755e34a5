"""Holds: minutes reserved now and settled, voided or extended later."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal

from ledger import accounts, requests
from ledger.base import Base
from ledger.errors import UnknownHold
from ledger.records import Hold, Levy, Line, Transaction
from ledger.witness import verb


class Holds(Base):
    """The verbs for holds; part of `ledger.Book`."""

    @verb
    def hold(
        self,
        source: str,
        target: str,
        minutes: int,
        *,
        key: str,
        expires_at: datetime | None = None,
        kind: str = "transfer",
        memo: str = "",
        effective: date | None = None,
        actor: str = "",
        reference: str = "",
    ) -> Hold:
        """Reserve minutes of one account for another, within the limits of both.

        From ``expires_at`` on the hold counts no longer and cannot be settled. It is part of the
        content that the key stands for: take it from the matter at hand, not from the clock.

        Raises:
            What `post` raises.
        """
        requests.check_minutes(minutes)
        expires_at = requests.check_expiry(expires_at)
        lines = requests.check_lines([Line(source, -minutes), Line(target, minutes)])
        header = requests.header(
            {
                "hold": [source, target, minutes],
                "expires_at": expires_at and expires_at.isoformat(),
            },
            key=key,
            kind=kind,
            memo=memo,
            effective=effective,
            actor=actor,
            reference=reference,
        )
        requests.check_two(source, target)
        outcome = self._write().move(True, header, (lines[0], lines[1]), expires_at)
        if outcome.code == "replayed":
            return self._read().hold(outcome.id, replayed=True)
        if outcome.code != "done":
            raise self._refused("hold", header, outcome, expires_at=expires_at)
        return Hold(
            id=outcome.id,
            key=key,
            source=source,
            target=target,
            minutes=minutes,
            settled=0,
            state="open",
            expires_at=expires_at,
            recorded=outcome.recorded.astimezone(UTC),
            kind=kind,
            memo=memo,
            actor=actor,
            reference=reference,
        )

    @verb
    def settle(
        self,
        hold_id: int,
        minutes: int | None = None,
        *,
        key: str,
        final: bool = True,
        levy: Levy | None = None,
        kind: str = "transfer",
        memo: str = "",
        effective: date | None = None,
        actor: str = "",
        reference: str = "",
    ) -> Transaction:
        """Turn a hold, or part of it, into a transaction.

        Without ``minutes`` it is all that remains. ``final`` releases the rest; with
        ``final=False`` it stays held, to be settled in further parts or voided.

        A ``levy`` sends a share of what is settled to a third account, as a third line of the
        same transaction; where the share is less than a minute, there is no such line.

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, ExceedsHold.
            PeriodClosed, IdempotencyConflict.
            InvalidShare, UnknownAccount, AccountNotOpen, LimitExceeded: of the levy.
            InvalidText: the levy would go to one of the two accounts themselves.
        """
        if minutes is not None:
            requests.check_minutes(minutes)
        content: dict[str, Any] = {"settle": hold_id, "minutes": minutes, "final": final}
        if levy is not None:
            requests.check_text("account a levy goes to", levy.to, 1, 100)
            content["levy"] = [str(requests.check_share(levy.share)), levy.to]
        header = requests.header(
            content,
            key=key,
            kind=kind,
            memo=memo,
            effective=effective,
            actor=actor,
            reference=reference,
        )
        if not requests.is_number(hold_id):
            raise UnknownHold(hold_id)
        outcome = self._write().resolve("settle", header, hold_id, minutes, final, None, levy)
        return self._posted("settle", header, outcome, subject=hold_id)

    @verb
    def void(
        self,
        hold_id: int,
        *,
        key: str,
        kind: str = "transfer",
        memo: str = "",
        actor: str = "",
        reference: str = "",
    ) -> Hold:
        """Release what a hold still reserves.

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, IdempotencyConflict.
        """
        return self._resolve_without_moving(
            "void", hold_id, None, key=key, kind=kind, memo=memo, actor=actor, reference=reference
        )

    @verb
    def extend(
        self,
        hold_id: int,
        expires_at: datetime | None,
        *,
        key: str,
        kind: str = "transfer",
        memo: str = "",
        actor: str = "",
        reference: str = "",
    ) -> Hold:
        """Give an open hold another time to expire (None: never).

        Raises:
            UnknownHold, AlreadySettled, AlreadyVoided, HoldExpired, IdempotencyConflict.
            InvalidDate: the time is over already.
        """
        expires_at = requests.check_expiry(expires_at)
        return self._resolve_without_moving(
            "extend",
            hold_id,
            expires_at,
            key=key,
            kind=kind,
            memo=memo,
            actor=actor,
            reference=reference,
        )

    def _resolve_without_moving(
        self,
        action: Literal["void", "extend"],
        hold_id: int,
        expires_at: datetime | None,
        **texts: str,
    ) -> Hold:
        content: dict[str, Any] = {action: hold_id}
        if action == "extend":
            content["expires_at"] = expires_at and expires_at.isoformat()
        header = requests.header(content, effective=None, **texts)
        if not requests.is_number(hold_id):
            raise UnknownHold(hold_id)
        final = action == "void"
        outcome = self._write().resolve(action, header, hold_id, None, final, expires_at)
        if outcome.code not in ("done", "replayed"):
            raise self._refused(action, header, outcome, subject=hold_id, expires_at=expires_at)
        return self._read().hold(hold_id, replayed=outcome.code == "replayed")

    @verb
    def sweep(self, limit: int = 500) -> int:
        """Take expired holds off the accounts; says how many sides of holds were released.

        Nothing depends on it: an expired hold never counts. It keeps the working set small.
        """
        self._touch_any()
        self._write()
        return accounts.release_due(self.connection, self._clock, None, limit)
