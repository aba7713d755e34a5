"""The form of a trust's rule about its own help."""

from __future__ import annotations

from marketplace.web.fields import RadioField, options
from marketplace.web.forms import Form

FREE, AGREED = "free", "agreed"


class WithinTrustForm(Form):
    """What help between two schools of the trust costs."""

    cost = RadioField(
        "What does help between two schools of the trust cost?",
        choices=options(
            [
                (AGREED, "What the two schools agree, as between any schools"),
                (FREE, "Nothing: schools of the trust help each other without credits"),
            ]
        ),
    )
