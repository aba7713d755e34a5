"""What the numbers of a mail server say about an address (RFC 5321, RFC 3463)."""

from __future__ import annotations

import re

_ENHANCED_STATUS = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")


def is_of_address(code: int, text: str) -> bool:
    """Say whether a refusal is about the address itself, not about us or about the content.

    Args:
        code: the three figures, such as 550; 0 if only an enhanced status is known.
        text: what came with it, where an enhanced status such as 5.1.1 may stand.
    """
    enhanced = _ENHANCED_STATUS.search(text)
    if enhanced is None:
        return code in (550, 551, 553)
    # 5.1.x is a bad address, 5.2.1 a mailbox that is switched off.
    return enhanced[1] == "1" or (enhanced[1], enhanced[2]) == ("2", "1")
