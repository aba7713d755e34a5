"""The table of every legal step of an exchange, and the school that may take it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marketplace.exchanges.models import Exchange, State


class Step(StrEnum):
    """An action of a school on an exchange.

    Nobody takes the step ``HAND_OVER``, so no transition has it: the network records it when
    another school carries on for one that has closed.
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


class Party(StrEnum):
    """Which of the two schools may take a step."""

    PROPOSER = "proposer"
    ASKED = "asked"
    PROVIDER = "provider"
    RECEIVER = "receiver"
    EITHER = "either"


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
    Transition(Step.SEND_BACK, State.DELIVERED, Party.RECEIVER, State.AGREED),
    Transition(Step.CANCEL, State.DELIVERED, Party.PROVIDER, State.CANCELLED),
)

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
}


def is_party(exchange: Exchange, party: Party, urn: int) -> bool:
    """Say whether the school ``urn`` is ``party`` in ``exchange``."""
    return {
        Party.PROPOSER: urn == exchange.proposed_by_urn,
        Party.ASKED: urn == exchange.other_urn(exchange.proposed_by_urn),
        Party.PROVIDER: urn == exchange.provider_urn,
        Party.RECEIVER: urn == exchange.receiver_urn,
        Party.EITHER: urn in (exchange.provider_urn, exchange.receiver_urn),
    }[party]


def steps_for(exchange: Exchange, urn: int) -> list[Step]:
    """Return what the school ``urn`` may do now, the main step first."""
    return [
        transition.step
        for transition in TRANSITIONS
        if transition.source == exchange.state and is_party(exchange, transition.party, urn)
    ]


def find_transition(exchange: Exchange, step: Step, urn: int) -> Transition | None:
    """Return the legal transition for ``step`` by the school ``urn`` now, or ``None``."""
    return next(
        (
            transition
            for transition in TRANSITIONS
            if transition.step == step
            and transition.source == exchange.state
            and is_party(exchange, transition.party, urn)
        ),
        None,
    )
