"""What happens to the tariff, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class TariffChanged(Event):
    """An operator changed what help should cost."""

    type = "tariff.changed"
