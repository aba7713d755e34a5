"""The one table of what may follow what in an exchange, and who may do it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marketplace.exchanges.models import Exchange, State


class Step(StrEnum):
    """Something a school does to an exchange."""

    PROPOSE = "propose"
    AMEND = "amend"
    AGREE = "agree"
    DECLINE = "decline"
    CANCEL = "cancel"
    DELIVER = "deliver"
    SEND_BACK = "send_back"
    CONFIRM = "confirm"


class Party(StrEnum):
    """Which of the two schools may take a step."""

    PROPOSER = "proposer"
    ASKED = "asked"
    PROVIDER = "provider"
    RECEIVER = "receiver"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Move:
    """One legal step: from a state, by a party, to a state."""

    step: Step
    source: State
    party: Party
    target: State


MOVES = (
    Move(Step.AGREE, State.PROPOSED, Party.ASKED, State.AGREED),
    Move(Step.AMEND, State.PROPOSED, Party.EITHER, State.PROPOSED),
    Move(Step.DECLINE, State.PROPOSED, Party.ASKED, State.DECLINED),
    Move(Step.CANCEL, State.PROPOSED, Party.PROPOSER, State.CANCELLED),
    Move(Step.DELIVER, State.AGREED, Party.PROVIDER, State.DELIVERED),
    Move(Step.CANCEL, State.AGREED, Party.EITHER, State.CANCELLED),
    Move(Step.CONFIRM, State.DELIVERED, Party.RECEIVER, State.CONFIRMED),
    Move(Step.SEND_BACK, State.DELIVERED, Party.RECEIVER, State.AGREED),
    Move(Step.CANCEL, State.DELIVERED, Party.PROVIDER, State.CANCELLED),
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
}


def is_party(exchange: Exchange, party: Party, urn: int) -> bool:
    """Whether the school ``urn`` is ``party`` in ``exchange``."""
    return {
        Party.PROPOSER: urn == exchange.proposed_by_urn,
        Party.ASKED: urn == exchange.other_urn(exchange.proposed_by_urn),
        Party.PROVIDER: urn == exchange.provider_urn,
        Party.RECEIVER: urn == exchange.receiver_urn,
        Party.EITHER: urn in (exchange.provider_urn, exchange.receiver_urn),
    }[party]


def steps_for(exchange: Exchange, urn: int) -> list[Step]:
    """What the school ``urn`` may do now, the main step first."""
    return [
        move.step
        for move in MOVES
        if move.source == exchange.state and is_party(exchange, move.party, urn)
    ]


def find_move(exchange: Exchange, step: Step, urn: int) -> Move | None:
    """The legal move for ``step`` now by the school ``urn``, or ``None``."""
    return next(
        (
            move
            for move in MOVES
            if move.step == step
            and move.source == exchange.state
            and is_party(exchange, move.party, urn)
        ),
        None,
    )
