"""Opening, changing and closing accounts."""

from __future__ import annotations

from collections.abc import Iterable

from ledger import accounts, requests
from ledger.posting import Postings
from ledger.records import UNCHANGED, Account, Line, Unchanged
from ledger.witness import verb


class Accounts(Postings):
    """The verbs for accounts, closing among them, which may post; part of `ledger.Book`."""

    @verb
    def open_account(
        self,
        code: str,
        *,
        floor: int | None,
        ceiling: int | None = None,
        name: str = "",
        soft_floor: int | None = None,
        soft_ceiling: int | None = None,
    ) -> Account:
        """Open an account; ``floor`` and ``ceiling`` bound its balance in minutes (None: no bound).

        ``soft_floor`` and ``soft_ceiling`` refuse nothing; `beyond_soft_limits` reports them.

        Raises:
            AccountExists: the code is taken.
        """
        self._write()
        limits = {
            "floor": floor,
            "ceiling": ceiling,
            "soft_floor": soft_floor,
            "soft_ceiling": soft_ceiling,
        }
        accounts.open_account(self.connection, self._clock, code, limits, name)
        return Account(
            code=code,
            name=name,
            status="open",
            posted=0,
            held_out=0,
            held_in=0,
            version=0,
            **limits,
        )

    def account(self, code: str) -> Account:
        """An account as it stands.

        Raises:
            UnknownAccount: there is none of that code.
        """
        return accounts.only(self._read(), code)

    def balances(self, codes: Iterable[str] | None = None) -> dict[str, Account]:
        """Accounts as they stand, by code, in one query (all, if no codes are given).

        Codes that no account has are left out.
        """
        return self._read().accounts(codes)

    def beyond_soft_limits(self) -> list[Account]:
        """The accounts whose posted balance has passed a soft limit, by code.

        It looks at the accounts that have soft limits, whatever the size of the book.
        """
        return self._read().beyond_soft_limits()

    @verb
    def set_limits(
        self,
        code: str,
        *,
        floor: int | None,
        ceiling: int | None,
        actor: str,
        reason: str,
        soft_floor: int | Unchanged | None = UNCHANGED,
        soft_ceiling: int | Unchanged | None = UNCHANGED,
    ) -> Account:
        """Change an account's limits; a balance outside them may only move back towards them.

        The soft ones stay what they are unless they are given; they refuse nothing.

        Raises:
            InvalidAmount: a limit is no whole number, or a floor lies above its ceiling.
            UnknownAccount, AccountNotOpen (it is closed), InvalidText (nobody, or no reason).
        """
        limits = {"floor": floor, "ceiling": ceiling}
        if soft_floor is not UNCHANGED:
            limits["soft_floor"] = soft_floor
        if soft_ceiling is not UNCHANGED:
            limits["soft_ceiling"] = soft_ceiling
        self._touch(code)
        self._write()
        accounts.change(self.connection, self._clock, code, "limits", actor, reason, limits)
        return self.account(code)

    @verb
    def freeze(self, code: str, *, actor: str, reason: str) -> Account:
        """Let an account take no new postings or holds; its holds may be settled and voided."""
        return self._set_status(code, "freeze", "frozen", actor, reason)

    @verb
    def unfreeze(self, code: str, *, actor: str, reason: str) -> Account:
        """Let a frozen account take postings again."""
        return self._set_status(code, "unfreeze", "open", actor, reason)

    @verb
    def close_account(
        self,
        code: str,
        *,
        actor: str,
        reason: str,
        rest_to: str | None = None,
        even_frozen: bool = False,
    ) -> Account:
        """Close an account for ever; ``rest_to`` names the account that takes what it still has.

        What it has goes there as a ``closure``; what it owes is made good from there as a
        ``write-off``. With ``even_frozen`` a frozen account is unfrozen first, on the record.

        Raises:
            AccountInUse: it has open holds, or a balance and no ``rest_to``.
            AccountNotOpen: it is frozen or closed already, or ``rest_to`` is.
            LimitExceeded: ``rest_to`` cannot take or make good the rest.
        """
        touched: tuple[str, ...] = (code,)
        if rest_to is not None:
            requests.check_two(code, rest_to)
            touched += (rest_to,)
        self._touch(*touched)
        self._write()
        with self._bind.begin_nested():
            return self._close(code, touched, actor, reason, rest_to, even_frozen)

    def _close(
        self,
        code: str,
        touched: Iterable[str],
        actor: str,
        reason: str,
        rest_to: str | None,
        even_frozen: bool,
    ) -> Account:
        locked = accounts.lock(self.connection, *touched)
        if even_frozen and locked[code].status == "frozen":
            self._set_status(code, "unfreeze", "open", actor, reason)
        rest = self.account(code)
        accounts.check_closable(rest, rest_to)
        # After the look at it: what has expired for that has expired for the release, too.
        accounts.release_due(self.connection, self._clock, code, 10_000)
        if rest.posted and rest_to is not None:
            self.post(
                [Line(code, -rest.posted), Line(rest_to, rest.posted)],
                key=f"close:{code}:{rest.version}",
                kind="closure" if rest.posted > 0 else "write-off",
                memo=reason,
                actor=actor,
            )
        return self._set_status(code, "close", "closed", actor, reason)

    def _set_status(self, code: str, action: str, status: str, actor: str, reason: str) -> Account:
        self._touch(code)
        self._write()
        values = {"status": status}
        accounts.change(self.connection, self._clock, code, action, actor, reason, values)
        return self.account(code)
