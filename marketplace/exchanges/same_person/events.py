"""What happens to the rules of trusts, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class SamePersonRuleChanged(Event):
    """A trust has decided whether one person may act for two of its schools in one exchange."""

    type = "trust.same_person_rule_changed"
    trust_id: int
    rule_id: int
