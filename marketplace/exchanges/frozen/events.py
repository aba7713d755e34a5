"""What happens to payments with frozen accounts, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class PaymentLetThrough(Event):
    """The operator has let one exchange be confirmed although an account is frozen."""

    type = "exchange.let_through"
    exchange_id: int
