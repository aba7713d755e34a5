"""The words for the state of an exchange: its tag, and what is next for each side."""

from __future__ import annotations

from marketplace.exchanges.models import Exchange, State

STEP_NAMES = ["Proposed", "Agreed", "Delivered", "Confirmed"]

# The text of the tag, and its tone.
STATE_TAGS = {
    State.PROPOSED: ("Proposed", "info"),
    State.AGREED: ("Agreed, credits held", "held"),
    State.DELIVERED: ("Delivered, to be confirmed", "warning"),
    State.CONFIRMED: ("Confirmed", "success"),
    State.DISPUTED: ("Disputed", "disputed"),
    State.DECLINED: ("Declined", "neutral"),
    State.CANCELLED: ("Cancelled", "neutral"),
    State.LAPSED: ("Lapsed", "neutral"),
}

SENT_BACK_TAG = ("Sent back", "warning")
"""The tag of what is agreed, was stated as delivered and sent back: it is not as it was agreed."""

FREE_AGREED_TAG = ("Agreed", "held")
"""The tag of free help that is agreed: no credits are held."""


def state_tag(state: str, *, was_sent_back: bool = False, free: bool = False) -> tuple[str, str]:
    """Return the text and the tone of the tag of an exchange in ``state``."""
    if was_sent_back:
        return SENT_BACK_TAG
    return FREE_AGREED_TAG if free and state == State.AGREED else STATE_TAGS[State(state)]


# The next step, in words, for each state and side.
NEXT = {
    (State.PROPOSED, "asked"): "Your turn: agree, change or decline this proposal.",
    (State.PROPOSED, "proposer"): "The other school has been asked to agree.",
    (State.AGREED, "provider"): "When the help has been given, say so here, with its hours.",
    (State.AGREED, "receiver"): "When the help has been given, the other school says so here;"
    " then you confirm it.",
    (
        State.DELIVERED,
        "receiver",
    ): "Your turn: is this what was delivered? Confirm it, and the credits are paid.",
    (State.DELIVERED, "provider"): "The other school has been asked to confirm.",
    (State.CONFIRMED, "provider"): "Done: the credits are in your school’s account.",
    (State.CONFIRMED, "receiver"): "Done: the credits have been paid.",
    (
        State.DECLINED,
        "provider",
    ): "This did not go ahead. The conversation is still open.",
    (
        State.DECLINED,
        "receiver",
    ): "This did not go ahead. The conversation is still open.",
    (State.CANCELLED, "provider"): "Cancelled: nothing is held for it.",
    (State.CANCELLED, "receiver"): "Cancelled: nothing is held for it.",
    (State.LAPSED, "provider"): "Nobody confirmed this in time, so the credits are no longer held."
    " If you gave the help, propose it again.",
    (State.LAPSED, "receiver"): "Nobody confirmed this in time, so your credits are no longer"
    " held. If you were helped, propose it again.",
}

# What is next with free help, where nothing is held or paid.
NEXT_OF_FREE = {
    (
        State.DELIVERED,
        "receiver",
    ): "Your turn: is this what was delivered? Confirm it, and it counts in the track records.",
    (State.CONFIRMED, "provider"): "Done: the hours count as given in your school’s track record.",
    (State.CONFIRMED, "receiver"): "Done: thank you. The hours count in the track records.",
    (State.CANCELLED, "provider"): "Cancelled. The conversation is still open.",
    (State.CANCELLED, "receiver"): "Cancelled. The conversation is still open.",
    (State.LAPSED, "provider"): "Nobody confirmed this in time, so it does not count. If you gave"
    " the help, propose it again.",
    (State.LAPSED, "receiver"): "Nobody confirmed this in time, so it does not count. If you were"
    " helped, propose it again.",
}


def next_step(exchange: Exchange, urn: int) -> str | None:
    """Return what is next for the school ``urn``; None in a dispute, which has words of its own."""
    key = (State(exchange.state), side_of(exchange, urn))
    if exchange.is_free and key in NEXT_OF_FREE:
        return NEXT_OF_FREE[key]
    return NEXT.get(key)


def side_of(exchange: Exchange, urn: int) -> str:
    """Return on which side of ``exchange`` the school is, as ``NEXT`` names it."""
    if exchange.state == State.PROPOSED:
        return "proposer" if urn == exchange.proposed_by_urn else "asked"
    return "provider" if urn == exchange.provider_urn else "receiver"
