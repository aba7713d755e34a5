"""What a school had paid or was paid is put right at the one that carries on for it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.clock import today
from marketplace.credits.chart import FUND
from marketplace.database import db
from marketplace.exchanges.corrections.posting import BeyondLimit
from marketplace.exchanges.corrections.service import agree_to_correction
from marketplace.exchanges.disputes import service
from marketplace.exchanges.disputes.again import ask_again
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.network.succession import succeed_by_register
from marketplace.schools.models import School
from marketplace.settings import Policy
from marketplace.statements.figures import figures_of
from marketplace.statements.period import Period
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.corrections.factories import asked
from tests.marketplace.exchanges.disputes.test_ruling import decide, fill_fund, to_decide
from tests.marketplace.exchanges.factories import brought_to, disputed, spend_all
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import close, joined_school


def succeeded(actor: Actor, name: str) -> Actor:
    """The school closes; the one called ``name``, which has just joined, carries on for it."""
    old, new = db.session.get_one(School, actor.urn), joined_school(name=name)
    close(old, new)
    succeed_by_register(db.session(), old.urn, Policy())
    return actor_for(new)


def balances(session: Session) -> dict[str, int]:
    """What every account has."""
    return {code: account.posted for code, account in Book(session).balances().items()}


def moved(session: Session, before: dict[str, int]) -> dict[str, int]:
    """By how much accounts have changed since ``before``."""
    now = balances(session)
    return {code: now[code] - before[code] for code in now if now[code] != before[code]}


def put_right(giver: Actor, taker: Actor, exchange: Exchange, minutes: int) -> None:
    """The taker asks for another figure, and the giver agrees."""
    asked(taker, exchange, minutes)
    agree_to_correction(db.session(), giver, exchange, version=exchange.version)


@pytest.mark.parametrize("ended", ["giver", "taker", "both"])
def test_a_correction_goes_on_at_the_successor(pair: Pair, ended: str) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.CONFIRMED, pair.giver, pair.taker)
        giver, taker = pair.giver, pair.taker
        if ended != "taker":
            giver = succeeded(giver, "New Giver")
        if ended != "giver":
            taker = succeeded(taker, "New Taker")
        for minutes in (60, 0, 120):
            before, paid = balances(session), exchange.standing_minutes or 0
            put_right(giver, taker, exchange, minutes)
            assert moved(session, before) == {
                f"school:{giver.urn}": minutes - paid,
                f"school:{taker.urn}": paid - minutes,
            }
        book = Book(session)
        assert book.verify(thorough=True).faults == ()
        for old, new in ((pair.giver, giver), (pair.taker, taker)):
            if old is new:
                continue
            account = book.account(f"school:{old.urn}")
            assert (account.posted, account.status) == (0, "frozen")
            words = f"whose account went to {session.get_one(School, new.urn).name}"
            for urn in (old.urn, new.urn):
                entries = book.statement(f"school:{urn}", limit=100).lines
                assert any(words in line.memo for line in entries)
            texts = session.scalars(
                sa.select(ExchangeEvent.text).where(
                    ExchangeEvent.exchange_id == exchange.id, ExchangeEvent.step == "hand_over"
                )
            ).all()
            assert len(texts) == (2 if ended == "both" else 1)
            # The old school's figures stay what it gave and received; the new one has the rest.
            period = Period(today(), today())
            figures = [figures_of(session, f"school:{urn}", period) for urn in (old.urn, new.urn)]
            side = "given" if new is giver else "received"
            assert [getattr(each, side) for each in figures] == [180, -60]


def test_beyond_the_successors_limit_two_people_let_it_through(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.CONFIRMED, pair.giver, pair.taker)
        giver = succeeded(pair.giver, "New Giver")
        spend_all(giver)
        floor = Book(session).account(f"school:{giver.urn}").floor
        disputed(pair.taker, exchange, minutes=0)
        dispute = service.answer_dispute(
            session, giver, exchange, minutes=180, text="No.", version=exchange.version
        )
        savepoint = session.begin_nested()
        with pytest.raises(BeyondLimit, match="New Giver does not have enough credits"):
            decide(exchange, Ruling.REVERSE)
        savepoint.rollback()
        before = balances(session)
        details = {"ruling": "reverse", "minutes": 0, "fund_minutes": 0, "reasons": "Nobody came."}
        approved(proposed(None, "ruling", giver.urn, dispute_id=dispute.id, **details))
        assert moved(session, before) == {
            f"school:{giver.urn}": -180,
            f"school:{pair.taker.urn}": 180,
        }
        assert Book(session).account(f"school:{giver.urn}").floor == floor
        assert Book(session).verify(thorough=True).faults == ()


def test_what_the_fund_paid_comes_back_from_the_successor(pair: Pair) -> None:
    with saved(pair.app) as session:
        fill_fund(60)
        exchange = to_decide(pair)
        decide(exchange, Ruling.SPLIT, 60, 45)
        giver = succeeded(pair.giver, "New Giver")
        before = balances(session)
        ask_again(session, pair.taker, exchange, minutes=0, text="No.", version=exchange.version)
        service.answer_dispute(
            session, giver, exchange, minutes=60, text="Yes.", version=exchange.version
        )
        decide(exchange, Ruling.REVERSE)
        assert moved(session, before) == {
            FUND: 45,
            f"school:{giver.urn}": -105,
            f"school:{pair.taker.urn}": 60,
        }
        assert Book(session).verify(thorough=True).faults == ()
