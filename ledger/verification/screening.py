"""The first pass: cheap sums that prove almost everything right, or say what to look at closely.

On PostgreSQL one statement scans entries and transactions once each, in parallel, without
sorting. What has an order or a pairing is proved by fingerprints: hashes of 64 bits under a key
drawn anew in every run, so that nobody can prepare for them. A fault goes unnoticed with a
probability of about 1 in 10⁹, and less.

- Each entry leads from the state before it, (version − 1, balance − amount), to the state after
  it, (version, balance). The exclusive or, over an account's entries, of the hashes of both states
  leaves that of the first, (0, 0), and that of the last, which the balance row has to name: every
  other state is met once as after and once as before, because a unique constraint lets an account
  have a version once. Were any state not met, 64 random bits would have to cancel.
- Entries have the header that belongs to them (number, instant, count of lines), and all of them,
  and every transaction sums to zero, if the sum over the entries of w·(amount + k) equals that
  over the headers of w·k·lines, where w has 31 bits of a hash of number, instant and count, and
  k is a random number of 31 bits. For the one part, with k, proves that entries and headers have
  the same w, each header as often as it says it has lines; and then the other proves that the
  amounts under each w, so of each transaction, are zero together. Either fails to notice a fault
  with a probability of 1 in 2³¹. (A line is there once: a unique constraint on its number
  and a trigger that looks at its range see to that, and the guards are checked.)

If there are holds, a second statement proves their parts likewise; see
`ledger.verification.hold_fingerprints`.

PostgreSQL's hash takes a key of 64 bits with all its bits, but folds a number of 64 bits to 32:
so one part of a state is the key (mixed with the random one), and the other is cast to 32 bits,
or is an instant as a float, of which all bits are hashed. What does not fit (a version beyond
2³¹, an amount beyond some 2³⁰ minutes) makes the statement fail, and then everything is looked at
closely, as it always is on SQLite, where one process reads one file.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from ledger import schema
from ledger.verification import hold_fingerprints
from ledger.verification.accounts import texts
from ledger.verification.limits import BUSY, PEAKS

_MOST = 10_000  # accounts looked at closely by number; beyond, all are


@dataclass(frozen=True, slots=True)
class Suspects:
    """What has to be looked at closely; accounts by number, None for all of them."""

    counts: dict[str, int]
    by_fingerprint: bool = False
    accounts: list[int] | None = None
    limits: list[int] | None = None
    transactions: bool = True
    holds: bool = True
    clock: bool = True
    days: bool = True
    periods: bool = True
    actions: bool = True


def screen(connection: sa.Connection) -> Suspects:
    """Take the sums and say what they leave in doubt."""
    if connection.dialect.name == "postgresql":
        try:
            with connection.begin_nested():
                return _fingerprints(connection)
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
    return Suspects(
        {
            name: _count(connection, table)
            for name, table in (
                ("accounts", "account"),
                ("transactions", "transaction"),
                ("entries", "entry"),
                ("holds", "hold"),
            )
        }
    )


def _count(connection: sa.Connection, table: str) -> int:
    """How many rows a table has; 0 if it cannot be read, which every check of it will say."""
    query = f"SELECT count(*) FROM ledger_{table}"  # noqa: S608
    try:
        with connection.begin_nested():
            return int(connection.exec_driver_sql(query).scalar_one())
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise
        return 0


def _state(version: str, balance: str) -> str:
    """A random hash of an account's state at a version."""
    return f"hashint4extended(({version})::int4, ({balance}) # :seed)"


def _header(number: str) -> str:
    """31 bits of a random hash of a header: its number, how many lines it has, its instant."""
    return (
        "(hashfloat8extended(date_part('epoch', recorded_at),"
        f" ({number} * 65536 + entry_count) # :seed) & 2147483647)"
    )


_ACCOUNTS, _PERIODS = texts(schema.ON_ACCOUNTS), texts(schema.ON_PERIODS)
_ACTIONS = ", ".join([texts(schema.MOVING + schema.ON_HOLDS), _ACCOUNTS, _PERIODS])

_SCREENING = f"""
WITH per_account AS MATERIALIZED (
  SELECT account_id, count(*) AS lines, max(recorded_at) AS recorded_at,
         min(balance) AS lowest, max(balance) AS highest,
         bit_xor({_state("version - 1", "balance - amount")}
                 # {_state("version", "balance")}) AS chain,
         sum({_header("transaction_id")} * (amount + :k)) AS headers
    FROM ledger_entry GROUP BY account_id),
per_day AS MATERIALIZED (
  SELECT effective, action, count(*) AS transactions, min(recorded_at) AS first,
         max(recorded_at) AS last, sum(entry_count * {_header("id")}) AS headers
    FROM ledger_transaction GROUP BY effective, action),
limited AS MATERIALIZED (
  SELECT v.account_id, max(v.floor) AS floor, min(v.ceiling) AS ceiling,
         least(min(e.lowest), 0) AS lowest, greatest(max(e.highest), 0) AS highest
    FROM ledger_account_event v LEFT JOIN per_account e ON e.account_id = v.account_id
   GROUP BY v.account_id),
{BUSY},
{PEAKS},
doubtful AS MATERIALIZED (
  SELECT coalesce(a.id, e.account_id) AS id
    FROM per_account e FULL JOIN ledger_account a ON a.id = e.account_id
    LEFT JOIN ledger_balance b ON b.account_id = coalesce(a.id, e.account_id)
   WHERE a.id IS NULL OR b.account_id IS NULL
      OR coalesce(e.lines, 0) <> b.version
      OR coalesce(e.chain, 0) <> {_state("0", "0::bigint")} # {_state("b.version", "b.posted")}
      OR e.recorded_at > b.recorded_at),
near_limits AS MATERIALIZED (
  SELECT l.account_id FROM busy JOIN limited l ON l.account_id = busy.account_id
    LEFT JOIN peaks p ON p.account_id = l.account_id
   WHERE l.lowest - coalesce(p.out, 0) < l.floor OR l.highest + coalesce(p.in, 0) > l.ceiling)
SELECT (SELECT count(*) FROM ledger_account) AS accounts,
       (SELECT coalesce(sum(transactions), 0) FROM per_day) AS transactions,
       (SELECT coalesce(sum(lines), 0) FROM per_account) AS entries,
       (SELECT count(*) FROM ledger_hold) AS holds,
       ARRAY(SELECT id FROM doubtful LIMIT {_MOST + 1}) AS doubtful,
       ARRAY(SELECT account_id FROM near_limits LIMIT {_MOST + 1}) AS near_limits,
       (SELECT coalesce(sum(headers), 0) FROM per_account)
         <> :k * (SELECT coalesce(sum(headers), 0) FROM per_day) AS in_transactions,
       ARRAY(SELECT coalesce(sum(transactions) FILTER (WHERE action = ANY (actions)), 0)
               FROM per_day, (VALUES (1, ARRAY['settle']), (2, ARRAY['post', 'reverse']),
                                     (3, ARRAY['hold', 'void', 'extend'])) AS v (place, actions)
              GROUP BY place ORDER BY place) AS actions,
       (SELECT count(*) FROM ledger_account_event)
         <> (SELECT coalesce(sum(transactions), 0) FROM per_day WHERE action IN ({_ACCOUNTS}))
         OR (SELECT count(*) FROM ledger_period)
         <> (SELECT coalesce(sum(transactions), 0) FROM per_day WHERE action IN ({_PERIODS}))
         OR EXISTS (SELECT FROM per_day WHERE action NOT IN ({_ACTIONS})) AS in_actions,
       EXISTS (SELECT FROM ledger_hold) OR EXISTS (SELECT FROM ledger_hold_part) AS has_holds,
       greatest((SELECT max(recorded_at) FROM ledger_balance),
                (SELECT max(recorded_at) FROM per_account), (SELECT max(last) FROM per_day))
         > clock_timestamp() + interval '1 second' AS ahead,
       EXISTS (SELECT FROM ledger_backdated WHERE amount <> 0)
         OR EXISTS (SELECT FROM per_day
                     WHERE first < effective::timestamp AT TIME ZONE 'Europe/London'
                        OR last >= (effective + 1)::timestamp AT TIME ZONE 'Europe/London')
         AS in_days,
       EXISTS (SELECT FROM per_day d JOIN ledger_period p ON d.effective <= p.ends_on
                WHERE d.last > p.closed_at) AS in_periods
"""  # noqa: S608

# So many transactions that there are some 100,000 sums of what is held over them.
_STRETCH = """
SELECT 1 + coalesce((SELECT max(id) FROM ledger_hold), 0)
         / (10 + 100000 / (100 + (SELECT count(*) FROM ledger_account)))
"""


def _fingerprints(connection: sa.Connection) -> Suspects:
    seed = secrets.randbits(62)
    values = {
        "seed": seed,
        "k": 2**30 + secrets.randbits(31),
        "stretch": connection.exec_driver_sql(_STRETCH).scalar_one(),
    }
    row = connection.execute(sa.text(_SCREENING), values).one()
    settlements, others, without_lines = map(int, row.actions or (0, 0, 0))
    names = ("accounts", "transactions", "entries", "holds")
    return Suspects(
        {name: int(getattr(row, name)) for name in names},
        by_fingerprint=True,
        accounts=row.doubtful if len(row.doubtful) <= _MOST else None,
        limits=row.near_limits if len(row.near_limits) <= _MOST else None,
        transactions=row.in_transactions,
        holds=(row.has_holds or settlements + without_lines > 0)
        and hold_fingerprints.doubtful(connection, seed, settlements=settlements, others=others),
        clock=bool(row.ahead),
        days=row.in_days,
        periods=row.in_periods,
        actions=row.in_actions,
    )
