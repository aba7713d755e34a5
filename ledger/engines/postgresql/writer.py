"""Writing on PostgreSQL: each verb is one call of a function in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from ledger.clock import Clock, told
from ledger.engines.requests import Header, Outcome
from ledger.schema import EPOCH
from ledger.types import Levy, Override, Posting

_MOVE = "SELECT ledger_move(" + "%s, " * 12 + "%s)"
_RESOLVE = "SELECT * FROM ledger_resolve(" + "%s, " * 15 + "%s)"
_POST = (
    "SELECT * FROM ledger_post(%s, %s, %s, %s, %s, %s, %s, %s::text[], %s::bigint[], "
    "%s, %s, %s, %s, %s)"
)
_POST_MANY = (
    "SELECT * FROM ledger_post_many(%s, %s::text[], %s, %s::text[], %s::text[], %s::date[], "
    "%s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], "
    "%s::bigint[], %s, %s)"
)


class PostgresqlWriter:
    """The verbs, one round trip each."""

    def __init__(self, connection: sa.Connection, clock: Clock | None) -> None:
        self._connection = connection
        self._clock = clock

    def _now(self) -> datetime | None:
        """The caller's clock; without one, the database takes its own after its locks."""
        return told(self._clock) if self._clock else None

    def move(
        self,
        hold: bool,
        header: Header,
        postings: tuple[Posting, Posting],
        expires_at: datetime | None,
    ) -> Outcome:
        """Transfer or hold minutes from the first posting's account to the second's."""
        source, target = postings
        answer = self._connection.exec_driver_sql(
            _MOVE,
            (
                hold,
                header.key,
                header.digest,
                header.kind,
                header.memo,
                header.effective,
                header.actor,
                header.reference,
                source.account,
                target.account,
                target.amount,
                expires_at,
                self._now(),
            ),
        ).scalar_one()
        code, *words = answer.split(" ")
        if code == "done":
            id_, recorded, effective, out_version, out_balance, in_version, in_balance = words
            return Outcome(
                code,
                int(id_),
                date.fromisoformat(effective),
                _instant(recorded),
                (int(out_version), int(in_version)),
                (int(out_balance), int(in_balance)),
                postings=postings,
            )
        if code in ("replayed", "conflict"):
            return Outcome(code, int(words[0]))
        if code == "period_closed":
            return Outcome(code, effective=date.fromisoformat(words[0]))
        outcome = Outcome(code, postings=postings)
        if words:
            outcome.account = (source if words[0] == "source" else target).account
        if len(words) > 1:
            outcome.have = int(words[1])
            outcome.need = int(words[2]) if len(words) > 2 else target.amount
        return outcome

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
        row = self._connection.exec_driver_sql(
            _RESOLVE,
            (
                action,
                header.key,
                header.digest,
                header.kind,
                header.memo,
                header.effective,
                header.actor,
                header.reference,
                hold_id,
                minutes,
                final,
                expires_at,
                levy and levy.to,
                levy and levy.share.numerator,
                levy and levy.share.denominator,
                self._now(),
            ),
        ).one()
        outcome, id_, effective, recorded, out_version, out_balance, in_version, in_balance = row[
            :8
        ]
        fund_version, fund_balance, source, target, moved, levied, remaining, account = row[8:]
        versions, balances, postings = [out_version, in_version], [out_balance, in_balance], []
        if source:
            postings = [Posting(source, -moved), Posting(target, moved - levied)]
        if levy and levied:
            versions.append(fund_version)
            balances.append(fund_balance)
            postings.append(Posting(levy.to, levied))
        return Outcome(
            outcome,
            id_,
            effective,
            recorded,
            versions,
            balances,
            account=account,
            have=remaining,
            need=moved,
            postings=tuple(postings),
        )

    def post(
        self,
        header: Header,
        postings: Sequence[Posting],
        reverses: int | None = None,
        override: Override | None = None,
        imported: bool = False,
    ) -> Outcome:
        """Post to any number of accounts."""
        row = self._connection.exec_driver_sql(
            _POST,
            (
                header.key,
                header.digest,
                header.kind,
                header.memo,
                header.effective,
                header.actor,
                header.reference,
                [posting.account for posting in postings],
                [posting.amount for posting in postings],
                reverses,
                override and override.actor,
                override and override.reason,
                self._now(),
                imported,
            ),
        ).one()
        outcome = Outcome(*row)
        outcome.postings = tuple(postings)
        return outcome

    def post_many(
        self,
        batch: Sequence[tuple[Header, Sequence[Posting]]],
        atomic: bool,
        imported: bool = False,
    ) -> tuple[Iterable[Outcome], int | None]:
        """Post a batch; when atomic and refused, say at which place."""
        headers = [header for header, _ in batch]
        lines = [line for _, postings in batch for line in postings]
        counts = [len(postings) for _, postings in batch]
        codes = sorted({account for account, _ in lines})
        places = {code: place for place, code in enumerate(codes, start=1)}
        row = self._connection.exec_driver_sql(
            _POST_MANY,
            (
                atomic,
                _texts([header.key for header in headers]),
                b"".join([header.digest for header in headers]),
                _texts([header.kind for header in headers]),
                _texts([header.memo for header in headers]),
                _values([header.effective or "NULL" for header in headers]),
                _texts([header.actor for header in headers]),
                _texts([header.reference for header in headers]),
                _values(counts),
                _texts(codes),
                _values([n for n, count in enumerate(counts, start=1) for _ in range(count)]),
                _values([n for count in counts for n in range(1, count + 1)]),
                _values([places[account] for account, _ in lines]),
                _values([amount for _, amount in lines]),
                self._now(),
                imported,
            ),
        ).one()
        *answers, failed = row
        return _outcomes(answers, batch, codes), failed - 1 if failed else None


def _outcomes(
    answers: Sequence[str], batch: Sequence[tuple[Header, Sequence[Posting]]], codes: Sequence[str]
) -> Iterator[Outcome]:
    """What `ledger_post_many` answers: of each posting, up to the one that failed.

    One by one, so that few objects of a large batch are alive at once.
    """
    texts = [answer.split(",") for answer in answers]
    words, ids, instants, days, versions, balances, accounts, haves, needs = texts
    recorded = {text: _instant(text) for text in set(instants)}
    effective = {text: date.fromisoformat(text) for text in set(days)}
    line_versions, line_balances = _numbers(versions), _numbers(balances)
    begin = 0
    for word, id_, instant, day, account, have, need, (_, postings) in zip(
        words, _numbers(ids), instants, days, accounts, haves, needs, batch, strict=False
    ):
        end = begin + len(postings)
        outcome = Outcome(
            word,
            id_,
            effective[day],
            recorded[instant],
            line_versions[begin:end],
            line_balances[begin:end],
            postings=tuple(postings),
        )
        if account:
            outcome.account = codes[int(account) - 1]
        if have:
            outcome.have = int(have)
        if need:
            outcome.need = int(need)
        yield outcome
        begin = end


def _numbers(texts: Sequence[str]) -> list[int]:
    """Numbers, as PostgreSQL writes them; of what was refused there are none."""
    return [int(text) if text else 0 for text in texts]


def _instant(microseconds: str) -> datetime:
    return EPOCH + timedelta(microseconds=int(microseconds))


def _texts(values: Sequence[str]) -> str:
    """Texts as PostgreSQL writes an array: much faster than the driver's own way."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([v.replace("\\", r"\\").replace('"', r"\"") for v in values])
    return '{"' + joined + '"}'


def _values(values: Sequence[int | date | str]) -> str:
    """Numbers (or dates) as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, values)) + "}"
