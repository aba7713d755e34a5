"""Adjustments are decided at the same moment, in real threads: once, with the right figures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.adjustments.figures import figures_now, fingerprint
from marketplace.adjustments.models import Adjustment, AdjustmentState
from marketplace.adjustments.queries import trail_of
from marketplace.adjustments.service import (
    approve_adjustment,
    refuse_adjustment,
    withdraw_adjustment,
)
from marketplace.application import Skillbank
from marketplace.credits.formats import credits
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.settings import Policy
from tests.marketplace.adjustments.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.network.test_succession import assert_sound, pay

GRANT = Policy().joining_grant
ROUNDS = 3


def at_once(app: Skillbank, *acts: Callable[[], object]) -> list[object]:
    """Do everything at the same moment, each in its own thread; the outcomes, or the refusals."""
    barrier = Barrier(len(acts))

    def do(act: Callable[[], object]) -> object:
        with app.app_context():
            barrier.wait()
            try:
                act()
                db.session.commit()
            except Refusal as refusal:
                db.session.rollback()
                return refusal.message
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def test_two_people_approve_once(app: Skillbank) -> None:
    for _ in range(ROUNDS):
        with saved(app) as session:
            grant = proposed()
            number, urn = grant.id, grant.school_urn
            seen = fingerprint(figures_now(session, grant))
            people = operator(), operator()

        def approve(actor: Actor, number: int = number, seen: str = seen) -> Callable[[], object]:
            return lambda: approve_adjustment(db.session(), actor, number, seen=seen)

        outcomes = at_once(app, *(approve(actor) for actor in people))
        assert sorted(map(str, outcomes)) == [
            "Another person has approved this already. It was done once.",
            "done",
        ]
        with saved(app) as session:
            assert Book(session).balance(f"school:{urn}") == GRANT + 90
            assert len(trail_of(session, number)) == 2
            assert_sound(session)


def test_an_approval_and_its_contrary_have_one_outcome(app: Skillbank) -> None:
    for contrary in ("refuse", "withdraw") * 2:
        with saved(app) as session:
            one, two, three = operator(), operator(), operator()
            grant = proposed(one)
            number, urn = grant.id, grant.school_urn
            seen = fingerprint(figures_now(session, grant))

        def approve(number: int = number, actor: Actor = two, seen: str = seen) -> object:
            return approve_adjustment(db.session(), actor, number, seen=seen)

        def end(
            number: int = number, one: Actor = one, three: Actor = three, how: str = contrary
        ) -> object:
            if how == "refuse":
                return refuse_adjustment(db.session(), three, number, reason="No.")
            return withdraw_adjustment(db.session(), one, number)

        outcomes = at_once(app, approve, end)
        assert outcomes.count("done") == 1
        with saved(app) as session:
            is_done = session.get_one(Adjustment, number).state == AdjustmentState.DONE
            assert is_done == (outcomes[0] == "done")
            assert Book(session).balance(f"school:{urn}") == GRANT + 90 * is_done


def test_a_payment_meanwhile_never_makes_the_recorded_figures_wrong(app: Skillbank) -> None:
    for _ in range(ROUNDS):
        with saved(app) as session:
            grant, other, runs = proposed(), joined_school(), operator()
            number, urn, payee = grant.id, grant.school_urn, other.urn
            seen = fingerprint(figures_now(session, grant))

        def approve(number: int = number, actor: Actor = runs, seen: str = seen) -> object:
            return approve_adjustment(db.session(), actor, number, seen=seen)

        def spend(urn: int = urn, payee: int = payee) -> None:
            pay(db.session(), f"school:{urn}", f"school:{payee}", 60)

        outcomes = at_once(app, approve, spend)
        assert outcomes[1] == "done"
        with saved(app) as session:
            is_done = outcomes[0] == "done"
            assert Book(session).balance(f"school:{urn}") == GRANT - 60 + 90 * is_done
            if is_done:
                record = Book(session).transaction(trail_of(session, number)[1].transactions[0])
                (balance,) = [
                    entry.balance for entry in record.entries if entry.account == f"school:{urn}"
                ]
                figure = trail_of(session, number)[1].figures[0]
                assert figure == ["Balance", credits(balance - 90), credits(balance)]
            assert_sound(session)
