"""Account names for plain-text accounting, one for each code and never the same for two.

A code with a colon, ``school:100000``, becomes ``Assets:School:100000``: its part before the first
colon is the second component, all the rest the third. A code without one, ``fund``, becomes
``Equity:Fund``. So no account lies beneath another, whose balance Beancount would add to it.

In a component a first letter in lower case is written in upper case; what begins otherwise than
with a digit or such a letter has ``X-`` before it (``School`` is ``X-School``, the empty text
``X-``); and each of ``: _ . -`` is a hyphen and the two hexadecimal digits of its ASCII code
(``north_west`` is ``North-5Fwest``).
"""

from __future__ import annotations

import re

COMMODITY = "MIN"

_ESCAPED = re.compile(r"[:_.-]")


def account_name(code: str) -> str:
    """Return the name that stands for an account's code in hledger and in Beancount."""
    group, colon, own = code.partition(":")
    if colon:
        return f"Assets:{_component(group)}:{_component(own)}"
    return f"Equity:{_component(group)}"


def _component(text: str) -> str:
    first, rest = text[:1], _escaped(text[1:])
    if first.isdigit() or first.islower():
        return first.upper() + rest
    return f"X-{_escaped(first)}{rest}"


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: f"-{ord(match[0]):02X}", text)
