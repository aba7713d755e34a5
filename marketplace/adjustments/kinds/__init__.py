"""The kinds of adjustments: one module each. A further kind is one module and a line here."""

from __future__ import annotations

from marketplace.adjustments.kinds.base import Kind
from marketplace.adjustments.kinds.correction import CORRECTION
from marketplace.adjustments.kinds.freeze import FREEZE
from marketplace.adjustments.kinds.grant import GRANT
from marketplace.adjustments.kinds.leaving import LEAVING
from marketplace.adjustments.kinds.limit import LIMIT
from marketplace.adjustments.kinds.ruling import RULING
from marketplace.adjustments.kinds.unfreeze import UNFREEZE
from marketplace.adjustments.kinds.write_off import WRITE_OFF

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (GRANT, CORRECTION, RULING, WRITE_OFF, LIMIT, FREEZE, UNFREEZE, LEAVING)
}
"""By the name that the tables keep."""
