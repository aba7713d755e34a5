"""The table of every legal step of an exchange, and the school that may take it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marketplace.exchanges.models import Exchange, State


class Step(StrEnum):
    """An action of a school on an exchange.

    Nobody takes the steps ``HAND_OVER`` and ``LAPSE``, so no transition has them: the network
    records the one when another school carries on for one that has closed, the other when the
    credits were held for as long as they may be. The steps from ``DISPUTE`` on are those of a
    dispute, whose row says besides who may take which; so does that of a correction.
    """

    PROPOSE = "propose"
    AMEND = "amend"
    AGREE = "agree"
    DECLINE = "decline"
    CANCEL = "cancel"
    DELIVER = "deliver"
    SEND_BACK = "send_back"
    CONFIRM = "confirm"
    HAND_OVER = "hand_over"
    LAPSE = "lapse"
    LET_PAY = "let_pay"
    ASK_CORRECTION = "correction"
    AGREE_CORRECTION = "corrected"
    DECLINE_CORRECTION = "uncorrected"
    WITHDRAW_CORRECTION = "withdrawn"
    ASK_NETWORK = "ask_network"
    ALLOW_CORRECTION = "let_through"
    REFUSE_CORRECTION = "held_back"
    DISPUTE = "dispute"
    ANSWER = "answer"
    STATEMENT = "statement"
    OFFER = "offer"
    SETTLE = "settle"
    WITHDRAW = "withdraw"
    PROPOSE_RULING = "ruling"
    REFUSE_RULING = "refuse_rule"
    RULE = "rule"
    LOOK_AGAIN = "look_again"


class Party(StrEnum):
    """Which of the two schools may take a step, or that neither may and the operator does."""

    PROPOSER = "proposer"
    ASKED = "asked"
    PROVIDER = "provider"
    RECEIVER = "receiver"
    EITHER = "either"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Transition:
    """One legal step: out of a state, by a party, into a state."""

    step: Step
    source: State
    party: Party
    target: State


TRANSITIONS = (
    Transition(Step.AGREE, State.PROPOSED, Party.ASKED, State.AGREED),
    Transition(Step.AMEND, State.PROPOSED, Party.EITHER, State.PROPOSED),
    Transition(Step.DECLINE, State.PROPOSED, Party.ASKED, State.DECLINED),
    Transition(Step.CANCEL, State.PROPOSED, Party.PROPOSER, State.CANCELLED),
    Transition(Step.DELIVER, State.AGREED, Party.PROVIDER, State.DELIVERED),
    Transition(Step.CANCEL, State.AGREED, Party.EITHER, State.CANCELLED),
    Transition(Step.CONFIRM, State.DELIVERED, Party.RECEIVER, State.CONFIRMED),
    # What has just been said is said again, in other hours or of another day.
    Transition(Step.DELIVER, State.DELIVERED, Party.PROVIDER, State.DELIVERED),
    Transition(Step.SEND_BACK, State.DELIVERED, Party.RECEIVER, State.AGREED),
    Transition(Step.CANCEL, State.DELIVERED, Party.PROVIDER, State.CANCELLED),
    Transition(Step.ASK_CORRECTION, State.CONFIRMED, Party.EITHER, State.CONFIRMED),
    Transition(Step.AGREE_CORRECTION, State.CONFIRMED, Party.EITHER, State.CONFIRMED),
    Transition(Step.DECLINE_CORRECTION, State.CONFIRMED, Party.EITHER, State.CONFIRMED),
    Transition(Step.WITHDRAW_CORRECTION, State.CONFIRMED, Party.EITHER, State.CONFIRMED),
    Transition(Step.ASK_NETWORK, State.CONFIRMED, Party.EITHER, State.CONFIRMED),
    # Only of what was sent back.
    Transition(Step.DISPUTE, State.AGREED, Party.EITHER, State.DISPUTED),
    Transition(Step.DISPUTE, State.DELIVERED, Party.EITHER, State.DISPUTED),
    Transition(Step.DISPUTE, State.CONFIRMED, Party.EITHER, State.DISPUTED),
    Transition(Step.ANSWER, State.DISPUTED, Party.EITHER, State.DISPUTED),
    Transition(Step.STATEMENT, State.DISPUTED, Party.EITHER, State.DISPUTED),
    Transition(Step.OFFER, State.DISPUTED, Party.EITHER, State.DISPUTED),
    Transition(Step.SETTLE, State.DISPUTED, Party.EITHER, State.CONFIRMED),
    Transition(Step.SETTLE, State.DISPUTED, Party.EITHER, State.CANCELLED),
    Transition(Step.WITHDRAW, State.DISPUTED, Party.EITHER, State.AGREED),
    Transition(Step.WITHDRAW, State.DISPUTED, Party.EITHER, State.DELIVERED),
    Transition(Step.WITHDRAW, State.DISPUTED, Party.EITHER, State.CONFIRMED),
    Transition(Step.WITHDRAW, State.DISPUTED, Party.EITHER, State.CANCELLED),
    Transition(Step.PROPOSE_RULING, State.DISPUTED, Party.NETWORK, State.DISPUTED),
    Transition(Step.REFUSE_RULING, State.DISPUTED, Party.NETWORK, State.DISPUTED),
    Transition(Step.RULE, State.DISPUTED, Party.NETWORK, State.CONFIRMED),
    Transition(Step.RULE, State.DISPUTED, Party.NETWORK, State.CANCELLED),
    Transition(Step.LOOK_AGAIN, State.CONFIRMED, Party.EITHER, State.DISPUTED),
    Transition(Step.LOOK_AGAIN, State.CANCELLED, Party.EITHER, State.DISPUTED),
)

STEPS_ABOUT_CREDITS = frozenset({Step.DISPUTE, Step.ASK_CORRECTION})
"""How schools begin to disagree about credits; there are none where the help is free."""

STEPS_BESIDE = frozenset(
    {
        Step.ASK_CORRECTION,
        Step.AGREE_CORRECTION,
        Step.DECLINE_CORRECTION,
        Step.WITHDRAW_CORRECTION,
        Step.ASK_NETWORK,
        Step.LOOK_AGAIN,
    }
)
"""Steps that the page offers beside the others, as the row of the correction or dispute says."""


DONE = {
    Step.PROPOSE: "proposed it",
    Step.AMEND: "changed the proposal",
    Step.AGREE: "agreed",
    Step.DECLINE: "declined",
    Step.CANCEL: "cancelled",
    Step.DELIVER: "said it is delivered",
    Step.SEND_BACK: "sent it back",
    Step.CONFIRM: "confirmed",
    Step.HAND_OVER: "closed and handed this over",
    Step.ASK_CORRECTION: "asked that it be put right",
    Step.AGREE_CORRECTION: "agreed, and it is put right",
    Step.DECLINE_CORRECTION: "did not agree that it be put right",
    Step.WITHDRAW_CORRECTION: "let it stand as it was",
    Step.ASK_NETWORK: "agreed, and asked the network to let it pass a credit limit",
    Step.ALLOW_CORRECTION: "let it pass a credit limit, and it is put right",
    Step.REFUSE_CORRECTION: "did not let it pass a credit limit",
    Step.LET_PAY: "let this be paid although an account is frozen",
    Step.LAPSE: "has its credits back: the time to confirm was over",
    Step.DISPUTE: "opened a dispute",
    Step.ANSWER: "answered the dispute",
    Step.STATEMENT: "added a statement",
    Step.OFFER: "proposed a figure",
    Step.SETTLE: "accepted the figure",
    Step.WITHDRAW: "withdrew the dispute",
    Step.PROPOSE_RULING: "proposed a ruling to a second person",
    Step.REFUSE_RULING: "refused the proposed ruling",
    Step.RULE: "ruled on the dispute",
    Step.LOOK_AGAIN: "asked that the ruling be looked at again",
}

NETWORK_STEPS = frozenset(
    {
        Step.LET_PAY,
        Step.ALLOW_CORRECTION,
        Step.REFUSE_CORRECTION,
        Step.PROPOSE_RULING,
        Step.REFUSE_RULING,
        Step.RULE,
    }
)
"""What the network's operator does, not the school that a step is recorded for."""

ENDING = frozenset({Step.DECLINE, Step.CANCEL})
"""How an exchange ends without a payment: anyone at a school may do it."""


def done_words(exchange: Exchange, step: Step) -> str:
    """Return what a school or the network did by ``step``, after its name."""
    if exchange.is_free and step is Step.LAPSE:
        return "and the other school did not confirm it in time"
    return DONE[step]


def is_party(exchange: Exchange, party: Party, urn: int) -> bool:
    """Say whether the school ``urn`` is ``party`` in ``exchange``."""
    return {
        Party.PROPOSER: urn == exchange.proposed_by_urn,
        Party.ASKED: urn == exchange.other_urn(exchange.proposed_by_urn),
        Party.PROVIDER: urn == exchange.provider_urn,
        Party.RECEIVER: urn == exchange.receiver_urn,
        Party.EITHER: urn in (exchange.provider_urn, exchange.receiver_urn),
        Party.NETWORK: False,
    }[party]


def steps_for(exchange: Exchange, urn: int) -> list[Step]:
    """Return what the school ``urn`` may do now, the main step first.

    What may be done in a dispute its own row says.
    """
    if exchange.state == State.DISPUTED:
        return []
    return [
        transition.step
        for transition in TRANSITIONS
        if transition.source == exchange.state
        and transition.step not in STEPS_BESIDE
        and is_party(exchange, transition.party, urn)
        and _is_possible(exchange, transition)
    ]


def find_transitions(exchange: Exchange, step: Step, urn: int | None) -> list[Transition]:
    """Return the legal transitions for ``step`` now by the school ``urn`` (None: the network).

    There is one for each state that the step can lead to.
    """
    return [
        transition
        for transition in TRANSITIONS
        if transition.step == step
        and transition.source == exchange.state
        and (
            transition.party == Party.NETWORK
            if urn is None
            else is_party(exchange, transition.party, urn)
        )
        and _is_possible(exchange, transition)
    ]


def _is_possible(exchange: Exchange, transition: Transition) -> bool:
    """What is agreed can be disputed once it was sent back: before that nothing is claimed.

    Free help has no credits to dispute or to put right: the two schools state its hours, or cancel.
    """
    if exchange.is_free and transition.step in STEPS_ABOUT_CREDITS:
        return False
    if (transition.step, transition.source) == (Step.DISPUTE, State.AGREED):
        return exchange.sent_back_minutes is not None
    return True
