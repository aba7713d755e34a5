"""After how many days who is reminded."""

from __future__ import annotations

FIRST_DAYS = 3
"""Days after which those are reminded who have to do with it."""
OTHERS_DAYS = 7
"""Days after which the others at the school are told who may do it."""
OPERATOR_DAYS = 14
"""Days after which the network's operator is told."""
WAITING_DAYS = (FIRST_DAYS, OTHERS_DAYS, OPERATOR_DAYS)
FORGOTTEN_DAYS = 28
"""Nobody is reminded of what has waited for longer: a reminder would come out of nowhere."""
HOLD_DAYS = (7, 2)
"""How many days before a hold ends both schools are told."""
