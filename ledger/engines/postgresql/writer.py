"""Writing on PostgreSQL: each verb is one call of a function in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
_POST_SET = (
    "SELECT ledger_post_set(%s::text[], %s::bytea[], %s::text[], %s::text[], %s::date[], "
    "%s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], "
    "%s::bigint[], %s, %s)"
)
_POST_MANY = (
    "SELECT * FROM ledger_post_many(%s, %s::text[], %s::bytea[], %s::text[], %s::text[], "
    "%s::date[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], "
    "%s, %s)"
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
    ) -> tuple[list[Outcome], int | None]:
        """Post a batch; when atomic and refused, say at which place."""
        headers = [header for header, _ in batch]
        postings = [posting for _, own in batch for posting in own]
        counts = [len(own) for _, own in batch]
        codes: dict[str, int] = {}
        accounts = [codes.setdefault(posting.account, len(codes) + 1) for posting in postings]
        days = [header.effective for header in headers]
        common = (
            _texts([header.key for header in headers]),
            _texts(["\\x" + header.digest.hex() for header in headers]),
            _texts([header.kind for header in headers]),
            _texts([header.memo for header in headers]),
            _values(day or "NULL" for day in days),
            _texts([header.actor for header in headers]),
            _texts([header.reference for header in headers]),
            _values(counts),
            _texts(list(codes)),
        )
        places = (
            _values([n for n, count in enumerate(counts, start=1) for _ in range(count)]),
            _values([n for count in counts for n in range(1, count + 1)]),
        )
        moved = _values(accounts), _values([posting.amount for posting in postings])
        now = self._now()
        answer = self._connection.exec_driver_sql(
            _POST_SET, (*common, *places, *moved, now, imported)
        ).scalar_one()
        if answer:
            return _set(answer, days, batch), None
        values = (atomic, *common, *moved, now, imported)
        row = self._connection.exec_driver_sql(_POST_MANY, values).one()
        codes_, ids, effectives, recorded, versions, balances, names, haves, needs, failed = row
        outcomes, place = [], 0
        for index in range(len(codes_)):
            own = tuple(batch[index][1])
            after = place + len(own)
            outcomes.append(
                Outcome(
                    codes_[index],
                    ids[index],
                    effectives[index],
                    recorded[index],
                    versions[place:after],
                    balances[place:after],
                    names[index],
                    haves[index],
                    needs[index],
                    own,
                )
            )
            place = after
        return outcomes, failed - 1 if failed else None


def _set(
    answer: str, days: Sequence[date | None], batch: Sequence[tuple[Header, Sequence[Posting]]]
) -> list[Outcome]:
    """What `ledger_post_set` answers, when all was posted."""
    recorded, today, *numbers = answer.split(" ")
    ids, versions, balances = (list(map(int, text.split(","))) for text in numbers)
    instant, effective = _instant(recorded), date.fromisoformat(today)
    outcomes, place = [], 0
    for (_, own), id_, day in zip(batch, ids, days, strict=True):
        after = place + len(own)
        outcomes.append(
            Outcome(
                "done",
                id_,
                day or effective,
                instant,
                versions[place:after],
                balances[place:after],
                postings=tuple(own),
            )
        )
        place = after
    return outcomes


def _instant(microseconds: str) -> datetime:
    return EPOCH + timedelta(microseconds=int(microseconds))


def _texts(values: Sequence[str]) -> str:
    """Texts as PostgreSQL writes an array: much faster than the driver's own way."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([v.replace("\\", r"\\").replace('"', r"\"") for v in values])
    return '{"' + joined + '"}'


def _values(values: Iterable[int | date | str]) -> str:
    """Numbers (or dates) as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, values)) + "}"
