"""What happens to the rules of trusts about their own help, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class WithinTrustRuleChanged(Event):
    """A trust has decided whether help between its schools is free."""

    type = "trust.within_trust_rule_changed"
    trust_id: int
    rule_id: int
