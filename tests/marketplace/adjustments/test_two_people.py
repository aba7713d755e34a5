"""One person proposes, another approves or refuses; nobody does both, and it happens once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.models import Person
from marketplace.adjustments.figures import figures_now, fingerprint
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.models import Adjustment, AdjustmentEvent, AdjustmentState
from marketplace.adjustments.queries import trail_of
from marketplace.adjustments.service import (
    approve_adjustment,
    propose_adjustment,
    refuse_adjustment,
    withdraw_adjustment,
)
from marketplace.adjustments.urgent import lapse_adjustments
from marketplace.application import Skillbank
from marketplace.credits.accounts import find_account
from marketplace.errors import AlreadySent, Conflict, NotAllowed, Refusal
from marketplace.exchanges.models import State
from marketplace.network.service import freeze_school
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.adjustments.factories import DETAILS, EVIDENCE, approved, proposed
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, close, joined_school, operator
from tests.marketplace.network.test_succession import assert_sound, balance, pay
from tests.marketplace.outbox.bells import SetClock

POLICY = Policy()
GRANT = POLICY.joining_grant


def steps(session: Session, adjustment: Adjustment) -> list[str]:
    return [event.step for event in trail_of(session, adjustment.id)]


def in_debt(session: Session, minutes: int = 120) -> School:
    """A school that owes ``minutes``."""
    school, other = joined_school(), joined_school()
    pay(session, f"school:{school.urn}", f"school:{other.urn}", GRANT + minutes)
    return school


def test_a_grant_is_given_once_by_two_people(app: Skillbank) -> None:
    with saved(app) as session:
        one, two, three = operator(), operator(), operator()
        school = joined_school()
        grant = proposed(one, urn=school.urn)
        assert balance(session, school) == GRANT
        with pytest.raises(NotAllowed, match="You have proposed this yourself"):
            approved(grant, one)
        with pytest.raises(NotAllowed, match="You have proposed this yourself"):
            refuse_adjustment(session, one, grant.id, reason="No.")
        approved(grant, two)
        assert balance(session, school) == GRANT + 90
        for again in (two, three):
            with pytest.raises(Conflict, match="approved this already"):
                approve_adjustment(session, again, grant.id, seen="")
        assert (grant.state, grant.decided_by_id) == (AdjustmentState.DONE, two.person_id)
        (record,) = Book(session).journal(reference=grant.reference).transactions
        assert (record.kind, record.actor) == ("grant", two.ledger_name)
        assert record.memo == (
            f"Grant, adjustment {grant.id}: proposed by person {one.person_id},"
            f" approved by person {two.person_id}"
        )
        first, last = trail_of(session, grant.id)
        assert first.evidence == EVIDENCE
        assert first.transactions == []
        assert last.transactions == [record.id]
        assert ["Balance", "10 credits", "11½ credits"] in last.figures
        assert_sound(session)


def test_a_grant_out_of_the_fund_needs_a_fund(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        with pytest.raises(Refusal, match="The community fund has 0 credits"):
            proposed(urn=school.urn, source="fund")
        pay(session, "network:issuance", "network:fund", 120)
        first = proposed(urn=school.urn, source="fund")
        pay(session, "network:fund", "network:issuance", 60)
        with pytest.raises(Refusal, match="The community fund has 1 credit"):
            approved(first, despite_changes=True)
        pay(session, "network:issuance", "network:fund", 90)
        approved(first, despite_changes=True)
        assert Book(session).balance("network:fund") == 60
        assert_sound(session)


def test_what_a_school_owes_is_written_off_and_no_more(app: Skillbank) -> None:
    with saved(app) as session:
        school = in_debt(session)
        with pytest.raises(Refusal, match="owes nothing"):
            proposed(kind="write-off")
        with pytest.raises(Refusal, match="owes 2 credits"):
            proposed(kind="write-off", urn=school.urn, minutes=121)
        approved(proposed(kind="write-off", urn=school.urn, minutes=120))
        assert balance(session, school) == 0
        assert_sound(session)


def test_limits_change_and_bind(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        limit = proposed(
            kind="limit", urn=school.urn, floor=-90, ceiling=GRANT + 60, soft_ceiling=30
        )
        approved(limit)
        account = find_account(session, school.urn)
        assert account is not None
        limits = (account.floor, account.ceiling, account.soft_floor, account.soft_ceiling)
        assert limits == (-90, GRANT + 60, None, 30)
        (event,) = [one for one in trail_of(session, limit.id) if one.step == "approved"]
        assert ["Balance at most", "none", "11 credits"] in event.figures
        assert len(event.transactions) == 1
        with pytest.raises(Refusal, match="may collect 1 credit more"):
            proposed(urn=school.urn)
        with pytest.raises(Refusal, match="its limits already"):
            proposed(kind="limit", urn=school.urn, floor=-90, ceiling=GRANT + 60, soft_ceiling=30)
        wrong = proposed(kind="limit", urn=school.urn, floor=0, ceiling=None, soft_floor=-600)
        approved(wrong)
        assert find_account(session, school.urn).floor == 0  # type: ignore[union-attr]


def test_a_school_is_paused_goes_on_and_leaves_by_two_people(app: Skillbank) -> None:
    with saved(app) as session:
        school, heir = joined_school(), joined_school()
        approved(proposed(kind="freeze", urn=school.urn))
        assert school.pause_reason == "They hosted the summer school."
        with pytest.raises(Refusal, match="is paused already"):
            proposed(kind="freeze", urn=school.urn)
        with pytest.raises(Refusal, match="is frozen"):
            proposed(urn=school.urn)
        approved(proposed(kind="unfreeze", urn=school.urn))
        assert school.paused_at is None
        leaving = approved(proposed(kind="leaving", urn=school.urn, heir_urn=heir.urn))
        assert (school.joined_at, balance(session, heir)) == (None, 2 * GRANT)
        (event,) = [one for one in trail_of(session, leaving.id) if one.step == "approved"]
        assert ["Balance", "10 credits", "0 credits"] in event.figures
        kinds = {Book(session).transaction(number).kind for number in event.transactions}
        assert kinds == {"gift", "account"}
        with pytest.raises(Refusal, match="does not take part"):
            proposed(kind="leaving", urn=school.urn)
        assert_sound(session)


def test_a_closed_and_paused_school_goes_on_without_an_open_account(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        freeze_school(session, operator(), school.urn, "Why.")
        close(school)
        approved(proposed(kind="unfreeze", urn=school.urn))
        assert find_account(session, school.urn).status == "frozen"  # type: ignore[union-attr]


@pytest.mark.parametrize("heir", ["itself", "unknown", "paused"])
def test_only_a_fitting_school_is_given_the_credits(app: Skillbank, heir: str) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        freeze_school(session, operator(), other.urn, "Why.")
        urn = {"itself": school.urn, "unknown": 0, "paused": other.urn}[heir]
        with pytest.raises(Refusal) as refusal:
            proposed(kind="leaving", urn=school.urn, heir_urn=urn)
        assert refusal.value.field == "heir"


def test_who_approves_after_a_change_says_so(app: Skillbank) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        grant = proposed(urn=school.urn)
        seen = fingerprint(figures_now(session, grant))
        pay(session, f"school:{school.urn}", f"school:{other.urn}", 60)
        runs = operator()
        with pytest.raises(Conflict, match="since this page was shown"):
            approve_adjustment(session, runs, grant.id, seen=seen)
        with pytest.raises(Refusal, match="Tick the box"):
            approved(grant, runs)
        approved(grant, runs, despite_changes=True)
        assert balance(session, school) == GRANT + 30


def test_what_does_not_come_out_as_foretold_is_not_done(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another payment between reading and doing would make the recorded figures wrong."""
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        grant = proposed(urn=school.urn)
        kind = type(KINDS["grant"])
        give = kind.carry_out

        def give_late(self: object, *arguments: object) -> None:
            pay(session, f"school:{school.urn}", f"school:{other.urn}", 60)
            give(self, *arguments)

        monkeypatch.setattr(kind, "carry_out", give_late)
        savepoint = session.begin_nested()
        with pytest.raises(Conflict, match="at this very moment"):
            approved(grant)
        savepoint.rollback()
        assert balance(session, school) == GRANT


def test_a_proposal_is_refused_or_withdrawn_and_made_anew(app: Skillbank) -> None:
    with saved(app) as session:
        one, two = operator(), operator()
        school = joined_school()
        first = proposed(one, urn=school.urn)
        with pytest.raises(Conflict, match=f"as adjustment {first.id}"):
            proposed(two, urn=school.urn)
        with pytest.raises(Refusal, match="Write something"):
            refuse_adjustment(session, two, first.id, reason=" ")
        refuse_adjustment(session, two, first.id, reason="It was paid already.")
        with pytest.raises(Conflict, match="refused this already"):
            approve_adjustment(session, two, first.id, seen="")
        second = proposed(one, urn=school.urn)
        with pytest.raises(NotAllowed, match="Another person has proposed this"):
            withdraw_adjustment(session, two, second.id)
        withdraw_adjustment(session, one, second.id, remark="A mistake.")
        with pytest.raises(Conflict, match="has withdrawn it"):
            approve_adjustment(session, two, second.id, seen="")
        assert steps(session, first) == ["proposed", "refused"]
        assert steps(session, second) == ["proposed", "withdrawn"]
        assert balance(session, school) == GRANT


def test_an_auditor_approves_where_there_is_one_operator(app: Skillbank) -> None:
    with saved(app) as session:
        one, two, reader = operator(), operator(), auditor()
        grant = proposed(one)
        with pytest.raises(NotAllowed, match="several operators"):
            approved(grant, reader)
        session.get_one(Person, two.person_id).active = False
        session.flush()
        pause = proposed(one, "freeze", grant.school_urn)
        approved(pause, reader)
        assert pause.decided_by_id == reader.person_id


def test_the_same_form_proposes_once(app: Skillbank) -> None:
    with saved(app):
        one, school = operator(), joined_school()
        first = proposed(one, urn=school.urn, key="a form of sixteen")
        assert proposed(one, urn=school.urn, key="a form of sixteen") is first
        with pytest.raises(AlreadySent):
            proposed(one, urn=school.urn, key="a form of sixteen", minutes=15)


def test_reason_and_evidence_are_required(app: Skillbank) -> None:
    texts = {"reason": "Why", "evidence": "What shows it", "evidence_source": "A letter"}
    with saved(app) as session:
        school = joined_school()
        for missing in texts:
            with pytest.raises(Refusal) as refusal:
                propose_adjustment(
                    session,
                    operator(),
                    KINDS["grant"],
                    school.urn,
                    details=DETAILS["grant"],
                    idempotency_key="k" * 16,
                    **(texts | {missing: " "}),
                )
            assert refusal.value.field == missing


def test_what_one_person_does_at_once_is_confirmed(app: Skillbank) -> None:
    with saved(app) as session:
        one, two = operator(), operator()
        school = joined_school()
        with pytest.raises(Refusal, match="cannot be done at once"):
            proposed(one, urn=school.urn, urgent=True)
        pause = proposed(one, "freeze", school.urn, urgent=True)
        assert school.paused_at is not None
        with pytest.raises(NotAllowed, match="yourself"):
            approved(pause, one)
        approved(pause, two)
        assert school.paused_at is not None
        assert lapse_adjustments(session, session.flush) == 0
        (event,) = [one for one in trail_of(session, pause.id) if one.step == "approved"]
        assert ["School", "Takes part", "Paused"] in event.figures


@pytest.mark.parametrize("end", ["refused", "withdrawn", "lapsed"])
def test_what_is_not_confirmed_is_undone(app: Skillbank, set_clock: SetClock, end: str) -> None:
    with saved(app) as session:
        one, two = operator(), operator()
        school = joined_school()
        pause = proposed(one, "freeze", school.urn, urgent=True)
        if end == "refused":
            refuse_adjustment(session, two, pause.id, reason="No need.")
        elif end == "withdrawn":
            withdraw_adjustment(session, one, pause.id)
        else:
            set_clock.move(hours=47)
            assert lapse_adjustments(session, session.flush) == 0
            set_clock.move(hours=2)
            assert lapse_adjustments(session, session.flush) == 1
            assert lapse_adjustments(session, session.flush) == 0
        assert school.paused_at is None
        assert find_account(session, school.urn).status == "open"  # type: ignore[union-attr]
        assert (pause.state, steps(session, pause)) == (end, ["proposed", end])


def test_what_was_undone_meanwhile_is_not_confirmed(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        pause = proposed(kind="freeze", urn=school.urn, urgent=True)
        approved(proposed(kind="unfreeze", urn=school.urn))
        with pytest.raises(Conflict, match="has been undone since"):
            approved(pause, despite_changes=True)
        refuse_adjustment(session, operator(), pause.id, reason="It goes on already.")
        assert school.paused_at is None


def test_the_tables_refuse_one_person_and_changes_of_the_trail(app: Skillbank) -> None:
    with saved(app) as session:
        grant = proposed()
        for change in (
            sa.update(Adjustment).values(
                state="done", decided_by_id=grant.proposed_by_id, decided_at=grant.proposed_at
            ),
            sa.update(AdjustmentEvent).values(reason="Another one."),
            sa.delete(AdjustmentEvent),
        ):
            with pytest.raises(sa.exc.DatabaseError), session.begin_nested():
                session.execute(change.execution_options(synchronize_session=False))


def test_an_exchange_that_is_open_ends_when_its_school_leaves(app: Skillbank) -> None:
    with saved(app) as session:
        school, other = joined_school(), joined_school()
        exchange = brought_to(State.AGREED, actor_for(school), actor_for(other), minutes=60)
        leaving = proposed(kind="leaving", urn=school.urn)
        assert ["Open exchanges", "1", "0"] in leaving.figures
        approved(leaving)
        assert exchange.state == State.CANCELLED
        assert_sound(session)
