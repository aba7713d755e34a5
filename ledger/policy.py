"""Postings that a network's policy asks for: grants and demurrage, each between named accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from ledger import accounts, requests
from ledger.allocation import split
from ledger.errors import InvalidAmount, InvalidText
from ledger.posting import Postings
from ledger.records import Account, Charge, Line, Posting, Transaction
from ledger.witness import verb

_PERIOD = re.compile(r"[A-Za-z0-9-]{1,40}\Z")


class Policies(Postings):
    """The verbs of policy; part of `ledger.Book`."""

    @verb
    def grant(
        self,
        code: str,
        minutes: int,
        *,
        source: str,
        key: str,
        memo: str = "",
        effective: date | None = None,
        actor: str = "",
        reference: str = "",
    ) -> Transaction:
        """Give an account minutes out of a named source, such as the network's issuance.

        Raises:
            What `transfer` raises.
        """
        return self.transfer(
            source,
            code,
            minutes,
            key=key,
            kind="grant",
            memo=memo,
            effective=effective,
            actor=actor,
            reference=reference,
        )

    def demurrage_due(
        self, period: str, *, above: int, share: Fraction, to: str, prefix: str = ""
    ) -> list[Charge]:
        """What `demurrage` would charge now, by account; nothing is written.

        Of what an open account could give at once beyond ``above`` (held minutes cannot be
        given, nor what lies under its own floor) it is the share, rounded down to whole minutes.
        Left out are ``to`` itself, accounts whose code does not begin with ``prefix``, charges
        of less than a minute, and accounts already charged for the period.

        Raises:
            InvalidShare, InvalidAmount (``above``), InvalidText (``period``), UnknownAccount.
        """
        _check(period, above, share)
        accounts.only(self._read(), to)
        return self._charges(period, above, share, to, prefix, None)

    @verb
    def demurrage(
        self,
        period: str,
        *,
        above: int,
        share: Fraction,
        to: str,
        actor: str,
        prefix: str = "",
        effective: date | None = None,
    ) -> list[Transaction]:
        """Move what `demurrage_due` says to ``to``, all of it or none; gives what was posted.

        Each account is charged once a period, under the key ``demurrage:PERIOD:CODE``: a second
        run moves nothing more from it, whatever its balance has become or the rule says now.

        Raises:
            BatchRefused: ``to`` cannot take it. And what `demurrage_due` raises.
        """
        self._touch_any()
        _check(period, above, share)
        self._write()
        locked = accounts.lock_above(self.connection, above, to)
        charges = self._charges(period, above, share, to, prefix, locked)
        postings = [
            Posting(
                lines=[Line(charge.account, -charge.minutes), Line(to, charge.minutes)],
                key=_key(period, charge.account),
                kind="demurrage",
                memo=f"{share} of {charge.free} minutes above {above}",
                effective=effective,
                actor=actor,
                reference=f"demurrage:{period}",
            )
            for charge in charges
        ]
        posted = self.post_many(postings)
        return [result for result in posted if isinstance(result, Transaction)]

    def _charges(
        self,
        period: str,
        above: int,
        share: Fraction,
        to: str,
        prefix: str,
        within: Iterable[str] | None,
    ) -> list[Charge]:
        found = self._read().uncharged(_key(period, ""), above)
        allowed = found.keys() if within is None else found.keys() & set(within)
        charges = []
        for code in sorted(allowed):
            free = _free(found[code], above)
            minutes = split(free, share).part if free > 0 else 0
            if code.startswith(prefix) and code != to and minutes:
                charges.append(Charge(code, found[code].posted, free, minutes))
        return charges


def _free(account: Account, above: int) -> int:
    """Minutes beyond ``above`` that the account could give at once."""
    floor = above if account.floor is None else max(above, account.floor)
    return account.posted - account.held_out - floor


def _key(period: str, code: str) -> str:
    return f"demurrage:{period}:{code}"


def _check(period: str, above: int, share: Fraction) -> None:
    if not isinstance(period, str) or not _PERIOD.match(period):
        raise InvalidText("period", period)
    if type(above) is not int or not 0 <= above <= requests.MOST_MINUTES:
        raise InvalidAmount(above)
    requests.check_share(share)
