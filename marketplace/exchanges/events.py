"""What happens to exchanges: one kind for each step, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ExchangeProposed(Event):
    """A school proposed help."""

    type = "exchange.proposed"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class ExchangeAmended(Event):
    """A proposal was changed."""

    type = "exchange.amended"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class ExchangeAgreed(Event):
    """The proposal was agreed; the receiver's credits are held."""

    type = "exchange.agreed"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class ExchangeDeclined(Event):
    """The proposal was declined."""

    type = "exchange.declined"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class ExchangeCancelled(Event):
    """The exchange was cancelled; nothing is held for it any more."""

    type = "exchange.cancelled"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class ExchangeDelivered(Event):
    """The provider said that the help was given."""

    type = "exchange.delivered"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class ExchangeSentBack(Event):
    """The receiver said that what was delivered is not as stated."""

    type = "exchange.sent_back"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class ExchangeConfirmed(Event):
    """The receiver confirmed; the credits have moved."""

    type = "exchange.confirmed"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class ExchangeLapsed(Event):
    """Nobody confirmed in time: the credits that were held are released."""

    type = "exchange.lapsed"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class CorrectionAsked(Event):
    """A school asked that another figure be paid than was confirmed."""

    type = "correction.asked"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class CorrectionAgreed(Event):
    """The other school agreed, or the network let it through: the payment is put right."""

    type = "correction.agreed"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class CorrectionDeclined(Event):
    """The other school did not agree to a correction."""

    type = "correction.declined"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class CorrectionWithdrawn(Event):
    """The school that asked for a correction has withdrawn it."""

    type = "correction.withdrawn"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class CorrectionBeyondLimit(Event):
    """Both schools want a correction, and a credit limit is in the way."""

    type = "correction.beyond_limit"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class CorrectionHeldBack(Event):
    """The network did not let a correction pass a credit limit."""

    type = "correction.held_back"
    exchange_id: int


@dataclass(frozen=True, kw_only=True)
class CorrectionUnanswered(Event):
    """The school ``asking_urn`` had no answer in time: what it asked for is a dispute now."""

    type = "correction.unanswered"
    exchange_id: int
    asking_urn: int


@dataclass(frozen=True, kw_only=True)
class ExchangeHandedOver(Event):
    """A school has closed, and another carries the exchange on; the credits are held for it."""

    type = "exchange.handed_over"
    exchange_id: int
